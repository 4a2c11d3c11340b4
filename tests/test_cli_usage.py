"""What cannot be meant: exit status 2, what was wrong, and the nearest right word. And what help says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from guests import guest

import wasmrecords as wr
from wasmrecords import cli
from wasmrecords.cli._parser import AUTHORS

GOOD = b'{"n":1}\n'


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "a command is missing"),
        (["rnu"], "unknown command 'rnu'; did you mean run?"),
        (
            ["frobnicate"],
            "unknown command 'frobnicate'; known are run, explain, schema, inspect, manifest, cache, ",
        ),
        (["--jq", "."], "option --jq stands behind a command, as in: wasmrecords run --jq"),
        (["--versoin"], "unknown option --versoin; did you mean --version?"),
        (["help", "inspct"], "unknown command 'inspct'; did you mean inspect?"),
        (["run"], "nothing to run: give --jq, --schema or -m"),
        (["run", "in.ndjson"], "wasmrecords run --jq 'select(.age >= 18)' people.ndjson"),
        (["run", ".name", "in"], "wasmrecords run --jq '.name' in"),
        (["run", "select(.a == 'x') | .b", "in"], "wasmrecords run --jq 'select(.a == '\\''x'\\'') | .b' in"),
        (["run", "redact.wasm", "in"], "wasmrecords run -m redact.wasm in"),
        (["run", "--jq", ".", "--scheme", "x"], "unknown option --scheme; did you mean --schema?"),
        (["run", "--jq", ".", "-x"], "unknown option -x"),
        (["run", "--jq", ".", "--jq", "."], "option --jq is given twice"),
        (["run", "--output", "ndjson", "--output", "json"], "option --output is given twice"),
        (["run", "--jq"], "option --jq needs a value"),
        (["run", "--jq", "--schema", "x"], "option --jq needs a value"),
        (["run", "--jq", ".", "--jq-file", "x"], "--jq and --jq-file cannot go together"),
        (["run", "-m", "x.wasm", "--jq", "."], "-m and --jq cannot go together"),
        (["run", "-m", "x.wasm", "--schema", "s"], "-m and --schema cannot go together"),
        (["run", "--jq", ".", "--config", "{}"], "--config is for a module"),
        (
            ["run", "--jq", ".", "--input", "ndjsn"],
            "option --input: unknown value 'ndjsn'; did you mean ndjson?",
        ),
        (["run", "--jq", ".", "--input", "csv"], "unknown value 'csv'; known are auto, ndjson, json"),
        (["run", "--jq", ".", "--output", "prety"], "did you mean pretty?"),
        (["run", "--jq", ".", "--output", "out.ndjson"], "To name the output file: -o out.ndjson"),
        (["run", "--jq", ".", "--isolation", "frsh"], "did you mean fresh?"),
        (["run", "--jq", ".", "--isolation", "jail"], "known are shared, fresh, process"),
        (["run", "--jq", ".", "--require", "seccomp"], "--require names locks of a process: it needs"),
        (
            ["run", "--jq", ".", "--isolation", "process", "--require", "secomp"],
            "--require: 'secomp' is no lock; did you mean 'seccomp'?",
        ),
        (["run", "--jq", ".", "--limit", "time=-1"], "limit time: expected 0.01 s to 3600 s, found -1"),
        (["run", "--jq", ".", "--limit", "memroy=1"], "limit 'memroy' is not known; did you mean 'memory'?"),
        (["run", "--jq", ".", "--limit", "time"], "expected NAME=VALUE"),
        (["run", "--jq", ".", "--limit", "time=fast"], "limit time: expected seconds"),
        (
            ["run", "--jq", ".", "--max-failures", "many"],
            "--max-failures: expected a number, as 10, or a share",
        ),
        (
            ["run", "--jq", ".", "--max-failures", "101%"],
            "--max-failures: expected a number, as 10, or a share",
        ),
        (["run", "--schema", "missing.json"], "missing.json"),
        (["run", "--jq-file", "missing.jq"], "--jq-file: cannot read missing.jq: No such file or directory"),
        (["run", "-m", "missing.wasm"], "missing.wasm"),
        (["run", "--schema", "s.json", ".name"], "If it is a jq program: --jq '.name'"),
        (["inspect"], "MODULE is missing"),
        (["inspect", "a", "b"], "one argument too many: 'b'"),
        (["inspect", "--jsn", "a"], "unknown option --jsn; did you mean --json?"),
        (["inspect", "recrods"], "records"),
        (["schema"], "an action is missing, as in: wasmrecords schema infer"),
        (["schema", "infr"], "unknown action 'infr'; did you mean infer?"),
        (["schema", "infer", "--detial", "all"], "unknown option --detial; did you mean --detail?"),
        (["schema", "infer", "--detail", "al"], "option --detail: unknown value 'al'; did you mean all?"),
        (["schema", "infer", "missing.ndjson"], "cannot read missing.ndjson: No such file"),
        (["schema", "infer", "s.json", "-o", "s.json"], "the output s.json is also an input"),
        (["cache", "x"], "one argument too many: 'x'"),
        (["cache", "--claer"], "unknown option --claer; did you mean --clear?"),
    ],
)
def test_refused(run_cli, tmp_path, arguments, words):
    (tmp_path / "s.json").write_text("true")
    ended = run_cli(*arguments)
    assert ended.code == 2, ended
    assert ended.out == b""
    assert ended.err.startswith("wasmrecords: error: ")
    assert words in ended.err


def test_a_program_may_begin_with_a_dash(run_cli):
    assert run_cli("run", "--jq", "-.n", stdin=GOOD).out == b"-1\n"
    assert run_cli("run", "--jq=-.n", stdin=GOOD).out == b"-1\n"


def test_options_and_inputs_in_any_order(run_cli, tmp_path):
    for name in ("a", "b", "-c"):
        (tmp_path / name).write_bytes(GOOD)
    ended = run_cli("run", "a", "--jq", ".n", "b", "-q", "--", "-c")
    assert (ended.code, ended.out, ended.err) == (0, b"1\n1\n1\n", "")


def test_behind_two_dashes_all_are_names(run_cli, tmp_path):
    for name in ("-c", "--", "-1"):
        (tmp_path / name).write_bytes(GOOD)
    (tmp_path / "-m.wasm").write_bytes(guest())
    (tmp_path / "--m.json").write_text("[]")
    for arguments in (["--", "-c"], ["-q", "--", "-1"], ["--", "--"], ["-1", "--"]):
        ended = run_cli("run", "--jq", ".n", *arguments)
        assert (ended.code, ended.out) == (0, b"1\n"), arguments
    assert run_cli("run", "--jq", ".n", "--", "-c", "--", "-c").out == b"1\n1\n1\n"
    assert run_cli("inspect", "--", "-m.wasm").code == 0
    assert run_cli("explain", "--jq", ".n", "--", "-c").code == 0
    assert run_cli("schema", "infer", "-q", "--", "-c").code == 0
    ended = run_cli("manifest", "attach", "-o", "out", "--", "-m.wasm", "--m.json")
    assert ended.code == 2
    assert ended.err.startswith("wasmrecords: error: --m.json: the manifest: ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "--jq", "--", "-x"], "option --jq needs a value"),
        (["run", "--jq", ".", "-o", "--", "-x"], "option -o needs a value"),
        (["run", "--jq", ".", "-qo", "--", "x"], "option -o needs a value"),
        (["inspect", "--"], "MODULE is missing"),
        (["inspect", "--", "-a", "-b"], "one argument too many: '-b'"),
        (["inspect", "a", "--", "-b"], "one argument too many: '-b'"),
        (["cache", "--", "x"], "one argument too many: 'x'"),
    ],
)
def test_two_dashes_are_no_value(run_cli, arguments, words):
    ended = run_cli(*arguments)
    assert (ended.code, ended.out) == (2, b"")
    assert words in ended.err


def test_a_syntax_error_has_a_caret_under_it(run_cli):
    ended = run_cli("run", "--jq", "select(.a ==) | .b", stdin=GOOD)
    assert ended.code == 2
    message, line, caret = ended.err.splitlines()
    assert message.startswith("wasmrecords: error: program: ")
    assert line == "  1 | select(.a ==) | .b"
    assert caret.index("^") in (line.index(")"), line.index("=="))


def test_an_undefined_function_names_the_nearest(run_cli):
    ended = run_cli("run", "--jq", ".a | lenght", stdin=GOOD)
    assert ended.code == 2
    assert "length" in ended.err.partition("\n")[0]
    assert ended.err.splitlines()[2].index("^") == ended.err.splitlines()[1].index("lenght")


def test_errors_in_files_name_the_file(run_cli, tmp_path):
    (tmp_path / "p.jq").write_text("# comment\n.a |\n")
    ended = run_cli("run", "--jq-file", "p.jq", stdin=GOOD)
    assert (ended.code, "p.jq" in ended.err) == (2, True)
    (tmp_path / "p.jq").write_bytes(b"\xff")
    ended = run_cli("run", "--jq-file", "p.jq", stdin=GOOD)
    assert (ended.code, "p.jq: not UTF-8" in ended.err) == (2, True)
    (tmp_path / "p.jq").write_text("\ufeff# half\n.n / 2\n", encoding="utf-8")
    assert run_cli("run", "--jq-file", "p.jq", stdin=GOOD).out == b"0.5\n"


@pytest.mark.parametrize(
    "schema",
    [
        '{"type": "object"',
        "[1]",
        "",
        '{"type": "objct"}',
        '{"minimum": "1"}',
        '{"$ref": "https://example.com/other.json"}',
        '{"$ref": "other.json"}',
        '{"$ref": "#/$defs/missing"}',
        '{"$ref": "#"}',
        '{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}',
    ],
)
def test_bad_schemas(run_cli, tmp_path, schema):
    (tmp_path / "s.json").write_text(schema)
    ended = run_cli("run", "--schema", "s.json", "-o", "out", stdin=GOOD)
    if '"#"' in schema or "$defs/b" in schema:  # endless: refused, or each record fails by a limit
        assert ended.code in (1, 2), ended
        assert not (tmp_path / "out").exists() or (tmp_path / "out").read_bytes() == b""
        return
    assert ended.code == 2, ended
    assert "s.json" in ended.err
    assert "schema: " in ended.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "data", [b"", b"text", b"\0asm", b"\0asm\1\0\0\0", b"\0asm\2\0\0\0", b"\x7fELF", b"(module)"]
)
def test_bad_modules(run_cli, tmp_path, data):
    (tmp_path / "m.wasm").write_bytes(data)
    for command in (["run", "-m", "m.wasm"], ["inspect", "m.wasm"]):
        ended = run_cli(*command, stdin=GOOD)
        if command[0] == "inspect" and data == b"\0asm\1\0\0\0":
            continue  # nothing is wrong with an empty module but that nothing can be done with it
        assert ended.code == 2, ended
        assert ended.err.startswith("wasmrecords: error: ")


def test_bad_config(run_cli, tmp_path):
    (tmp_path / "m.wasm").write_bytes(b"\0asm\1\0\0\0")
    ended = run_cli("run", "-m", "m.wasm", "--config", '{"a": }')
    assert (ended.code, ended.err.splitlines()[1:]) == (2, ['  1 | {"a": }', "            ^"])
    (tmp_path / "c.json").write_text("{")
    ended = run_cli("run", "-m", "m.wasm", "--config", "@c.json")
    assert (ended.code, "c.json" in ended.err) == (2, True)
    ended = run_cli("run", "-m", "m.wasm", "--config", "NaN")
    assert (ended.code, "NaN is no JSON value" in ended.err) == (2, True)


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["help"]])
def test_help(run_cli, arguments):
    ended = run_cli(*arguments)
    assert (ended.code, ended.err) == (0, "")
    assert b"wasmrecords run" in ended.out
    assert b"wasmrecords inspect" in ended.out


@pytest.mark.parametrize("arguments", [["run", "--help"], ["help", "run"], ["run", "x", "-h"]])
def test_help_of_run_teaches(run_cli, arguments):
    ended = run_cli(*arguments)
    assert (ended.code, ended.err) == (0, "")
    text = ended.out.decode()
    assert text.count("\n  wasmrecords run ") >= 4
    for word in (
        "dead letter",
        "exit status",
        "130",
        "time=1 ",
        "memory=64M",
        "--max-failures",
        "--isolation fresh",
    ):
        assert word in text
    assert max(map(len, text.splitlines())) <= 110


def test_help_lists_every_option(run_cli):
    from wasmrecords.cli._parser import cache_parser, explain_parser, inspect_parser, run_parser

    parsers = {
        "run": run_parser(),
        "explain": explain_parser(),
        "inspect": inspect_parser(),
        "cache": cache_parser(),
    }
    for command, parser in parsers.items():
        text = run_cli("help", command).out.decode()
        for option in set(parser.options) - {"-h", "--help"}:
            assert re.search(rf"(?<![\w-]){option}(?![\w-])", text), f"{command}: {option} is not in its help"


def test_version(run_cli):
    ended = run_cli("--version")
    assert (ended.code, ended.err) == (0, "")
    assert re.fullmatch(rb"wasmrecords \d+\.\d+\.\d+\S*\n", ended.out)


def test_help_into_a_closed_pipe(run_cli, tmp_path):
    import os

    reader, writer = os.pipe()
    os.close(reader)
    ended = run_cli("run", "--help", stdout=writer)
    os.close(writer)
    assert ended.err == ""


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="a file without an end is needed")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "-m", "/dev/zero"], "more than 16 MiB (limit module)"),
        (["run", "--schema", "/dev/zero"], "larger than 16 MiB"),
        (["run", "--jq-file", "/dev/zero"], "larger than 16 MiB"),
        (["run", "-m", "m.wasm", "--config", "@/dev/zero"], "larger than 16 MiB"),
        (["inspect", "/dev/zero"], "more than 256 MiB"),
    ],
)
def test_files_without_an_end(run_cli, arguments, message):
    ended = run_cli(*arguments)
    assert (ended.code, ended.out) == (2, b"")
    assert message in ended.err


@pytest.mark.parametrize("name", AUTHORS)
def test_help_for_authors(run_cli, name):
    ended = run_cli("help", name)
    assert (ended.code, ended.err) == (0, "")
    text = ended.out.decode()
    assert text == run_cli(name, "--help").out.decode()
    assert text.startswith(f"usage: wasmrecords {name}")
    assert max(map(len, text.splitlines())) <= 110
    source = Path(cli.__file__).with_name(f"{name}.py").read_text("utf-8")
    for option in re.findall(r'"(--?[a-z]+)"', source):
        assert re.search(rf"(?<![\w-]){option}(?![\w-])", text), f"{name}: {option} is not in its help"


def test_a_package_that_was_copied_and_not_installed(tmp_path: Path) -> None:
    (tmp_path / "wasmrecords").symlink_to(Path(wr.__file__).parent)
    program = (
        "import sys; sys.path.append(sys.argv.pop(1)); from wasmrecords.cli import main; sys.exit(main())"
    )
    command = [sys.executable, "-I", "-S", "-c", program, tmp_path, "--version"]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "wasmrecords unknown\n", "")
