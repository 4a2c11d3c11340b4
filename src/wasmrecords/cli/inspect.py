"""``wasmrecords inspect``: what a module is, wants and exports, read without running it."""

from __future__ import annotations

import json
import shutil

import wasmrecords as wr

from ._module_page import Page
from ._parser import UsageError, inspect_parser
from ._terminal import Terminal, colours, put


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
    if options.json:
        text = json.dumps(found.as_dict(), indent=2)
    else:
        width = min(110, shutil.get_terminal_size((100, 24)).columns)
        text = "\n".join(Page(found, max(60, width), colours(1)).lines())
    # As UTF-8 whatever the locale: what a module says of itself is not limited to it.
    put(f"{text}\n")
    if found.refusal is not None:
        terminal.error(f"{found.source}: {found.refusal}")
        return 2
    return 0
