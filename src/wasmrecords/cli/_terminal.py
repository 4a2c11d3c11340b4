"""Standard error: messages, dead letters without a file, and a progress line that never mixes with them. And
what a command prints on standard output.
"""

from __future__ import annotations

import contextlib
import os
import select
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wasmrecords import Explanation, Report

ERASE = "\r\x1b[K"
RED, GREEN, YELLOW, PLAIN = "\x1b[1;31m", "\x1b[32m", "\x1b[33m", "\x1b[0m"
FIRST_PROGRESS = 0.3  # seconds: a run that is over by then needs none
BETWEEN_PROGRESS = 0.1


class NotPrinted(Exception):
    """Standard output cannot be written; its text is the system's reason."""


def put(text: str) -> None:
    """Prints a text that ends its own lines: at once, so that a full disk shows here and not at the end, and
    as UTF-8 whatever the locale. Raises :class:`NotPrinted`, or :class:`BrokenPipeError` if the reader left.
    """
    try:
        _write_all(1, text.encode("utf-8", "backslashreplace"))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise NotPrinted(error.strerror) from error


class Terminal:
    """Writes to standard error; it is a binary file object, so that a run can write to it, too."""

    def __init__(self) -> None:
        self.is_terminal = os.isatty(2)
        self._colours = colours(2)
        # A progress line would run through output that goes to the same screen.
        self._progress = self.is_terminal and not os.isatty(1) and os.environ.get("TERM") != "dumb"
        self._next = FIRST_PROGRESS
        self._shown = False

    def fileno(self) -> int:
        return 2

    def write(self, data: bytes | memoryview) -> int:
        """All of ``data``, on a clean line. Raises :class:`OSError`."""
        self.erase()
        _write_all(2, data)
        return len(data)

    def say(self, text: str) -> None:
        """Lines for people. That nobody can read them is no reason to stop."""
        with contextlib.suppress(OSError):
            self.write(f"{text}\n".encode("utf-8", "backslashreplace"))

    def error(self, text: str) -> None:
        """What was wrong, where, and what to do."""
        self.say(f"wasmrecords: {self.coloured('error:', RED)} {printable_lines(text)}")

    def coloured(self, text: str, colour: str) -> str:
        """The text in a colour, where colours are wanted."""
        return f"{colour}{text}{PLAIN}" if self._colours else text

    def show(self, report: Report) -> None:
        """The state of a run, in place of the state before; at most ten times a second."""
        if not self._progress or report.seconds < self._next:
            return
        self._next = report.seconds + BETWEEN_PROGRESS
        try:
            width = os.get_terminal_size(2).columns or 80  # 0: the terminal does not know
            _write_all(2, f"{ERASE}{progress_line(report)[: max(1, width - 1)]}".encode())
            self._shown = True
        except OSError:
            self._progress = False

    def erase(self) -> None:
        """Takes the progress line away."""
        if self._shown:
            self._shown = False
            with contextlib.suppress(OSError):
                _write_all(2, ERASE.encode())


def colours(fd: int) -> bool:
    """Whether what is written there may be coloured."""
    return os.isatty(fd) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def progress_line(report: Report) -> str:
    """``43 %  1,234,567 records  2 failed  689 MB/s  0:12 left``; less where sizes are not known."""
    parts = []
    share = report.bytes_in / report.bytes_total if report.bytes_total else None
    if share is not None:
        parts.append(f"{min(share, 1):.0%}".replace("%", " %"))
    parts.append(f"{report.counts.read:,} records")
    if report.counts.failed:
        parts.append(f"{report.counts.failed:,} failed")
    parts.append(f"{rate(report)} MB/s")
    if share:
        left = max(0, round(report.seconds / share - report.seconds))
        parts.append(f"{left // 60}:{left % 60:02} left")
    return "  ".join(parts)


def rate(report: Report | Explanation) -> str:
    """Millions of bytes read a second."""
    speed = report.bytes_in / 1e6 / max(report.seconds, 1e-9)
    return f"{speed:,.0f}" if speed >= 10 else f"{speed:.1f}"


def open_standard_descriptors() -> None:
    """Puts the null device where a standard stream is closed.

    Otherwise the next file that is opened takes its number, and messages or output end up in that file.
    Standard input and output are opened the wrong way round on purpose: who uses them gets an error.
    """
    for fd, mode in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, mode)  # takes the lowest free number, which is this one


def _write_all(fd: int, data: bytes | memoryview) -> None:
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(fd, rest) :]
        except BlockingIOError:
            select.select([], [fd], [])


def printable(text: str) -> str:
    """The text with an escape for each character that does not print, line feeds included: a terminal might
    take it for a command."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def printable_lines(text: str) -> str:
    """As :func:`printable`, but line feeds stay."""
    return "\n".join(map(printable, text.split("\n")))
