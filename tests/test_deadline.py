"""The clock of the guests: it ticks while they run, sleeps when they do not, and survives a fork."""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from guests import guest
from hypothesis import given
from hypothesis import strategies as st

import wasmrecords as wr
from wasmrecords import _deadline
from wasmrecords._deadline import TICK, Ticker, ticker, ticks


class Epoch:
    """An engine that only counts."""

    def __init__(self) -> None:
        self.value = 0

    def increment_epoch(self) -> None:
        self.value += 1


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_deadline, "TICK", 0.001)
    monkeypatch.setattr(_deadline, "_IDLE", 5)


def wait_for(what: Callable[[], Any], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.001)


def running(clock: Ticker) -> bool:
    return clock._thread is not None


@given(st.floats(0.01, 3600))
def test_ticks_cover_the_time_and_little_more(seconds: float) -> None:
    # One tick may be all but over when the guest starts.
    assert (ticks(seconds) - 1) * TICK >= seconds * (1 - 1e-9)
    assert ticks(seconds) * TICK <= seconds + 2.01 * TICK


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0.01, 2), (0.015, 3), (0.1, 11), (1.0, 101), (3600.0, 360_001)]
)
def test_ticks_by_example(seconds: float, expected: int) -> None:
    assert ticks(seconds) == expected


def test_nothing_runs_before_it_is_touched() -> None:
    assert not running(Ticker(Epoch()))  # type: ignore[arg-type]


@pytest.mark.usefixtures("fast")
def test_it_sleeps_when_idle_and_wakes_again() -> None:
    epoch = Epoch()
    clock = Ticker(epoch)  # type: ignore[arg-type]
    for _ in range(3):
        before = epoch.value
        clock.touch(1)
        assert running(clock)
        wait_for(lambda: not running(clock))
        assert epoch.value - before > 5
        asleep = epoch.value
        time.sleep(0.02)
        assert epoch.value == asleep


@pytest.mark.usefixtures("fast")
def test_it_ticks_through_one_long_call() -> None:
    """Nobody touches it while a guest works, however long its deadline is."""
    epoch = Epoch()
    clock = Ticker(epoch)  # type: ignore[arg-type]
    clock.touch(200)
    clock.touch(1)  # a shorter one beside it
    wait_for(lambda: not running(clock))
    assert epoch.value >= 200


@pytest.mark.parametrize("limit", [1.02, 2.5])
def test_a_deadline_of_more_than_a_second_holds(limit: float) -> None:
    with wr.load(guest(), limits=wr.Limits(time=limit)) as transform:
        started = time.monotonic()
        (failure,) = transform.run(b"l1\n").failures  # an endless loop
        took = time.monotonic() - started
    assert failure.code == "time"
    assert limit <= took < limit + 10  # what a busy machine may add


@pytest.mark.usefixtures("fast")
def test_it_goes_on_while_it_is_touched() -> None:
    epoch = Epoch()
    clock = Ticker(epoch)  # type: ignore[arg-type]
    clock.touch(1)
    thread = clock._thread

    def touched_until_fifty() -> bool:
        clock.touch(1)
        return epoch.value >= 50

    wait_for(touched_until_fifty)
    assert clock._thread is thread


@pytest.mark.usefixtures("fast")
def test_many_threads_share_one_clock() -> None:
    epoch = Epoch()
    clock = Ticker(epoch)  # type: ignore[arg-type]
    before = threading.active_count()
    start = threading.Barrier(8)
    clocks = set()

    def work() -> None:
        start.wait()
        for _ in range(300):
            clock.touch(1)
            clocks.add(clock._thread)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert threading.active_count() <= before + 1
    assert all(item is None or item.daemon for item in clocks)
    wait_for(lambda: not running(clock))


def test_an_engine_has_one_ticker(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_ticker", "_owner"):  # the real one comes back: two of them would tick twice as fast
        monkeypatch.setattr(_deadline, name, None)
    first, second = Epoch(), Epoch()
    assert ticker(first) is ticker(first)  # type: ignore[arg-type]
    assert ticker(first) is not ticker(second)  # type: ignore[arg-type]


def test_a_late_clock_does_not_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a suspended machine the guests get the rest of their time, no burst of ticks."""
    now = 0.0
    moments: list[float] = []

    class End(Exception):
        pass

    class Late(Epoch):
        def increment_epoch(self) -> None:
            nonlocal now
            super().increment_epoch()
            moments.append(now)
            if self.value == 3:
                now += 1000  # asleep
            if self.value == 10:
                raise End

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr(_deadline.time, "sleep", sleep)
    clock = Ticker(Late())  # type: ignore[arg-type]
    clock._until = 100
    with pytest.raises(End):
        clock._run()
    gaps = [b - a for a, b in pairwise(moments)]
    assert gaps[2] == pytest.approx(1000 + TICK, abs=TICK / 100)
    assert [gap for gap in gaps if gap < 1] == pytest.approx([TICK] * 8)


# --- with real guests -----------------------------------------------------------------------------

LIMIT = 0.3


def seconds_of_a_runaway(transform: wr.Transform) -> float:
    started = time.monotonic()
    batch = transform.run(b"l1\n")
    took = time.monotonic() - started
    assert [f.code for f in batch.failures] == ["time"]
    return took


def test_a_runaway_ends_within_twice_its_limit_and_not_before_it() -> None:
    with wr.load(guest(), limits=wr.Limits(time=LIMIT)) as transform:
        took = [seconds_of_a_runaway(transform) for _ in range(3)]
    assert min(took) >= LIMIT
    # The best of three: on a busy machine the test itself may have to wait.
    assert min(took) < 2 * LIMIT


def test_no_deadline_comes_early_whenever_it_is_armed() -> None:
    """Also between two ticks of a clock that is running already."""
    with wr.load(guest(), limits=wr.Limits(time=0.05)) as transform:
        for pause in range(12):
            time.sleep(pause * TICK / 12)
            assert seconds_of_a_runaway(transform) >= 0.05


def test_the_limit_is_for_each_batch_and_not_for_all() -> None:
    with wr.load(guest(), limits=wr.Limits(time=0.05)) as transform:
        end = time.monotonic() + 0.3
        while time.monotonic() < end:
            assert transform.run(b"a1\n").failures == ()
        time.sleep(0.1)
        assert transform.run(b"a1\n").failures == ()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_has_a_clock_of_its_own() -> None:
    with wr.load(guest(), limits=wr.Limits(time=0.05)) as transform:
        seconds_of_a_runaway(transform)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # fork with threads, from Python 3.12 on
            child = os.fork()
        if not child:
            status = 1
            try:
                codes = [f.code for f in transform.run(b"a1\nl2\na3\n").failures]
                status = 0 if codes == ["time"] else 2
            finally:
                os._exit(status)
        end = time.monotonic() + 20
        while (done := os.waitpid(child, os.WNOHANG))[0] == 0 and time.monotonic() < end:
            time.sleep(0.01)
        if not done[0]:
            os.kill(child, 9)
            os.waitpid(child, 0)
        assert done == (child, 0)
        seconds_of_a_runaway(transform)
