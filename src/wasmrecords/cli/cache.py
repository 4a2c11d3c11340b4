"""``wasmrecords cache``: the compiled modules that are kept on disk."""

from __future__ import annotations

import json
import time

import wasmrecords as wr

from ._parser import cache_parser
from ._terminal import Terminal, printable, put

SHOWN = 10  # modules, the latest used first


def main(arguments: list[str], terminal: Terminal) -> int:
    """Runs the command and returns its exit status: 0 if the cache is in order or cleared, 2 if not."""
    options = cache_parser().read(arguments)
    try:
        info = wr.clear_cache() if options.clear else wr.cache_info()
    except wr.SourceError as error:
        terminal.error(str(error))
        return 2
    if options.json:
        text = json.dumps(info.as_dict(), indent=2)
    else:
        text = _cleared(info) if options.clear else "\n".join(_lines(info))
    put(f"{text}\n")
    if info.problem is not None:
        terminal.error(f"compiled modules are not kept: {info.folder}: {info.problem}")
        return 2
    return 0


def _cleared(info: wr.CacheInfo) -> str:
    if info.folder is None:
        return "nothing is kept, so there is nothing to remove"
    if not (info.modules or info.key):
        return f"no compiled modules in {printable(info.folder)}"
    count = len(info.modules)
    what = (
        f"{count} compiled module{'' if count == 1 else 's'} ({_size(info.size)})" + " and the key" * info.key
    )
    return f"removed {what} from {printable(info.folder)}"


def _lines(info: wr.CacheInfo) -> list[str]:
    if info.folder is None:
        return ["nothing is kept: WASMRECORDS_CACHE is empty, or there is no home folder"]
    count = len(info.modules)
    rows = [
        ("folder", printable(info.folder)),
        ("in order", "yes" if info.problem is None else "no: see below"),
        ("key", "there" if info.key else "none: it is made when the first module is kept"),
        ("modules", f"{count}, {_size(info.size)} of {_size(info.room)}"),
    ]
    for module in info.modules[:SHOWN]:
        used = time.strftime("%Y-%m-%d %H:%M", time.localtime(module.used))
        rows.append(("", f"{module.name[:12]}  {_size(module.size):>10}  used {used}"))
    if count > SHOWN:
        rows.append(("", f"and {count - SHOWN} more: see --json"))
    return [f"  {name:<12}{value}" for name, value in rows]


def _size(size: int) -> str:
    if size < wr.MiB:
        return f"{-(-size // wr.KiB):,} KiB"
    return f"{size / wr.MiB:,.1f} MiB".replace(".0 MiB", " MiB")
