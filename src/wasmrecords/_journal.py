"""What a stateful module was given, so that a new instance can go on where a lost one was.

A crash costs only the record in hand, also in a module that adds records up: the next instance is brought to
the state that the last one had in front of that record. For that its memory is saved from time to time, and
the calls since then are kept, at most as many bytes as the memory has. Both take memory of the host.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ._errors import GuestError
from ._fault import Fault, error_of
from ._framing import Encoding
from ._instance import Instance, Saved
from ._limits import KiB, Limits, MiB, show_bytes

_SAVE_AFTER = 256 * KiB
"""Bytes of input after which an instance is saved, at the soonest."""
_SAVE_AFTER_FAILURE = 64 * KiB
"""The same behind a failure, since the next record may fail as well."""
_MOST_KEPT = 16 * MiB
"""Bytes of input that are kept for a module that cannot be saved."""
_MOST_REPLAYED = 256 * MiB
"""Bytes that such a module is given again, in all: each failure replays all that was kept."""
_CALL_SIZE = 200
"""Bytes that a kept call takes beside its data."""
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
        self._size = self._replayed = 0
        self._lost = ""

    def batch(self, data: bytes | memoryview, last: bool, state: int, first: int, finished: int) -> None:
        """A batch is done: its bytes, and how many records of it were ``finished``, of which the first is
        number ``first``."""
        text = bytes(data)
        if self._encoding == "json" and not last:
            text += b" "  # a number ends there, with what came behind it out of sight
        self._keep(_Given(text, last, state, first, finished), len(text))

    def flush(self, state: int, first: int) -> None:
        """The module was flushed, behind ``first`` records."""
        self._keep(_Given(None, False, state, first, 0), 0)

    def _keep(self, given: _Given, size: int) -> None:
        if not self._lost:
            self._given.append(given)
            self._size += size + _CALL_SIZE

    def settle(self, instance: Instance) -> None:
        """Saves the instance, which was given all calls up to now, if there is much input since the last
        time."""
        if self._size > max(_SAVE_AFTER, instance.size):
            self._save(instance)

    def new(self, take: Callable[[], Instance]) -> Instance:
        """An instance for :meth:`replay`. One that was idle may have a larger memory than was saved, since
        another input made it grow: it will not do."""
        instance = take()
        for _ in range(_MOST_IDLE):
            if self._saved is None or instance.size <= len(self._saved.memory):
                break
            instance.close()
            instance = take()
        return instance

    def replay(self, instance: Instance) -> None:
        """Brings a new instance to where the last one was. Raises what ends the input if that fails: a
        :class:`GuestError`, or the error of a limit; the instance is closed then."""
        if not self._lost and self._saved is None and self._given:
            self._replayed += self._size
            if self._replayed > _MOST_REPLAYED:
                replayed = show_bytes(self._replayed)
                self._lost = f"it has failed so often that it was given {replayed} of the input again"
        if self._lost:
            instance.close()
            raise GuestError(f"{_LOST}{self._lost}", code="trap")
        try:
            if self._saved is not None:
                instance.restore(self._saved)
            with instance.relaxed():
                for given in self._given:
                    self._replay_call(instance, given)
        except Fault as fault:
            if fault.code != "cancelled":
                words = f"{_LOST}a new instance was given the same again: {fault.message}"
                fault = Fault(fault.code, words)
            raise error_of(fault, self._limits) from None
        if self._size > _SAVE_AFTER_FAILURE:
            self._save(instance)

    def _replay_call(self, instance: Instance, given: _Given) -> None:
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
        elif self._size > _MOST_KEPT:
            self._given = []
            self._lost = (
                "its host cannot save it, and has not kept more than "
                f"{show_bytes(_MOST_KEPT)} of the input to give it again"
            )
