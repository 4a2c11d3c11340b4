"""What the commands that run a transform share: the options that make one, and where they are wrong."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import Any

import wasmrecords as wr

from ._parser import UsageError
from ._task import Task, limits_of

LARGEST_TEXT = 16 * wr.MiB  # of a program or config
EXAMPLES = {
    "run": "wasmrecords run --jq 'select(.age >= 18)' people.ndjson -o adults.ndjson",
    "explain": "wasmrecords explain --jq 'select(.age >= 18)' people.ndjson",
}


def check_recipe(options: argparse.Namespace) -> None:
    """Exactly one kind of transform: a recipe or a module. Raises :class:`UsageError`."""
    command = options.command
    recipe = recipe_options(options)
    if options.jq is not None and options.jq_file is not None:
        raise UsageError("--jq and --jq-file cannot go together: the program is one of them", command)
    if options.module is not None and recipe:
        raise UsageError(
            f"-m and {recipe[0]} cannot go together: {recipe[0]} runs in a module of ours, not in "
            f"{options.module}; use two runs with a pipe between them",
            command,
        )
    for option, values in (
        ("--arg", options.arg),
        ("--argjson", options.argjson),
        ("-L", options.library_path),
    ):
        if values and options.jq is None and options.jq_file is None:
            raise UsageError(f"{option} is for a program: it needs --jq or --jq-file", command)
    for name in ("schema_dir", "assert_format", "all_errors"):
        if getattr(options, name) and options.schema is None:
            raise UsageError(
                f"--{name.replace('_', '-')} goes with a schema: it needs --schema FILE", command
            )
    if options.module is None and not recipe:
        kinds = "--jq, --schema or -m" if command == "run" else "--jq or --schema"
        raise UsageError(
            f"nothing to {command}: give {kinds}, as in\n  {_suggestion(command, options.inputs)}", command
        )


def recipe_options(options: argparse.Namespace) -> list[str]:
    """Those that are given of the options that make a recipe."""
    given = (name for name in ("jq", "jq_file", "schema") if getattr(options, name) is not None)
    return [f"--{name.replace('_', '-')}" for name in given]


class RecipeTask(Task):
    """Records through what the options name."""

    def transform(self, **settings: Any) -> wr.Transform:
        """What the options make, with settings of one command."""
        options = self.options
        settings |= {"limits": limits_of(options), "notify": None if options.quiet else self.terminal.say}
        try:
            return self._loaded(settings)
        except ValueError as error:
            raise UsageError(f"--{error}".replace("--args: ", "--arg: ", 1), options.command) from error

    def _loaded(self, settings: dict[str, Any]) -> wr.Transform:
        options = self.options
        if options.module is not None:
            config = config_text(options.config)
            settings |= {"config": config, "transform": options.transform, "allow": options.allow}
            return wr.load(options.module, **settings)
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

    def config_file(self) -> str | None:
        """The file that ``--config`` names, if it does."""
        config = getattr(self.options, "config", None)
        return config[1:] if config and config.startswith("@") else None

    def file_of(self, error: Exception) -> str:
        options = self.options
        files = {"program": options.jq_file, "schema": options.schema, "config": self.config_file()}
        path = files.get(error.kind) if isinstance(error, wr.RecipeError) and error.file is None else None
        return f"{path}: " if path and path not in str(error) else ""

    def hint(self, error: Exception) -> str:
        """A program among the inputs is a forgotten --jq."""
        if isinstance(error, wr.SourceError) and self.last is None and self.options.jq is None:
            for text in self.options.inputs:
                if _looks_like_program(text):
                    return f"\nIf it is a jq program: --jq {_quoted(text)}"
        return ""


def _arguments(options: argparse.Namespace) -> dict[str, str | bytes]:
    """What ``--arg`` and ``--argjson`` give the program: a text, or JSON as it is written."""
    found: dict[str, str | bytes] = {}
    for option, pairs in (("--arg", options.arg), ("--argjson", options.argjson)):
        for pair in pairs:
            name, between, value = pair.partition("\0")
            if not between:
                raise UsageError(f"option {option} needs a name and a value", options.command)
            if name in found:
                raise UsageError(f"the argument {name} is given twice", options.command)
            found[name] = value if option == "--arg" else os.fsencode(value)
    return found


def _suggestion(command: str, inputs: list[str]) -> str:
    """What was probably meant by inputs alone."""
    for text in inputs:
        rest = " ".join(other for other in inputs if other != text)
        if text.endswith(".wasm") and command == "run":
            return f"wasmrecords run -m {text} {rest}".rstrip()
        if _looks_like_program(text):
            return f"wasmrecords {command} --jq {_quoted(text)} {rest}".rstrip()
    return EXAMPLES[command]


def _looks_like_program(text: str) -> bool:
    if os.path.lexists(text):
        return False
    return text == "." or bool(re.search(r"[|{}()=<>]|^\.\[|^\.[A-Za-z_]\w*$|^\.\w+\.\w+$", text))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


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


def config_text(argument: str | None) -> bytes | None:
    """The text of ``--config``: JSON, or @ and the name of a file with JSON."""
    if argument is None:
        return None
    if not argument.startswith(("@", "{")) and os.path.isfile(argument):
        raise UsageError(f"--config: expected JSON, found the name of a file: @{argument} reads it", None)
    text = _text(argument[1:], "--config") if argument.startswith("@") else argument
    return text.encode("utf-8", "surrogateescape")
