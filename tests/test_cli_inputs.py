"""Inputs: every kind of bad one, each with a clear error, and nothing lost."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

GOOD = b'{"n":1}\n{"n":2}\n'


def letters(ended: Any) -> list[dict[str, Any]]:
    """The dead letters on standard error."""
    return [json.loads(line) for line in ended.err.splitlines() if line.startswith("{")]


def text_of(letter: dict[str, Any]) -> bytes:
    if "input" in letter:
        return letter["input"].encode()
    return base64.b64decode(letter["input_base64"], validate=True)


def test_no_file(run_cli, tmp_path):
    ended = run_cli("run", "--jq", ".", "missing.ndjson", "-o", "out")
    assert ended.code == 2
    assert ended.err == "wasmrecords: error: cannot read missing.ndjson: No such file or directory\n"
    assert os.listdir(tmp_path) == []


def test_one_missing_among_many_is_refused_before_anything_is_written(run_cli, tmp_path):
    (tmp_path / "a").write_bytes(GOOD)
    ended = run_cli("run", "--jq", ".", "a", "missing", "a")
    assert (ended.code, ended.out) == (2, b"")


def test_a_folder(run_cli, tmp_path):
    ended = run_cli("run", "--jq", ".", tmp_path)
    assert ended.code == 2
    assert f"cannot read {tmp_path}: it is a folder; name its files, as '{tmp_path}/*.ndjson'" in ended.err


def test_no_permission(run_cli, tmp_path, nobody):
    (tmp_path / "secret").write_bytes(GOOD)
    (tmp_path / "secret").chmod(0)
    ended = run_cli("run", "--jq", ".", "secret", **nobody)
    assert (ended.code, ended.out) == (2, b"")
    assert "cannot read secret: Permission denied" in ended.err


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 300, "\x1b[31mred"])
def test_names_that_are_none(run_cli, name):
    if "\0" in name:
        pytest.skip("the system passes no NUL in an argument; test_pipeline_run.py tries it")
    ended = run_cli("run", "--jq", ".", name)
    assert ended.code == 2
    assert "cannot read" in ended.err
    assert "\x1b" not in ended.err


@pytest.mark.parametrize("data", [b"", b"\n", b" \n\t\r\n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
@pytest.mark.parametrize("input_format", ["auto", "ndjson", "json"])
def test_empty_and_blank_input_is_no_record(run_cli, data, input_format):
    ended = run_cli("run", "--jq", ".", "--input", input_format, stdin=data)
    assert (ended.code, ended.out) == (0, b""), ended
    assert "read 0  kept 0  dropped 0  failed 0" in ended.err


@pytest.mark.parametrize(
    "data",
    [
        b'{"n":1}\n{"n":2}',
        b'{"n":1}\r\n{"n":2}\r\n',
        b'\xef\xbb\xbf{"n":1}\n{"n":2}\n',
        b'\n\n{"n":1}\n\n \n{"n":2}\n\n',
        b' {"n" : 1}\t\n\t{ "n":2 } ',
    ],
    ids=["no last newline", "CR LF", "BOM", "blank lines", "white space"],
)
def test_what_is_fine(run_cli, data):
    ended = run_cli("run", "--jq", ".", stdin=data)
    assert (ended.code, ended.out) == (0, GOOD), ended


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_fail_whole(run_cli, codec):
    data = '{"n":1}\n{"n":"ä"}\n'.encode(codec)
    ended = run_cli("run", "--jq", ".", "--input", "ndjson", stdin=data)
    assert (ended.code, ended.out) == (1, b"")
    got = letters(ended)
    assert got
    assert {letter["code"] for letter in got} <= {"utf8", "json"}
    # Nothing is lost but the line feeds between the records and white space around them.
    assert b"".join(map(text_of, got)).replace(b"\n", b"").strip() == data.replace(b"\n", b"").strip()


def test_binary(run_cli):
    data = bytes(range(256)) * 40
    ended = run_cli("run", "--jq", ".", "--input", "ndjson", stdin=data)
    assert (ended.code, ended.out) == (1, b"")
    lines = [line.strip(b" \t\r") for line in data.split(b"\n")]
    assert [text_of(letter).strip(b" \t\r") for letter in letters(ended)] == [line for line in lines if line]


# The peak as the process itself has it: what the parent is told also counts the parent's own memory.
MEASURED = """
import sys
from wasmrecords.cli import main
code = main(sys.argv[1:])
sys.stderr.write("".join(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
sys.exit(code)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read as Linux tells it")
def test_a_line_of_100_mb_is_a_dead_letter_whole_in_little_memory(run_cli, tmp_path):
    long = b'{"n":"' + b"\xc3\xa4\\n" * 25_000_000 + b'"}'
    with (tmp_path / "in").open("wb") as file:
        file.write(b'{"n":1}\n')
        file.write(long)
        file.write(b'\n{"n":2}\n')
    ended = run_cli("run", "--jq", ".", "in", "-o", "out", command=[sys.executable, "-c", MEASURED])
    assert ended.code == 1, ended
    assert (tmp_path / "out").read_bytes() == GOOD
    [letter] = map(json.loads, (tmp_path / "out.errors.ndjson").read_bytes().splitlines())
    assert (letter["code"], letter["record"], letter["line"], letter["offset"]) == (
        "record_too_large",
        2,
        2,
        8,
    )
    assert letter["input"].encode() == long
    peak = int(re.findall(r"^VmHWM:\s*(\d+) kB$", ended.err, re.MULTILINE)[0])
    assert peak <= 150 * 1024, f"{peak:,} KiB at the peak"


def test_nesting_of_100_000(run_cli):
    deep = b"[" * 100_000 + b"]" * 100_000
    for input_format in ("ndjson", "auto"):
        ended = run_cli(
            "run", "--jq", ".", "--input", input_format, stdin=b'{"n":1}\n' + deep + b'\n{"n":2}\n'
        )
        assert (ended.code, ended.out) == (1, GOOD), ended
        [letter] = letters(ended)
        assert (letter["code"], letter["record"]) == ("nesting", 2)
        assert text_of(letter) == deep


def test_a_truncated_array(run_cli):
    ended = run_cli("run", "--jq", ".", "--input", "json", stdin=b'[{"n":1},{"n":2},{"n":')
    assert (ended.code, ended.out) == (1, GOOD), ended
    [letter] = letters(ended)
    assert (letter["code"], letter["input"]) == ("json", '{"n":')


def test_two_arrays_in_one_stream(run_cli):
    ended = run_cli("run", "--jq", ".", "--input", "json", stdin=b'[{"n":1}]\n[{"n":2}] []')
    assert (ended.code, ended.out) == (0, GOOD), ended


def test_garbage_after_a_value(run_cli):
    ended = run_cli("run", "--jq", ".", stdin=b'{"n":1}\n{"n":7} x\n{"n":2}\n')
    assert (ended.code, ended.out) == (1, GOOD)
    [letter] = letters(ended)
    assert (letter["code"], letter["line"], letter["offset"], letter["input"]) == ("json", 2, 16, '{"n":7} x')
    ended = run_cli("run", "--jq", ".", "--input", "json", stdin=b'{"n":1} {"n":2} x')
    assert (ended.code, ended.out) == (1, GOOD)
    assert [letter["offset"] for letter in letters(ended)] == [16]


def test_sources_run_one_after_the_other_each_by_its_own_format(run_cli, tmp_path):
    (tmp_path / "a.ndjson").write_bytes(b'{"n":1}\n{"n":2}\nx\n')
    (tmp_path / "b.json").write_bytes(b'[\n  {"n": 3},\n  {"n": 4}\n]\n')
    ended = run_cli("run", "--jq", ".", "a.ndjson", "-", "b.json", stdin=b'{"n":9}\ny\n')
    assert ended.out == b'{"n":1}\n{"n":2}\n{"n":9}\n{"n":3}\n{"n":4}\n'
    got = [
        (letter["source"], letter["record"], letter["line"], letter["offset"]) for letter in letters(ended)
    ]
    assert got == [("a.ndjson", 3, 3, 16), ("-", 2, 2, 8)]


def test_patterns(run_cli, tmp_path):
    for name in ("b", "a", "[x]"):
        (tmp_path / f"{name}.ndjson").write_text(f'"{name}"\n')
    (tmp_path / "c.ndjson").mkdir()
    assert run_cli("run", "--jq", ".", "*.ndjson").out == b'"[x]"\n"a"\n"b"\n'
    assert run_cli("run", "--jq", ".", "[x].ndjson").out == b'"[x]"\n'
    ended = run_cli("run", "--jq", ".", "*.csv")
    assert (ended.code, "no file matches" in ended.err) == (2, True)


def test_standard_input_by_its_names(run_cli, tmp_path):
    for name in ("-", "/dev/stdin"):
        assert run_cli("run", "--jq", ".", name, stdin=GOOD).out == GOOD
    (tmp_path / "in").write_bytes(GOOD)
    with (tmp_path / "in").open("rb") as stdin:
        stdin.seek(8)
        assert run_cli("run", "--jq", ".", stdin=stdin).out == GOOD[8:]
    ended = run_cli("run", "--jq", ".", "-", "/dev/stdin", stdin=GOOD)
    assert (ended.code, "named twice" in ended.err) == (2, True)


@pytest.mark.skipif(sys.platform != "linux", reason="the pipes of Linux")
def test_a_pipe_gets_room_for_whole_batches(run_cli):
    import fcntl

    read, write = os.pipe()
    with open(read, "rb") as source:
        with open(write, "wb") as sink:
            sink.write(GOOD)
        assert run_cli("run", "--jq", ".", stdin=source).out == GOOD
        assert fcntl.fcntl(source, fcntl.F_GETPIPE_SZ) == 512 * 1024


def test_a_named_pipe(run_cli, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = subprocess.Popen(["sh", "-c", "cat >pipe"], stdin=subprocess.PIPE, cwd=tmp_path)
    assert writer.stdin is not None
    writer.stdin.write(GOOD)
    writer.stdin.close()
    assert run_cli("run", "--jq", ".", "pipe").out == GOOD
    assert writer.wait(timeout=10) == 0


def test_a_slow_pipe_is_answered_as_it_speaks(command, cli_environment, records_wasm):
    with subprocess.Popen(
        [*command, "run", "--jq", "."], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=cli_environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in GOOD.splitlines(keepends=True):
            process.stdin.write(line)
            process.stdin.flush()
            assert process.stdout.readline() == line
        process.stdin.close()
        assert process.wait(timeout=30) == 0


@pytest.mark.parametrize("kind", ["gzip", "zstd", "xz", "bzip2", "zip"])
def test_compressed_input_says_how_to_read_it(run_cli, tmp_path, kind):
    heads = {
        "gzip": gzip.compress(GOOD), "zstd": b"\x28\xb5\x2f\xfd rest", "xz": b"\xfd7zXZ\0 rest",
        "bzip2": b"BZh91AY", "zip": b"PK\x03\x04 rest",
    }  # fmt: skip
    (tmp_path / "in").write_bytes(heads[kind])
    ended = run_cli("run", "--jq", ".", "in", "-o", "out")
    assert (ended.code, f"in is {kind}-compressed: decompress it first, as " in ended.err) == (2, True)
    ended = run_cli("run", "--jq", ".", "-o", "out", stdin=heads[kind])
    assert (ended.code, f"standard input is {kind}-compressed" in ended.err) == (2, True)
    assert os.listdir(tmp_path) == ["in"]


def test_real_files(run_cli, shared_data: Path):
    for path in sorted(shared_data.glob("*.json")):
        value = json.loads(path.read_bytes())
        records = value if isinstance(value, list) else [value]
        ended = run_cli("run", "--input", "json", "--jq", ".", "--output", "pretty", path)
        assert ended.code == 0, ended
        assert json.loads(ended.out) == records
    for path in sorted(shared_data.glob("*.ndjson")):
        ended = run_cli("run", "--jq", ".", path)
        assert ended.code == 0, ended
        assert [json.loads(line) for line in ended.out.splitlines()] == [
            json.loads(line) for line in path.read_bytes().splitlines()
        ]
