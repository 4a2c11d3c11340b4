"""Python objects through a transform, with and without asyncio."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_objects import aiter_of, alist

import wasmrecords as wr


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


@pytest.mark.parametrize(
    ("records", "message"),
    [
        (5, "records: expected an iterable of records, found int"),
        ("abc", "records: expected an iterable of records, found str"),
        (b"1\n", r"records: expected an iterable of records, found bytes: text of records goes to run\(\)"),
        ({"id": 1}, "records: expected an iterable of records, found dict: one record goes in a list"),
    ],
)
def test_what_are_no_records(identity: wr.Transform, records: Any, message: str) -> None:
    async def each() -> None:
        async for _ in identity.amap(records):
            pass

    with pytest.raises(TypeError, match=f"^{message}$"):
        list(identity.map(records))
    with pytest.raises(TypeError, match=f"^{message}$"):
        asyncio.run(each())


def test_failures_that_cannot_be_called(identity: wr.Transform) -> None:
    with pytest.raises(TypeError, match=r"^failures: expected a function, found list$"):
        list(identity.map([1], failures=[]))  # type: ignore[arg-type]


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
