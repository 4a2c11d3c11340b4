"""Each hostile case in a fresh process: it ends as it should, and the host is well afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from hostile.catalogue import catalogue
from hostile.table import PAGE, with_table

TESTS = Path(__file__).parent.parent
CASES = {f"{group}/{case.name}": case for group, cases in catalogue().items() for case in cases}

# What may be left of an attack. One live guest alone reserves 4 GiB of addresses, a thread's heap 64 MiB.
MOST_LEFT = {"resident": 32 * 1024, "virtual": 1024 * 1024, "files": 0, "children": 0, "threads": 0}

Children = dict[str, "Future[subprocess.CompletedProcess[bytes]]"]


@pytest.fixture(scope="module")
def children(
    request: pytest.FixtureRequest, records_wasm: Path, cli_environment: dict[str, str]
) -> Iterator[Children]:
    """The processes of all cases that were chosen, as many at once as there are processors."""
    paths = os.pathsep.join([str(TESTS), cli_environment["PYTHONPATH"]])
    environment = cli_environment | {"PYTHONPATH": paths}

    def run(name: str) -> subprocess.CompletedProcess[bytes]:
        line = [sys.executable, "-m", "hostile.child", name]
        return subprocess.run(
            line, env=environment, cwd=TESTS, stdin=subprocess.DEVNULL, capture_output=True, timeout=120
        )

    chosen = {
        getattr(item, "callspec", None) and item.callspec.params.get("name") for item in request.session.items
    }  # type: ignore[attr-defined]
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        yield {name: pool.submit(run, name) for name in CASES if name in chosen}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("name", CASES)
def test_it_ends_well(name: str, children: Children) -> None:
    case = CASES[name]
    done = children[name].result()
    words = done.stderr.decode("utf-8", "backslashreplace")
    assert done.returncode == 0, f"the host ended with {done.returncode}: {words}"
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
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
