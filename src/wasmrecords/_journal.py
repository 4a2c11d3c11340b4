"""What a stateful module was given, so that a new instance knows what one knew that is gone.

A crash costs the record in hand, also where a module adds records up: the next instance is brought to where
the last one was in front of that record. For that its memory is saved from time to time, and what was given
since is kept, at most as much as the memory is large; both are the host's memory.
"""

from __future__ import annotations

from typing import NamedTuple

from ._errors import GuestError
from ._fault import Fault, error_of
from ._instance import Instance, Saved
from ._limits import KiB, Limits, MiB, show_bytes

_LEAST = 256 * KiB
"""Bytes of input after which an instance is saved again, at the soonest."""
_SOON = 64 * KiB
"""The same behind a failure: the next one may be the next record."""
_MOST = 16 * MiB
"""Bytes of input that are kept of a module that cannot be saved."""


class _Given(NamedTuple):
    """One call and how many records it finished: a batch, or a flush where there is no ``data``."""

    data: bytes | None
    last: bool
    state: int
    first: int
    finished: int


class Journal:
    """The calls of one input that count, in order, since the module was saved."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._saved: Saved | None = None
        self._given: list[_Given] = []
        self._size = 0
        self._full = False

    def batch(
        self, data: bytes | bytearray | memoryview, last: bool, state: int, first: int, finished: int
    ) -> None:
        """These bytes are done with, that many records of them; the first is number ``first``."""
        if not self._full:
            self._given.append(_Given(bytes(data), last, state, first, finished))
            self._size += len(data)

    def flush(self, state: int, first: int) -> None:
        """The module gave out what it had."""
        if not self._full:
            self._given.append(_Given(None, False, state, first, 0))

    def settle(self, instance: Instance) -> None:
        """Saves what the instance knows, that was given all of this, where there is much of it."""
        if self._size > max(_LEAST, instance.size):
            self._save(instance)

    def again(self, instance: Instance) -> None:
        """Brings a new instance to where the last one was. Raises :class:`GuestError`, or what a limit
        raises; the instance is closed then."""
        if self._full:
            instance.close()
            raise GuestError(
                "the module failed, and what it knew is lost: its host cannot save it, and has not kept "
                f"more than {show_bytes(_MOST)} of the input to give it again",
                code="trap",
            )
        if self._saved is None and not self._given:
            return
        try:
            if self._saved is not None:
                instance.restore(self._saved)
            for given in self._given:
                if given.data is None:
                    reply = instance.flush(given.state, given.first)
                else:
                    reply = instance.batch(given.data, given.last, given.state, given.first)
                if reply.finished != given.finished:
                    instance.close()
                    raise Fault("reply", f"{reply.finished} of {given.finished} records are finished")
        except Fault as fault:
            if fault.code == "cancelled":
                raise error_of(fault, self._limits) from None
            raise GuestError(
                "the module failed, and what it knew is lost: a new instance, given the same again, does "
                f"not do the same: {fault.message}",
                code="trap",
            ) from None
        if self._size > _SOON:
            self._save(instance)

    def _save(self, instance: Instance) -> None:
        if (saved := instance.save()) is not None:
            self._saved, self._given, self._size = saved, [], 0
        elif self._size > _MOST:
            self._given, self._full = [], True
