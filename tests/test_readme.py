"""The pages that users read: their examples as a user would run them, their links, and what they name."""

from __future__ import annotations

import ast
import inspect
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import RunCli
from pages import PAGES, ROOT, Block, anchors, blocks, prose

import wasmrecords as wr

README = ROOT / "README.md"


@pytest.fixture
def shell(
    records_wasm: Path, cli_environment: dict[str, str], tmp_path: Path, run_cli: RunCli
) -> dict[str, str]:
    """The environment of a user for whom ``wasmrecords`` is on the PATH and was run before."""
    folder = tmp_path / "bin"
    folder.mkdir()
    command = folder / "wasmrecords"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m wasmrecords "$@"\n')
    command.chmod(0o755)
    assert run_cli("run", "--jq", ".", "--quiet", stdin=b"1\n").out == b"1\n"
    return cli_environment | {"PATH": os.pathsep.join([str(folder), os.environ["PATH"]])}


def shown(program: list[str], folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    """The exit status of a program, and what it shows on a terminal."""
    done = subprocess.run(
        program,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
    )
    return done.returncode, done.stdout.decode()


def masked(text: str) -> str:
    """Without what is different each time: seconds and rates."""
    return re.sub(r"\b[\d,]+\.\d\d s  [\d,]+(\.\d)? MB/s", "TIME s  RATE MB/s", text)


def test_masks_hide_seconds_and_rates_only() -> None:
    assert masked("failed 2   0.01 s  0.1 MB/s") == masked("failed 2   1,234.50 s  1,689 MB/s")
    assert masked("failed 2   0.01 s  0.1 MB/s") != masked("failed 1   0.01 s  0.1 MB/s")
    assert masked("0.01 s  0.02 MB/s") == "0.01 s  0.02 MB/s"  # a rate has one decimal


@pytest.mark.parametrize(
    ("page", "compared", "status"),
    [
        ("README.md", 4, [1, 0, 0, 0]),
        ("docs/errors.md", 1, [0, 0]),
        ("docs/explain.md", 3, [0, 0, 0]),
        ("docs/json-schema.md", 3, [0, 0, 2]),
    ],
)
def test_examples(shell: dict[str, str], tmp_path: Path, page: str, compared: int, status: list[int]) -> None:
    """The blocks of a page in their order, in one folder. A ``text`` or ``json`` block right behind a ``sh``
    block has what the commands show."""
    folder = tmp_path / "here"
    folder.mkdir()
    examples = blocks(ROOT / page)
    codes, outputs, python = [], 0, 0
    for block, after in zip(examples, [*examples[1:], Block("", "", 0)], strict=True):
        place = f"{page}:{block.line}"
        if block.language == "python":
            python += 1
            assert shown([sys.executable, "-c", block.text], folder, shell) == (0, ""), place
        if block.language != "sh" or (re.search(r"^jq ", block.text, re.M) and not shutil.which("jq")):
            continue
        code, output = shown(["sh", "-c", block.text], folder, shell)
        codes.append(code)
        if after.language in ("text", "json") and after.line == block.end + 2:
            outputs += 1
            assert masked(output) == masked(after.text), place
        elif code:
            pytest.fail(f"{place}: exit {code}\n{output}")
    assert (codes, outputs) == (status[: len(codes)], compared)
    assert python >= 1


BUILT = {"src/wasmrecords/modules/"}  # by an editable install


def named(page: Path) -> set[str]:
    """What a page says in backticks and links that looks like a file of this repository."""
    words = re.findall(r"`([^`\n]+)`", prose(page))
    files = {word for word in words if re.fullmatch(r"(tests|docs|src|rust-wasm|benchmarks)/[\w./-]+", word)}
    return files | {word for word in words if re.fullmatch(r"\./[\w.-]+", word)}


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_files_that_are_named_exist(page: Path) -> None:
    missing = sorted(name for name in named(page) if name not in BUILT and not (ROOT / name).exists())
    assert not missing, f"{page.name} names what is not there: {', '.join(missing)}"


def test_the_readme_names_files() -> None:
    assert {"tests/test_wasi.py", "tests/test_limits.py", "rust-wasm/examples/redact"} <= named(README)
    assert len(named(README)) > 6


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert not broken, f"{page.name} links to what is not there: {', '.join(broken)}"


def commands(page: Path) -> list[str]:
    """The lines that call ``wasmrecords`` in examples, and those in backticks."""
    lines = [line for block in blocks(page) if block.language == "sh" for line in block.text.splitlines()]
    calls = [part for line in lines for part in re.findall(r"(?:^|\| )(wasmrecords .*)", line)]
    return calls + re.findall(r"`(wasmrecords [^`]+)`", prose(page))


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_commands_and_options_exist(page: Path, run_cli: RunCli) -> None:
    helps: dict[str, str] = {}
    for call in commands(page):
        command, _, rest = call.removeprefix("wasmrecords ").partition(" ")
        if command.startswith("-"):
            continue
        if command not in helps:
            ended = run_cli(command, "--help")
            assert ended.code == 0, f"{page.name} names {call}, and there is no such command"
            helps[command] = ended.out.decode()
        for option in re.findall(r"(?<![\w'-])--?[a-z][a-z-]*", re.sub(r"'[^']*'", "", rest)):
            known = option in ("-h", "--help") or re.search(rf"(?<![\w-]){option}\b", helps[command])
            assert known, f"{page.name}: {call}: there is no option {option}"


def test_the_readme_has_commands() -> None:
    assert len(commands(README)) >= 4
    assert any("--schema" in call for call in commands(README))


def test_commands_of_the_build_script_exist() -> None:
    usage = subprocess.run([ROOT / "build.sh", "help"], capture_output=True, text=True, check=True).stdout
    texts = "\n".join([README.read_text("utf-8"), (ROOT / "CONTRIBUTING.md").read_text("utf-8")])
    names = set(re.findall(r"\./build\.sh (\w+)", texts))
    assert {"demo", "test"} <= names
    for name in names:
        assert re.search(rf"^  {name}  ", usage, re.M), f"./build.sh {name}"


def test_calls_from_python_have_such_arguments() -> None:
    calls = re.findall(r"`(wr\.[^`]+)`", prose(README))
    assert calls
    for text in calls:
        for call in ast.walk(ast.parse(text)):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
                parameters = inspect.signature(getattr(wr, call.func.attr)).parameters
                for keyword in call.keywords:
                    assert keyword.arg in parameters, f"{text}: {keyword.arg}"
