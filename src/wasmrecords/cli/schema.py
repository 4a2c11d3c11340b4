"""``wasmrecords schema infer``: a JSON Schema from records that are there."""

from __future__ import annotations

import wasmrecords as wr

from ._parser import UsageError, infer_parser, nearest
from ._task import Task, limits_of
from ._terminal import Terminal

ACTIONS = ("infer",)


def main(arguments: list[str], terminal: Terminal) -> int:
    """Runs the command and returns its exit status."""
    parser = infer_parser()
    first, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if first in ("-h", "--help"):
        parser.read([first])
    if first not in ACTIONS:
        found = f"unknown action {first!r}{nearest(first, ACTIONS)}" if first else "an action is missing"
        raise UsageError(f"{found}, as in: wasmrecords schema infer events.ndjson", "schema")
    options = parser.read(rest)
    parser.choice("--input", options.input, ("auto", "ndjson", "json"))
    parser.choice("--detail", options.detail, ("types", "values", "all"))
    return _Infer(options, terminal).execute()


class _Infer(Task):
    """One inference."""

    def work(self) -> int:
        options = self.options
        inputs, limits = self.inputs(), limits_of(options)
        self.started()
        report = wr.write_schema(
            inputs,
            options.out,
            errors=options.errors,
            input=options.input,
            detail=options.detail,
            closed=options.closed,
            limits=limits,
            progress=self.progress,
            report=options.report,
            stderr=self.terminal,
            notify=None if options.quiet else self.terminal.say,
        )
        return self.done(report)
