"""What a jq program gets from outside: arguments, a clock, the name of its source."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from conftest import RunCli

import wasmrecords as wr


def outputs(program: str, data: bytes = b"null", **given: Any) -> bytes:
    with wr.jq(program, **given) as transform:
        return transform.run(data, raise_on_failure=True).output


def test_arguments_are_variables() -> None:
    args = {"name": 'Ada "é"', "limits": {"b": [1.5, None, True]}, "price": b' {"n": 1.10, "big": 1e400} '}
    program = "$name, $limits.b, $price, ($ARGS.named | keys_unsorted), $ARGS.positional"
    assert outputs(program, args=args).decode().splitlines() == [
        '"Ada \\"é\\""',
        "[1.5,null,true]",
        '{"n":1.10,"big":1e400}',
        '["name","limits","price"]',
        "[]",
    ]
    assert outputs("$ARGS, env") == b'{"positional":[],"named":{}}\n{}\n'


def test_an_argument_that_is_no_json_says_where() -> None:
    with pytest.raises(wr.RecipeError) as caught:
        wr.jq(".", args={"a": 1, "b": b'{"x": 01}'})
    error = caught.value
    assert (error.kind, error.offset, error.line, error.column, error.file) == ("args", 7, 1, 8, None)
    assert str(error).startswith("args: $b: a number must not have a leading zero")
    assert str(error).endswith('  1 | {"x": 01}\n             ^')
    for value in (object(), float("nan"), "\ud800", {1, 2}, b"\xff", b""):
        with pytest.raises(wr.RecipeError, match=r"^args: \$b"):
            wr.jq(".", args={"b": value})


@pytest.mark.parametrize(
    ("args", "kind", "message"),
    [
        ({"a-b": 1}, ValueError, "args: 'a-b' is no name of a variable: letters, digits and _"),
        (
            {"$a": 1},
            ValueError,
            "args: '$a' is no name of a variable: letters, digits and _; did you mean a?",
        ),
        ({"": 1}, ValueError, "args: '' is no name of a variable: letters, digits and _"),
        ({"ENV": 1}, ValueError, "args: $ENV is jq's own: take another name"),
        ({1: 1}, TypeError, "args: expected a str as a name, found int"),
        ([1], TypeError, "args: expected a mapping of names to values, found list"),
    ],
)
def test_names_that_no_variable_can_have_are_refused(args: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as caught:
        wr.jq(".", args=args)
    assert str(caught.value) == message


def test_a_variable_that_is_not_given_says_how_to() -> None:
    with pytest.raises(wr.RecipeError) as caught:
        wr.jq("1 + $limit")
    assert caught.value.offset == 4
    assert "`$limit` is not defined: `--arg limit VALUE`, or `args` in Python, gives it" in str(caught.value)
    with pytest.raises(wr.RecipeError, match=r"did you mean `\$limit`\?"):
        wr.jq("1 + $limt", args={"limit": 1})


def test_now_needs_a_clock() -> None:
    with pytest.raises(wr.RecipeError, match="`now` is not available: it needs a clock: `--allow clock`"):
        wr.jq("now")
    assert outputs("def now: 5; now") == b"5\n"
    with pytest.raises(ValueError, match="allow: unknown capability 'cloc'; did you mean clock"):
        wr.jq(".", allow=["cloc"])


def test_a_clock_counts_records_or_tells_the_time() -> None:
    with wr.jq("now", allow=["clock"]) as transform:
        assert transform.capabilities == ("log", "clock", "random")
        assert transform.run(b"1\n2\n3\n").output == b"0.001\n0.002\n0.003\n"
        assert transform.run(b"1\n").output == b"0.001\n"
    started = time.time()
    told = float(outputs("now", allow="clock=real"))
    assert started - 0.001 <= told <= time.time()
    assert outputs("now | todate", allow="clock") == b'"1970-01-01T00:00:00Z"\n'
    with wr.jq(".") as transform:
        assert transform.capabilities == ("log", "random")


@pytest.mark.parametrize("isolation", ["shared", "fresh", "process"])
def test_input_filename_is_the_name_of_the_source(isolation: Any, tmp_path: Path) -> None:
    for name in ("a.ndjson", "b.ndjson"):
        (tmp_path / name).write_bytes(b"1\n2\n")
    out = tmp_path / "out.ndjson"
    with wr.jq("[., input_filename]", isolation=isolation) as transform:
        inputs = [str(tmp_path / "a.ndjson"), str(tmp_path / "b.ndjson")]
        wr.run(inputs, transform, out)
        a, b = (str(tmp_path / name).encode() for name in ("a.ndjson", "b.ndjson"))
        assert out.read_bytes() == b'[1,"%b"]\n[2,"%b"]\n[1,"%b"]\n[2,"%b"]\n' % (a, a, b, b)
        assert transform.run(b"1\n").output == b"[1,null]\n"
        (batch,) = transform.stream([b"7\n"], name="\udcff\n")
        assert batch.output == '[7,"\ufffd\\n"]\n'.encode()
        (batch,) = transform.stream([b"7\n"])
        assert batch.output == b"[7,null]\n"


def test_only_programs_that_ask_are_told_the_source() -> None:
    with wr.jq(".") as transform:
        for _ in range(3):
            list(transform.stream([b"7\n"], name="a"))
        assert len(transform._idle) == 1  # the first instance has served them all


def test_the_command_line_gives_arguments(run_cli: RunCli) -> None:
    given = ["--arg", "a", "-1", "--argjson", "b", '{"n": 1.10}', "--arg", "c", "--x", "--allow", "clock"]
    ended = run_cli("run", "-q", "--jq", "[$a, $b, $c, now, input_filename]", *given, stdin=b"0\n")
    assert (ended.code, ended.out) == (0, b'["-1",{"n":1.10},"--x",0.001,"<stdin>"]\n')


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--jq", ".", "--arg", "a"], "option --arg needs a name and a value"),
        (["--jq", ".", "--arg", "a", "1", "--argjson", "a", "2"], "the argument a is given twice"),
        (["--jq", ".", "--arg", "$a", "1"], "--arg: '$a' is no name of a variable"),
        (["--jq", ".", "--argjson", "a", "[1,]"], "args: $a: expected "),
        (["--schema", "s", "-L", "lib"], "-L is for a program: it needs --jq or --jq-file"),
    ],
)
def test_the_command_line_refuses(run_cli: RunCli, arguments: list[str], message: str) -> None:
    ended = run_cli("run", *arguments, stdin=b"1\n")
    assert ended.code == 2
    assert message in ended.err
