"""One source's records through instances: every record gets exactly one fate.

A guest that traps, loops or lies costs the record in hand. What its reply says was finished is kept; the
record in hand becomes a failure; a new instance goes on behind it. Where the guest ran out of memory or
fuel after other records, the one in hand is first tried again at the head of a batch: it may only have been
the last straw. Where there is no memory for it there, it is tried alone and in a new instance. Where the
reply itself is a lie nothing of it is believed, and the batch runs again in halves until the bad record
stands alone; or record by record, when the lies take long to tell. A module that fails on one record after
the other is stopped: see ``Limits.faults``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import cast

from ._errors import FaultLimit
from ._failures import failures
from ._fault import Fault, error_of
from ._framing import Beginning, Encoding, Extent, extents, line_feeds, look_at_lines, whole_lines
from ._holder import Holder
from ._instance import Instance
from ._journal import Journal
from ._limits import Limits
from ._outcome import Failure
from ._recount import recount_lines, recount_values
from ._reply import Reply
from ._source import Reader
from ._stretch import BelievedInstance, Write
from ._work import Work

First = tuple[Reply | Fault, int | None] | None
"""What became of a first call and the fuel that it took, when it was tried already."""


class Worker(Holder):
    """The place in one source and the instance at work on it, which ``take`` gives and ``give_back`` returns.

    What ``trusted`` modules say about the number of records is believed; for all others the host counts the
    records itself, and has to keep what it gives them. ``first`` is what became of the first batch, if it was
    tried already. ``outputs`` are the names of those beyond the main one.
    """

    def __init__(
        self,
        take: Callable[[], Instance],
        give_back: Callable[[Instance], None],
        encoding: Encoding,
        limits: Limits,
        *,
        fresh: bool,
        trusted: bool,
        stateful: bool = False,
        first: First = None,
        outputs: tuple[str, ...] = (),
    ) -> None:
        # Ours keeps no records: with a state it only counts.
        journal = Journal(encoding, limits) if stateful and not trusted else None
        super().__init__(take, give_back, fresh=fresh, stateful=stateful, journal=journal)
        self._encoding, self._limits, self._trusted = encoding, limits, trusted
        self._first, self._outputs = first, outputs
        self._straight = False
        self._faults = 0  # records in a row
        self._searched = 0.0  # seconds of calls that told only lies since a record was blamed
        self._stopped: BaseException | None = None
        self._beginning = Beginning()

    def begins(self, data: bytes, first: int, every: int, last: bool) -> Iterator[int]:
        """Where in ``data`` the record begins that has ``first`` records before it, and from there each that
        has ``every`` before it."""
        if not last and self._encoding == "json" and self._goes_on(data):
            return iter(())
        found = extents(data, self._encoding, self._state, last)
        return (extent.start for extent in islice(found, first, None, every))

    @property
    def straight(self) -> bool:
        """Whether :meth:`pour` may be asked for the next batches."""
        return self._straight

    def pour(self, reader: Reader, write: Write | None) -> tuple[Work, memoryview | bytes | None]:
        """Batches of lines, straight from a reader that ``lends`` to ``write``: what became of them, and a
        batch that is not done with, None if there is none. :meth:`work` has to go on with that one at once.
        """
        instance = cast(BelievedInstance, self._borrow())
        try:
            stretch = instance.stretch(reader.readinto, write, bytes(reader.buffer), self._record)
        finally:
            self._calling = None
        error, given = stretch.error, stretch.given
        outcome: Reply | Fault | None = stretch.reply
        if isinstance(error, Fault):
            self._straight = False  # where no batch was given, the same is to be met in the usual way
            outcome = error
        elif error is not None:
            self._stopped, given = error, None
        else:
            self._instance = instance
        left: memoryview | bytes = stretch.rest
        if given is not None:
            self._first = None if outcome is None else (outcome, None)
            whole = whole_lines(given) or len(given)
            given, left = given[:whole], given[whole:]
        reader.buffer[:], reader.ended = left, stretch.ended
        work = Work()
        for finished, dropped, written, consumed, blank, start, end in stretch.done:
            work.read += finished
            work.dropped += dropped
            work.written += written
            work.consumed += consumed
            work.poured += end - start
            self._line += finished + blank
        if work.read:
            self._faults = 0
        self._record += work.read
        self._offset += work.consumed
        return work, given

    def work(self, data: bytes | bytearray | memoryview, last: bool) -> Work:
        """Gives each finished record of ``data`` its fate. The work's ``rest`` is the beginning of a record,
        to be given again with what follows it."""
        work = Work()
        rest = data
        while (rest or (last and self.in_array)) and not self._stopped:
            before = work.consumed, work.read
            started = time.monotonic()
            try:
                self._accept(work, self._call(work, rest, last), rest, last)
            except Fault as fault:
                if fault.code == "cancelled":
                    raise error_of(fault, self._limits) from None
                if fault.reply is None:
                    self._searched += time.monotonic() - started
                rest = _own(rest)
                goes_on = self._isolate(work, fault, rest, last)
            else:
                goes_on = before != (work.consumed, work.read)
                # No progress is right where no record ends, and a lie everywhere else.
                if not goes_on and self._may_end(rest, last):
                    rest = _own(rest)
                    goes_on = self._blame(work, _no_progress(), rest, last)
            consumed = work.consumed - before[0]
            if consumed == len(rest):
                rest = b""
            else:
                if isinstance(rest, memoryview):
                    work.keep()  # the next call writes over both
                rest = _own(rest[consumed:])
            if not goes_on:
                break
        if rest:
            work.rest = _own(rest)
        return work

    def check(self) -> None:
        """Raises :class:`FaultLimit` if the module was stopped, or what ended :meth:`pour`: no further work
        is done."""
        if self._stopped is not None:
            raise self._stopped

    def flush(self) -> Work:
        """What a stateful module has so far. Raises :class:`Fault`."""
        return self._given_out(lambda instance: instance.flush(self._state, self._record))

    def finish(self) -> Work:
        """The end of the input, for stateful modules: their last records. Raises :class:`Fault`."""
        return self._given_out(lambda instance: instance.finish(self._record))

    def _given_out(self, ask: Callable[[Instance], Reply]) -> Work:
        instance = self._borrow()
        try:
            reply = ask(instance)
        finally:
            self._calling = None
        if reply.finished:
            instance.close()
            raise Fault("reply", f"the module's reply cannot be true: {reply.finished} records in no input")
        self._instance = instance
        if self._journal is not None:
            self._journal.flush(self._state, self._record)
            self._journal.settle(instance)
        log = [reply.log] if reply.log else []
        work = Work([reply.output], log=log, written=reply.written, fuel=instance.spent)
        self._further(work, reply)
        return work

    def _call(self, work: Work, data: bytes | bytearray | memoryview, last: bool) -> Reply:
        first, self._first = self._first, None
        if first is not None:
            outcome, fuel = first
            work.spend(fuel)
            if isinstance(outcome, Fault):
                raise outcome
            return outcome
        instance = self._borrow()
        try:
            reply = instance.batch(_own(data), last, self._state, self._record)
        finally:
            self._calling = None
            if instance.spent is not None:
                work.spend(instance.spent)
        if self._fresh:
            instance.close()
        else:
            self._instance = instance
        return reply

    def _accept(self, work: Work, reply: Reply, data: bytes | bytearray | memoryview, last: bool) -> None:
        """Adds what a reply says, after a look at the input, if the module is not believed: is it about these
        records?"""
        consumed = reply.consumed
        if self._trusted and self._encoding == "ndjson" and reply.blank is not None:
            lines = reply.finished + reply.blank
            self._straight = not self._fresh and self._limits.fuel is None
        else:
            data = _own(data)
            lines = self._check(reply, data, last)
        if reply.rows:
            work.failures += failures(reply, data, self._record, self._line, self._offset)
        if reply.output:
            work.output.append(reply.output)
        if reply.log:
            work.log.append(reply.log)
        if reply.lineage:
            work.lineage.extend(self._record + record + 1 for record, output in reply.lineage if not output)
        if reply.further:
            self._further(work, reply)
        if self._journal is not None and consumed:
            ended = last and consumed == len(data)
            self._journal.batch(memoryview(data)[:consumed], ended, self._state, self._record, reply.finished)
            if self._instance is not None:
                self._journal.settle(self._instance)
        if reply.finished:
            self._faults = 0
        work.read += reply.finished
        work.dropped += reply.dropped
        work.written += reply.written
        work.consumed += consumed
        self._record += reply.finished
        self._line += lines
        self._offset += consumed
        self._state = reply.state

    def _further(self, work: Work, reply: Reply) -> None:
        """Adds what went to outputs beyond the main one."""
        for number, (name, (text, written)) in enumerate(zip(self._outputs, reply.further, strict=True), 1):
            if written:
                lineage = [self._record + record + 1 for record, output in reply.lineage if output == number]
                work.add_further(name, [text], lineage, written)

    def _check(self, reply: Reply, data: bytes | bytearray, last: bool) -> int:
        """Raises :class:`Fault` unless every record between the start and ``consumed`` was counted, and none
        twice. The number of line feeds there."""
        consumed = data if reply.consumed == len(data) else data[: reply.consumed]
        why = None
        if self._encoding == "json":
            lines = line_feeds(consumed, reply.finished)
            if not self._trusted or not reply.finished:
                why = recount_values(reply, data, last, self._state)
        elif self._trusted:
            lines = line_feeds(consumed, reply.finished)
            why = recount_lines(reply, data, last, lines, False)
        else:
            lines, blank = look_at_lines(consumed, reply.finished)
            why = recount_lines(reply, data, last, lines, blank)
        if why is not None:
            raise self._distrust(why)
        return lines

    def _may_end(self, data: bytes | bytearray | memoryview, last: bool) -> bool:
        """Whether a record may end in ``data``, in which the module saw none."""
        if last or self._encoding == "ndjson":
            return True
        return not self._trusted and not self._goes_on(data)

    def _goes_on(self, data: bytes | bytearray | memoryview) -> bool:
        """Whether the first value of a stream of JSON surely goes on behind ``data``."""
        return self._beginning.goes_on(_own(data), self._offset, self._state)

    def _distrust(self, why: str) -> Fault:
        instance, self._instance = self._instance, None
        if instance is not None:
            instance.close()
        return Fault("reply", f"the module's reply cannot be true: {why}")

    def _isolate(self, work: Work, fault: Fault, data: bytes | bytearray, last: bool) -> bool:
        """Keeps what was finished and finds the record to blame. False if more input is needed first."""
        reply = fault.reply
        if reply is not None:
            try:
                self._accept(work, reply, data, last)
            except Fault as lie:
                fault, reply = lie, None
        if reply is not None and reply.finished and not fault.sure:
            return True
        rest = data if reply is None else data[reply.consumed :]
        # What a module with a state needs it may have needed for the records before.
        tight = fault.code == "memory" and not self._stateful
        if reply is not None and not tight:
            return self._blame(work, fault, rest, last)
        found = list(islice(extents(rest, self._encoding, self._state, last), 1 if tight else None))
        cut = found[0].after if tight and found else len(rest)
        if len(found) > 1:
            if self._searched > self._limits.time / 2:
                return self._one_by_one(work, fault, rest, found, last)
            # Up to the next record, so that a number at the end of this half surely ends there.
            cut = found[len(found) // 2].start
        if cut == len(rest):
            return (fault.worn and not self._stateful) or self._blame(work, fault, rest, last)
        half = self.work(rest[:cut], last=False)
        work.add(half)
        # Values with nothing between them may give a half that is never finished; what stands in front of it
        # may be passed all the same.
        return half.read > 0 or self._blame(work, fault, rest[half.consumed :], last)

    def _one_by_one(
        self, work: Work, fault: Fault, data: bytes | bytearray, found: list[Extent], last: bool
    ) -> bool:
        """Gives each record alone until one is to blame, where halves would each take long."""
        at = 0
        for extent in found[1:]:
            part = self.work(data[at : extent.start], last=False)
            work.add(part)
            at += part.consumed
            if not part.read:
                break
            if self._faults:
                return True
        return at > 0 or self._blame(work, fault, data, last)

    def _blame(self, work: Work, fault: Fault, data: bytes | bytearray, last: bool) -> bool:
        """Fails the first record of ``data``. False if there is no whole one."""
        extent: Extent | None = next(extents(data, self._encoding, self._state, last), None)
        if extent is None:
            return False
        line = self._line + data.count(b"\n", 0, extent.start)
        text = bytes(data[extent.start : extent.end])
        work.failures.append(
            Failure(self._record + 1, line, self._offset + extent.start, fault.code, "$", fault.message, text)
        )
        work.read += 1
        work.consumed += extent.after
        self._record += 1
        self._line += data.count(b"\n", 0, extent.after)
        self._offset += extent.after
        self._state = extent.state
        self._searched = 0.0
        self._faults += 1
        if self._faults > self._limits.faults:
            self._stopped = FaultLimit(
                f"the module failed on {self._faults:,} records in a row, more than {self._limits.faults:,} "
                f"(limit faults), and was stopped; on record {self._record:,}: {fault.message}",
                value=self._limits.faults,
                record=self._record,
            )
        return True


def _own(data: bytes | bytearray | memoryview) -> bytes | bytearray:
    """The same, in memory of the host's."""
    return bytes(data) if isinstance(data, memoryview) else data


def _no_progress() -> Fault:
    return Fault("reply", "the module's reply cannot be true: it passes over a record")
