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


@pytest.mark.parametrize(
    ("isolation", "batches", "transforms"),
    [("shared", 6_000, 600), ("fresh", 2_000, 200), ("process", 240, 20)],
)
def test_nothing_is_left(
    cli_environment: dict[str, str], isolation: str, batches: int, transforms: int
) -> None:
    script = Path(__file__).parent / "soak.py"
    counts = ["--batches", str(batches), "--transforms", str(transforms)]
    command = [sys.executable, script, "--isolation", isolation, *counts]
    done = subprocess.run(command, env=cli_environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("flat\n")


def test_a_leak_is_found() -> None:
    kept: list[bytes] = []
    files: list[int] = []

    def leaks(count: int, isolation: str) -> Iterator[None]:
        for _ in range(count):
            kept.append(b"x" * 4_000_000)
            files.append(os.open(__file__, os.O_RDONLY))
            yield

    found = soak(leaks, 40, "shared", lambda line: None)
    for file in files:
        os.close(file)
    assert found[0].endswith("MB more than after the warm-up")
    assert "32 more files than after the warm-up" in found
