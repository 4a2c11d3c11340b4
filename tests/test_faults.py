"""A module that fails on one record after the other is stopped, and searching for bad records has an end."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from guests import guest, store

import wasmrecords as wr

FEW = wr.Limits(time=0.05, faults=5)


@pytest.mark.parametrize("letter", "tlozepr")
@pytest.mark.parametrize("isolation", ["shared", "fresh"])
def test_it_is_stopped_and_says_why(letter: str, isolation: Any) -> None:
    with wr.load(guest(), limits=FEW, isolation=isolation) as transform:
        with pytest.raises(wr.FaultLimit) as caught:
            transform.run(f"{letter}1\n".encode() * 100)
        said = "the module failed on 6 records in a row, more than 5 (limit faults), and was stopped"
        assert str(caught.value).startswith(f"{said}; on record 6: ")
        assert (caught.value.limit, caught.value.value, caught.value.record) == ("faults", 5, 6)
        assert transform.run(b"a1\n").output == b"a1\n"


def test_one_record_that_is_finished_begins_the_row_anew() -> None:
    with wr.load(guest(), limits=FEW) as transform:
        batch = transform.run((b"t1\n" * 5 + b"a2\n" + b"t3\n" * 5 + b"d4\n" + b"t5\n" * 5 + b"f6\n") * 10)
    assert batch.counts == wr.Counts(read=180, kept=10, dropped=10, failed=160, written=10)


def test_failures_that_a_module_decides_are_no_faults() -> None:
    with wr.load(guest(), limits=FEW) as transform:
        assert transform.run(b"f1\n" * 100).counts.failed == 100


def test_a_stream_gives_what_was_done_first() -> None:
    with wr.load(guest(), limits=FEW) as transform:
        found: list[wr.Batch] = []
        with pytest.raises(wr.FaultLimit):  # noqa: PT012  what came before is of interest
            for batch in transform.stream([b"a1\n", b"t2\n" * 100], input="ndjson"):
                found.append(batch)
    assert sum(batch.counts.failed for batch in found) == 6
    assert sum(batch.counts.kept for batch in found) == 1


def test_the_command_writes_what_was_done(run_cli: Any, tmp_path: Path) -> None:
    (tmp_path / "m.wasm").write_bytes(guest())
    (tmp_path / "in").write_bytes(b"a1\n" * 10 + b"t2\n" * 100)
    done = run_cli("run", "-m", "m.wasm", "--limit", "faults=3", "--errors", "dead", "in", "-o", "out")
    assert done.code == 3
    assert "the module failed on 4 records in a row, more than 3 (limit faults), and was stopped" in done.err
    assert "14 records were done" in done.err
    assert not (tmp_path / "out").exists()
    (part,) = tmp_path.glob("out.*.part")
    assert part.read_bytes() == b"a1\n" * 10
    (letters,) = tmp_path.glob("dead.*.part")
    assert letters.read_bytes().count(b"\n") == 4


# --- the search for the bad record ----------------------------------------------------------------

# Works for some time, then lies about the number of records: but only where a record begins with x.
SLOW_LIE = f"""
(local.set $at (i32.const 0))
(block $none (loop $seek
  (br_if $none (i32.ge_u (local.get $at) (local.get $len)))
  (if (i32.eq (i32.load8_u offset=65536 (local.get $at)) (i32.const 120))
    (then
      (local.set $row (i32.const {{turns}}))
      (loop $busy (local.set $row (i32.sub (local.get $row) (i32.const 1))) (br_if $busy (local.get $row)))
      {store(12, 1_000_000)}))
  (local.set $at (i32.add (local.get $at) (i32.const 1)))
  (br $seek)))
"""


def seconds_of_a_lie(turns: int) -> float:
    with wr.load(
        guest(after=SLOW_LIE.replace("{turns}", str(turns))), limits=wr.Limits(time=60)
    ) as transform:
        transform.run(b"a1\n")
        started = time.perf_counter()
        transform.run(b"x1\n")
        return time.perf_counter() - started


def test_a_lie_that_takes_long_is_not_searched_by_halves() -> None:
    """Each lie takes over half of the time limit: a search by halves would tell ten of them."""
    turns = int(0.3 / seconds_of_a_lie(10_000_000) * 10_000_000)  # some 0.3 s on this machine
    one = seconds_of_a_lie(turns)
    records = [b"a%d\n" % n for n in range(1000)]
    records[700] = b"x700\n"
    data, limits = guest(after=SLOW_LIE.replace("{turns}", str(turns))), wr.Limits(time=one * 1.6)
    with wr.load(data, limits=limits) as transform:
        started = time.perf_counter()
        batch = transform.run(b"".join(records))
        took = time.perf_counter() - started
    assert [(f.record, f.code) for f in batch.failures] == [(701, "reply")]
    assert batch.counts.kept == 999
    assert took < 6 * one
