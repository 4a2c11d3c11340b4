"""Programs, schemas, configs and limits that are made to stall, crash or read what they should not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import wasmrecords as wr
from hostile.case import ANY, LEVELS, LIMITS, SHORT, Act, Case, Stage, ending
from hostile.modules import guests

Schema = Any


def program(name: str, tried: str, text: str, ends: str = "RecipeError (program)", because: str = "") -> Case:
    """A program that should not come to run."""

    def act(stage: Stage) -> str:
        with stage.jq(text, LIMITS) as transform:
            return stage.fates([b"1"], transform.run(b"1\n"))

    return Case(name, tried, ends, act, ANY, because=because)


def working(
    name: str,
    tried: str,
    text: str,
    ends: str,
    because: str = "",
    more: Schema = None,
    limits: wr.Limits = SHORT,
) -> Case:
    """A program (and a schema) at the second of three records: 1, 2, 3."""

    def act(stage: Stage) -> str:
        with stage.jq(f"if . == 2 then ({text}) else . end", limits, schema=more) as transform:
            return stage.fates([b"1", b"2", b"3"], transform.run(b"1\n2\n3\n"))

    return Case(name, tried, ends, act, LEVELS, because=because)


NAMES = (
    "memory",
    "time",
    "output",
    "record",
    "nesting",
    "module",
    "compile",
    "compile_memory",
    "table",
    "fuel",
)


def limit(name: str, value: Any, ends: str = "ValueError", names: tuple[str, ...] = NAMES) -> Case:
    """Each limit with the same value that none can have."""

    def act(stage: Stage) -> str:
        found = set()
        for limit in names:
            words = ending(lambda stage, limit=limit: repr(wr.Limits(**{limit: value})), stage)
            assert stage.messages[-1].startswith(f"limit {limit}: expected"), stage.messages
            found.add(words)
        return " / ".join(sorted(found))

    return Case(f"limits: {name}", f"Each limit is {name}", ends, act, ANY)


def limit_text(name: str, text: str, because: str) -> Case:
    def act(stage: Stage) -> str:
        return repr(wr.Limits.parse([text]))

    return Case(
        f"--limit: {name}", f"A limit on the command line is {name}", "ValueError", act, ANY, because=because
    )


def config(name: str, tried: str, value: Any, ends: str, limits: wr.Limits = LIMITS) -> Case:
    def act(stage: Stage) -> str:
        with stage.load(guests()(), limits, config=value() if callable(value) else value) as transform:
            return stage.fates([b"a1"], transform.run(b"a1\n"))

    return Case(name, tried, ends, act, ANY)


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def refusing(code: str) -> Callable[[], bytes]:
    """A module that refuses its config with a message and a path of escape sequences, at byte 4 billion."""
    text = rf'(data (i32.const 640) "{code}\1b[2J\0d\0a\e2\80\ae")'
    row = {12: -1, 16: 640, 20: len(code), 24: 640, 28: len(code) + 7, 32: 640, 36: len(code) + 9}
    stores = "".join(f"(i32.store (i32.const {2048 + at}) (i32.const {value}))" for at, value in row.items())
    return guests(
        open=f"{stores} (i64.store (i32.const 1064) (i64.const {1 << 32 | 2048})) (i32.const 1024)",
        extra=text,
    )


def refused(code: str) -> Act:
    def act(stage: Stage) -> str:
        with stage.load(refusing(code)(), config={"a": "x" * 100}):
            return "accepted"

    return act


PROGRAMS = [
    program("half a program", "A program that ends in its middle", "select(.a"),
    program(
        "deep brackets",
        "100,000 brackets",
        "(" * 100_000 + "1" + ")" * 100_000,
        "RecipeError (program) | MemoryLimit",
    ),
    program(
        "long program",
        "A program of 8 MB",
        "1" + "|1" * 4_000_000,
        "RecipeError (program) | MemoryLimit | TimeLimit",
    ),
    program(
        "program that steers", "A program of escape sequences", "\x1b[2J\x07\r\u202e", "RecipeError (program)"
    ),
    program("surrogate", "A program with half a surrogate pair", '"\ud800"', "RecipeError (program)"),
    program("NUL", "A program with a NUL", "1 \0 2"),
    program("import", "It imports a file", 'import "/etc/passwd" as $x; $x'),
    program("include", "It includes a file", 'include "/etc/passwd"; .'),
    program(
        "environment",
        "It reads the environment, which is empty",
        "if $ENV == {} and env == {} then . else $ENV.HOME end",
        "kept",
    ),
    program(
        "input files",
        "It asks which file it reads, and from where",
        "[input_filename, $__prog_args] | error",
        "RecipeError (program)",
    ),
    program(
        "more inputs",
        "It takes the next record's place",
        "[., inputs] | if length == 1 then .[0] else error end",
        "kept | RecipeError (program)",
    ),
    working("endless", "A recursion that never ends", "def f: f; f", "kept, time, kept"),
    working(
        "deep recursion",
        "A recursion that leaves something behind at each level",
        "def f: 1 + f; f",
        "kept, stack, kept | kept, time, kept",
    ),
    working(
        "all memory", "An array that never ends", "[range(1e12)]", "kept, memory, kept | kept, time, kept"
    ),
    working(
        "endless outputs",
        "Outputs of one digit without an end",
        "repeat(7)",
        "kept, output, kept",
        limits=wr.Limits(time=10, output=64 * wr.KiB),
    ),
    working("huge string", "A string of 10 GB", '"x" * 1e10', "kept, memory, kept | kept, jq, kept"),
    working(
        "far index",
        "An item at a billion of an empty array",
        "[] | .[1000000000] = 1",
        "kept, memory, kept | kept, jq, kept",
    ),
    working(
        "catastrophic pattern",
        "A regular expression with exponentially many ways",
        '"a" * 40 + "!" | test("^(a|a)*$") | tostring | error',
        "kept, jq, kept | kept, time, kept",
    ),
    working(
        "nested repetitions",
        "Repetitions in repetitions",
        '"a" * 200 | test("(((a*)*)*)*b") | tostring | error',
        "kept, jq, kept | kept, time, kept",
    ),
    working(
        "huge pattern",
        "A pattern that counts to a billion",
        '"a" | test("((a{1000}){1000}){1000}") | tostring | error',
        "kept, jq, kept | kept, memory, kept",
    ),
    working(
        "back references",
        "Back references and look-around",
        '"a" * 60 | test("^(?=(a+))\\\\1*?(a*)*\\\\2$b") | tostring | error',
        "kept, jq, kept | kept, time, kept",
    ),
    working(
        "error that steers",
        "An error of escape sequences and megabytes",
        '"\\u001b[2J\\n\\u202e" * 50000 | error',
        "kept, jq, kept",
        "\\x1b[2J",
    ),
    working("halt", "It ends the process", "halt_error(3)", "kept, jq, kept"),
    working("debug flood", "It writes to the log for ever", "last(range(1e9) | debug)", "kept, time, kept"),
    program("now", "It asks what time it is", "now", because="now"),
    working(
        "tojson of the deep",
        "Text of 100,000 levels",
        "reduce range(100000) as $i (null; [.]) | tojson",
        "kept, stack, kept | kept, jq, kept | kept, time, kept",
    ),
    working(
        "path explosion",
        "All paths of a deep array",
        "reduce range(200) as $i (null; [.,.]) | [paths] | length",
        "kept, time, kept | kept, memory, kept | kept, stack, kept | kept, jq, kept",
    ),
]

CONFIGS = [
    config("deep config", "A config of 100,000 levels", lambda: deep(100_000), "RecipeError (config)"),
    config("config with NaN", "A config with NaN", float("nan"), "RecipeError (config)"),
    config("config is no JSON", "A config that is no JSON", {1, 2}, "RecipeError (config)"),
    config("surrogate in config", "A config with half a surrogate pair", "\ud800", "RecipeError (config)"),
    config(
        "config of 5 MB",
        "A config that does not fit where the module has room",
        lambda: "x" * (5 * wr.MiB),
        "GuestError (reply)",
    ),
    Case(
        "refusal that steers",
        "A module refuses its config with escape sequences, at byte 4 billion",
        "RecipeError (config)",
        refused("config"),
        ANY,
        because="\\x1b[2J",
    ),
    Case(
        "refusal of nothing",
        "A module refuses a program that it was not given",
        "RecipeError (program)",
        refused("program"),
        ANY,
    ),
    Case(
        "refusal with a code of its own",
        "A module refuses for a reason that does not exist",
        "GuestError (reply)",
        refused("hacked"),
        ANY,
    ),
    limit("0", 0),
    limit("-1", -1),
    limit("2^64", 2**64),
    limit("1,000 GiB", 1000 * wr.GiB, names=("memory", "time", "output", "record", "module")),
    limit("not a number", float("nan"), "ValueError", ("time", "compile")),
    limit("infinite", float("inf"), "ValueError", ("time", "compile")),
    limit("a text", "ten", "TypeError"),
    limit("true", True, "TypeError"),
    limit("a fraction", 1.5, "TypeError", ("memory", "nesting", "fuel", "table")),
    limit_text("ten", "time=ten", "limit time: expected"),
    limit_text("misspelt", "memry=1M", "did you mean 'memory'?"),
    limit_text("of 5,000 digits", "memory=" + "9" * 5_000, "limit memory: expected"),
    limit_text("an escape sequence", "\x1b[2J=1", "'\\x1b[2J' is not known"),
]

CASES = [*PROGRAMS, *CONFIGS]
