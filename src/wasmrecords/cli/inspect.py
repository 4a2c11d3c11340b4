"""``wasmrecords inspect``: what a module is, wants and exports, read without running it."""

from __future__ import annotations

import json
import sys

import wasmrecords as wr

from ._parser import UsageError, inspect_parser
from ._terminal import Terminal


def main(arguments: list[str], terminal: Terminal) -> int:
    """Runs the command and returns its exit status: 0 if the module would be loaded, 2 if not."""
    options = inspect_parser().read(arguments)
    try:
        found = wr.inspect(options.module, allow=options.allow)
    except ValueError as error:
        raise UsageError(f"--{error}", "inspect") from error
    except wr.ModuleError as error:
        terminal.error(str(error))
        return 2
    text = json.dumps(found.as_dict(), indent=2) if options.json else "\n".join(_lines(found))
    # As UTF-8 whatever the locale: what a module says of itself is not limited to it.
    sys.stdout.buffer.write(f"{text}\n".encode())
    sys.stdout.flush()
    if found.refusal is not None:
        terminal.error(f"{found.source}: {found.refusal}")
        return 2
    return 0


def _lines(found: wr.Inspection) -> list[str]:
    rows = [
        ("source", found.source),
        ("size", f"{found.size:,} bytes"),
        ("sha256", found.sha256),
        ("accepted", "yes" if found.refusal is None else "no: see below"),
    ]
    if found.name is not None:
        rows += _manifest(found)
    if found.defined is not None:
        rows += _shape(found)
    title = " ".join(filter(None, (found.name, found.version)))
    head = ": ".join(filter(None, (title, found.description)))
    return [*([head] if head else []), *(f"  {name:<12}{value}" for name, value in rows)]


def _manifest(found: wr.Inspection) -> list[tuple[str, str]]:
    config = found.config_schema
    properties = config.get("properties") if isinstance(config, dict) else None
    if isinstance(properties, dict) and properties:
        # Names are a stranger's words: in ASCII they steer no terminal.
        asked = ", ".join(json.dumps(name) for name in properties)
    else:
        asked = "any value" if config is None else "see --json"
    return [
        ("ABI", "unknown" if found.abi is None else str(found.abi)),
        ("reads", ", ".join(found.input)),
        ("writes", ", ".join(found.output)),
        ("config", asked),
        ("wants", ", ".join(found.capabilities) or "nothing but records"),
        ("gets", ", ".join(found.gets) or "nothing but records"),
        ("state", "kept from batch to batch" if found.stateful else "none between records"),
        ("built with", found.sdk or "unknown"),
    ]


def _shape(found: wr.Inspection) -> list[tuple[str, str]]:
    most = "no maximum of its own" if found.memory_max is None else f"at most {_size(found.memory_max)}"
    memory = "none" if found.memory_min is None else f"{_size(found.memory_min)} at first, {most}"
    rows = [("memory", memory), ("functions", f"{found.defined:,}")]
    for name, values in (
        ("imports", found.imports),
        ("exports", found.exports),
        ("sections", [f"{name} ({size:,} bytes)" for name, size in found.sections]),
    ):
        rows += [(name if at == 0 else "", value) for at, value in enumerate(values or ["none"])]
    return rows


def _size(size: int) -> str:
    return f"{size / wr.MiB:,.1f} MiB".replace(".0 MiB", " MiB")
