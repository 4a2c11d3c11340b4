"""Limits: which values mean something, how they are written, and that each one is kept."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wasmrecords as wr
from wasmrecords._limits import _RANGES, show_bytes

NAMES = [f.name for f in dataclasses.fields(wr.Limits)]


def test_the_defaults() -> None:
    assert wr.Limits().as_dict() == {
        "memory": 64 * wr.MiB,
        "time": 1.0,
        "output": 16 * wr.MiB,
        "log": 64 * wr.KiB,
        "record": 8 * wr.MiB,
        "nesting": 128,
        "module": 16 * wr.MiB,
        "compile": 30.0,
        "compile_memory": 2 * wr.GiB,
        "fuel": None,
        "faults": 50,
        "table": 100_000,
    }
    assert list(_RANGES) == NAMES, "every limit has a range"


def test_limits_are_values() -> None:
    assert wr.Limits(time=0.5) == wr.Limits(time=0.5) != wr.Limits()
    assert hash(wr.Limits()) == hash(wr.Limits())
    with pytest.raises(dataclasses.FrozenInstanceError):
        wr.Limits().time = 2  # type: ignore[misc]


@pytest.mark.parametrize("name", NAMES)
def test_the_ends_of_the_ranges(name: str) -> None:
    low, high = _RANGES[name]
    assert wr.Limits(**{name: low}).as_dict()[name] == low  # type: ignore[arg-type]
    assert wr.Limits(**{name: high}).as_dict()[name] == high  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=f"^limit {name}: .* found a number of more than 100 digits$"):
        wr.Limits(**{name: 10**5000})  # type: ignore[arg-type]
    for value in (low - 1, high + 1, -1, 10**40):
        with pytest.raises(ValueError, match=rf"^limit {name}: expected .* to .*, found {value}$"):
            wr.Limits(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 0.0, -0.0, 1e308])
def test_no_time_is_endless(value: float) -> None:
    with pytest.raises(ValueError, match=r"limit time: expected 0\.01 s to 3600 s, found"):
        wr.Limits(time=value)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["1", None, True, b"1", 1j, [1]])
def test_what_is_no_number(name: str, value: Any) -> None:
    if (name, value) == ("fuel", None):
        return  # it is not counted then
    kind = "a number of seconds" if name in ("time", "compile") else "an integer"
    with pytest.raises(TypeError, match=f"limit {name}: expected {kind}, found {type(value).__name__}"):
        wr.Limits(**{name: value})


def test_bytes_come_whole() -> None:
    with pytest.raises(TypeError, match="limit memory: expected an integer, found float"):
        wr.Limits(memory=1e7)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("time=0.5", "time", 0.5),
        ("time=.5", "time", 0.5),
        ("time=2s", "time", 2.0),
        ("time= 500 ms ", "time", 0.5),
        ("time=1e1", "time", 10.0),
        ("memory=2097152", "memory", 2 * wr.MiB),
        ("memory=32M", "memory", 32 * wr.MiB),
        ("memory=32 mib", "memory", 32 * wr.MiB),
        (" memory = 1GB", "memory", wr.GiB),
        ("output=4k", "output", 4 * wr.KiB),
        ("log=0", "log", 0),
        ("record=100b", "record", 100),
        ("nesting=64", "nesting", 64),
        ("module=+1M", "module", wr.MiB),
        ("compile=1500ms", "compile", 1.5),
        ("compile_memory=1G", "compile_memory", wr.GiB),
    ],
)
def test_settings(text: str, name: str, value: float) -> None:
    assert wr.Limits.parse([text]) == wr.Limits(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("settings", [5, None, "time=1", b"time=1", [5]])
def test_what_are_no_settings(settings: Any) -> None:
    with pytest.raises(
        TypeError, match=r"^settings: expected .*'time=0\.5'.*, found (int|NoneType|str|bytes)$"
    ):
        wr.Limits.parse(settings)


def test_several_settings() -> None:
    assert wr.Limits.parse([]) == wr.Limits()
    assert wr.Limits.parse(["time=1", "log=1k", "time=2"]) == wr.Limits(time=2.0, log=1024)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time", "limit 'time': expected NAME=VALUE, as time=0.5 or memory=32M"),
        ("", "limit '': expected NAME=VALUE"),
        ("memroy=1M", "limit 'memroy' is not known; did you mean 'memory'?"),
        ("Time=1", "limit 'Time' is not known; did you mean 'time'?"),
        (
            "speed=1",
            "limit 'speed' is not known; known limits: memory, time, output, log, record, nesting, module, ",
        ),
        ("=1", "limit '' is not known"),
        ("time=", "limit time: expected seconds, as 0.5 or 500ms, found ''"),
        ("time=soon", "found 'soon'"),
        ("time=nan", "found 'nan'"),
        ("time=1m", "found '1m'"),
        ("time=1e999", "limit time: expected 0.01 s to 3600 s, found inf"),
        ("time=-1", "limit time: expected 0.01 s to 3600 s, found -1.0"),
        ("memory=1.5M", "limit memory: expected bytes, as 1048576, 512K or 64M, found '1.5M'"),
        ("memory=1T", "found '1T'"),
        ("memory=٣", "found '٣'"),
        ("memory=1_000_000", "found '1_000_000'"),
        ("memory=" + "9" * 5000, "expected bytes"),
        ("memory=-1M", "limit memory: expected 1 MiB to 4,194,240 KiB, found -1048576"),
        ("record=0", "limit record: expected 1 byte to 2 GiB, found 0"),
        ("nesting=1K", "limit nesting: expected a whole number, found '1K'"),
        ("nesting=1001", "limit nesting: expected 1 to 1,000, found 1001"),
    ],
)
def test_settings_that_are_none(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        wr.Limits.parse([text])
    assert message in str(caught.value)


@given(st.text())
def test_any_text_is_limits_or_a_value_error(text: str) -> None:
    for setting in (text, f"time={text}", f"memory={text}"):
        try:
            limits = wr.Limits.parse([setting])
        except ValueError as error:
            said = str(error)
        else:
            said = f"limit {limits}"
        assert said.startswith("limit ")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1000, "1,000 bytes"),
        (1024, "1 KiB"),
        (wr.MiB, "1 MiB"),
        (3 * wr.GiB // 2, "1,536 MiB"),
    ],
)
def test_sizes_as_people_write_them(size: int, text: str) -> None:
    assert show_bytes(size) == text


# --- each limit is kept ---------------------------------------------------------------------------


def codes(transform: wr.Transform, data: bytes) -> list[str | None]:
    """For each record its failure's code, None where it was kept or dropped."""
    with transform:
        batch = transform.run(data)
    found: list[str | None] = [None] * batch.counts.read
    for failure in batch.failures:
        found[failure.record - 1] = failure.code
    return found


@pytest.mark.usefixtures("records_wasm")
class TestThatEachIsKept:
    def test_time(self) -> None:
        runaway = wr.jq("if . == 2 then [range(1e12)] | length else . end", limits=wr.Limits(time=0.1))
        assert codes(runaway, b"1\n2\n3\n")[0::2] == [None, None]
        loop = wr.jq("def f: f; if . == 2 then f else . end", limits=wr.Limits(time=0.1))
        assert codes(loop, b"1\n2\n3\n") == [None, "time", None]

    def test_memory(self) -> None:
        hungry = wr.jq(
            "if . == 2 then [range(1e9)] else . end", limits=wr.Limits(memory=8 * wr.MiB, time=20.0)
        )
        assert codes(hungry, b"1\n2\n3\n") == [None, "memory", None]

    def test_stack(self) -> None:
        deep = wr.jq("def f: 1 + f; if . == 2 then f else . end", limits=wr.Limits(time=5.0))
        first, second, third = codes(deep, b"1\n2\n3\n")
        assert (first, third) == (None, None)
        assert second in ("stack", "memory")

    def test_output(self) -> None:
        wide = wr.jq('if . == 2 then "x" * 2000 else . end', limits=wr.Limits(output=1024))
        assert codes(wide, b"1\n2\n3\n") == [None, "output", None]

    def test_output_is_a_limit_of_one_record_and_not_of_a_batch(self) -> None:
        with wr.jq('"x" * 400', limits=wr.Limits(output=1024)) as transform:
            batch = transform.run(b"1\n" * 100)
        assert batch.output == (b'"' + b"x" * 400 + b'"\n') * 100

    def test_log(self) -> None:
        with wr.jq("debug", limits=wr.Limits(log=100)) as transform:
            batch = transform.run(b'"noise"\n' * 1000)
        assert 0 < len(batch.log) <= 100
        assert batch.counts.kept == 1000

    def test_record(self) -> None:
        valid = wr.validate(True, limits=wr.Limits(record=10))
        assert codes(valid, b'1\n"12345678"\n"123456789"\n3\n') == [None, None, "record_too_large", None]

    def test_nesting(self) -> None:
        valid = wr.validate(True, limits=wr.Limits(nesting=3))
        assert codes(valid, b'1\n[[[1]]]\n{"a": [{"b": []}]}\n3\n') == [None, None, "nesting", None]

    def test_nesting_of_a_hundred_thousand(self) -> None:
        valid = wr.validate(True)
        assert codes(valid, b"1\n" + b"[" * 100_000 + b"]" * 100_000 + b"\n3\n") == [None, "nesting", None]

    def test_module(self) -> None:
        with pytest.raises(wr.ModuleLimit) as caught:
            wr.validate(True, limits=wr.Limits(module=1024))
        assert (caught.value.limit, caught.value.value) == ("module", 1024)


def test_a_limit_names_itself() -> None:
    found = {kind.limit for kind in wr.LimitError.__subclasses__()}
    # One error for both limits of the compiler.
    assert set(NAMES) - {"log", "compile_memory"} | {"stack", "max_failures"} == found
