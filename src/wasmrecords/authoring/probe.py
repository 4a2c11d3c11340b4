"""A module under test: batches as the kit wants them, and what they come to, held against a count of them."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

from .. import _native, _reply
from .._errors import WasmRecordsError
from .._fault import Fault
from .._framing import BETWEEN, Encoding, look_at_lines
from .._instance import Instance, OpenOptions
from .._limits import Limits
from .._manifest import Manifest
from .._module import LoadedModule, load_module
from .._recount import recount_lines, recount_values


class Broken(Exception):
    """The module does not keep a rule; the text says which, where, and what to do. ``code`` is that of the
    fault by which it showed, if it was one."""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class Told(NamedTuple):
    """What became of an input; ``further`` is what went to outputs beyond the main one."""

    output: bytes
    rows: tuple[_reply.Row, ...]
    finished: int
    dropped: int
    further: tuple[bytes, ...]


class Guest(Instance):
    """An instance that shows what it left when it was stopped: ``left``, or why that is a ``lie``."""

    left: _reply.Reply | None = None
    lie: str | None = None

    def arena(self, length: int) -> tuple[int, int]:
        """``wr_arena``: its answer, and the size of the memory then. Raises :class:`Fault`."""
        self._begin()
        try:
            try:
                self._refuel()
                # Its old place is not good any more.
                self._room = -1
                return self._call("wr_arena", length), len(self._guest.memory)
            finally:
                self._end()
        except _native.GuestTrap as trap:
            raise self._gone(trap) from None

    def place(self) -> int:
        """The address of the reply block."""
        return self._block

    def ration(self, fuel: int) -> None:
        """Each call from now on has so much fuel."""
        self._limits = dataclasses.replace(self._limits, fuel=fuel)

    def _gone(
        self, error: BaseException, data: bytes | bytearray | memoryview | None = None
    ) -> BaseException:
        if isinstance(error, _native.GuestTrap) and data is not None:
            try:
                self.left = self._read(len(data))
            except _reply.Lie as lie:
                self.lie = str(lie)
        return super()._gone(error, data)


class Probe:
    """One module, with the transform or function, the config and the limits that it is tried with."""

    def __init__(
        self,
        data: bytes,
        limits: Limits,
        *,
        config: bytes = b"null",
        allow: tuple[str, ...] = (),
        transform: str | None = None,
        function: str | None = None,
    ) -> None:
        self.data, self.limits, self.config, self.allow = data, limits, config, allow
        self.transform, self.function = transform, function
        self._kept: dict[str, Guest] = {}

    def load(self, limits: Limits | None = None) -> LoadedModule:
        """The module, compiled. Raises :class:`WasmRecordsError`."""
        return load_module(self.data, limits or self.limits, allow=self.allow, select=self._select)

    def manifest(self) -> Manifest:
        """What it says of itself, as far as it counts here."""
        return self.load().manifest

    def open(
        self,
        encoding: Encoding = "ndjson",
        *,
        config: bytes | None = None,
        limits: Limits | None = None,
        lineage: bool = False,
    ) -> Guest:
        """A new instance. Raises :class:`Broken` if it does not open and says no reason."""
        limits = limits or self.limits
        options = OpenOptions(encoding, lineage=lineage, transform=self.transform, function=self.function)
        try:
            return Guest(self.load(limits), self.config if config is None else config, options, limits)
        except Fault as fault:
            raise Broken(f"opening it: {fault.message}") from None
        except WasmRecordsError as error:
            raise Broken(f"opening it: {error}") from None

    def batch(
        self, guest: Guest, encoding: Encoding, data: bytes, last: bool, state: int, first: int = 0
    ) -> _reply.Reply:
        """One batch, whose first record is number ``first`` of its source (from 0); its reply was held
        against the input. Raises :class:`Broken`."""
        what = f"{len(data):,} bytes{', last' if last else ''}, that begin with {data[:40]!r}"
        try:
            reply = guest.batch(data, last, state, first)
        except Fault as fault:
            raise Broken(f"a batch of {what}: {fault.message}", fault.code) from None
        if why := recounted(reply, encoding, data, last, state):
            raise Broken(f"a batch of {what}: the reply is wrong: {why}")
        return reply

    def run(self, pieces: list[bytes], encoding: Encoding = "ndjson", *, flush: bool = False) -> Told:
        """All of an input, given in these pieces, what is left of one in front of the next; behind each a
        stateful module may be asked for what it has so far. Instances of modules without state are used
        again. Raises :class:`Broken`."""
        guest = self._kept.pop(encoding, None) or self.open(encoding)
        stateful = self.manifest().stateful
        outputs = [bytearray() for _ in self.manifest().outputs]
        rows = list[_reply.Row]()
        finished = dropped = at = 0
        state, rest = BETWEEN, b""
        for number, piece in enumerate(pieces, 1):
            rest, last = rest + piece, number == len(pieces)
            while rest or (last and state):
                reply = self.batch(guest, encoding, rest, last, state, finished)
                _add(outputs, reply)
                rows += [_shifted(row, finished, at) for row in reply.rows]
                finished, dropped = finished + reply.finished, dropped + reply.dropped
                at, rest, state = at + reply.consumed, rest[reply.consumed :], reply.state
                if not (reply.finished or reply.consumed):
                    if last:
                        raise Broken(f"the last piece has {len(rest):,} bytes more, and it does not go on")
                    break
            if flush:
                _add(outputs, self._flush(guest, state, finished))
        if stateful:
            try:
                _add(outputs, guest.finish(finished))
            except Fault as fault:
                raise Broken(f"wr_close: {fault.message}") from None
            guest.close()
        else:
            self._kept[encoding] = guest
        output, *further = map(bytes, outputs)
        return Told(output, tuple(rows), finished, dropped, tuple(further))

    def _flush(self, guest: Guest, state: int, finished: int) -> _reply.Reply:
        what = f"asked for what it has behind record {finished}, with the flag flush"
        try:
            reply = guest.flush(state, finished)
        except Fault as fault:
            raise Broken(f"{what}: {fault.message}") from None
        if reply.finished:
            raise Broken(f"{what}: {reply.finished} records are finished, and none was given")
        return reply

    def close(self) -> None:
        """Frees what it keeps."""
        for guest in self._kept.values():
            guest.close()
        self._kept.clear()

    def _select(self, manifest: Manifest) -> Manifest:
        if self.function is not None:
            return manifest.of_functions()
        return manifest.of_transform(self.transform)


def _add(outputs: list[bytearray], reply: _reply.Reply) -> None:
    for output, text in zip(outputs, reply.outputs, strict=True):
        output += text


def recounted(reply: _reply.Reply, encoding: Encoding, data: bytes, last: bool, state: int) -> str | None:
    """Why a reply cannot be about this input, None if it can."""
    if encoding == "json":
        return recount_values(reply, data, last, state)
    if not reply.consumed:
        return None if not reply.finished else "records are finished, and nothing is consumed"
    return recount_lines(reply, data, last, *look_at_lines(data[: reply.consumed], reply.finished))


def _shifted(row: _reply.Row, records: int, at: int) -> _reply.Row:
    """A row of a batch, counted from the start of the input."""
    return row._replace(
        record=row.record + records, start=row.start + at, end=row.end + at, offset=row.offset + at
    )
