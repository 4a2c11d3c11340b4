"""Each fuzzer of ``fuzz/``, shortly. By hand they run as long as one likes: docs/design.md says how, and what
came of it.

A fuzzer that meets one kind of end only finds nothing, so the ends are looked at too.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from fuzz import guard, model, opening, programs, records, reply, values
from fuzz.mutate import Finding

from wasmrecords._reply import Expected, read

SEED = 4


def test_guard(records_wasm: Path) -> None:
    ends = guard.fuzz(0, 3_000, SEED)
    assert {"both accept", "both refuse", "only the engine refuses"} <= set(ends)
    assert ends["both accept"] > 100


def test_reply_decoder() -> None:
    ends = reply.fuzz(0, 3_000, SEED)
    assert min(ends["a reply, no refusal"], ends["a reply, a refusal"], ends["a lie, a refusal"]) > 100


def test_opening_call(records_wasm: Path) -> None:
    ends = opening.fuzz(0, 300, SEED)
    assert (
        min(ends[f"{what}: {end}"] for what in ("program", "schema") for end in ("runs", "RecipeError")) > 10
    )


def test_records(records_wasm: Path) -> None:
    ends = records.fuzz(0, 200, SEED)
    assert min(ends[f"{what}: {end}"] for what in ("line", "stream") for end in ("kept", "json", "utf8")) > 10


def test_values(records_wasm: Path) -> None:
    ends = values.fuzz(0, 25, SEED)
    assert min(ends[program] for program in values.PROGRAMS) == 25 * values.RECORDS


def test_programs(records_wasm: Path) -> None:
    if programs.jq() is None or programs.version() < (1, 6):
        pytest.skip("there is no jq of 1.6 or newer to compare with")
    ends = programs.fuzz(0, 5, SEED)
    assert ends["same"] > 1_000
    assert ends["both fail"] > 1_000


# --- what they would find -------------------------------------------------------------------------


def test_a_refusal_under_no_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    assert guard.check(_two_tables(), compiled=False) == "only the guard refuses: second table"
    monkeypatch.delitem(guard.STRICTER, "second table")
    with pytest.raises(Finding, match="the engine accepts what the guard refuses"):
        guard.check(_two_tables(), compiled=False)


def _two_tables() -> bytes:
    from sections import FUNCREF, TABLE, items, module

    return module(items(TABLE, FUNCREF + b"\0\1", FUNCREF + b"\0\1"))


def test_a_reply_that_should_not_be_believed() -> None:
    words = [int.from_bytes(b"WRB1", "little"), 72, *[0] * 6, 80, 1, *[0] * 8]
    data = bytes(8) + struct.pack("<18I", *words) + bytes(100)
    expected = Expected("ndjson", 100, 100, True)
    answer = read(reply.Memory(data), 8, 0, expected)
    reply.believe(answer, data, 8, 0, expected)
    for change in ({"consumed": 1}, {"finished": 1}, {"output": b"\n"}, {"state": 1}, {"log": b"x"}):
        with pytest.raises(AssertionError):
            reply.believe(answer._replace(**change), data, 8, 0, expected)  # type: ignore[arg-type]


def test_memory_that_is_not_there() -> None:
    with pytest.raises(Finding, match="6 to 10 read of 8"):
        reply.Memory(bytes(8))[6:10]


def test_a_line_that_python_reads_otherwise() -> None:
    assert records.python_reads(b'{"a":"\\ud800"}') is None
    assert records.python_reads(b"[" * 129 + b"]" * 129) is None
    assert records.python_reads(b'{"a":1.0,"a":[]}') == (("object", [("a", ("number", "1.0")), ("a", [])]),)
    assert records.depth('[{"[[[\\"[":1}]') == 2


def test_values_that_are_written_otherwise() -> None:
    number = model.Number("1.50")
    assert values.agrees("1.50", number)
    assert not values.agrees("1.5", number)
    assert not values.agrees(values.FAILS, number)
    assert not values.agrees("1.5", values.FAILS)
    assert values.agrees("1.5", values.Real(1.5))
    assert not values.agrees('"1.5"', values.Real(1.5))
    assert model.compare(model.Number("9007199254740993"), model.Number("9007199254740992.0")) == 1
    assert programs.exact(json.loads('{"b":1.0,"a":[true]}')) == '{"b":1,"a":[true]}'
