"""The instance at work on one source: who has it, and where it goes afterwards."""

from __future__ import annotations

import os
from collections.abc import Callable

from ._errors import GuestError
from ._instance import Instance
from ._journal import Journal
from ._position import Position


class Holder(Position):
    """Has one instance between the calls for a source, and none while one is at work.

    ``take`` gives an instance, ``give_back`` returns one that is whole. With ``fresh`` each call has a new
    one. A ``stateful`` module goes on where its last call ended; if its instance was lost, the ``journal``
    brings a new one there.
    """

    def __init__(
        self,
        take: Callable[[], Instance],
        give_back: Callable[[Instance], None],
        *,
        fresh: bool,
        stateful: bool,
        journal: Journal | None,
    ) -> None:
        super().__init__()
        self._take, self._give_back = take, give_back
        self._fresh, self._stateful, self._journal = fresh, stateful, journal
        self._process = os.getpid()
        self._instance: Instance | None = None
        self._calling: Instance | None = None
        self._abandoned = False

    def close(self, *, whole: bool = True) -> None:
        """Gives the instance back, or closes it where it may be in the middle of something, as that of a
        stateful module is unless it was given the ``whole`` source."""
        if self._abandoned:
            return
        instance, self._instance = self._instance, None
        if instance is not None and self._process == os.getpid():
            if not self._fresh and (whole or not self._stateful):
                self._give_back(instance)
            else:
                instance.close()

    def abandon(self) -> None:
        """Stops the work that another thread has in hand. Its instance is that thread's: it is neither
        returned nor closed here."""
        self._abandoned = True
        if (calling := self._calling) is not None:
            calling.cancel()

    def _borrow(self) -> Instance:
        """The instance for one call. Whatever happens now, it is not used again unless it comes back."""
        if self._process != os.getpid():
            # Forked: that instance is the parent's, and so is the clock that would stop it.
            self._process = os.getpid()
            left, self._instance = self._instance, None
            if left is not None and self._stateful:
                raise GuestError(
                    "the process was forked, and what the module knows of this input is in its parent",
                    code="cancelled",
                )
        known, self._instance = self._instance, None
        self._calling = instance = known or (
            self._take() if self._journal is None else self._journal.new(self._take)
        )
        if self._abandoned:
            instance.cancel()
        if known is None and self._journal is not None:
            try:
                self._journal.replay(instance)
            except BaseException:
                self._calling = None
                raise
        return instance
