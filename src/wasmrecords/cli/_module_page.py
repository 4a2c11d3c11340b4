"""A module as a page for people: what it does first, what it is made of last."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator

import wasmrecords as wr

from ._terminal import PLAIN

LABEL = 14  # columns
_COLUMN = 32  # at most
_BOLD, _FAINT = "\x1b[1m", "\x1b[2m"
_LONGEST_DEFAULT = 40


class Page:
    """What :func:`wasmrecords.inspect` finds. ``width`` is in columns."""

    def __init__(self, found: wr.Inspection, width: int, coloured: bool) -> None:
        self._found, self._width, self._coloured = found, width, coloured

    def lines(self) -> Iterator[str]:
        """All of it."""
        found = self._found
        if found.name is not None:
            title = " ".join(filter(None, (found.name, found.version)))
            yield self._bold(title)
            yield from self._prose(found.description, "  ")
            for transform in found.transforms:
                yield ""
                yield f"{self._faint('transform')} {self._bold(transform.name)}"
                yield from self._prose(transform.description, "  ")
                yield from self._transform(transform)
            if found.functions:
                yield ""
                yield self._faint("functions")
                for function in sorted(found.functions, key=lambda function: function.name):
                    yield from self._function(function)
            yield ""
        yield self._faint("module")
        yield from self._rows()

    def _transform(self, transform: wr.TransformInfo) -> Iterator[str]:
        yield from self._row("reads", _known(transform.reads))
        yield from self._row("writes", _known(transform.writes))
        if transform.capabilities:
            yield from self._row("wants", ", ".join(transform.capabilities))
        if len(transform.outputs) > 1:
            yield from self._row("outputs", ", ".join(transform.outputs))
        if transform.stateful:
            yield from self._row("state", "kept from batch to batch")
        yield from self._config(transform)

    def _config(self, transform: wr.TransformInfo) -> Iterator[str]:
        options = transform.options
        if options is None:
            said = transform.config_schema is not None
            yield from self._row("config", "see --json" if said else "any value")
            return
        if not options:
            yield from self._row("config", "none")
            return
        rows = [(each.name, each.type if _is_short(each.type) else "", _default(each)) for each in options]
        widths = [min(_COLUMN, max(len(row[column]) for row in rows)) for column in range(3)]
        label = "config"
        for option, cells in zip(options, rows, strict=True):
            start = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
            text = " ".join((option.description or "").split())
            yield from self._row(label, f"{start}  {text}".rstrip(), LABEL + sum(widths) + 6)
            if not _is_short(option.type):  # a line of its own: who sets it has to know all of it
                indent = " " * (LABEL + widths[0] + 2)
                yield from self._wrapped(option.type, indent, indent)
            label = ""

    def _function(self, function: wr.FunctionInfo) -> Iterator[str]:
        signature = str(function)
        indent = " " * (3 + len(function.name))
        lines = self._wrapped(signature, "  ", indent if len(indent) < 30 else " " * 6)
        lines[0] = lines[0].replace(function.name, self._bold(function.name), 1)
        yield from lines
        yield from self._prose(function.description, "      ")

    def _rows(self) -> Iterator[str]:
        found = self._found
        yield from self._row("source", found.source)
        yield from self._row("size", f"{found.size:,} bytes")
        yield from self._row("sha256", found.sha256)
        yield from self._row("accepted", "yes" if found.refusal is None else "no: see below")
        if found.name is not None:
            yield from self._manifest()
        if found.defined is not None:
            yield from self._shape()

    def _manifest(self) -> Iterator[str]:
        found = self._found
        yield from self._row("ABI", "unknown" if found.abi is None else str(found.abi))
        yield from self._row("input", ", ".join(found.input))
        yield from self._row("output", ", ".join(found.output))
        if not (found.transforms or found.functions):
            schemas = found.config_schema, found.input_schema, found.output_schema
            kept = bool(found.stateful)
            yield from self._transform(wr.TransformInfo("", None, *schemas, (), kept, found.outputs))
        yield from self._row("wants", ", ".join(found.capabilities) or "nothing but records")
        yield from self._row("gets", ", ".join(found.gets) or "nothing but records")
        yield from self._row("built with", found.sdk or "unknown")

    def _shape(self) -> Iterator[str]:
        found = self._found
        most = "no maximum of its own" if found.memory_max is None else f"at most {_size(found.memory_max)}"
        memory = "none" if found.memory_min is None else f"{_size(found.memory_min)} at first, {most}"
        yield from self._row("memory", memory)
        yield from self._row("code", f"{found.defined:,} functions")
        for name, values in (
            ("imports", found.imports),
            ("exports", found.exports),
            ("sections", [f"{name} ({size:,} bytes)" for name, size in found.sections]),
        ):
            for at, value in enumerate(values or ["none"]):
                yield f"  {name if at == 0 else '':<{LABEL - 2}}{value}"

    def _row(self, label: str, text: str, indent: int = LABEL) -> list[str]:
        return self._wrapped(text, f"  {label:<{LABEL - 2}}", " " * min(indent, self._width - 30))

    def _prose(self, text: str | None, indent: str) -> Iterator[str]:
        for line in (text or "").strip().splitlines():
            yield from self._wrapped(line, indent, indent) or [""]

    def _wrapped(self, text: str, first: str, others: str) -> list[str]:
        return textwrap.wrap(
            text,
            self._width,
            initial_indent=first,
            subsequent_indent=others,
            break_on_hyphens=False,
            replace_whitespace=False,
            drop_whitespace=True,
        )

    def _bold(self, text: str) -> str:
        return f"{_BOLD}{text}{PLAIN}" if self._coloured else text

    def _faint(self, text: str) -> str:
        return f"{_FAINT}{text}{PLAIN}" if self._coloured else text


def _known(type: str) -> str:
    return "records of any kind" if type == "Any" else type


def _is_short(type: str) -> bool:
    return len(type) <= _COLUMN


def _default(option: wr.OptionInfo) -> str:
    if option.required:
        return "required"
    # It comes from the module: as ASCII it cannot steer a terminal.
    return "" if option.default is None else _shortened(json.dumps(option.default), _LONGEST_DEFAULT)


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _size(size: int) -> str:
    return f"{size / wr.MiB:,.1f} MiB".replace(".0 MiB", " MiB")
