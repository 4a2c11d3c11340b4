"""Each hostile case in a fresh process: it ends as it should, and the host is well afterwards."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hostile.catalogue import catalogue
from hostile.table import PAGE, with_table

TESTS = Path(__file__).parent.parent
CASES = {f"{group}/{case.name}": case for group, cases in catalogue().items() for case in cases}

# What may be left of an attack. One live guest alone reserves 4 GiB of addresses, a thread's heap 64 MiB.
MOST_LEFT = {"resident": 32 * 1024, "virtual": 1024 * 1024, "files": 0, "children": 0, "threads": 0}

WITHIN = 120.0


class Server:
    """A process that runs each case in a fork of itself: to start Python and to import what is needed takes
    longer than most cases."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self._environment, self._folder = environment, folder
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hostile.child"],
            env=self._environment,
            cwd=TESTS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            start_new_session=True,
        )

    def run(self, name: str) -> tuple[int, str, str]:
        """The exit status of a case, its last line, and what it wrote to standard error."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        out, err = self._folder / "out", self._folder / "err"
        for path in (out, err):
            path.unlink(missing_ok=True)
        self._process.stdin.write(f"{self._folder}\t{name}\n")
        answers = select.select([self._process.stdout], [], [], WITHIN)[0]
        status = self._process.stdout.readline() if answers else ""
        if not status:
            self.close()
            self._start()
            pytest.fail(f"no end within {WITHIN:g} s, or no end that could be told")
        lines = out.read_text("utf-8", "backslashreplace").splitlines()
        return int(status), lines[-1] if lines else "", err.read_text("utf-8", "backslashreplace")

    def close(self) -> None:
        """Ends it, and with it a case that does not end."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


@pytest.fixture(scope="module")
def server(
    records_wasm: Path, cli_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    paths = os.pathsep.join([str(TESTS), cli_environment["PYTHONPATH"]])
    made = Server(cli_environment | {"PYTHONPATH": paths}, tmp_path_factory.mktemp("server"))
    yield made
    made.close()


@pytest.mark.parametrize("name", CASES)
def test_it_ends_well(name: str, server: Server) -> None:
    case = CASES[name]
    status, last, words = server.run(name)
    assert status == 0, f"the host ended with {status}: {words}"
    said: dict[str, Any] = json.loads(last)
    assert "problem" not in said, said.get("problem")
    right = case.ends.split(" | ")
    wrong = {level: ends for level, ends in said["ends"].items() if not set(ends) <= set(right)}
    assert not wrong, f"expected {case.ends}; {said['messages']}"
    assert set(said["good"]) == {"fine"}
    assert not case.because or any(case.because in text for text in said["messages"]), said["messages"]
    steering = [text for text in said["messages"] if not text.isprintable() or len(text) > 5_000]
    assert not steering
    assert said["seconds"] <= case.within
    left = {name: grown for name, grown in said["grown"].items() if grown > MOST_LEFT[name]}
    assert not left, said["grown"]


def test_there_are_many_and_each_has_a_name() -> None:
    assert len(CASES) == sum(map(len, catalogue().values())) >= 200
    for name, case in CASES.items():
        assert not case.tried[0].islower(), name
        assert not case.tried.endswith("."), name
        assert "|" not in case.name + case.tried, name


@pytest.mark.skipif("HOSTILE_LEVELS" in os.environ, reason="the page is about the levels that are usual")
def test_the_threat_model_lists_them() -> None:
    page = PAGE.read_text("utf-8")
    assert page == with_table(page), "run: python tests/hostile/table.py --write"
