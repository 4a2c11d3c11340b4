"""``wasmrecords explain``: which engine runs a recipe, why, and which road records take."""

from __future__ import annotations

import contextlib
import json
import shutil
import textwrap
from collections.abc import Iterator

import wasmrecords as wr

from ._parser import UsageError, explain_parser
from ._recipe import RecipeTask, check_recipe
from ._terminal import PLAIN, YELLOW, Terminal, colours, printable, put, rate

LABEL = 10  # columns
STAGE = LABEL + 4


def main(arguments: list[str], terminal: Terminal) -> int:
    """Runs the command and returns its exit status: 0 whichever engine it is, 2 if the recipe is refused."""
    parser = explain_parser()
    options = parser.read(arguments)
    parser.choice("--input", options.input, ("auto", "ndjson", "json"))
    if options.module is not None:
        raise UsageError(
            f"{options.module} is code and runs as it is: explain is for recipes, --jq and --schema; see "
            f"wasmrecords inspect {options.module}",
            None,
        )
    check_recipe(options)
    return _Explain(options, terminal).execute()


class _Explain(RecipeTask):
    """One explanation."""

    def work(self) -> int:
        options = self.options
        with self.transform() as transform:
            self.started()
            if options.inputs:
                found = wr.explain(self.inputs(), transform, input=options.input, progress=self.progress)
            else:
                found = transform.explain()
        self.terminal.erase()
        if options.json:
            text = json.dumps(found.as_dict(), indent=2, ensure_ascii=False)
        else:
            width = min(110, shutil.get_terminal_size((100, 24)).columns)
            text = "\n".join(_Page(found, max(60, width), colours(1)).lines())
        with contextlib.suppress(BrokenPipeError):  # its reader has enough of it
            put(f"{text}\n")
        return 0


class _Page:
    """An explanation for people."""

    def __init__(self, found: wr.Explanation, width: int, coloured: bool) -> None:
        self._found, self._width, self._coloured = found, width, coloured

    def lines(self) -> Iterator[str]:
        """All of it."""
        found = self._found
        yield self._row("engine", self._engine(found.engine))
        if found.schema is not None:
            yield from self._schema()
        if found.program is not None:
            yield from self._program()
        if found.doubts:
            yield "doubts"
            for doubt in found.doubts:
                yield from self._wrapped(_printable(doubt), "  ")
        if found.counts is not None:
            yield from self._records(found.counts)

    def _schema(self) -> Iterator[str]:
        leaves = self._found.schema_leaves
        if not leaves:
            yield self._row("schema", self._engine("fast"))
            return
        what = "this keyword leaves" if len(leaves) == 1 else f"{len(leaves)} keywords leave"
        yield self._row("schema", f"{self._engine('general')}: {what} the fast subset")
        for leaving in leaves:
            yield f"  {_printable(leaving.path or leaving.token)}"
            yield from self._wrapped(_printable(leaving.hint), " " * 6)

    def _program(self) -> Iterator[str]:
        found = self._found
        leaving = found.program_leaves
        if leaving is None:
            yield self._row("program", self._engine("fast"))
        else:
            token = _printable(leaving.token)
            why = f"{token} leaves the fast subset, and one engine runs all of a program"
            yield self._row("program", f"{self._engine('general')}: {why}")
        marked = False
        for number, stage in enumerate(found.stages, 1):
            offset = None if leaving is None or leaving.offset is None else leaving.offset - stage.offset
            text, column = _one_line(stage.text, offset, self._width - STAGE - 1)
            padded = self._engine(stage.engine) + " " * (len("general") - len(stage.engine))
            yield f"  {number:<2}{padded}  {text}".rstrip()
            if column is not None and leaving is not None:
                marked = True
                yield f"{' ' * (STAGE - 1 + column)}^"
                yield from self._wrapped(_printable(leaving.hint), " " * (STAGE - 1))
        if leaving is not None and not marked:
            yield from self._wrapped(_printable(leaving.hint), "  ")

    def _records(self, counts: wr.Counts) -> Iterator[str]:
        found = self._found
        fates = [(fate, getattr(counts, fate)) for fate in ("read", "kept", "dropped", "failed")]
        codes = ", ".join(f"{code} {count:,}" for code, count in found.codes.items())
        text = "  ".join(f"{fate} {count:,}" for fate, count in fates)
        yield self._row("records", text + (f": {codes}" if codes else ""))
        shapes = "1 shape that was" if found.shapes == 1 else f"{found.shapes:,} shapes that were"
        reasons = [_printable(reason) for reason in found.reasons]
        roads = [
            ("fast", found.learned, f"by {shapes} learned"),
            ("", found.exact, "byte by byte"),
            ("general", found.general, reasons.pop() if len(reasons) == 1 else ""),
            ("unknown", found.unknown, "broken or too large in a stream, or lost with an instance"),
        ]
        for road, count, how in roads:
            if not count:
                continue
            share = 100 * count / max(1, counts.read)
            name = (road or ("" if found.learned else "fast")).ljust(len("general"))
            if road == "general":
                name = self._paint(name)
            yield f"  {name}  {count:>11,}  {share:>5.1f} %  {how}".rstrip()
            if road == "general" and reasons:
                for reason, count in zip(reasons, found.reasons.values(), strict=True):
                    yield f"           {count:>11,}           {reason}"
        yield self._row("speed", f"{found.seconds:,.2f} s  {rate(found)} MB/s, with nothing written")

    def _row(self, label: str, text: str) -> str:
        return f"{label:<{LABEL}}{text}"

    def _engine(self, engine: str) -> str:
        return self._paint(engine) if engine == "general" else engine

    def _paint(self, text: str) -> str:
        return f"{YELLOW}{text}{PLAIN}" if self._coloured else text

    def _wrapped(self, text: str, indent: str) -> list[str]:
        return textwrap.wrap(
            text,
            self._width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )


def _one_line(text: str, offset: int | None, width: int) -> tuple[str, int | None]:
    """One line of a stage, and the column of the byte ``offset`` of the stage if it is in it."""
    data = text.encode()
    if offset is None or not 0 <= offset < max(1, len(data)):
        line = _printable(" ".join(text.split()))
        return (line if len(line) <= width else f"{line[: width - 2]} …"), None
    before = data[:offset].decode("utf-8", "replace")
    start = before.rfind("\n") + 1
    line = text[start:].partition("\n")[0]
    column = len(before) - start
    lead, tail = ("… " if start else ""), (" …" if len(line) < len(text) - start else "")
    lead, column, line = lead, column - (len(line) - len(line.lstrip())), line.strip()
    if column > width - 20:
        cut = column - width // 2
        lead, line, column = "… ", line[cut:], column - cut
    if len(lead) + len(line) + len(tail) > width:
        line, tail = line[: width - len(lead) - 2], " …"
    return _printable(f"{lead}{line}{tail}"), len(lead) + column


def _printable(text: str) -> str:
    """In the width of the text: a tab is a space."""
    return printable(text.replace("\t", " "))
