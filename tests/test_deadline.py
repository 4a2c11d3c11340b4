"""The clock of the guests: it ticks while they run, sleeps when they do not, and survives a fork."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from forks import in_child
from guests import guest
from hypothesis import given
from hypothesis import strategies as st

import wasmrecords as wr
from wasmrecords import _deadline
from wasmrecords._deadline import COARSE, FINE, Ticker, Watch, ticker, ticks
from wasmrecords._engine import engine
from wasmrecords._timer import Timer, make_timer


class Epoch:
    """A counter in the place of an engine's epoch, for a thread and for a timer of the system."""

    def __init__(self) -> None:
        self.value = 0
        self._called = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda _: self.increment())

    def increment(self) -> None:
        self.value += 1

    def timer(self) -> Timer | None:
        address = ctypes.cast(self._called, ctypes.c_void_p).value
        assert address
        return make_timer(address, 0)


def watch() -> Watch:
    return Watch(1.0, lambda: None, lambda: False)


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_deadline, "FINE", 0.001)
    monkeypatch.setattr(_deadline, "COARSE", 0.001)
    monkeypatch.setattr(_deadline, "_IDLE", 0.02)


def wait_for(what: Callable[[], Any], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.001)


@pytest.fixture(params=["timer", "thread"])
def made(request: pytest.FixtureRequest, fast: None) -> tuple[Ticker, Epoch]:
    epoch = Epoch()
    timer = epoch.timer() if request.param == "timer" else None
    if request.param == "timer" and timer is None:
        pytest.skip("this system has no timer that calls a function")
    return Ticker(epoch.increment, timer), epoch


@given(st.floats(0.01, 3600), st.sampled_from([FINE, COARSE]))
def test_ticks_cover_the_time_and_little_more(seconds: float, tick: float) -> None:
    # One tick may be all but over when the guest starts.
    assert (ticks(seconds, tick) - 1) * tick >= seconds * (1 - 1e-9)
    assert ticks(seconds, tick) * tick <= seconds + 2.01 * tick


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0.01, 2), (0.015, 3), (0.1, 11), (1.0, 101), (3600.0, 360_001)]
)
def test_ticks_by_example(seconds: float, expected: int) -> None:
    assert ticks(seconds, FINE) == expected


@pytest.mark.parametrize(("seconds", "tick"), [(0.01, FINE), (0.4, FINE), (0.5, COARSE), (60.0, COARSE)])
def test_only_short_deadlines_tick_often(seconds: float, tick: float) -> None:
    assert Watch(seconds, lambda: None, lambda: False).tick == tick


@pytest.mark.parametrize("by", ["timer", "thread"])
def test_a_short_deadline_hurries_the_clock_and_only_while_it_ticks(
    by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_deadline, "_IDLE", 0.2)
    epoch = Epoch()
    clock = Ticker(epoch.increment, epoch.timer() if by == "timer" else None)
    long, short = watch(), Watch(0.1, lambda: None, lambda: False)
    clock.begin(long)
    assert clock._tick == COARSE
    clock.begin(short)
    assert clock._tick == FINE
    clock.end(short)
    clock.end(long)
    wait_for(lambda: not clock._ticking)
    clock.begin(long)
    assert clock._tick == COARSE
    clock.end(long)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have a thread")
def test_here_it_is_a_timer_of_the_system() -> None:
    assert ticker(engine())._timer is not None
    assert ticker(engine()) is ticker(engine()) is not ticker(engine(fuel=True))


def test_it_stands_still_before_a_call_begins(made: tuple[Ticker, Epoch]) -> None:
    time.sleep(0.02)
    assert made[1].value == 0


def test_it_sleeps_when_idle_and_wakes_again(made: tuple[Ticker, Epoch]) -> None:
    clock, epoch = made
    for _ in range(3):
        before, call = epoch.value, watch()
        clock.begin(call)
        clock.end(call)
        wait_for(lambda: not clock._ticking)
        assert epoch.value > before
        time.sleep(0.005)  # one tick may have been under way
        asleep = epoch.value
        time.sleep(0.02)
        assert epoch.value == asleep


def test_it_ticks_through_one_long_call(made: tuple[Ticker, Epoch]) -> None:
    """Nobody touches it while a guest works, however long."""
    clock, epoch = made
    call = watch()
    clock.begin(call)
    wait_for(lambda: epoch.value >= 100)
    assert clock._ticking
    clock.end(call)
    wait_for(lambda: not clock._ticking)


def test_many_threads_share_one_clock(made: tuple[Ticker, Epoch]) -> None:
    clock, _ = made
    before = threading.active_count()
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        call = watch()
        for _ in range(300):
            clock.begin(call)
            clock.end(call)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # One that saw nothing to do may still be on its way out.
    assert threading.active_count() <= before + 2
    wait_for(lambda: not clock._ticking)


def test_nothing_begins_once_the_interpreter_ends(made: tuple[Ticker, Epoch]) -> None:
    clock, epoch = made
    call = watch()
    clock.begin(call)
    threading.Timer(0.05, lambda: clock.end(call)).start()
    clock.leave()
    assert call.cancelled
    assert call.look() == 0
    for _ in range(2):
        with pytest.raises(wr.GuestError, match="the interpreter ends: no guest may begin"):
            clock.begin(watch())
    assert not clock._running
    del epoch


def test_where_no_thread_can_be_started(made: tuple[Ticker, Epoch], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    clock, epoch = made
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(wr.WasmRecordsError, match="no deadline can be kept: can't start new thread"):
            clock.begin(watch())
    time.sleep(0.02)
    assert epoch.value <= 2, "nothing ticks on"
    call = watch()
    clock.begin(call)
    wait_for(lambda: epoch.value > 2)
    clock.end(call)


# --- the time of one call -------------------------------------------------------------------------


class Call:
    """A watch whose clock and guest are told what to do."""

    def __init__(self, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.finished, self.leaves = 100.0, 0, False
        monkeypatch.setattr(_deadline.time, "monotonic", lambda: self.now)
        self.watch = Watch(seconds, lambda: self.finished, lambda: self.leaves)

    def works(self, seconds: float, *, finishes: int = 0) -> bool:
        """Whether the guest may go on, after it worked so long."""
        self.now += seconds
        self.finished += finishes
        return self.watch.look() > 0


def test_one_record_has_all_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    call = Call(1.0, monkeypatch)
    assert [call.works(0.1) for _ in range(9)] == [True] * 9
    assert not call.works(0.11)
    assert (call.watch.stopped, call.watch.over, call.watch.sure) == (True, True, True)


def test_the_record_in_hand_at_the_end_has_all_of_the_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    call = Call(1.0, monkeypatch)
    assert call.works(0.5, finishes=7)
    assert [call.works(0.1) for _ in range(9)] == [True] * 9
    assert not call.works(0.11)
    assert call.watch.sure


def test_when_that_record_is_done_the_call_ends_and_nobody_is_to_blame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    call = Call(1.0, monkeypatch)
    assert call.works(0.5, finishes=7)
    assert call.works(0.6)
    assert not call.works(0.1, finishes=1)
    assert (call.watch.over, call.watch.sure) == (True, False)


def test_no_call_takes_twice_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the guest says of its progress."""
    call = Call(1.0, monkeypatch)
    for step in range(30):
        if not call.works(0.1, finishes=step == 9):
            break
    assert call.now - 100 < 2.0
    assert (call.watch.over, call.watch.sure) == (True, False)


def test_a_stopped_process_uses_up_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    call = Call(1.0, monkeypatch)
    assert call.works(0.1)
    assert call.works(3600.0)
    assert call.works(0.1)


def test_a_busy_interpreter_does_not_make_it_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    call = Call(0.2, monkeypatch)
    assert call.works(0.15)
    assert not call.works(0.15)


def test_it_is_cancelled_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    call = Call(1.0, monkeypatch)
    call.watch.cancel()
    assert not call.works(0.1)
    assert (call.watch.stopped, call.watch.over) == (True, False)
    call.watch.start()
    assert not call.works(0.1)


def test_it_ends_for_other_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    call = Call(1.0, monkeypatch)
    call.leaves = True
    assert not call.works(0.1)
    assert (call.watch.stopped, call.watch.over) == (True, False)


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
            time.sleep(pause * FINE / 12)
            assert seconds_of_a_runaway(transform) >= 0.05


@pytest.mark.parametrize("limit", [1.02, 2.5])
def test_a_deadline_of_more_than_a_second_holds(limit: float) -> None:
    with wr.load(guest(), limits=wr.Limits(time=limit)) as transform:
        started = time.monotonic()
        (failure,) = transform.run(b"l1\n").failures  # an endless loop
        took = time.monotonic() - started
    assert failure.code == "time"
    assert limit <= took < limit + 10  # what a busy machine may add


def test_a_bad_record_costs_one_deadline() -> None:
    """Also behind others: it is not tried again alone."""
    with wr.load(guest(), limits=wr.Limits(time=0.5)) as transform:
        took = []
        for _ in range(3):
            started = time.monotonic()
            assert [f.code for f in transform.run(b"a1\n" * 100 + b"l2\n" + b"a3\n").failures] == ["time"]
            took.append(time.monotonic() - started)
    assert min(took) < 0.95


def test_deadlines_hold_while_a_thread_of_python_is_busy() -> None:
    ended = threading.Event()

    def busy() -> None:
        while not ended.is_set():
            sum(range(1000))

    threads = [threading.Thread(target=busy) for _ in range(2)]
    with wr.load(guest(), limits=wr.Limits(time=LIMIT)) as transform:
        transform.run(b"a1\n")
        for thread in threads:
            thread.start()
        try:
            took = [seconds_of_a_runaway(transform) for _ in range(3)]
        finally:
            ended.set()
            for thread in threads:
                thread.join()
    assert LIMIT <= min(took) < 2 * LIMIT


def test_siblings_have_deadlines_of_their_own() -> None:
    """Seven short ones end, one after the other, beside a long one that does not notice."""
    short = wr.load(guest(), limits=wr.Limits(time=0.2))
    long = wr.load(guest(), limits=wr.Limits(time=2.0))
    took: dict[str, list[float]] = {"short": [], "long": []}

    def work(name: str, transform: wr.Transform) -> None:
        took[name].append(seconds_of_a_runaway(transform))

    with short, long:
        threads = [threading.Thread(target=work, args=("short", short)) for _ in range(7)]
        threads.append(threading.Thread(target=work, args=("long", long)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(took["short"]) == 7
    assert min(took["short"]) >= 0.2
    assert min(took["short"]) < 0.4
    assert took["long"][0] >= 2.0


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
        found = in_child(lambda: [f.code for f in transform.run(b"a1\nl2\na3\n").failures] == ["time"])
        assert found == 0
        seconds_of_a_runaway(transform)
