"""One record in one call and its one output, with little else: a function that is called from Python."""

from __future__ import annotations

from . import _reply
from ._instance import LAST, Instance


class FunctionInstance(Instance):
    """An instance that was opened as a function."""

    def one(self, record: bytes) -> bytes | _reply.Reply:
        """The output of one record, which has no line feed in it: a line. The whole reply, if it is another
        than that. Raises :class:`Fault`, as :meth:`batch` does."""
        length = len(record)
        self._begin()
        try:
            try:
                if self._limits.fuel is not None:
                    self._refuel()
                if length > self._room:
                    self._make_room(length)
                guest, block = self._guest, self._block
                guest.memory[self._arena : self._arena + length] = record
                self._shim.begin(0, block)
                self._in_batch = True
                if result := self._call("wr_batch", length, LAST):
                    raise _reply.Lie(f"wr_batch answered {result}")
                line = _reply.one(guest.memory, block, length, self._limits.output)
                if line is not None:
                    self._said = 1, 0, 0, length, 0
                    return line
                reply = self._read(length)
                self._said = reply[:5]
                return reply
            finally:
                self._in_batch = False
                self._end()
        except BaseException as error:  # noqa: BLE001 raised again
            raise self._gone(error, record) from None
