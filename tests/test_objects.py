"""Python objects through a transform and back: lazily, in batches, nothing lost and nothing rounded."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import json
import math
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wasmrecords as wr
from wasmrecords._objects import agather, gather, objects
from wasmrecords._work import Work

# --- gathering ------------------------------------------------------------------------------------


def test_records_are_gathered_as_lines() -> None:
    assert list(gather([{"a": 1}, [2], "x\n", None])) == [b'{"a":1}\n[2]\n"x\\n"\nnull\n']
    assert list(gather([])) == []
    assert list(gather({"a": 1})) == [b'"a"\n'], "any iterable will do"


def test_batches_have_some_hundred_records_or_some_ten_thousand_bytes() -> None:
    assert [data.count(b"\n") for data in gather(range(1200))] == [512, 512, 176]
    sizes = [len(data) for data in gather("x" * 10_000 for _ in range(20))]
    assert max(sizes) < 80_000
    assert len(sizes) > 2


def test_gathering_takes_no_more_than_it_must() -> None:
    taken = 0

    def source() -> Iterator[int]:
        nonlocal taken
        for number in range(1, 100_000):
            taken = number
            yield number

    next(gather(source()))
    assert taken == 512


@dataclasses.dataclass(slots=True)
class Point:
    x: float


def test_what_is_written() -> None:
    cases: list[tuple[Any, str]] = [
        (2**64, "18446744073709551616"),
        (-(10**40), "-1" + "0" * 40),
        ([2**70, {"a": "ä"}], '[1180591620717411303424, {"a": "\\u00e4"}]'),
        ("ä\u2028\U0001f600", '"ä\u2028\U0001f600"'),
        ("\ud800", '"\\ud800"'),
        (datetime.date(2024, 2, 29), '"2024-02-29"'),
        (Point(1.5), '{"x":1.5}'),
        ((1, 2), "[1,2]"),
        ({"null": None}, '{"null":null}'),
        ([None, datetime.date(2024, 1, 1), Point(2)], '[null,"2024-01-01",{"x":2}]'),
    ]
    for value, text in cases:
        (data,) = gather([value])
        assert data.decode() == text + "\n"


@pytest.mark.parametrize(
    "bad",
    [
        object,
        {1, 2},
        b"bytes",
        math.nan,
        [1, {"a": -math.inf}],
        Point(math.nan),
        [None, Point(math.inf)],
        1j,
    ],
    ids=repr,
)
def test_what_is_no_json_is_named_by_its_number_and_comes_after_the_others(bad: Any) -> None:
    source = gather([1, 2, bad, 4])
    assert next(source) == b"1\n2\n"
    with pytest.raises(TypeError, match=r"^record 3 cannot be written as JSON: "):
        next(source)


def test_no_json_in_a_later_batch() -> None:
    source = gather([*range(600), object()])
    assert next(source).count(b"\n") == 512
    assert next(source).count(b"\n") == 88
    with pytest.raises(TypeError, match=r"^record 601 "):
        next(source)


def test_a_list_that_holds_itself() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(TypeError, match="record 1 cannot be written"):
        list(gather([endless]))


def test_what_came_before_an_error_of_the_source_is_not_lost() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise OSError("the network is down")

    gathered = gather(source())
    assert next(gathered) == b"1\n"
    with pytest.raises(OSError, match="the network is down"):
        next(gathered)


# --- gathering from what is asynchronous ----------------------------------------------------------


async def aiter_of(*items: Any, pause: float = 0.0) -> AsyncIterator[Any]:
    for item in items:
        await asyncio.sleep(pause)
        yield item


async def alist(source: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in source]


def test_a_fast_source_is_gathered_in_batches() -> None:
    for source in (range(1000), aiter_of(*range(1000))):
        batches = asyncio.run(alist(agather(source)))
        assert b"".join(batches) == b"".join(gather(range(1000)))
        assert len(batches) < 100


def test_a_record_does_not_wait_for_a_source_that_stopped() -> None:
    async def source() -> AsyncIterator[int]:
        yield 1
        yield 2
        await asyncio.sleep(3600)
        yield 3

    async def first() -> bytes:
        batches = agather(source())
        try:
            return await asyncio.wait_for(anext(batches), 10)
        finally:
            await batches.aclose()

    assert asyncio.run(first()) == b"1\n2\n"


def test_a_record_does_not_wait_for_a_source_that_drips() -> None:
    """Each record comes before the wait for it is over; the first must not wait for 511 others."""
    batches = asyncio.run(alist(agather(aiter_of(*range(60), pause=0.01))))
    assert b"".join(batches) == b"".join(gather(range(60)))
    assert len(batches) > 5


def test_errors_of_an_asynchronous_source() -> None:
    async def source() -> AsyncIterator[Any]:
        yield 1
        raise OSError("the network is down")

    async def walk(records: Any) -> tuple[list[bytes], str]:
        found = []
        try:
            async for data in agather(records):
                found.append(data)
        except (OSError, TypeError) as error:
            return found, str(error)
        return found, ""

    assert asyncio.run(walk(source())) == ([b"1\n"], "the network is down")
    found, message = asyncio.run(walk(aiter_of(1, 2, {3})))
    assert b"".join(found) == b"1\n2\n"
    assert message.startswith("record 3 cannot be written as JSON")


def test_a_cancelled_source_is_told() -> None:
    ended = []

    async def source() -> AsyncIterator[int]:
        try:
            yield 1
            await asyncio.sleep(3600)
        finally:
            ended.append(True)

    async def take_one() -> None:
        batches = agather(source())
        await anext(batches)
        waiting = asyncio.ensure_future(anext(batches))
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert waiting.cancelled()

    asyncio.run(take_one())
    assert ended == [True]


# --- reading back ---------------------------------------------------------------------------------


def back(*lines: str) -> list[Any]:
    text = "".join(f"{line}\n" for line in lines).encode()
    return list(objects(Work(output=[text], lineage=list(range(1, len(lines) + 1))), None))


def test_what_is_read_back() -> None:
    assert back('{"a":1}', "[]", '"x"', "null", "1.5") == [{"a": 1}, [], "x", None, 1.5]
    long = 2**64 + 1
    assert back(str(long), f'{{"a":-{long}}}', "7") == [long, {"a": -long}, 7]
    assert back("18446744073709551615") == [2**64 - 1]
    assert back("1e400", "-1e400") == [math.inf, -math.inf]
    assert back("1" * 5000) == [math.inf]
    assert back('"\\ud800"') == ["\ud800"]
    assert isinstance(back("1.0")[0], float)
    assert isinstance(back("10000000000000000000.0")[0], float)


@pytest.mark.parametrize("line", ["", "{", "nan", "NaN", "[NaN,11111111111111111111]", "1 2", "\x00"])
def test_output_that_is_no_json(line: str) -> None:
    results = objects(Work(output=[f"1\n{line}\n".encode()], lineage=[1, 2]), None)
    assert next(results) == 1
    with pytest.raises(wr.GuestError, match="the module's output is not JSON") as caught:
        next(results)
    assert caught.value.code == "reply"


def failure(record: int) -> wr.Failure:
    return wr.Failure(record, record, 0, "jq", "$", "no", b"x")


def test_a_failure_raises_in_its_place() -> None:
    work = Work(output=[b"1\n2\n", b"4\n"], lineage=[1, 2, 4], failures=[failure(3), failure(5)])
    results = objects(work, None)
    assert [next(results), next(results)] == [1, 2]
    with pytest.raises(wr.RecordError, match=r"^record 3 "):
        next(results)


def test_a_failure_after_the_outputs_of_one_record() -> None:
    work = Work(output=[b"1\n2\n3\n"], lineage=[1, 1, 1], failures=[failure(2)])
    results = objects(work, None)
    assert [next(results) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(wr.RecordError):
        next(results)


def test_failures_go_where_they_are_told() -> None:
    work = Work(output=[b"1\n2\n", b"4\n"], lineage=[1, 2, 4], failures=[failure(3), failure(5)])
    found: list[wr.Failure] = []
    assert list(objects(work, found.append)) == [1, 2, 4]
    assert [f.record for f in found] == [3, 5]


# --- through the module ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def identity(records_wasm: object) -> Iterator[wr.Transform]:
    with wr.jq(".") as transform:
        yield transform


@pytest.fixture
def picky(records_wasm: object) -> Iterator[wr.Transform]:
    """Keeps numbers, drops false, fails at everything else."""
    with wr.jq(
        'if type == "number" then . elif . == false then empty else error("no number") end'
    ) as transform:
        yield transform


def idle(transform: wr.Transform) -> int:
    return sum(len(instances) for instances in transform._idle.values())


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBER = st.integers(-(10**25), 10**25) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def exact(value: Any) -> Any:
    """With the type of each number, so that 1 and 1.0 and True differ."""
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [exact(item) for item in value]
    return type(value), repr(value)


@settings(max_examples=150, deadline=None)
@given(st.lists(JSON, max_size=8))
def test_any_objects_come_back_as_they_were(identity: wr.Transform, records: list[Any]) -> None:
    assert exact(list(identity.map(records))) == exact(records)


def test_many_records(identity: wr.Transform) -> None:
    records = [{"id": n, "name": f"n{n}"} for n in range(5000)]
    assert list(identity.map(records)) == records
    assert list(identity.map(iter(records))) == records


def test_integers_of_any_length(identity: wr.Transform) -> None:
    records = [2**63, 2**64, -(2**64), 10**100, {"a": [2**200]}]
    assert list(identity.map(records)) == records


def test_map_is_lazy(identity: wr.Transform) -> None:
    taken = 0

    def source() -> Iterator[int]:
        nonlocal taken
        for number in range(100_000):
            taken = number
            yield number

    results = identity.map(source())
    assert taken == 0
    assert next(results) == 0
    assert taken < 1000
    results.close()  # type: ignore[attr-defined]
    assert taken < 1000


def test_a_generator_that_is_left_early_gives_back_its_instance(identity: wr.Transform) -> None:
    list(identity.map([1]))
    before = idle(identity)
    results = identity.map(range(2000))
    next(results)
    assert idle(identity) == before - 1
    results.close()  # type: ignore[attr-defined]
    assert idle(identity) == before


def test_one_record_may_become_many(records_wasm: object) -> None:
    with wr.jq("range(.)") as transform:
        assert list(transform.map([2, 0, 3])) == [0, 1, 0, 1, 2]


def test_a_record_error_comes_after_the_outputs_before_it(picky: wr.Transform) -> None:
    results = picky.map([1, 2, False, "x", 5])
    assert [next(results), next(results)] == [1, 2]
    with pytest.raises(wr.RecordError, match="no number") as caught:
        next(results)
    assert (caught.value.failure.record, caught.value.failure.input) == (4, b'"x"')
    assert list(results) == []
    assert list(picky.map([1])) == [1], "the transform is as good as before"


def test_numbers_of_records_go_on_over_batches(picky: wr.Transform) -> None:
    found: list[wr.Failure] = []
    records: list[Any] = list(range(1500))
    records[700] = records[1400] = "x"
    expected = [n for n in records if n != "x"]
    assert list(picky.map(records, failures=found.append)) == expected
    assert [f.record for f in found] == [701, 1401]
    found.clear()
    assert list(picky.map([False, None], failures=found.append)) == []
    assert [(f.record, f.code, f.input) for f in found] == [(2, "jq", b"null")]


def test_what_cannot_be_written_is_named_and_what_came_before_is_there(identity: wr.Transform) -> None:
    results = identity.map([1, {"when": object()}])
    assert next(results) == 1
    with pytest.raises(TypeError, match="record 2 cannot be written as JSON"):
        next(results)


def test_a_failures_callback_that_raises(picky: wr.Transform) -> None:
    def stop(failure: wr.Failure) -> None:
        raise KeyError(failure.record)

    with pytest.raises(KeyError, match="2"):
        list(picky.map([1, "x"], failures=stop))
    assert list(picky.map([3])) == [3]


def test_a_fresh_instance_for_each_batch(records_wasm: object) -> None:
    with wr.jq(".", isolation="fresh") as transform:
        assert list(transform.map(range(1500))) == list(range(1500))
        assert idle(transform) == 0


# --- asyncio --------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [lambda items: items, lambda items: aiter_of(*items)], ids=["sync", "async"])
def test_amap_is_map(picky: wr.Transform, make: Callable[[list[Any]], Any]) -> None:
    records = [*range(1000), False, "x", 5]
    found: list[wr.Failure] = []

    async def run() -> list[Any]:
        return await alist(picky.amap(make(records), failures=found.append))

    assert asyncio.run(run()) == [*range(1000), 5]
    assert [f.record for f in found] == [1002]


def test_amap_raises_in_its_place(picky: wr.Transform) -> None:
    async def run() -> list[Any]:
        results = picky.amap(aiter_of(1, 2, "x", 4))
        found = [await anext(results) for _ in range(2)]
        with pytest.raises(wr.RecordError, match="no number"):
            await anext(results)
        return found

    assert asyncio.run(run()) == [1, 2]


def test_a_slow_source_does_not_hold_back_what_has_come(identity: wr.Transform) -> None:
    gate = asyncio.Event()

    async def source() -> AsyncIterator[int]:
        yield 1
        yield 2
        await gate.wait()
        yield 3

    async def run() -> list[Any]:
        results = identity.amap(source())
        first = [await asyncio.wait_for(anext(results), 20) for _ in range(2)]
        gate.set()
        return first + await alist(results)

    assert asyncio.run(run()) == [1, 2, 3]


def test_the_loop_goes_on_while_a_guest_works(records_wasm: object) -> None:
    async def run(transform: wr.Transform) -> int:
        beats = 0
        done = asyncio.Event()

        async def beat() -> None:
            nonlocal beats
            while not done.is_set():
                beats += 1
                await asyncio.sleep(0.005)

        heart = asyncio.create_task(beat())
        failed: list[wr.Failure] = []
        await alist(transform.amap([1], failures=failed.append))
        done.set()
        await heart
        assert [f.code for f in failed] == ["time"]
        return beats

    with wr.jq("def f: f; f", limits=wr.Limits(time=0.3)) as transform:
        assert asyncio.run(run(transform)) > 5


def test_a_cancelled_amap_leaves_the_transform_whole(records_wasm: object) -> None:
    async def run(transform: wr.Transform) -> None:
        task = asyncio.create_task(alist(transform.amap([1, 2, 3], failures=lambda failure: None)))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # The guest may still be at work in its thread; another one does this.
        assert await alist(transform.amap([0])) == [0]

    before = threading.active_count()
    started = time.monotonic()
    with wr.jq("def f: f; if . == 0 then . else f end", limits=wr.Limits(time=0.3)) as transform:
        asyncio.run(run(transform))
        assert list(transform.map([0])) == [0]
    # The thread did not go through the records that nobody waits for: asyncio.run waits for it.
    assert time.monotonic() - started < 0.3 * 2 + 5
    assert threading.active_count() <= before + 1


def test_amap_that_is_left_early(identity: wr.Transform) -> None:
    async def run() -> None:
        results = identity.amap(aiter_of(*range(2000)))
        assert await anext(results) == 0
        before = idle(identity)
        await results.aclose()  # type: ignore[attr-defined]
        assert idle(identity) == before + 1

    asyncio.run(run())


def test_objects_agree_with_the_text(picky: wr.Transform) -> None:
    records = [1, False, "x", 2.50, {"a": 1}]
    data = "".join(json.dumps(r) + "\n" for r in records).encode()
    found: list[wr.Failure] = []
    mapped = list(picky.map(records, failures=found.append))
    batch = picky.run(data)
    assert mapped == [json.loads(line) for line in batch.output.splitlines()]
    assert [(f.record, f.code, f.message) for f in found] == [
        (f.record, f.code, f.message) for f in batch.failures
    ]
