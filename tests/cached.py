"""What the tests of the cache share: a module's code to keep, and the files that keep it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

NAME = "ab" * 32  # a hash of a module
CODE = bytes(range(256)) * 40

posix = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="owners and modes of POSIX")
root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away"
)


def code_file(place: Path) -> Path:
    """The one file with code in a cache."""
    (found,) = place.glob("*.code")
    return found


def flipped(data: bytes, at: int) -> bytes:
    """The same with another bit at one place."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
