"""``wasmrecords run``: records through a transform, from files to files."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import Any, NoReturn

import wasmrecords as wr

from ._parser import UsageError, run_parser
from ._task import Task
from ._terminal import Terminal

LARGEST_TEXT = 16 * wr.MiB  # of a program or config
EXAMPLE = "wasmrecords run --jq 'select(.age >= 18)' people.ndjson -o adults.ndjson"


def main(arguments: list[str], terminal: Terminal) -> int:
    """Runs the command and returns its exit status."""
    parser = run_parser()
    options = parser.read(arguments)
    parser.choice("--input", options.input, ("auto", "ndjson", "json"))
    _check_output(parser, options)
    _check_isolation(parser, options)
    _check_recipe(options)
    return _Run(options, terminal).execute()


def _check_output(parser: Any, options: argparse.Namespace) -> None:
    try:
        parser.choice("--output", options.output, ("ndjson", "json", "pretty"))
    except UsageError as error:
        hint = f"\nTo name the output file: -o {options.output}" if re.search(r"[./]", options.output) else ""
        raise UsageError(f"{error}{hint}", "run") from None


def _check_isolation(parser: Any, options: argparse.Namespace) -> None:
    parser.choice("--isolation", options.isolation, ("shared", "fresh", "process"))
    if options.require is not None and options.isolation != "process":
        raise UsageError("--require names locks of a process: it needs --isolation process", "run")


def _check_recipe(options: argparse.Namespace) -> None:
    """Exactly one kind of transform: a recipe or a module."""
    recipe = [f"--{name.replace('_', '-')}" for name in ("jq", "jq_file", "schema") if _given(options, name)]
    if options.jq is not None and options.jq_file is not None:
        raise UsageError("--jq and --jq-file cannot go together: the program is one of them", "run")
    if options.module is not None and recipe:
        raise UsageError(
            f"-m and {recipe[0]} cannot go together: {recipe[0]} runs in a module of ours, not in "
            f"{options.module}; use two runs with a pipe between them",
            "run",
        )
    if options.config is not None and options.module is None:
        raise UsageError("--config is for a module: it needs -m MODULE.wasm", "run")
    for option, values in (
        ("--arg", options.arg),
        ("--argjson", options.argjson),
        ("-L", options.library_path),
    ):
        if values and options.jq is None and options.jq_file is None:
            raise UsageError(f"{option} is for a program: it needs --jq or --jq-file", "run")
    for name in ("schema_dir", "assert_format", "all_errors"):
        if getattr(options, name) and options.schema is None:
            raise UsageError(f"--{name.replace('_', '-')} goes with a schema: it needs --schema FILE", "run")
    if options.module is None and not recipe:
        raise UsageError(
            f"nothing to run: give --jq, --schema or -m, as in\n  {_suggestion(options.inputs)}", "run"
        )


def _arguments(options: argparse.Namespace) -> dict[str, str | bytes]:
    """What ``--arg`` and ``--argjson`` give the program: a text, or JSON as it is written."""
    found: dict[str, str | bytes] = {}
    for option, pairs in (("--arg", options.arg), ("--argjson", options.argjson)):
        for pair in pairs:
            name, between, value = pair.partition("\0")
            if not between:
                raise UsageError(f"option {option} needs a name and a value", "run")
            if name in found:
                raise UsageError(f"the argument {name} is given twice", "run")
            found[name] = value if option == "--arg" else os.fsencode(value)
    return found


def _given(options: argparse.Namespace, name: str) -> bool:
    return getattr(options, name) is not None


def _suggestion(inputs: list[str]) -> str:
    """What was probably meant by inputs alone."""
    for text in inputs:
        rest = " ".join(other for other in inputs if other != text)
        if text.endswith(".wasm"):
            return f"wasmrecords run -m {text} {rest}".rstrip()
        if _looks_like_program(text):
            return f"wasmrecords run --jq {_quoted(text)} {rest}".rstrip()
    return EXAMPLE


def _looks_like_program(text: str) -> bool:
    if os.path.lexists(text):
        return False
    return text == "." or bool(re.search(r"[|{}()=<>]|^\.\[|^\.[A-Za-z_]\w*$|^\.\w+\.\w+$", text))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


class _Run(Task):
    """One run."""

    def work(self) -> wr.Report:
        options = self.options
        self._refuse_overwriting()
        inputs = self.inputs()
        transform = self._transform()
        self.started()
        try:
            return wr.run(
                inputs,
                transform,
                options.out,
                errors=options.errors,
                input=options.input,
                output_format=options.output,
                fail_fast=options.fail_fast,
                max_failures=options.max_failures,
                progress=self.progress,
                report=options.report,
                stderr=self.terminal,
            )
        except ValueError as error:
            if self.last is not None:
                raise
            raise UsageError(str(error).replace("max_failures", "--max-failures"), "run") from error
        finally:
            transform.close()

    def _transform(self) -> wr.Transform:
        options = self.options
        settings: dict[str, Any] = {
            "limits": self.limits(),
            "isolation": options.isolation,
            "require": options.require,
            "notify": None if options.quiet else self.terminal.say,
        }
        try:
            return self._loaded(settings)
        except ValueError as error:
            raise UsageError(f"--{error}".replace("--args: ", "--arg: ", 1), "run") from error

    def _loaded(self, settings: dict[str, Any]) -> wr.Transform:
        options = self.options
        if options.module is not None:
            config = _config(options.config)
            return wr.load(options.module, config=config, allow=options.allow, **settings)
        schema = None if options.schema is None else Path(options.schema)
        program = options.jq if options.jq_file is None else _text(options.jq_file, "--jq-file")
        if schema is not None:
            settings |= {
                "schema_dir": options.schema_dir,
                "assert_format": options.assert_format,
                "all_errors": options.all_errors,
            }
        if program is None:
            return wr.validate(schema, **settings)
        return wr.jq(
            program,
            schema=schema,
            args=_arguments(options),
            libraries=options.library_path,
            allow=options.allow,
            **settings,
        )

    def _refuse_overwriting(self) -> None:
        """The files that say what to do are inputs, too."""
        options = self.options
        config = options.config[1:] if options.config and options.config.startswith("@") else None
        sources = {
            "--jq-file": options.jq_file,
            "--schema": options.schema,
            "-m": options.module,
            "--config": config,
        }
        for option, path in {
            "-o": options.out,
            "--errors": options.errors,
            "--report": options.report,
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

    def file_of(self, error: Exception) -> str:
        options = self.options
        config = options.config[1:] if options.config and options.config.startswith("@") else None
        files = {"program": options.jq_file, "schema": options.schema, "config": config}
        path = files.get(error.kind) if isinstance(error, wr.RecipeError) and error.file is None else None
        return f"{path}: " if path and path not in str(error) else ""

    def hint(self, error: Exception) -> str:
        """A program among the inputs is a forgotten --jq."""
        if isinstance(error, wr.SourceError) and self.last is None and self.options.jq is None:
            for text in self.options.inputs:
                if _looks_like_program(text):
                    return f"\nIf it is a jq program: --jq {_quoted(text)}"
        return ""


def _text(path: str, option: str) -> str:
    """The text of a file that an option names."""
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST_TEXT + 1)
        if len(data) > LARGEST_TEXT:
            raise UsageError(f"{option}: {path} is larger than 16 MiB", None)
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{option} {path}: not UTF-8 (byte {error.start:,})", None) from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{option}: cannot read {path}: {why}", None) from error


def _config(argument: str | None) -> Any:
    """The value of ``--config``: JSON, or @ and the name of a file with JSON."""
    if argument is None:
        return None
    import json

    text = _text(argument[1:], "--config") if argument.startswith("@") else argument
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        offset = len(text[: error.pos].encode("utf-8", "surrogatepass"))
        raise wr.RecipeError(f"not JSON: {error.msg}", kind="config", text=text, offset=offset) from error
    except (ValueError, RecursionError) as error:
        raise wr.RecipeError(f"not JSON: {error}", kind="config") from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")
