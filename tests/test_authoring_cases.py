"""``wasmrecords test`` with modules by hand: what it shows of differences. Projects: test_authoring_build."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest
from conftest import RunCli
from example import example
from guests import guest

from wasmrecords.authoring import cases


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "m.wasm").write_bytes(guest())
    (tmp_path / "cases").mkdir()
    return tmp_path


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / "cases" / f"a.{name}").write_bytes(text.encode())


def test_a_crash_is_a_dead_letter(run_cli: RunCli, folder: Path) -> None:
    write(folder, input="{}\ntrap\n{}\n", expected="{}\n{}\n")
    ended = run_cli("test", "-m", "m.wasm", "--update")
    assert (ended.code, ended.out) == (0, b"wrote cases/a.failures\n1 case: 1 file changed\n")
    letter = (folder / "cases" / "a.failures").read_text()
    assert letter.startswith('{"record": 2, "line": 2, "offset": 3, "code": "trap", "path": "$", "message": ')
    assert str(folder) not in letter
    assert run_cli("test", "-m", "m.wasm").out == b"ok a\n1 case: all as expected\n"


def test_a_run_that_cannot_end_is_a_failed_case(run_cli: RunCli, folder: Path) -> None:
    write(folder, input="trap\n" * 60, expected="")
    ended = run_cli("test", "-m", "m.wasm")
    assert ended.code == 1
    assert ended.out.startswith(b"FAILED a: the module failed on 51 records in a row")
    assert ended.out.endswith(b"1 case: 1 not as expected\n")


def test_colours_are_for_terminals(
    command: list[str], cli_environment: dict[str, str], run_cli: RunCli, folder: Path
) -> None:
    write(folder, input="{}\n[]\n", expected="{}\n1\n")
    plain = run_cli("test", "-m", "m.wasm")
    assert (plain.code, b"\x1b" in plain.out) == (1, False)
    assert plain.out.decode().splitlines() == [
        "FAILED a",
        "    --- cases/a.expected",
        "    +++ what came out",
        "    @@ -1,2 +1,2 @@",
        "     {}",
        "    -1",
        "    +[]",
        "1 case: 1 not as expected",
    ]
    master, slave = pty.openpty()
    arguments = [*command, "test", "-m", "m.wasm"]
    environment = cli_environment | {"TERM": "xterm"}
    done = subprocess.run(arguments, cwd=folder, env=environment, stdout=slave, stderr=subprocess.PIPE)
    os.close(slave)
    shown = os.read(master, 65536).decode()
    os.close(master)
    assert (done.returncode, done.stderr) == (1, b"")
    assert "\x1b[1;31mFAILED\x1b[0m a" in shown
    assert "\x1b[1;31m-1\x1b[0m" in shown
    assert "\x1b[32m+[]\x1b[0m" in shown


def test_what_a_module_writes_does_not_steer_the_terminal(run_cli: RunCli, folder: Path) -> None:
    write(folder, input='"\x1b[2J"\n', expected="")
    assert b'    +"\\x1b[2J"\n' in run_cli("test", "-m", "m.wasm").out


def test_long_differences_are_cut(run_cli: RunCli, folder: Path) -> None:
    write(folder, input="[]\n" * 1000, expected="{}\n" * 1000)
    lines = run_cli("test", "-m", "m.wasm").out.decode().splitlines()
    assert len(lines) == 1 + 200 + 2
    assert lines[-2] == "    and more: these are the first 200 lines"


def test_a_missing_newline_is_a_difference(folder: Path) -> None:
    write(folder, input="", expected="{}")
    case = cases.Case(folder / "cases", "a")
    shown = list(cases.differences(case, {"expected": b"{}\n", "failures": b""}))
    assert "-\\ no newline at the end" in shown


def test_a_function_that_is_not_there(run_cli: RunCli, folder: Path) -> None:
    write(folder, input="[]\n", function="multiply\n")
    ended = run_cli("test", "-m", "m.wasm")
    assert ended.code == 1
    assert b"FAILED a: " in ended.out
    write(folder, input="[]\n", transform="other\n")
    (folder / "cases" / "a.function").unlink()
    ended = run_cli("test", "-m", "m.wasm")
    assert (ended.code, b"other" in ended.out) == (1, True)


def test_blank_lines_are_no_calls(run_cli: RunCli, folder: Path) -> None:
    (folder / "f.wasm").write_bytes(example("functions"))
    write(folder, input="[6, 7]\n\n \r\n[1, 2]\n", function="multiply\n", expected="42\n2\n")
    assert run_cli("test", "-m", "f.wasm").out == b"ok a\n1 case: all as expected\n"


def test_a_case_says_which_of_several_it_is_of(run_cli: RunCli, folder: Path) -> None:
    write(folder, input="[]\n")
    for manifest, words in (
        (
            {"transforms": [{"name": "one"}, {"name": "two"}]},
            "a.transform is not there, which has the name of one ",
        ),
        (
            {"functions": [{"name": "one"}]},
            "cases/a.function is not there, which has the name of one function: one",
        ),
    ):
        (folder / "m.wasm").write_bytes(guest(manifest=json.dumps({"abi": 1} | manifest)))
        ended = run_cli("test", "-m", "m.wasm")
        assert (ended.code, ended.out, words in ended.err) == (2, b"", True), ended
    (folder / "cases" / "a.function").write_bytes(b"\xff")
    ended = run_cli("test", "-m", "m.wasm")
    assert (ended.code, "a.function: expected a name in UTF-8" in ended.err) == (2, True), ended


def test_files_of_no_case_are_told(run_cli: RunCli, folder: Path) -> None:
    write(folder, input="{}\n", expected="{}\n")
    (folder / "cases" / "README.md").write_text("what these are")
    assert run_cli("test", "-m", "m.wasm").code == 0
    for name, words in (
        ("ab.failures", "cases/ab.failures: there is no ab.input beside it; did you mean a.failures?"),
        ("other.expected", "cases/other.expected: there is no other.input beside it; a case has its records"),
        ("a.audit.expected", "a.audit.expected: the transform has no output audit beside the main one"),
    ):
        stray = folder / "cases" / name
        stray.write_bytes(b"")
        ended = run_cli("test", "-m", "m.wasm")
        assert (ended.code, words in ended.err) == (2, True), ended
        stray.unlink()


def test_a_reader_that_leaves_has_what_it_wants(
    command: list[str], cli_environment: dict[str, str], folder: Path
) -> None:
    for case in range(30):
        (folder / "cases" / f"{case}.input").write_bytes(b"{}\n")
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [*command, "test", "-m", "m.wasm"],
            cwd=folder,
            env=cli_environment,
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=60,
        )
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_a_place_for_the_module_that_is_none(run_cli: RunCli, tmp_path: Path) -> None:
    for name, words in (
        (".", "-o: expected a file, found a folder: '.'; for example -o ./redact.wasm"),
        ("", "-o: expected a file, found a folder: ''; for example -o redact.wasm"),
        ("none/", "expected a file, found a folder"),
        ("none/m.wasm", "-o: there is no folder none"),
    ):
        ended = run_cli("build", "-o", name)
        assert (ended.code, words in ended.err) == (2, True), ended
