"""jq programs that are made to break the module, in the stack that it really has.

``rust-wasm/modules/src/jq/tests/hostile.rs`` runs the same kinds of programs natively, where stacks differ.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

import wasmrecords as wr

# One thing again and again, each one level deeper in the program's tree.
SHAPES: dict[str, Callable[[int], str]] = {
    "+": lambda n: "+".join(["1"] * n),
    "/ and %": lambda n: "/1%".join(["1"] * n),
    ",": lambda n: ",".join(["1"] * n),
    "|": lambda n: "|".join(["."] * n),
    "or": lambda n: " or ".join([".a == 1"] * n),
    "//": lambda n: "//".join([".a"] * n),
    "-": lambda n: "- " * n + "1",
    "()": lambda n: "(" * n + "1" + ")" * n,
    "[]": lambda n: "[" * n + "1" + "]" * n,
    "{}": lambda n: "{a:" * n + "1" + "}" * n,
    "call": lambda n: "map(" * n + "1" + ")" * n,
    "string": lambda n: '"\\(' * n + "1" + ')"' * n,
    "if": lambda n: "if . then 1 else " * n + "1" + " end" * n,
    "elif": lambda n: "if . then 1 " + "elif . then 1 " * n + " end",
    "try": lambda n: "try " * n + "1",
    "as": lambda n: ". as $x | " * n + "1",
    "?//": lambda n: ". as $x" + " ?// [$x]" * n + " | 1",
    "label": lambda n: "label $x | " * n + "1",
    "def": lambda n: "def f: " * n + "1" + "; ." * n,
    "reduce": lambda n: "reduce " * n + "1" + " as $x (0; 1)" * n,
    "path": lambda n: ".a" * n,
    "any index": lambda n: "." + "[.]" * n,
    "any slice": lambda n: "." + "[.:.]" * n,
    "pattern": lambda n: ". as " + "[" * n + "$x" + "]" * n + " | 1",
    "items": lambda n: ". as [" + ",".join(["$x"] * n) + "] | 1",
    "assign": lambda n: ".a = " * n + "1",
    "members": lambda n: "{" + ",".join(["a: 1"] * n) + "}",
    "interpolations": lambda n: '"' + "\\(first)" * n + '"',
    "recursion": lambda n: "def f: if . > 0 then . - 1 | f else . end; " + f"{n} | f",
}


def compiled(shape: Callable[[int], str], n: int) -> wr.Transform | None:
    """The transform, None if the program is refused: in words, or where it takes too much memory to be read.
    Anything else is an error."""
    try:
        return wr.jq(shape(n))
    except (wr.RecipeError, wr.MemoryLimit):
        return None


@pytest.mark.parametrize("name", SHAPES)
def test_the_deepest_program_that_compiles_runs(name: str) -> None:
    shape = SHAPES[name]
    good, bad = 1, 1001  # the largest that compiles is searched in between
    while bad - good > 1:
        middle = (good + bad) // 2
        transform = compiled(shape, middle)
        if transform is None:
            bad = middle
        else:
            transform.close()
            good = middle
    transform = compiled(shape, good)
    assert transform is not None
    with transform:
        batch = transform.run(b"null\n1\n[[]]\n")
    assert batch.counts.read == 3
    assert {failure.code for failure in batch.failures} <= {"jq"}


@pytest.mark.parametrize("name", SHAPES)
def test_far_too_deep_programs_are_refused(name: str) -> None:
    if name == "recursion":
        pytest.skip("a number is not deep")
    for n in (10_000, 200_000):
        assert compiled(SHAPES[name], n) is None


RUNAWAYS = {
    "[range(1e12)]": {"memory", "time"},
    "def f: f; f": {"time"},
    "def f: 1 + f; f": {"stack", "time"},
    "[repeat(1)]": {"memory", "time"},
    "repeat(1)": {"output", "time"},
    "[limit(1e10; repeat(1))]": {"memory", "time"},
    "[recurse([.])]": {"memory", "time", "stack"},
    '"x" * 1e9': {"memory", "jq", "output"},
    "reduce range(1e9) as $i (1; . * 7)": {"time", "memory"},
    ".[1000000000] = 1": {"memory", "jq"},
    "null | .[1000000000] = 1": {"memory", "jq"},
    '[range(1e7) | tostring] | join(",")': {"memory", "time"},
    "last(range(1e12))": {"time"},
    '[splits("")] | length': {"jq"},
    '("ab" * 1e7) | [splits("a")] | length': {"memory", "time"},
    '("a" * 1e5) | test("(a+)+\\\\1b")': {"time", "jq"},
    "[recurse(.)]": {"memory", "time"},
    "[limit(1e10; recurse([.]))] | length": {"memory", "time", "stack"},
    "def f: [f]; f": {"stack", "time", "memory"},
    "[range(0; 1; 0.0000000001)] | length": {"memory", "time"},
    "[., .] | until(false; [., .])": {"memory", "time", "stack"},
    "[combinations(1e6)?], ([range(100)] | [combinations(100)])": {"memory", "time", "stack"},
    "reduce range(100000) as $i (null; [.]) | tojson": {"stack", "jq"},
}


@pytest.mark.parametrize("program", RUNAWAYS)
def test_a_runaway_costs_the_record_it_happened_in(program: str) -> None:
    guarded = f"if . == 2 then ({program}) else . end"
    with wr.jq(guarded, limits=wr.Limits(time=0.3)) as transform:
        batch = transform.run(b"1\n2\n3\n")
        again = transform.run(b"1\n")
    assert batch.output == b"1\n3\n"
    assert [failure.record for failure in batch.failures] == [2]
    assert batch.failures[0].code in RUNAWAYS[program]
    assert again.output == b"1\n"


def test_long_programs_compile() -> None:
    for program in (
        "1" + " " * (1 << 20),
        "# " + "x" * (1 << 20) + "\n1",
        "".join(f"def f{i}: . + {i};\n" for i in range(20_000)) + "1",
        '"' + "x" * (1 << 20) + '" | 1',
    ):
        with wr.jq(program) as transform:
            assert transform.run(b"null\n").output == b"1\n"


def test_programs_of_odd_characters() -> None:
    for program in (r'"\ud800"', r'"\udc00\ud800"', r'"\ud83dx"', "1 \0 2", "\0", "\ufeff."):
        with pytest.raises(wr.RecipeError) as caught:
            wr.jq(program)
        assert caught.value.kind == "program"
    with wr.jq(r'"a\u0000b" | ., length, (. + "\u0000" | @json), test("\u0000")') as transform:
        batch = transform.run(b'"c\\u0000d"\n')
    assert batch.output == b'"a\\u0000b"\n3\n"\\"a\\\\u0000b\\\\u0000\\""\ntrue\n'
