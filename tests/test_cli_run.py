"""What ``wasmrecords run`` says about a run: exit status, summary, report, progress; and how it stops."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

GOOD = b'{"n":1}\n{"n":2}\n'
MIXED = b'{"n":1}\nx\n{"n":2}\n{"n":"3"}\n'
SUMMARY = re.compile(
    r"read ([\d,]+)  kept ([\d,]+)  dropped ([\d,]+)  failed ([\d,]+)   [\d,]+\.\d\d s  [\d,]+(\.\d)? MB/s"
)


def test_summary_and_exit_status(run_cli):
    ended = run_cli("run", "--jq", "select(.n == 1)", stdin=GOOD)
    assert (ended.code, ended.out) == (0, b'{"n":1}\n')
    found = SUMMARY.fullmatch(ended.err.rstrip("\n"))
    assert found
    assert found.groups()[:4] == ("2", "1", "1", "0")


def test_numbers_are_grouped(run_cli):
    ended = run_cli("run", "--jq", "empty", stdin=b"1\n" * 12345)
    assert "read 12,345  kept 0  dropped 12,345  failed 0" in ended.err


def test_what_failed_is_said_in_one_line(run_cli, tmp_path):
    (tmp_path / "schema.json").write_text('{"properties": {"n": {"type": "integer"}}}')
    (tmp_path / "in.ndjson").write_bytes(MIXED + b"y\n")
    ended = run_cli("run", "--schema", "schema.json", "in.ndjson", "-o", "out")
    assert ended.code == 1
    summary, hint = ended.err.splitlines()
    assert SUMMARY.fullmatch(summary)
    assert hint.startswith("failed 3: json 2, type 1; first: in.ndjson record 2 (line 2, byte 8): ")
    assert hint.endswith("; dead letters in out.errors.ndjson")
    letters = [json.loads(line) for line in (tmp_path / "out.errors.ndjson").read_text().splitlines()]
    assert [(letter["code"], letter["path"], letter["input"]) for letter in letters] == [
        ("json", "$", "x"),
        ("type", "$.n", '{"n":"3"}'),
        ("json", "$", "y"),
    ]


def test_quiet_leaves_only_dead_letters(run_cli):
    ended = run_cli("run", "--jq", ".", "--quiet", stdin=MIXED)
    assert ended.code == 1
    assert [json.loads(line)["input"] for line in ended.err.splitlines()] == ["x"]
    ended = run_cli("run", "--jq", ".", "-q", stdin=GOOD)
    assert (ended.code, ended.err) == (0, "")


def test_report(run_cli, tmp_path):
    ended = run_cli("run", "--jq", ".", "--report", "report.json", "-o", "out", stdin=MIXED)
    assert ended.code == 1
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["counts"] == {"read": 4, "kept": 3, "dropped": 0, "failed": 1, "written": 3}
    assert report["finished"] is True
    assert report["bytes_in"] == len(MIXED)
    assert report["bytes_out"] == (tmp_path / "out").stat().st_size
    assert re.fullmatch("[0-9a-f]{64}", report["sha256"])


def test_fail_fast(run_cli):
    ended = run_cli("run", "--jq", ".", "--fail-fast", stdin=MIXED * 100_000)
    assert ended.code == 3
    assert "a record failed and --fail-fast is on: record 2 (line 2, byte 8)" in ended.err
    assert run_cli("run", "--jq", ".", "--fail-fast", stdin=GOOD).code == 0


def test_max_failures(run_cli, tmp_path):
    assert run_cli("run", "--jq", ".", "--max-failures", "1", stdin=MIXED).code == 1
    ended = run_cli("run", "--jq", ".", "--max-failures", "0", "-o", "out", stdin=MIXED)
    assert ended.code == 3
    assert "1 of 4 records failed, more than max-failures 0 allows; 4 records were done" in ended.err
    assert not (tmp_path / "out").exists()
    assert run_cli("run", "--jq", ".", "--max-failures", "25%", stdin=MIXED).code == 1
    assert run_cli("run", "--jq", ".", "--max-failures", "24.9%", stdin=MIXED).code == 3


@pytest.mark.parametrize("isolation", ["shared", "fresh"])
def test_a_runaway_program_costs_its_records_only(run_cli, isolation):
    program = "if .n == 2 then [range(1e12)] else .n end"
    data = b'{"n":1}\n{"n":2}\n{"n":3}\n'
    ended = run_cli("run", "--jq", program, "--isolation", isolation, "--limit", "time=0.3", stdin=data)
    assert (ended.code, ended.out) == (1, b"1\n3\n"), ended
    letter = json.loads(ended.err.splitlines()[0])
    assert letter["code"] in ("time", "memory")
    assert letter["input"] == '{"n":2}'


def endless(
    command: list[str], environment: dict[str, str], *arguments: str, **settings: Any
) -> subprocess.Popen[bytes]:
    """A run whose input never ends; it has begun when this returns."""
    return subprocess.Popen(
        ["bash", "-c", "exec 3< <(while cat data; do :; done 2>/dev/null); exec \"$@\" <&3", "bash", *command,
         "run", "--jq", ".", *arguments],
        env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, **settings,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_interrupted(command, cli_environment, records_wasm, tmp_path, sent, code, word):
    data = b"".join(b'{"n":%d}\n' % n for n in range(50_000))
    (tmp_path / "data").write_bytes(data)
    process = endless(command, cli_environment, "-o", "out", "--report", "report.json", cwd=tmp_path)
    deadline = time.monotonic() + 60
    while (
        not any(path.stat().st_size for path in tmp_path.glob("out.*.part")) and time.monotonic() < deadline
    ):
        time.sleep(0.02)
    process.send_signal(sent)
    begun = time.monotonic()
    error = process.communicate(timeout=30)[1].decode()
    assert time.monotonic() - begun < 2
    assert process.returncode == code, error
    assert "Traceback" not in error
    first = error.splitlines()[0]
    assert first.startswith(f"wasmrecords: error: {word}; ")
    assert SUMMARY.search(error)
    [part] = tmp_path.glob("out.*.part")
    kept = part.read_bytes()
    assert kept.endswith(b"}\n")
    assert f"{kept.count(b'}'):,} records were done" in first
    assert str(part) in error
    assert not (tmp_path / "out").exists()
    assert json.loads((tmp_path / "report.json").read_text())["finished"] is False


def on_a_terminal(
    command: list[str], environment: dict[str, str], cwd: Path, **settings: Any
) -> tuple[int, str]:
    """Exit status and what a terminal for standard error gets to see."""
    master, slave = pty.openpty()
    with subprocess.Popen(command, env=environment, cwd=cwd, stderr=slave, **settings) as process:
        os.close(slave)
        seen = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
    os.close(master)
    return process.returncode, seen.decode()


def test_a_terminal_that_is_read_ends_when_it_is_told_so_once(
    command, cli_environment, records_wasm, tmp_path
):
    master, slave = pty.openpty()
    line = [*command, "run", "--jq", "."]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(line, env=cli_environment, cwd=tmp_path, stdin=slave, **pipes) as process:
        try:
            assert process.stderr.readline() == (
                b"wasmrecords: reads records from the terminal; Ctrl-D ends them\n"
            )
            os.write(master, b"\x04")
            output, words = process.communicate(timeout=30)
        finally:
            process.kill()
    os.close(master)
    os.close(slave)
    assert (process.returncode, output, words[:7]) == (0, b"", b"read 0 ")


def test_progress_and_colours_only_on_a_terminal(command, cli_environment, records_wasm, tmp_path):
    (tmp_path / "in").write_bytes(b'{"n":1}\n' * 150_000 + b"x\n")
    line = [*command, "run", "--jq", "[limit(3; repeat(.n))] | add", "in", "-o", "out"]
    environment = cli_environment | {"TERM": "xterm"}
    code, seen = on_a_terminal(line, environment, tmp_path)
    assert code == 1
    shown = re.findall(r"\r\x1b\[K(\d+ %  [\d,]+ records  .*? MB/s  \d+:\d\d left)", seen)
    assert shown
    assert seen.count("\r\x1b[K") <= 2 + 11 * 60
    summary = seen.rpartition("\r\x1b[K")[2].splitlines()[0]
    assert "\x1b[33mfailed 1\x1b[0m" in summary
    assert SUMMARY.fullmatch(re.sub(r"\x1b\[[\d;]*m", "", summary)), (
        "the progress line is gone before the summary"
    )
    code, seen = on_a_terminal(line, environment | {"NO_COLOR": "1"}, tmp_path)
    assert "\x1b[33m" not in seen
    code, seen = on_a_terminal([*line, "--quiet"], environment, tmp_path)
    assert (code, seen) == (1, "")


def test_nothing_of_the_sort_in_a_file(run_cli, tmp_path):
    (tmp_path / "in").write_bytes(b'{"n":1}\n' * 500_000 + b"x\n")
    ended = run_cli("run", "--jq", ".", "in", "-o", "out", env={"TERM": "xterm"})
    assert "\x1b" not in ended.err
    assert "\r" not in ended.err


def test_a_bug_is_one_line_and_its_traceback_on_demand(command, cli_environment):
    break_it = (
        "import wasmrecords.cli as c, wasmrecords.cli.run as r\n"
        "r.run_parser = lambda: 1 / 0\n"
        "print(c.main(['run']))"
    )
    line = [command[0], "-c", break_it]
    done = subprocess.run(line, env=cli_environment, capture_output=True, text=True, check=True)
    assert done.stdout == "3\n"
    assert done.stderr.count("\n") == 1
    assert "bug in wasmrecords: ZeroDivisionError" in done.stderr
    assert "WASMRECORDS_TRACEBACK=1" in done.stderr
    environment = cli_environment | {"WASMRECORDS_TRACEBACK": "1"}
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=True)
    assert "Traceback" in done.stderr
