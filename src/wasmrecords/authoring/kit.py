"""The conformance kit: what docs/abi.md asks of a module, tried one by one, for modules of any language."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from .._errors import WasmRecordsError
from .._fault import Fault
from .._framing import Encoding, extents
from .._guard import scan
from .._manifest import SECTION
from .._wasi import answered
from . import golden
from .probe import Broken, Probe, Told, recounted

Status = Literal["ok", "warning", "failed", "not applicable"]

# Lines of all kinds: objects, other values, blank lines, no JSON, no UTF-8.
LINES = (
    b'{"a":1}\n{"id": 1, "name": "Ada", "email": null, "age": 36, "tags": ["x"]}\r\n\n \t\r\n'
    b'[1, [2, {"b": null}]]\n"te\\u00e9xt \\" "\n-1.5e3\ntrue\n{}\nx\n{"a": }\n\xff\xfe\n"\xc3\xa9"\n[6, 7]\n'
    b'{"a": {"b": [{}]}}'
)
VALUES = (
    b' [{"a":1}, {"b": [2]} ,null]\n{"c":"x"} 3 []"t"[4]\r\n[] [ [1,2],'
    b'{"id": 1, "name": "Ada", "age": 36, "tags":[]} ] true'
)
_LARGE = 20_000
_HUGE = 2 * 1024 * 1024
_NEEDED = 64 * 1024  # bytes of an arena
_OF_A_COMMAND = {"fd_read"}  # for its life outside of the sandbox
_CONFIGS = (b'{"no such member of a config": 1}', b"[]", b'"text"', b"-1e400", b"[" * 60 + b"]" * 60)
_FUEL = 1 << 40
_RATIONS = 24


class _Skip(Exception):
    """The check has no meaning for this module; the text says why."""


class _Warn(Exception):
    """Not wrong, but worth a look."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was tried or found is in ``message``; what is wrong with what to do, if it failed."""

    name: str
    status: Status
    message: str


class Kit:
    """All checks of one module. ``lines`` are records of the user's that it is tried with besides those of
    the kit, ``seed`` leads what is cut and made by chance."""

    def __init__(self, probe: Probe, lines: bytes = b"", seed: int = 1) -> None:
        self._probe, self._chance = probe, random.Random(seed)  # noqa: S311 no secret
        if lines and not lines.endswith(b"\n"):
            lines += b"\n"
        self._lines = lines + LINES
        self._whole: dict[str, Told] = {}

    def run(self) -> Iterator[Check]:
        """Each check in its turn. Without a module that is accepted and opens there are no others."""
        checks: list[tuple[str, Callable[[], str]]] = [
            ("accepted", self._accepted),
            ("manifest", self._manifest),
            ("imports", self._imports),
            ("opens", self._opens),
            ("config", self._config),
            ("empty", self._empty),
            ("lines", self._records),
            ("outputs", self._outputs),
            ("golden", self._golden),
            ("repeat", self._repeat),
            ("split", lambda: self._split("ndjson", self._lines)),
            ("split-json", lambda: self._split("json", VALUES)),
            ("split-large", self._split_large),
            ("huge", self._huge),
            ("arena", self._arena),
            ("bytes", self._bytes),
            ("block", self._block),
            ("flush", self._flush),
            ("close", self._close),
        ]
        for name, check in checks:
            status: Status
            try:
                status, message = "ok", check()
            except _Skip as skip:
                status, message = "not applicable", str(skip)
            except _Warn as warning:
                status, message = "warning", str(warning)
            except (Broken, WasmRecordsError) as wrong:
                status, message = "failed", str(wrong)
            yield Check(name, status, message)
            if status == "failed" and name in ("accepted", "opens"):
                break
        self._probe.close()

    def _accepted(self) -> str:
        loaded = self._probe.load()
        return f"it speaks ABI 1, with {len(loaded.info.imports)} imports"

    def _manifest(self) -> str:
        info = scan(self._probe.data)
        if not any(extent.name == SECTION for extent in info.customs):
            raise _Warn(
                f"there is none: add a custom section {SECTION}, as with `wasmrecords manifest attach`, "
                "or hosts know neither its name nor its config"
            )
        said = self._probe.manifest()
        return f"{said.name} {said.version or 'without a version'}: reads {', '.join(said.input)}"

    def _imports(self) -> str:
        loaded = self._probe.load()
        names = [item.name for item in loaded.info.imports]
        command = _OF_A_COMMAND if "_start" in loaded.info.exports else set()
        deaf = sorted(set(names) - answered(loaded.capabilities) - command)
        if deaf:
            raise _Warn(
                f"{', '.join(deaf)}: imported, and answered with errno 52 (not supported). If the module "
                "needs it, its manifest has to want the capability (clock, random); there are no files and "
                "sockets"
            )
        return ", ".join(sorted(set(names))) or "none"

    def _opens(self) -> str:
        guest = self._probe.open()
        row = guest.refusal
        guest.close()
        if row is not None:
            raise Broken(
                f"it refuses to open: {row.message} [{row.code}] at {row.path}: give the config with --config"
            )
        place = guest.place()
        return f"the reply block lies at {place:#x}"

    def _config(self) -> str:
        refused = 0
        for config in _CONFIGS:
            guest = self._probe.open(config=config)
            row = guest.refusal
            guest.close()
            if row is None:
                continue
            refused += 1
            if row.code not in ("config", "program", "schema", "opening", "nesting"):
                raise Broken(
                    f"the config {config[:40]!r} is refused with the code {row.code}: expected config, "
                    "program, schema or opening"
                )
        return f"{refused} of {len(_CONFIGS)} odd ones are refused with a reason, the others are taken"

    def _empty(self) -> str:
        for data, last in (
            (b"", False),
            (b"", True),
            (b"\n \t\r\n\r\n\n", False),
            (b" \n", True),
            (b" ", True),
        ):
            guest = self._probe.open()
            reply = self._probe.batch(guest, "ndjson", data, last, 0)
            guest.close()
            if reply.finished or reply.output:
                raise Broken(f"{data!r} has no record, and {reply.finished} were finished: skip blank lines")
            if last and reply.consumed < len(data):
                raise Broken(f"of {data!r}, the last piece, only {reply.consumed} bytes are consumed")
        return "an empty batch and blank lines are no records"

    def _records(self) -> str:
        told = self._all()
        expected = sum(1 for _ in extents(self._lines, "ndjson", 0, True))
        if told.finished != expected:
            raise Broken(f"{told.finished} records were finished, there are {expected}")
        guest = self._probe.open()
        reply = self._probe.batch(guest, "ndjson", b'{"a":1}', False, 0)
        guest.close()
        if reply.finished or reply.consumed:
            raise Broken("a record without an end, in a piece that is not the last: it has to be left off")
        kept = told.finished - told.dropped - len({row.record for row in told.rows})
        return f"{told.finished} records: {kept} kept, {told.dropped} dropped, the others failed"

    def _outputs(self) -> str:
        names = self._probe.manifest().outputs
        if len(names) == 1:
            raise _Skip("it has one output")
        guest = self._probe.open(lineage=True)
        reply = self._probe.batch(guest, "ndjson", self._lines, True, 0)
        guest.close()
        counts = [reply.written, *(count for _, count in reply.further)]
        if not any(counts):
            raise _Skip("none of the kit's records has an output: give some of the module's, by --records")
        listed = ", ".join(f"{count} in {name}" for name, count in zip(names, counts, strict=True))
        return f"of {reply.finished} records {listed}, and nothing of those that failed"

    def _golden(self) -> str:
        kept = self._probe.run([golden.IDENTITY]).output, self._probe.run([b"x"]).output
        if kept != (golden.IDENTITY, b""):
            raise _Skip("they are for a module that keeps each object as it is")
        reads = self._probe.manifest().input
        vectors = [vector for vector in golden.VECTORS if vector.encoding in reads]
        for vector in vectors:
            guest = self._probe.open(vector.encoding)
            reply = self._probe.batch(guest, vector.encoding, vector.data, vector.last, vector.state)
            guest.close()
            found = golden.seen(reply)
            if found != vector.expected:
                raise Broken(f"{vector.data!r}: expected {vector.expected}, found {found}")
        return f"{len(vectors)} of docs/abi.md are answered as they are there"

    def _repeat(self) -> str:
        once, again = self._all(), self._probe.run([self._lines])
        self._probe.close()
        if not once == again == self._probe.run([self._lines]):
            raise Broken("the same input gives another result the second time: keep nothing between inputs")
        return "the same input gives the same three times, in one instance and in a new one"

    def _split(self, encoding: Encoding, data: bytes) -> str:
        if encoding not in self._probe.manifest().input:
            raise _Skip(f"it does not read {encoding}")
        whole = self._probe.run([data], encoding)
        for at in range(1, len(data)):
            self._same(whole, [data[:at], data[at:]], encoding)
        self._same(whole, [data[at : at + 1] for at in range(len(data))], encoding)
        return f"{len(data)} ways to cut {whole.finished} records give the same"

    def _split_large(self) -> str:
        lines = [line for line in self._lines.split(b"\n") if line]
        data = b"\n".join(self._chance.choice(lines) for _ in range(_LARGE // 20)) + b"\n"
        whole = self._probe.run([data])
        for _ in range(20):
            cuts = sorted(self._chance.sample(range(1, len(data)), self._chance.randint(1, 40)))
            pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
            self._same(whole, pieces, "ndjson")
        return f"20 ways to cut {whole.finished:,} records give the same"

    def _same(self, whole: Told, pieces: list[bytes], encoding: Encoding) -> None:
        found = self._probe.run(pieces, encoding)
        if found == whole:
            return
        what = next(name for name, a, b in zip(Told._fields, whole, found, strict=True) if a != b)
        raise Broken(
            f"in pieces that end at byte {len(pieces[0]):,} the {what} is another than of the whole: what a "
            "batch leaves off comes again, in front of the next"
        )

    def _huge(self) -> str:
        small = b'{"a":1}\n'
        alone = self._probe.run([small])
        try:
            told = self._probe.run([small + b'{"a":"' + b"x" * _HUGE + b'"}\n' + small])
        except Broken as broken:
            if broken.code != "record_too_large":
                raise
            self._probe.run([small])
            return "a record of 2 MiB does not fit its memory: its host makes a dead letter of it"
        if told.finished != 3 or not told.output.endswith(alone.output):
            raise Broken(f"a record of 2 MiB between two small ones: {told.finished} of 3 were finished")
        fate = {row.record: row.code for row in told.rows}.get(1, "not a failure")
        return f"a record of 2 MiB: {fate}"

    def _arena(self) -> str:
        guest = self._probe.open()
        try:
            largest = 0
            for size in (0, 1, _NEEDED, 1_048_576, 100, 3_000_000):
                address, memory = guest.arena(size)
                if address + size > memory or (not address and size <= _NEEDED):
                    raise Broken(
                        f"wr_arena({size:,}) answers {address:#x} in a memory of {memory:,} bytes: expected "
                        "the place of so many bytes"
                    )
                largest = max(largest, size if address else 0)
            reply = self._probe.batch(guest, "ndjson", b"{}\n", True, 0)
            address, _ = guest.arena(0x7FFF_FF00)
        except Fault as fault:
            raise Broken(
                f"wr_arena: {fault.message}; where there is no memory it has to answer 0, not to trap"
            ) from None
        finally:
            guest.close()
        if address:
            raise Broken(f"wr_arena of 2 GiB answers {address:#x}: expected 0, there is no memory for it")
        return f"it has {largest:,} bytes, and answers 0 for 2 GiB; {reply.finished} record after that"

    def _bytes(self) -> str:
        alphabet = b'{}[]",:\\ \t\r\nae01-.u\x00\x7f\x80\xc3\xff'
        for _ in range(200):
            self._probe.run([bytes(self._chance.choices(alphabet, k=self._chance.randint(1, 60)))])
        for nested in (b"[" * 5_000, b'{"a":' * 5_000, b"[" * 200 + b"]" * 200):
            self._probe.run([nested + b"\n"])
        return "any bytes, and a record of 5,000 levels: each record has its fate"

    def _block(self) -> str:
        if self._probe.manifest().stateful:
            raise _Skip("what a stateful module gives out belongs to no record alone")
        limits = dataclasses.replace(self._probe.limits, fuel=_FUEL)
        data = self._lines.rstrip(b"\n") + b"\n"
        ends = [extent.after for extent in extents(data, "ndjson", 0, True)]
        guest = self._probe.open(limits=limits)
        self._probe.batch(guest, "ndjson", data, True, 0)
        whole = guest.spent or 1
        guest.close()
        most = 0
        for number in range(_RATIONS):
            guest = self._probe.open(limits=limits)
            guest.ration(max(1, whole * number // _RATIONS))
            try:
                guest.batch(data, True, 0)
            except Fault as fault:
                if fault.code != "fuel":
                    raise Broken(f"stopped in the middle of a batch: {fault.message}") from None
            reply = guest.left
            guest.close()
            if guest.lie:
                raise Broken(
                    f"stopped in the middle of a batch, the reply block is false: {guest.lie}. Store output "
                    "and rows first, then move the counts, with no call and no loop between"
                )
            if reply is None or not reply.finished:
                continue
            most = max(most, reply.finished)
            why = recounted(reply, "ndjson", data, True, 0)
            expected = self._probe.run([data[: ends[reply.finished - 1]]])
            outputs = (expected.output, *expected.further)
            if why or reply.outputs != outputs or reply.dropped != expected.dropped:
                raise Broken(
                    f"stopped behind record {reply.finished}, the reply block is not that of "
                    f"{reply.finished} records{f': {why}' if why else ''}"
                )
        if not most:
            raise _Warn("it was never stopped behind a finished record, so nothing could be compared")
        return f"stopped at {_RATIONS} places, it says what is done: up to {most} of {len(ends)} records"

    def _flush(self) -> str:
        if not self._probe.manifest().stateful:
            raise _Skip("its manifest does not say `stateful`")
        ends = [extent.after for extent in extents(self._lines, "ndjson", 0, True)]
        pieces = [self._lines[a:b] for a, b in zip([0, 0, *ends], [0, *ends], strict=False)]
        once, found = self._all(), self._probe.run(pieces, flush=True)
        if found[1:4] != once[1:4]:
            raise Broken(
                f"asked for what it has behind each record, it finishes {found.finished} of {once.finished} "
                f"records, {len(found.rows)} failures, {found.dropped} dropped: expected what becomes of "
                "records without that"
            )
        return f"asked {len(pieces)} times for what it has so far, it goes on: each record has the same fate"

    def _close(self) -> str:
        if not self._probe.manifest().stateful:
            raise _Skip("its manifest does not say `stateful`")
        once, whole = self._probe.run([self._lines]), True
        guest = self._probe.open()
        try:
            for _ in range(2):
                reply = self._probe.batch(guest, "ndjson", self._lines, True, 0)
                ends = guest.finish(reply.finished).outputs
                outputs = [text + end for text, end in zip(reply.outputs, ends, strict=True)]
                whole = whole and reply.consumed == len(self._lines)
                if whole and outputs != [once.output, *once.further]:
                    raise Broken(
                        "a second input in the same instance gives another result: begin anew in wr_close"
                    )
        except Fault as fault:
            raise Broken(f"wr_close: {fault.message}") from None
        finally:
            guest.close()
        if not whole:
            raise _Warn("it did not take all records in one call, so that two inputs could not be compared")
        return "another input may begin behind wr_close"

    def _all(self) -> Told:
        if "lines" not in self._whole:
            self._whole["lines"] = self._probe.run([self._lines])
        return self._whole["lines"]
