"""``wasmrecords manifest attach``: a manifest for a module that was built in any language."""

from __future__ import annotations

import os

import wasmrecords as wr

from ._parser import UsageError, manifest_parser, nearest
from ._terminal import Terminal, printable, put

ACTIONS = ("attach",)
_LARGEST = wr.MiB  # what a manifest can be, and one byte more is read


def main(arguments: list[str], terminal: Terminal) -> int:
    """Runs the command and returns its exit status: 0 if it is done, 2 if nothing was written."""
    parser = manifest_parser()
    first, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if first in ("-h", "--help"):
        parser.read([first])
    if first not in ACTIONS:
        found = f"unknown action {first!r}{nearest(first, ACTIONS)}" if first else "an action is missing"
        example = "wasmrecords manifest attach module.wasm manifest.json"
        raise UsageError(f"{found}, as in: {example}", "manifest")
    options = parser.read(rest)
    try:
        before = wr.inspect(options.module)
        text = _text(options.manifest)
        if options.out and os.path.exists(options.out) and os.path.samefile(options.out, options.manifest):
            raise UsageError(f"-o {options.out} is also the manifest; nothing was touched", None)
        made = wr.attach_manifest(options.module, text, options.out or options.module)
    except (wr.ModuleError, wr.SourceError) as error:
        of_manifest = str(error).startswith("the manifest: ")
        terminal.error(f"{options.manifest if of_manifest else options.module}: {error}")
        return 2
    _say(wr.inspect(made), before, options.out or options.module)
    return 0


def _text(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"cannot read {path}: {why}", None) from error


def _say(found: wr.Inspection, before: wr.Inspection, path: str) -> None:
    size = dict(found.sections)["wasmrecords.manifest"]
    old = dict(before.sections).get("wasmrecords.manifest")
    did = "added" if old is None else f"put in place of one of {old:,} bytes"
    title = " ".join(filter(None, (found.name, found.version)))
    parts = [f"{len(found.transforms) or 1} transform{'s' * (len(found.transforms) > 1)}"]
    if found.functions:
        parts = parts if found.transforms else []
        parts.append(f"{len(found.functions)} function{'s' * (len(found.functions) > 1)}")
    lines = [
        f"{os.fspath(path)}: a manifest of {size:,} bytes was {did}",
        f"  {title}: {', '.join(parts)}",
        f"  {found.size:,} bytes, sha256 {found.sha256}",
    ]
    if found.refusal is not None:
        lines.append(f"  it would not be run yet: {found.refusal}")
    put("".join(f"{printable(line)}\n" for line in lines))
