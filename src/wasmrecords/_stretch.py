"""Whole lines through a module of ours, from a source to where they are written: the road of most batches.

What batches have in common is done once for some of them: signals are held, the thread's stack and the
handlers of traps are looked at, the instance is taken. For each there is left: read it into the guest's
memory, set the deadline, call, see whether all is as it mostly is, write out of the guest's memory.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from . import _reply, _trap_signals
from ._instance import Instance
from ._source import BATCH, ROOM

_STRETCH = 0.05
"""Seconds after which a stretch ends, so that others are told how far it is."""

Read = Callable[[memoryview], int]
"""What reads into memory, and keeps nothing of it: how many bytes, 0 at the end."""
Write = Callable[[memoryview], object]
"""What writes all of an output before it returns, and keeps nothing of it."""


@dataclass(slots=True)
class Stretch:
    """Some batches, and what is left to do.

    ``done`` are the replies to those whose output is written. ``rest`` is the beginning of a line that has
    not ended; ``ended`` says that the source has. ``given`` is a batch that is not done with, of ``length``
    bytes, in the guest's memory: until the next call; ``reply`` the reply to it, if there is one, and its
    output is memory of the guest's as well. ``error`` is what ended the stretch: a :class:`Fault` is about
    what was given. The instance is of no use then, and the batch a copy.
    """

    rest: bytes
    ended: bool = False
    done: list[_reply.Plain] = field(default_factory=list)
    length: int = 0
    given: memoryview | bytes | None = None
    reply: _reply.Reply | None = None
    error: BaseException | None = None


class BelievedInstance(Instance):
    """One of a module of ours, whose lines are not counted again."""

    def stretch(self, read: Read, write: Write | None, begun: bytes, first: int) -> Stretch:
        """Batch after batch of lines that ``read`` puts into the guest's memory, whose output goes to
        ``write``: for some hundredths of a second, as long as the source has whole pieces at once and all
        goes well. Not where work is counted.

        ``begun`` is the beginning of a line that goes on with what is read; ``first`` is as for
        :meth:`batch`. Without ``write`` the first batch is not done with, whatever comes of it.
        """
        stretch = Stretch(begun)
        self._begin()
        try:
            try:
                if self._room < ROOM:
                    self._make_room(ROOM)
                self._shim.begin(first, self._block)
                self._in_batch = True
                self._go_on(stretch, read, write, first)
            finally:
                self._held.waits = True
                self._in_batch = False
                self._end()
        except BaseException as error:  # noqa: BLE001 raised by whoever has seen the rest
            # The guest's memory goes.
            stretch.given = bytes(self._given(stretch)) if stretch.length else None
            stretch.error = self._gone(error, stretch.given)
        else:
            stretch.given = self._given(stretch) if stretch.length else None
        return stretch

    def _given(self, stretch: Stretch) -> memoryview:
        return self._guest.memory[self._arena : self._arena + stretch.length]

    def _go_on(self, stretch: Stretch, read: Read, write: Write | None, first: int) -> None:
        # All that one batch and the next have in common was done before: this is most of what the host does.
        guest, shim, held, watch, clock = self._guest, self._shim, self._held, self._watch, self._ticker
        arena, block, output_limit = self._arena, self._block, self._limits.output
        rest, until = stretch.rest, time.monotonic() + _STRETCH
        shim.first = first
        while True:
            memory, behind = guest.memory, arena + len(rest)
            memory[arena:behind] = rest
            clock.end(watch)
            held.waits = False  # a pipe may take for ever
            count = read(memory[behind : behind + BATCH])
            held.waits = True
            if not count:
                stretch.ended = True
                return
            if clock.begin(watch) >= until:
                _trap_signals.keep()  # it is long ago
            stretch.length = length = behind - arena + count
            if held.came:
                return
            result = guest.call("wr_batch", length)
            memory = guest.memory  # it may have grown
            reply = _reply.plain(memory, block, length, output_limit)
            if (
                reply is None
                or b"\n" in (rest := bytes(memory[arena + reply[3] : arena + length]))
                or result
                or shim.heard
                or held.came
                or write is None
            ):
                self._see_exit()
                if result:
                    raise _reply.Lie(f"wr_batch answered {result}")
                stretch.reply = self._read(length, lent=True)
                self._said = stretch.reply[:5]
                return
            finished, dropped, written, consumed, _, start, end = reply
            self._said = finished, dropped, 0, consumed, 0
            shim.first += finished
            if written:
                held.waits = False
                write(memory[start:end])
                held.waits = True
            stretch.rest, stretch.length = rest, 0
            stretch.done.append(reply)
            if count < BATCH or len(rest) > ROOM - BATCH or held.came or watch.looked >= until:
                return
