"""What a stateful module was given, so that a new instance knows what one knew that is gone.

A crash costs the record in hand, also where a module adds records up: the next instance is brought to where
the last one was in front of that record. For that its memory is saved from time to time, and what was given
since is kept, at most as much as the memory is large; both are the host's memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ._errors import GuestError
from ._fault import Fault, error_of
from ._framing import Encoding
from ._instance import Instance, Saved
from ._limits import KiB, Limits, MiB, show_bytes

_LEAST = 256 * KiB
"""Bytes of input after which an instance is saved again, at the soonest."""
_SOON = 64 * KiB
"""The same behind a failure: the next one may be the next record."""
_MOST = 16 * MiB
"""Bytes of input that are kept of a module that cannot be saved."""
_AGAIN = 256 * MiB
"""Bytes that are given again to such a module, in all: each failure costs all that it was given."""
_CALL = 200
"""What keeping a call takes beside its bytes."""
_MOST_IDLE = 100
"""More idle instances than there can be."""
_LOST = "the module failed, and what it knew is lost: "


class _Given(NamedTuple):
    """One call and how many records it finished: a batch, or a flush where there is no ``data``."""

    data: bytes | None
    last: bool
    state: int
    first: int
    finished: int


class Journal:
    """The calls of one input that count, in order, since the module was saved."""

    def __init__(self, encoding: Encoding, limits: Limits) -> None:
        self._encoding, self._limits = encoding, limits
        self._saved: Saved | None = None
        self._given: list[_Given] = []
        self._size = self._again = 0
        self._lost = ""

    def batch(self, data: bytes | memoryview, last: bool, state: int, first: int, finished: int) -> None:
        """These bytes are done with, that many records of them; the first is number ``first``."""
        text = bytes(data)
        if self._encoding == "json" and not last:
            text += b" "  # a number ends there, with what came behind it out of sight
        self._keep(_Given(text, last, state, first, finished), len(text))

    def flush(self, state: int, first: int) -> None:
        """The module gave out what it had."""
        self._keep(_Given(None, False, state, first, 0), 0)

    def _keep(self, given: _Given, size: int) -> None:
        if not self._lost:
            self._given.append(given)
            self._size += size + _CALL

    def settle(self, instance: Instance) -> None:
        """Saves what the instance knows, that was given all of this, where there is much of it."""
        if self._size > max(_LEAST, instance.size):
            self._save(instance)

    def new(self, take: Callable[[], Instance]) -> Instance:
        """An instance that :meth:`again` can bring there: one that was idle may be larger than what was
        saved, since another input made it so."""
        instance = take()
        for _ in range(_MOST_IDLE):
            if self._saved is None or instance.size <= len(self._saved.memory):
                break
            instance.close()
            instance = take()
        return instance

    def again(self, instance: Instance) -> None:
        """Brings a new instance to where the last one was. Raises what ends the input where that cannot be:
        a :class:`GuestError`, or what a limit raises; the instance is closed then."""
        if not self._lost and self._saved is None and self._given:
            self._again += self._size
            if self._again > _AGAIN:
                self._lost = (
                    f"it has failed so often that it was given {show_bytes(self._again)} of the input again"
                )
        if self._lost:
            instance.close()
            raise GuestError(f"{_LOST}{self._lost}", code="trap")
        try:
            if self._saved is not None:
                instance.restore(self._saved)
            with instance.relaxed():
                for given in self._given:
                    self._give(instance, given)
        except Fault as fault:
            if fault.code != "cancelled":
                words = f"{_LOST}a new instance was given the same again: {fault.message}"
                fault = Fault(fault.code, words)
            raise error_of(fault, self._limits) from None
        if self._size > _SOON:
            self._save(instance)

    def _give(self, instance: Instance, given: _Given) -> None:
        if given.data is None:
            reply = instance.flush(given.state, given.first)
        else:
            reply = instance.batch(given.data, given.last, given.state, given.first)
        if reply.finished != given.finished:
            instance.close()
            raise Fault("reply", f"{reply.finished} of {given.finished} records are finished")

    def _save(self, instance: Instance) -> None:
        if (saved := instance.save()) is not None:
            self._saved, self._given, self._size = saved, [], 0
        elif self._size > _MOST:
            self._given = []
            self._lost = (
                "its host cannot save it, and has not kept more than "
                f"{show_bytes(_MOST)} of the input to give it again"
            )
