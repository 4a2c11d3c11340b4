"""docs/abi.md, by a host that has nothing but the page: the golden vectors, and the order of calls."""

from __future__ import annotations

import json
import re
import struct
from typing import Any, ClassVar, NamedTuple

import pytest
import wasmtime
from example import redact
from guests import guest
from pages import ROOT, blocks

import wasmrecords as wr
from wasmrecords import _native
from wasmrecords._engine import engine
from wasmrecords._instance import Instance, OpenOptions
from wasmrecords._module import load_module, shipped
from wasmrecords._wasi import Shim

PAGE = ROOT / "docs" / "abi.md"
OPENING = {"abi": 1, "input": "ndjson", "output": "ndjson", "lineage": False, "config": None}
LAST = 1


class Vector(NamedTuple):
    """A batch, and what the block, the first row, the output and the failure have to be."""

    encoding: str
    data: bytes
    flags: int
    block: bytes
    row: bytes
    output: bytes
    failure: tuple[str, str] | None


def spelt(text: str) -> bytes:
    """What the page writes as ```[2]` CR LF``."""
    parts = re.findall(r"`([^`]*)`|\b(LF|CR)\b", text)
    return b"".join(code.encode() if code else {"LF": b"\n", "CR": b"\r"}[word] for code, word in parts)


def golden() -> list[Vector]:
    """The vectors of the page."""
    text = PAGE.read_text("utf-8").split("## Golden vectors\n")[1]
    pattern = (
        r"^Encoding `(\w+)`, input ([^\n]+) \((\d+) bytes?\), flags (0x\w+):\n\n"
        r"```hex\n(.*?)```\n\n(?:Output (.*?)\.\s)?(?:\s*Code `(\w+)`, path `(.*?)`\.)?"
    )
    vectors = []
    for encoding, data, length, flags, words, output, code, path in re.findall(pattern, text, re.M | re.S):
        lines = [re.match(r"(?:[0-9a-f]{2} +)+", line) for line in words.splitlines()]
        binary = b"".join(bytes.fromhex(line[0]) for line in lines if line)
        assert len(binary) == 8 * len(lines), words
        assert len(spelt(data)) == int(length), data
        failure = (code, path) if code else None
        vectors.append(
            Vector(encoding, spelt(data), int(flags, 16), binary[:32], binary[32:], spelt(output), failure)
        )
    return vectors


GOLDEN = golden()


class Host:
    """One instance, called as the page says and in no other way."""

    def __init__(self, module: bytes, trusted: bool = False, **opening: Any) -> None:
        loaded = load_module(module, wr.Limits(), trusted=trusted)
        self.store = wasmtime.Store(engine())
        self.store.set_epoch_deadline(1 << 40)
        linker = wasmtime.Linker(engine())
        Shim(self.store, loaded.manifest.capabilities).link(linker, loaded.info)
        self.exports = linker.instantiate(self.store, loaded.module).exports(self.store)
        self.memory: Any = self.exports["memory"]
        if "_initialize" in loaded.info.exports:
            self.call("_initialize")
        self.address = self.call("wr_open", self.bring(json.dumps(OPENING | opening).encode()))

    def call(self, export: str, *arguments: int) -> int:
        function: Any = self.exports[export]
        return (function(self.store, *arguments) or 0) & 0xFFFFFFFF

    def read(self, address: int, length: int) -> bytes:
        assert address + length <= self.memory.data_len(self.store)
        return bytes(self.memory.read(self.store, address, address + length))

    def bring(self, data: bytes) -> int:
        """Into the arena; its length, as the calls want it."""
        arena = self.call("wr_arena", len(data))
        assert arena
        self.memory.write(self.store, data, arena)
        return len(data)

    def batch(self, data: bytes, flags: int = LAST) -> None:
        assert self.call("wr_batch", self.bring(data), flags) == 0

    def words(self) -> tuple[int, ...]:
        """The reply block from `magic` on, a word each."""
        return struct.unpack("<18I", self.read(self.address, 72))

    def output(self) -> bytes:
        address, count = self.words()[8:10]
        assert count == 1
        start, length, records = struct.unpack("<3I", self.read(address, 12))
        assert records == self.words()[3]
        return self.read(start, length)

    def rows(self) -> list[tuple[Any, ...]]:
        """Rows of the failures table: record, start, length, offset, code, path, message."""
        address, count = self.words()[10:12]
        table = struct.iter_unpack("<10I", self.read(address, 40 * count))
        return [(*row[:4], *(self.read(row[at], row[at + 1]).decode() for at in (4, 6, 8))) for row in table]


def identity(kind: str, **opening: Any) -> Host:
    """A module that keeps each object as it is."""
    if kind == "records":
        return Host(shipped("records"), trusted=True, **opening)
    return Host(redact(), **{"config": {"fields": []}} | opening)


@pytest.fixture(params=["records", "redact"])
def kind(request: pytest.FixtureRequest, records_wasm: object) -> str:
    return str(request.param)


def test_the_page_has_vectors() -> None:
    assert len(GOLDEN) == len([b for b in blocks(PAGE) if b.language == "hex"]) == 4
    assert {(v.encoding, len(v.row)) for v in GOLDEN} == {
        ("ndjson", 0),
        ("ndjson", 16),
        ("json", 0),
        ("json", 16),
    }
    assert sum(v.failure is not None for v in GOLDEN) == 2
    assert GOLDEN[0].data == b'{"a":1}\n\n{}\r\nx'


@pytest.mark.parametrize("encoding", ["ndjson", "json"])
def test_golden_vectors(kind: str, encoding: str) -> None:
    """In one instance, in the order of the page."""
    host = identity(kind, input=encoding)
    for vector in GOLDEN:
        if vector.encoding != encoding:
            continue
        host.batch(vector.data, vector.flags)
        assert host.read(host.address, 32).hex(" ") == vector.block.hex(" "), vector
        assert host.output() == vector.output
        rows = host.rows()
        if vector.failure is None:
            assert rows == []
            continue
        assert host.read(host.words()[10], 16).hex(" ") == vector.row.hex(" "), vector
        assert rows[0][4:6] == vector.failure


def test_a_module_by_hand_answers_the_same() -> None:
    """Written in WebAssembly text, with no SDK beneath."""
    host, vector = Host(guest()), GOLDEN[0]
    host.batch(vector.data, vector.flags)
    without_blank = vector.block[:4] + (72).to_bytes(4, "little") + vector.block[8:]
    assert host.read(host.address, 32).hex(" ") == without_blank.hex(" ")
    assert host.output() == vector.output


@pytest.mark.parametrize(
    ("data", "last", "blank"),
    [
        (b"{}\n{}\n", True, 0),
        (b"\n \t\r\n{}\n\n\r\n{}\n\n", False, 5),
        (
            b'{"a":1}\n\nx\n\n{"a":1}\n\n{"a":1}\n',
            True,
            3,
        ),  # through the fast engine, the general one, and back
        (b"{}\n\n  ", False, 1),
        (b"{}\n\n  ", True, 2),
        (b"\n\n", True, 2),
    ],
)
def test_blank_lines_are_counted(kind: str, data: bytes, last: bool, blank: int) -> None:
    host = identity(kind)
    host.batch(data, LAST if last else 0)
    (said,) = struct.unpack("<I", host.read(host.address + 72, 4))
    assert said == blank
    host.batch(b"{}\n")
    assert host.read(host.address + 72, 4) == bytes(4)


def test_the_block_stays_where_it_is(kind: str) -> None:
    host = identity(kind)
    assert host.address % 8 == 0
    opened = host.words()
    assert opened[:2] == (int.from_bytes(b"WRB1", "little"), 76)
    assert opened[2:8] == (0, 0, 0, 0, 0, 0)
    assert opened[11] == 0
    big = b'{"a":"' + b"x" * 500_000 + b'"}\n'
    for data in (b"{}\n", big, b"{}\n{}\n"):  # the arena and the output have to grow, the block stays
        host.batch(data)
        assert (host.words()[2], host.words()[6]) == (data.count(b"\n"), len(data))
        assert host.output() == data


def test_counts_are_of_one_batch_alone(kind: str) -> None:
    host = identity(kind)
    host.batch(b"{}\nx\n{}\n")
    assert host.words()[2:8] == (3, 2, 0, 1, 8, 0)
    host.batch(b"")
    assert host.words()[2:8] == (0, 0, 0, 0, 0, 0)
    assert host.rows() == []
    host.batch(b"{}")
    assert host.words()[2:8] == (1, 1, 0, 0, 2, 0)


def test_an_arena_holds_what_was_asked_for_and_64_bytes_more(kind: str) -> None:
    host = identity(kind)
    for size in (0, 1, 1_000_000):
        address = host.call("wr_arena", size)
        assert address
        assert address + size + 64 <= host.memory.data_len(host.store)
    assert host.call("wr_arena", 0xFFFFFF00 - (1 << 32)) == 0  # as i32: there is no memory for it


def test_another_input_may_begin_after_the_end(kind: str) -> None:
    host = identity(kind, input="json")
    host.batch(b"[{}", 0)
    assert host.words()[7] == 2
    host.batch(b"]", LAST | 2 << 8)
    assert host.call("wr_close") == 0
    host.batch(b"{} {}")
    assert host.words()[2:8] == (2, 2, 0, 0, 5, 0)


def test_nothing_is_done_without_an_opening(kind: str) -> None:
    refused = identity(kind, abi=2)
    assert refused.rows()[0][4] == "opening"
    assert refused.call("wr_batch", refused.bring(b"{}\n"), LAST) != 0
    assert refused.call("wr_close") != 0


STATES = [
    # piece, state before, last; finished, consumed, state behind
    (b"", 0, False, 0, 0, 0),
    (b"  [", 0, False, 0, 3, 1),
    (b"{}", 0, False, 1, 2, 0),
    (b"{", 0, False, 0, 0, 0),
    (b"{} ", 1, False, 1, 3, 2),
    (b"{},", 1, False, 1, 3, 3),
    (b"{},{}", 1, False, 2, 5, 2),
    (b",{}", 2, False, 1, 3, 2),
    (b",", 2, False, 0, 1, 3),
    (b"]", 1, False, 0, 1, 0),
    (b"] {}\n[", 2, False, 1, 6, 1),
    (b"{}]", 3, True, 1, 3, 0),
    (b"[{}]{}[{}]", 0, True, 3, 10, 0),
]


@pytest.mark.parametrize(("piece", "state", "last", "finished", "consumed", "behind"), STATES)
def test_states_of_a_stream(
    kind: str, piece: bytes, state: int, last: bool, finished: int, consumed: int, behind: int
) -> None:
    host = identity(kind, input="json")
    host.batch(piece, int(last) | state << 8)
    assert (host.words()[2], host.words()[6], host.words()[7]) == (finished, consumed, behind)
    assert host.words()[5] == 0
    assert host.output() == b"{}\n" * finished


def test_an_array_that_is_not_closed_is_a_failure_of_its_own(kind: str) -> None:
    host = identity(kind, input="json")
    host.batch(b"[{},", LAST)
    assert host.words()[2:8] == (2, 1, 0, 1, 4, 0)
    assert host.rows()[0][:6] == (1, 4, 0, 4, "json", "$")


def test_pretty_is_the_inside_of_an_array(records_wasm: object) -> None:
    host = identity("records", output="pretty")
    host.batch(b'{"a":[1.0]}\n2\n')
    assert host.output() == b'  {\n    "a": [\n      1.0\n    ]\n  },\n  2'
    assert host.words()[2:8] == (2, 2, 0, 0, 14, 0)


@pytest.mark.parametrize(
    ("config", "code", "path", "offset"),
    [
        ({"jq": ".a |", "schema": None}, "program", "$", 4),
        ({"jq": None, "schema": {"type": "strng"}}, "schema", "$.type", 9),
        ({"jqq": "."}, "config", "$", 0),
        (5, "config", "$", 0),
    ],
)
def test_a_refusal_is_a_block_with_one_row(
    records_wasm: object, config: Any, code: str, path: str, offset: int
) -> None:
    host = Host(shipped("records"), trusted=True, config=config)
    assert host.address % 8 == 0
    assert host.words()[:8] == (int.from_bytes(b"WRB1", "little"), 76, 0, 0, 0, 0, 0, 0)
    ((*place, found, where, message),) = host.rows()
    assert (place, found, where) == ([0, 0, 0, offset], code, path)
    assert message


def test_a_module_of_the_sdk_refuses_its_config() -> None:
    host = Host(redact(), config={"fields": 5})
    ((*_, code, path, message),) = host.rows()
    assert (code, path, message) == ("config", "$.fields", "expected array, found number")


def test_lineage_names_the_record_of_each_output(records_wasm: object) -> None:
    host = identity("records", lineage=True, config={"jq": ".[]"})
    host.batch(b"[1,2]\n[]\n7\n[3]\n")
    assert host.words()[2:6] == (4, 3, 1, 1)
    address, count = host.words()[12:14]
    pairs = list(struct.iter_unpack("<2I", host.read(address, 8 * count)))
    assert pairs == [(0, 0), (0, 0), (3, 0)]
    without = identity("records", config={"jq": ".[]"})
    without.batch(b"[1,2]\n")
    assert without.words()[13] == 0


def test_the_log_is_of_one_batch_and_cut_at_its_limit(records_wasm: object) -> None:
    host = identity("records", config={"jq": "debug"}, limits={"log": 20})
    for data, log in ((b"1\n", b'["DEBUG:",1]\n'), (b"2\n3\n", b'["DEBUG:",2]\n["DEBUG'), (b"", b"")):
        host.batch(data)
        address, length = host.words()[14:16]
        assert host.read(address, length) == log


def test_after_a_trap_the_block_has_what_was_finished() -> None:
    """The third record traps: two have their fate, and the host knows which one it was."""
    host = Host(guest())
    with pytest.raises(wasmtime.Trap):
        host.batch(b"{}\nd\nt\n{}\n")
    assert host.words()[2:7] == (2, 1, 1, 0, 5)
    assert host.output() == b"{}\n"


class Watched(_native.PublicGuest):
    """Remembers what the package's own host calls."""

    calls: ClassVar[list[tuple[str, ...]]] = []

    def call(self, export: str, *arguments: int) -> int:
        self.calls.append((export, *map(str, arguments)))
        return super().call(export, *arguments)


def test_the_host_calls_in_the_order_of_the_page(records_wasm: object) -> None:
    loaded = load_module(shipped("records"), wr.Limits(), trusted=True)
    Watched.calls.clear()
    instance = Instance(loaded, b"null", OpenOptions(input="json"), wr.Limits(), guest=Watched)
    opening = json.dumps(OPENING | {"input": "json", "limits": {}, "config": None})
    for piece, last, state in ((b"[1", False, 0), (b"," + b"2" * 100_000, False, 2), (b"]", True, 2)):
        instance.batch(piece, last, state)
    instance.finish()
    called = [call for call in Watched.calls if call[0] != "_initialize"]
    assert [call[0] for call in called[:2]] == ["wr_arena", "wr_open"]
    assert called[0][1] == called[1][1]
    assert int(called[0][1]) > len(opening)
    assert called[2:] == [
        ("wr_batch", "2", "0"),
        ("wr_arena", "100001"),
        ("wr_batch", "100001", str(2 << 8)),
        ("wr_batch", "1", str(LAST | 2 << 8)),
        ("wr_close",),
    ]
    assert "_initialize" not in [call[0] for call in Watched.calls[1:]]
