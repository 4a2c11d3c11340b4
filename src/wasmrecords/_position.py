"""How far a source is: records, lines and bytes that have been passed."""

from __future__ import annotations

from ._framing import AFTER_ITEM, BETWEEN, lead
from ._outcome import Failure


class Position:
    """The number of records before the next one, its line, its byte, and the state of a JSON stream there."""

    def __init__(self) -> None:
        self._record, self._line, self._offset = 0, 1, 0
        self._state = BETWEEN

    @property
    def in_array(self) -> bool:
        """True while a top-level array is open: its end is then a record's matter."""
        return self._state != BETWEEN

    def skip(self, length: int) -> None:
        """Passes over bytes that belong to no record: a byte order mark."""
        self._offset += length

    def pass_over(self, length: int, newlines: int) -> None:
        """Passes over what stands between records: blank lines."""
        self._line += newlines
        self._offset += length

    def oversized(self, length: int, newlines: int, message: str, cut: bool) -> Failure:
        """The fate of a record that is too large to be given to a guest; the caller has its text, which
        the end of the input may have ``cut``."""
        failure = Failure(self._record + 1, self._line, self._offset, "record_too_large", "$", message, b"")
        self._record += 1
        self._line += newlines
        self._offset += length
        if self.in_array:
            self._state = BETWEEN if cut else AFTER_ITEM
        return failure

    def lead(self, data: bytes | bytearray) -> int:
        """Passes over what stands before the next record of a JSON stream: so many bytes."""
        at, self._state = lead(data, 0, self._state)
        self._line += data.count(b"\n", 0, at)
        self._offset += at
        return at
