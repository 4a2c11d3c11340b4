"""What became of records, as values."""

from __future__ import annotations

import dataclasses

import pytest

import wasmrecords as wr

FAILURE = wr.Failure(3, 5, 61, "type", "$.age", "expected integer, found string", b'{"age": "x"}')


def test_counts_add_up_by_name() -> None:
    first, second = wr.Counts(4, 1, 1, 2, 3), wr.Counts(read=1, kept=1, written=1)
    assert first.plus(second) == wr.Counts(read=5, kept=2, dropped=1, failed=2, written=4)
    assert first.plus(wr.Counts()) == first
    assert str(wr.Counts()) == "Counts(read=0, kept=0, dropped=0, failed=0, written=0)"


def test_counts_are_no_lists_to_concatenate() -> None:
    assert wr.Counts(1, 1).plus(wr.Counts(1, 1)).read == 2
    assert wr.Counts._fields == ("read", "kept", "dropped", "failed", "written")


def test_a_failure_is_one_line() -> None:
    assert str(FAILURE) == "record 3 (line 5, byte 61) at $.age: expected integer, found string [type]"
    whole = dataclasses.replace(FAILURE, path="$")
    assert str(whole) == "record 3 (line 5, byte 61): expected integer, found string [type]"


def test_outcomes_are_frozen_values() -> None:
    batch = wr.Batch(b"1\n", wr.Counts(1, 1, 0, 0, 1))
    assert batch == wr.Batch(b"1\n", wr.Counts(1, 1, 0, 0, 1), (), b"")
    assert batch.failures == ()
    assert FAILURE.spooled is None
    for value, name in ((batch, "output"), (FAILURE, "record")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, name, 1)
    with pytest.raises(AttributeError):
        batch.counts.read = 5  # type: ignore[misc]
