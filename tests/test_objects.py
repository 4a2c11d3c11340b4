"""Python objects on their way to lines and back: lazily, in batches, nothing lost and nothing rounded."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import enum
import math
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

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


@dataclasses.dataclass
class Secret:
    x: float
    _y: float = math.nan  # orjson leaves out what is nobody's business


class Limit(enum.Enum):
    LOW = Point(1.0)
    NONE = math.nan
    FAR = Point(math.inf)


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
        ([None, Limit.LOW, Secret(1.5)], '[null,{"x":1.0},{"x":1.5}]'),
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
        Limit.NONE,
        {"a": [Limit.NONE]},
        Limit.FAR,
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
