"""Fuel: a cost that is the same on each machine, counted and bounded where it is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from guests import guest

import wasmrecords as wr

ENOUGH = wr.Limits(fuel=10_000_000)


def test_it_is_not_counted_unless_asked_for() -> None:
    with wr.load(guest()) as transform:
        assert transform.run(b"a1\n").fuel is None


@pytest.mark.parametrize("isolation", ["shared", "fresh"])
def test_the_same_records_cost_the_same(isolation: Any) -> None:
    with wr.load(guest(), limits=ENOUGH, isolation=isolation) as transform:
        first, second = transform.run(b"a1\n"), transform.run(b"a1\n")
        more = transform.run(b"a1\n" * 100)
    assert first.fuel == second.fuel
    assert first.fuel
    assert more.fuel
    assert 10 * first.fuel < more.fuel < 200 * first.fuel


def test_it_ends_a_loop_that_the_clock_would_not() -> None:
    with wr.load(guest(), limits=wr.Limits(fuel=100_000, time=60)) as transform:
        batch = transform.run(b"a1\nl2\na3\n")
    (failure,) = batch.failures
    assert (failure.record, failure.code) == (2, "fuel")
    assert failure.message == "no end within 100,000 units of work (limit fuel)"
    assert batch.output == b"a1\na3\n"
    assert batch.fuel
    # Once behind the first record, once alone at the head.
    assert 200_000 <= batch.fuel <= 203_000


def test_a_batch_that_costs_more_than_one_may_is_done_in_parts() -> None:
    with wr.load(guest(), limits=ENOUGH) as transform:
        whole = transform.run(b"a1\n" * 1000).fuel
    assert whole
    with wr.load(guest(), limits=wr.Limits(fuel=whole // 3)) as transform:
        batch = transform.run(b"a1\n" * 1000)
    assert batch.counts.kept == 1000


def test_a_module_that_needs_more_to_open_is_refused() -> None:
    with pytest.raises(wr.FuelLimit, match=r"no end within 1 units of work \(limit fuel\)") as caught:
        wr.load(guest(), limits=wr.Limits(fuel=1))
    assert (caught.value.limit, caught.value.value) == ("fuel", 1)


def test_the_report_says_what_was_used(run_cli: Any, tmp_path: Path) -> None:
    (tmp_path / "m.wasm").write_bytes(guest())
    arguments = ("run", "-m", "m.wasm", "-", "--report", "r.json", "-o", "out")
    assert run_cli(*arguments, stdin=b"a1\n").code == 0
    assert json.loads((tmp_path / "r.json").read_bytes())["fuel"] is None
    used = []
    for _ in range(2):
        assert run_cli(*arguments, "--limit", "fuel=1000000", stdin=b"a1\na2\n").code == 0
        used.append(json.loads((tmp_path / "r.json").read_bytes())["fuel"])
    assert used[0] == used[1] > 0
