"""Arguments: argparse, with errors that name the nearest right word and help that is written by hand."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, NoReturn

from ._terminal import put

AUTHORS = ("new", "build", "test", "check", "bench", "compile")
COMMANDS = ("run", "explain", "schema", "inspect", "manifest", "cache", *AUTHORS, "help")
_FREE_TEXT = ("--jq", "--config")  # their values may well begin with a dash
_PAIRS = ("--arg", "--argjson")  # a name and a value, with a NUL between: no argument has one in it
_MARK = "\0"  # stands before what is a name because it is behind ``--``


class UsageError(Exception):
    """A command line that cannot be meant. ``command`` names the help that explains, None if none would."""

    def __init__(self, message: str, command: str | None = "") -> None:
        super().__init__(message)
        self.command = command


def nearest(word: str, known: Iterable[str]) -> str:
    """``; did you mean X?`` if a known word is near, else all of them."""
    choices = list(known)
    near = _closest(word, choices)
    return f"; did you mean {near}?" if near else f"; known are {', '.join(choices)}"


def _closest(word: str, choices: list[str]) -> str | None:
    import difflib  # here: most command lines have no wrong word, and it takes a while

    return next(iter(difflib.get_close_matches(word, choices, n=1)), None)


def command_of(argv: list[str]) -> tuple[str, list[str]]:
    """The command that is meant and its arguments."""
    if not argv:
        raise UsageError("a command is missing, as in: wasmrecords run --jq . events.ndjson")
    first, rest = argv[0], argv[1:]
    if first in ("-h", "--help", "-V", "--version"):
        return "help", [first]
    if first in COMMANDS:
        return first, rest
    if first.startswith("-"):
        if first.partition("=")[0] in run_parser().options:
            raise UsageError(f"option {first} stands behind a command, as in: wasmrecords run {first} ...")
        raise UsageError(f"unknown option {first}{nearest(first, ['--help', '--version'])}")
    raise UsageError(f"unknown command {first!r}{nearest(first, COMMANDS)}")


def _unmarked(names: Any) -> Any:
    """A name or a list of them, or whatever is the default, without marks."""
    if isinstance(names, list):
        return [_unmarked(name) for name in names]
    return names.removeprefix(_MARK) if isinstance(names, str) else names


class _Once(argparse.Action):
    """Keeps a value, and refuses a second one rather than forget the first."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        # That it has another value than the default tells nothing: the first one may be just that.
        given: set[str] = namespace.__dict__.setdefault("given", set())
        if self.option_strings and self.dest in given:
            parser.error(f"option {option_string} is given twice")
        given.add(self.dest)
        setattr(namespace, self.dest, values)


class Parser(argparse.ArgumentParser):
    """The arguments of one command."""

    def __init__(self, command: str) -> None:
        # Our help has its own layout; a formatter that knows its width does not load what would find it.
        formatter: Any = partial(argparse.HelpFormatter, width=110)
        super().__init__(prog=f"wasmrecords {command}", allow_abbrev=False, formatter_class=formatter)
        self.command = command
        self.register("action", None, _Once)

    @property
    def options(self) -> list[str]:
        """All options, as they are written."""
        return list(self._option_string_actions)

    def print_help(self, file: Any = None) -> None:
        from ._help import help_of  # here: most command lines do not ask for it

        put(help_of(self.command))  # argparse would hide that it cannot be printed

    def error(self, message: str) -> NoReturn:
        if "expected one argument" in message:
            name = message.partition(":")[0].removeprefix("argument ")
            message = f"option {name} needs a value"
        elif message.startswith("the following arguments are required: "):
            message = f"{message.rpartition(': ')[2]} is missing"
        raise UsageError(message, self.command)

    def read(self, argv: Sequence[str]) -> argparse.Namespace:
        """The values of the arguments, options and names in any order. Raises :class:`UsageError`."""
        try:
            options, extra = self.parse_known_intermixed_args(self._join(argv))
        except AttributeError as error:  # argparse takes back what it had not begun when it was interrupted
            if isinstance(error.__context__, KeyboardInterrupt):
                raise error.__context__ from None
            raise
        options.command = self.command
        for names in (action.dest for action in self._actions if not action.option_strings):
            setattr(options, names, _unmarked(getattr(options, names)))
        for found in extra:
            if found == "--":
                continue
            if found.startswith("-"):
                name = found.partition("=")[0]
                raise UsageError(f"unknown option {name}{self._nearest_option(name)}", self.command)
            raise UsageError(f"one argument too many: {_unmarked(found)!r}", self.command)
        return options

    def _nearest_option(self, name: str) -> str:
        near = _closest(name, [o for o in self.options if o.startswith("--")])
        return f"; did you mean {near}?" if near else ""

    def _join(self, argv: Sequence[str]) -> list[str]:
        """``--jq -.a`` becomes ``--jq=-.a``: argparse takes what begins with a dash for an option. It does so
        behind ``--`` as well, so all is marked there. And ``--arg a -1`` becomes one argument."""
        joined: list[str] = []
        rest = list(argv)
        while rest:
            argument = rest.pop(0)
            if argument == "--":
                return [*joined, argument, *(f"{_MARK}{name}" for name in rest)]
            if argument in _PAIRS and argument in self.options:
                if len(rest) < 2:
                    self.error(f"option {argument} needs a name and a value")
                joined.append(f"{argument}={rest.pop(0)}\0{rest.pop(0)}")
            elif joined and joined[-1] in _FREE_TEXT and argument.partition("=")[0] not in self.options:
                joined[-1] += f"={argument}"
            else:
                joined.append(argument)
        return joined

    def choice(self, option: str, value: str, known: Sequence[str]) -> None:
        """Refuses a value that is not among the known ones."""
        if value not in known:
            raise UsageError(f"option {option}: unknown value {value!r}{nearest(value, known)}", self.command)


def run_parser() -> Parser:
    """What ``wasmrecords run`` takes."""
    parser = Parser("run")
    parser.add_argument("inputs", nargs="*", metavar="INPUT")
    _recipe(parser)
    for option in ("--config", "--transform", "--flush-every", "--errors", "--max-failures", "--report"):
        parser.add_argument(option)
    parser.add_argument("-o", dest="out")
    parser.add_argument("--output-to", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--output", default="ndjson")
    parser.add_argument("--isolation", default="shared")
    parser.add_argument("--require", metavar="LOCKS")
    parser.add_argument("--fail-fast", action="store_true")
    return parser


def explain_parser() -> Parser:
    """What ``wasmrecords explain`` takes."""
    parser = Parser("explain")
    parser.add_argument("inputs", nargs="*", metavar="INPUT")
    _recipe(parser)
    parser.add_argument("--json", action="store_true")
    return parser


def _recipe(parser: Parser) -> None:
    """The options of the commands that run a transform: what it is, what it gets, how records are read."""
    for option in ("--jq", "--jq-file", "--schema", "--schema-dir"):
        parser.add_argument(option)
    parser.add_argument("--assert-format", action="store_true")
    parser.add_argument("--all-errors", action="store_true")
    for option in _PAIRS:
        parser.add_argument(option, action="append", default=[])
    parser.add_argument("-L", "--library-path", action="append", default=[], metavar="FOLDER")
    parser.add_argument("-m", "--module")
    parser.add_argument("--input", default="auto")
    parser.add_argument("--limit", action="append", default=[])
    parser.add_argument("--allow", action="append", default=[], metavar="NAMES")
    parser.add_argument("-q", "--quiet", action="store_true")


def infer_parser() -> Parser:
    """What ``wasmrecords schema infer`` takes."""
    parser = Parser("schema")
    parser.add_argument("inputs", nargs="*", metavar="INPUT")
    parser.add_argument("-o", dest="out")
    parser.add_argument("--errors")
    parser.add_argument("--report")
    parser.add_argument("--input", default="auto")
    parser.add_argument("--detail", default="values")
    parser.add_argument("--closed", action="store_true")
    parser.add_argument("--limit", action="append", default=[])
    parser.add_argument("-q", "--quiet", action="store_true")
    return parser


def inspect_parser() -> Parser:
    """What ``wasmrecords inspect`` takes."""
    parser = Parser("inspect")
    parser.add_argument("module", metavar="MODULE")
    parser.add_argument("--allow", action="append", default=[], metavar="NAMES")
    parser.add_argument("--json", action="store_true")
    return parser


def manifest_parser() -> Parser:
    """What ``wasmrecords manifest attach`` takes."""
    parser = Parser("manifest")
    parser.add_argument("module", metavar="MODULE")
    parser.add_argument("manifest", metavar="MANIFEST")
    parser.add_argument("-o", dest="out")
    return parser


def cache_parser() -> Parser:
    """What ``wasmrecords cache`` takes."""
    parser = Parser("cache")
    parser.add_argument("--clear", action="store_true")
    parser.add_argument("--json", action="store_true")
    return parser
