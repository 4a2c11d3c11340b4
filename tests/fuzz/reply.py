"""Reply blocks in a memory without a guest: true ones, changed ones, and any words at all.

What must hold of any memory: ``_reply`` ends with :class:`Lie` or with an answer, reads nothing outside the
memory, and an answer keeps each rule of docs/abi.md. The rules are written down here again, as plainly as
they stand there, and read the memory by themselves.

    python tests/fuzz/reply.py --runs 1000000 --seed 1
"""

from __future__ import annotations

import string
import struct
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from fuzz.mutate import Finding, Mutator, loop, main

from wasmrecords import _reply
from wasmrecords._reply import Expected, Lie, Reply, Row
from wasmrecords._text import clean_text

SIZE = 4096
BLOCK = 64
WORDS = 19
CODE = set((string.ascii_letters + string.digits + "_$").encode())
ODD_WORDS = (0, 1, 2, 3, 7, 8, 12, 40, 65, 71, 72, 73, SIZE - 1, SIZE, SIZE + 1, 2**16, 2**31, 2**32 - 1)


class Memory(bytes):
    """A guest's memory, and whoever reads outside of it is found out: here, or by ``struct``."""

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice) and not 0 <= place.start <= place.stop <= len(self):
            raise Finding(f"{place.start} to {place.stop} read of {len(self)}", bytes(self))
        return super().__getitem__(place)


class Layout:
    """A true reply, laid out one thing behind the other."""

    def __init__(self, random: Random, expected: Expected, given: int) -> None:
        self.random, self.memory, self.at = random, bytearray(SIZE), BLOCK + 4 * WORDS
        finished = random.randrange(min(6, given + 1) + 1)
        fates = [random.randrange(3) for _ in range(finished)]
        failed = [record for record, fate in enumerate(fates) if fate == 2]
        kept = [record for record, fate in enumerate(fates) if fate == 0]
        written = [record for record in kept for _ in range(1 + (random.random() < 0.2))]
        output = self.lines(len(written))
        pairs = [(record, 0) for record in written]
        further = b""
        for number in range(1, expected.outputs):
            noted = [record for record, fate in enumerate(fates) if fate != 2 and random.random() < 0.7]
            pairs += [(record, number) for record in noted]
            further += struct.pack("<3I", *self.put(self.lines(len(noted))), len(noted))
        consumed = random.randrange(max(0, finished - 1), given + 1) if given else 0
        rows, reasons, end = b"", 0, 0
        for record in failed:
            start = random.randrange(end, consumed + 1)
            end = random.randrange(start, consumed + 1)
            for _ in range(random.choice((1, 1, 1, 3))):
                path = random.choice((b"$.a", b"$.a\n#/properties/a/type", b"\n"))
                texts = (*self.put(b"type"), *self.put(path), *self.put("no \x1b ü".encode()))
                rows += struct.pack("<10I", record, start, end - start, random.randint(start, end), *texts)
                reasons += 1
        log = self.put(b"said" * random.randrange(2))
        outputs = self.put(struct.pack("<3I", *self.put(output), len(written)) + further)
        state = random.randrange(4) if expected.encoding == "json" else 0
        struct.pack_into(
            "<19I", self.memory, BLOCK,
            int.from_bytes(b"WRB1", "little"), random.choice((72, 76)), finished, len(pairs),
            fates.count(1), len(failed), consumed, state, outputs[0], expected.outputs,
            self.put(rows)[0], reasons,
            self.put(b"".join(struct.pack("<2I", *pair) for pair in sorted(pairs)))[0], len(pairs),
            *log, *self.put(b"panicked"), random.randrange(3),
        )  # fmt: skip

    def lines(self, count: int) -> bytes:
        return b"".join(b"x" * self.random.randrange(5) + b"\n" for _ in range(count))

    def put(self, data: bytes) -> tuple[int, int]:
        self.at = (self.at + 3) // 4 * 4
        address, self.at = self.at, self.at + len(data)
        self.memory[address : self.at] = data
        return address, len(data)

    def change(self, mutator: Mutator) -> None:
        """A word of the block, a word of what lies behind it, or any byte."""
        random = self.random
        match random.randrange(8):
            case 0 | 1 | 2 | 3:
                at = BLOCK + 4 * random.randrange(WORDS)
            case 4 | 5 | 6:
                at = random.randrange(BLOCK, max(BLOCK + 4, self.at)) // 4 * 4
            case _:
                size = len(self.memory)
                mutator.change(self.memory)
                self.memory = (self.memory + bytes(size))[:size]
                return
        (before,) = struct.unpack_from("<I", self.memory, at)
        value = (
            random.choice(ODD_WORDS) if random.random() < 0.5 else (before + random.choice((-1, 1))) % 2**32
        )
        struct.pack_into("<I", self.memory, at, value)


def fuzz(first: int, runs: int, seed: int) -> Counter[str]:
    mutator = Mutator([bytes(64)], seed)
    return loop(mutator, first, runs, lambda _: once(mutator))


def once(mutator: Mutator) -> str:
    random = mutator.random
    expected = Expected(
        random.choice(("ndjson", "json")), random.choice((0, 8, 1000)), random.choice((0, 100)),
        random.random() < 0.8, random.random() < 0.5, outputs=random.choice((1, 1, 2, 3)),
    )  # fmt: skip
    given = random.choice((0, 1, 5, 60))
    layout = Layout(random, expected, given)
    for _ in range(random.randrange(4)):
        layout.change(mutator)
    data = bytes(layout.memory)
    if random.random() < 0.1:  # less memory, or none
        data = data[: random.choice((0, 1, BLOCK + 71, BLOCK + 72, layout.at, layout.at - 1))]
    address = BLOCK if random.random() < 0.95 else random.choice((*ODD_WORDS, random.randrange(SIZE)))
    return check(data, address, given, expected)


def check(data: bytes, address: int, given: int, expected: Expected) -> str:
    memory = Memory(data)
    try:
        reply = _reply.read(memory, address, given, expected)
    except Lie as lie:
        reply, words = None, str(lie)
        if not words.isprintable():
            raise Finding(f"a lie that cannot be shown: {words!r}", data) from lie
    except Finding:
        raise
    except BaseException as error:
        raise Finding(f"read raised {error!r}", data) from error
    if reply is not None:
        try:
            believe(reply, data, address, given, expected)
        except AssertionError as error:
            raise Finding(f"{reply} is no reply to {given} bytes, {expected}", data) from error
    if address % 8 == 0:  # it is looked at when a module opens
        plain(memory, data, address, given, expected.output_limit)
    refused = others(memory, data, address)
    return f"{'a lie' if reply is None else 'a reply'}, {refused}"


def plain(memory: Memory, data: bytes, address: int, given: int, limit: int) -> None:
    """The quick reader knows nothing that the other one does not know as well."""
    try:
        found = _reply.plain(memory, address, given, limit)
        if found is not None:
            *counts, start, end = found
            reply = _reply.read(memory, address, given, Expected("ndjson", limit, None, True, believed=True))
            assert counts == [reply.finished, reply.dropped, reply.written, reply.consumed, reply.blank]
            assert (reply.failed, reply.rows, reply.lineage, reply.log, reply.state) == (0, (), (), b"", 0)
            assert data[start:end] == reply.output
    except Finding:
        raise
    except BaseException as error:
        raise Finding(f"the quick reader: {error!r}", data) from error


def others(memory: Memory, data: bytes, address: int) -> str:
    """The two other readers of the block."""
    try:
        said = _reply.panic(memory, address)
        shown = clean_text(said.decode("utf-8", "replace"))
        if len(said) > 4096 or said not in bytes(memory) or not shown.isprintable():
            raise Finding(f"the panic {said!r}", data)
        row = _reply.refusal(memory, address)
    except Lie:
        return "a false refusal"
    except Finding:
        raise
    except BaseException as error:
        raise Finding(f"panic or refusal raised {error!r}", data) from error
    if row is None:
        return "no refusal"
    if not texts_are_sane(row):
        raise Finding(f"the refusal {row}", data)
    return "a refusal"


def texts_are_sane(row: Row) -> bool:
    return (
        1 <= len(row.code) <= 64
        and set(row.code.encode()) <= CODE
        and row.path.isprintable()
        and row.message.isprintable()
        and 1 <= len(row.path) <= 4096
        and row.rule.isprintable()
        and len(row.message) <= 4096
        and len(row.rule) <= 4096
    )


def believe(reply: Reply, data: bytes, address: int, given: int, expected: Expected) -> None:
    """docs/abi.md, "What the host checks"."""
    assert 0 <= address <= len(data) - 72
    assert address % 8 == 0
    words = struct.unpack_from("<18I", data, address)
    assert data[address : address + 4] == b"WRB1"
    assert words[1] >= 72
    counts = [reply.written, *(count for _, count in reply.further)]
    assert (reply.finished, sum(counts), reply.dropped, reply.failed) == words[2:6]
    assert (reply.consumed, reply.state) == words[6:8]
    # counts
    assert reply.dropped + reply.failed <= reply.finished
    assert len(reply.rows) == words[11] <= (reply.failed and reply.failed + 8192)
    assert len({row.record for row in reply.rows}) == reply.failed
    assert reply.consumed <= given
    assert reply.finished <= reply.consumed + 1
    assert 0 <= reply.state <= (3 if expected.encoding == "json" else 0)
    kept = reply.finished - reply.dropped - reply.failed
    assert reply.written >= kept
    assert reply.written == 0 or kept > 0 or not (reply.finished or given)
    assert sum(counts) == 0 or reply.finished > reply.failed or not (reply.finished or given)
    # tables and texts
    assert words[9] == expected.outputs == len(counts) == len(reply.outputs)
    for number, (output, count) in enumerate(zip(reply.outputs, counts, strict=True)):
        start, length, records = struct.unpack_from("<3I", data, words[8] + 12 * number)
        assert records == count
        assert start + length <= len(data) or length == 0
        assert output == data[start : start + length]
        assert len(output) == length
        assert bool(count) == bool(output)
        if expected.lines:
            assert output.count(b"\n") == count
            assert output[-1:] in (b"", b"\n")
    assert sum(map(len, reply.outputs)) <= expected.output_limit
    assert len(reply.log) == words[15] <= expected.log_limit
    assert reply.log == data[words[14] : words[14] + words[15]]
    # failures
    before, end, extent = -1, 0, (0, 0)
    for number, row in enumerate(reply.rows):
        raw = struct.unpack_from("<10I", data, words[10] + 40 * number)
        assert (row.record, row.start, row.end - row.start, row.offset) == raw[:4]
        again = row.record == before and (row.start, row.end) == extent
        assert again or before < row.record < reply.finished
        assert again or end <= row.start
        assert row.start <= row.offset <= row.end <= reply.consumed
        assert row.code.encode() == data[raw[4] : raw[4] + raw[5]]
        assert texts_are_sane(row)
        before, end, extent = row.record, row.end, (row.start, row.end)
    # lineage
    if expected.lineage and reply.finished:
        assert [
            sum(output == number for _, output in reply.lineage) for number in range(len(counts))
        ] == counts
        records = [record for record, _ in reply.lineage]
        assert records == sorted(records)
        assert len(records) == sum(counts)
        assert all(record < reply.finished for record in records)
    else:
        assert reply.lineage == ()


if __name__ == "__main__":
    main(fuzz, __doc__)
