"""A file in memory that nobody can change any more, not even this process: Linux has them.

What was checked in it is what the engine maps from it, and of what the engine maps only that counts as this
process's memory which is touched.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from types import TracebackType
from typing import Self

_PIECE = 256 * 1024


class Sealed:
    """``size`` bytes of the file ``source``, from ``start`` on. Raises :class:`OSError` if it is shorter, and
    where there is no such thing."""

    def __init__(self, source: int, start: int, size: int) -> None:
        if sys.platform != "linux" or not hasattr(os, "memfd_create"):
            raise OSError("this system has no files that are sealed")
        import fcntl

        self._descriptor = os.memfd_create("wasmrecords", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            at = 0
            while at < size:
                sent = os.sendfile(self._descriptor, source, start + at, size - at)
                if not sent:
                    raise OSError("it became shorter")
                at += sent
            for seal in (fcntl.F_SEAL_WRITE, fcntl.F_SEAL_GROW, fcntl.F_SEAL_SHRINK, fcntl.F_SEAL_SEAL):
                fcntl.fcntl(self._descriptor, fcntl.F_ADD_SEALS, seal)
        except BaseException:
            self.close()
            raise

    @property
    def path(self) -> str:
        """A path under which this process may open it."""
        return f"/proc/self/fd/{self._descriptor}"

    def pieces(self) -> Iterator[memoryview]:
        """All of it, in the same memory each time: who wants to keep a piece copies it."""
        view, at = memoryview(bytearray(_PIECE)), 0
        while count := os.preadv(self._descriptor, [view], at):
            yield view[:count]
            at += count

    def close(self) -> None:
        """What is mapped stays mapped."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
