"""The soak, shortly, in a process of its own; and that it would find what it looks for."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from soak import soak

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the soak reads /proc")


def test_nothing_is_left(cli_environment: dict[str, str]) -> None:
    script = Path(__file__).parent / "soak.py"
    command = [sys.executable, script, "--batches", "6000", "--transforms", "600"]
    done = subprocess.run(command, env=cli_environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("flat\n")


def test_a_leak_is_found() -> None:
    kept: list[bytes] = []
    files: list[int] = []

    def leaks(count: int) -> Iterator[None]:
        for _ in range(count):
            kept.append(b"x" * 4_000_000)
            files.append(os.open(__file__, os.O_RDONLY))
            yield

    found = soak(leaks, 40, lambda line: None)
    for file in files:
        os.close(file)
    assert found[0].endswith("MB more than after the warm-up")
    assert "32 more files than after the warm-up" in found
