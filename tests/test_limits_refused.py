"""Limits that cannot be meant: one clear sentence each, for every limit, before anything runs."""

from __future__ import annotations

import dataclasses
import math
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from guests import guest

import wasmrecords as wr
from wasmrecords import cli
from wasmrecords._limits import _RANGES

NAMES = [field.name for field in dataclasses.fields(wr.Limits)]
NUMBERS = [0, -1, 2**64, -(2**64), 1000 * wr.GiB, 10**5000, 0.0, -1.0, math.nan, math.inf, -math.inf, 1e308]
OTHERS: list[Any] = ["ten", "10", "", b"1", [1], {}, True, 1j, object()]
TEXTS = [
    "0",
    "-1",
    str(2**64),
    "ten",
    "NaN",
    "nan",
    "inf",
    "1000G",
    "1000 GiB",
    "1e400",
    "",
    "9" * 5000,
    "1,5",
]


def bad(name: str, value: Any) -> bool:
    """False for what means something for this limit: a log of no bytes."""
    low, high = _RANGES[name]
    whole = isinstance(getattr(wr.Limits(), name), int | None)
    return (isinstance(value, float) and whole) or not low <= value <= high


@pytest.fixture
def handlers() -> Iterator[None]:
    """The command line sets a handler of its own."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", NUMBERS, ids=lambda value: f"{value:.3g}" if abs(value) < 1e300 else "huge")
def test_numbers(name: str, value: float) -> None:
    if not bad(name, value):
        assert wr.Limits(**{name: value}).as_dict()[name] == value  # type: ignore[arg-type]
        return
    with pytest.raises((ValueError, TypeError)) as caught:
        wr.Limits(**{name: value})  # type: ignore[arg-type]
    assert str(caught.value).startswith(f"limit {name}: expected ")
    assert ", found " in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", OTHERS, ids=lambda value: type(value).__name__)
def test_what_is_no_number(name: str, value: Any) -> None:
    with pytest.raises(TypeError) as caught:
        wr.Limits(**{name: value})
    assert str(caught.value).startswith(f"limit {name}: expected ")
    assert str(caught.value).endswith(f", found {type(value).__name__}")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("handlers")
def test_on_the_command_line(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Every text that is refused: the module and the input are never looked at, the output is not made."""
    output = tmp_path / "out"
    for text in TEXTS:
        try:
            wr.Limits.parse([f"{name}={text}"])
            continue
        except ValueError as error:
            expected = str(error)
        arguments = ["run", "-m", "missing.wasm", "--limit", f"{name}={text}", "missing", "-o", str(output)]
        assert cli.main(arguments) == 2
        out, err = capfd.readouterr()
        first, second = err.splitlines()
        assert (out, first) == ("", f"wasmrecords: error: {expected}")
        assert first.startswith(f"wasmrecords: error: limit {name}: expected ")
        assert len(first) < 300
        assert second == "See: wasmrecords run --help"
    assert not output.exists()


@pytest.mark.parametrize("name", NAMES)
def test_most_of_these_texts_are_refused(name: str) -> None:
    """So that the test above tries something, for limits that are added later as well."""
    meant = []
    for text in TEXTS:
        try:
            meant.append(getattr(wr.Limits.parse([f"{name}={text}"]), name))
        except ValueError:
            continue
    assert [value for value in meant if bad(name, value)] == []
    assert len(meant) <= 2


@pytest.mark.parametrize("name", NAMES)
def test_every_limit_is_in_the_help(name: str) -> None:
    from wasmrecords.cli._help import _LIMITS, help_of

    assert f" {name}=" in help_of("run")
    assert _LIMITS[name]


# --- the table ------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [10, 100_000, 1_000_000])
def test_a_table_that_begins_larger(most: int) -> None:
    limits = wr.Limits(table=most)
    with wr.load(guest(extra=f"(table {most} funcref)"), limits=limits) as transform:
        assert transform.run(b"a1\n").output == b"a1\n"
    if most == 1_000_000:
        with pytest.raises(wr.ModuleError, match=r"1,000,001 elements as the minimum of a table"):
            wr.load(guest(extra=f"(table {most + 1} funcref)"), limits=limits)
        return
    with pytest.raises(wr.TableLimit) as caught:
        wr.load(guest(extra=f"(table {most + 1} funcref)"), limits=limits)
    assert (caught.value.limit, caught.value.value) == ("table", most)
    assert str(caught.value) == (
        f"the module begins with a table of {most + 1:,} elements, more than {most:,} (limit table)"
    )


def test_a_table_does_not_grow_beyond() -> None:
    """The guest says with its record's first letter whether it grew."""
    grow = """(i32.store8 offset=65536 (local.get $at)
        (select (i32.const 45) (i32.const 43)
            (i32.lt_s (table.grow $t (ref.null func) (i32.const 5)) (i32.const 0))))"""
    module = guest(record=grow, extra="(table $t 1 100000 funcref)")
    with wr.load(module, limits=wr.Limits(table=14)) as transform:
        assert transform.run(b"a\na\na\na\n").output == b"+\n+\n-\n-\n"
