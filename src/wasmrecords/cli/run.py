"""``wasmrecords run``: records through a transform, from files to files."""

from __future__ import annotations

import argparse
import os
import re
from typing import Any

import wasmrecords as wr

from ._parser import UsageError, run_parser
from ._recipe import RecipeTask, check_recipe
from ._terminal import Terminal


def main(arguments: list[str], terminal: Terminal) -> int:
    """Runs the command and returns its exit status."""
    parser = run_parser()
    options = parser.read(arguments)
    parser.choice("--input", options.input, ("auto", "ndjson", "json"))
    _check_output(parser, options)
    _check_isolation(parser, options)
    check_recipe(options)
    for option in ("config", "transform", "flush_every"):
        if getattr(options, option) is not None and options.module is None:
            raise UsageError(f"--{option.replace('_', '-')} is for a module: it needs -m MODULE.wasm", "run")
    if options.output_to and options.module is None:
        raise UsageError("--output-to is for a module with several outputs: it needs -m MODULE.wasm", "run")
    options.output_to = _further(options.output_to)
    if options.flush_every is not None:
        if not re.fullmatch(r"[1-9][0-9]{0,17}", options.flush_every, re.ASCII):
            found = options.flush_every
            raise UsageError(
                f"--flush-every: expected a number of records, at least 1, found {found!r}", "run"
            )
        options.flush_every = int(options.flush_every)
    return _Run(options, terminal).execute()


def _check_output(parser: Any, options: argparse.Namespace) -> None:
    try:
        parser.choice("--output", options.output, ("ndjson", "json", "pretty"))
    except UsageError as error:
        hint = f"\nTo name the output file: -o {options.output}" if re.search(r"[./]", options.output) else ""
        raise UsageError(f"{error}{hint}", "run") from None


def _further(pairs: list[str]) -> dict[str, str]:
    """The files of ``--output-to``, by the names of the outputs."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, sign, path = pair.partition("=")
        if not (name and sign and path):
            raise UsageError(f"--output-to: expected NAME=FILE, as audit=audit.ndjson, found {pair!r}", "run")
        if name in found:
            raise UsageError(f"--output-to: the output {name} is named twice", "run")
        found[name] = path
    return found


def _check_isolation(parser: Any, options: argparse.Namespace) -> None:
    parser.choice("--isolation", options.isolation, ("shared", "fresh", "process"))
    if options.require is not None and options.isolation != "process":
        raise UsageError("--require names locks of a process: it needs --isolation process", "run")


class _Run(RecipeTask):
    """One run."""

    def work(self) -> int:
        options = self.options
        self._refuse_overwriting()
        inputs = self.inputs()
        transform = self.transform(isolation=options.isolation, require=options.require)
        self.started()
        try:
            return self.done(
                wr.run(
                    inputs,
                    transform,
                    options.out,
                    outputs=options.output_to,
                    errors=options.errors,
                    input=options.input,
                    output_format=options.output,
                    fail_fast=options.fail_fast,
                    max_failures=options.max_failures,
                    flush_every=options.flush_every,
                    progress=self.progress,
                    report=options.report,
                    stderr=self.terminal,
                )
            )
        except ValueError as error:
            if self.last is not None:
                raise
            words = str(error).replace("max_failures", "--max-failures")
            words = re.sub("^outputs: ", "--output-to: ", words)
            raise UsageError(re.sub("^flush_every: ", "--flush-every: ", words), "run") from error
        finally:
            transform.close()

    def _refuse_overwriting(self) -> None:
        """The files that say what to do are inputs, too."""
        options = self.options
        sources = {
            "--jq-file": options.jq_file,
            "--schema": options.schema,
            "-m": options.module,
            "--config": self.config_file(),
        }
        for option, path in {
            "-o": options.out,
            "--errors": options.errors,
            "--report": options.report,
            **{f"--output-to {name}": path for name, path in options.output_to.items()},
        }.items():
            for other, source in sources.items():
                if (
                    path
                    and source
                    and os.path.exists(path)
                    and os.path.exists(source)
                    and os.path.samefile(path, source)
                ):
                    raise UsageError(
                        f"{option} {path} is also the file of {other}; nothing was touched", None
                    )
