"""What is said by others is printable when we say it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasmrecords._text import clean_text, shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("plain, with späces", "plain, with späces"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\nb\r\t\0", "a\\nb\\r\\t\\x00"),
        ("\u202e\u2028\ufeff", "\\u202e\\u2028\\ufeff"),
        ("\ud800", "\\ud800"),
        ("日本\U0001f600", "日本\U0001f600"),
    ],
)
def test_what_does_not_print_is_escaped(text: str, expected: str) -> None:
    assert shown(text) == clean_text(text) == expected


@given(st.text(st.characters(), max_size=300), st.integers(2, 100))
def test_any_text_becomes_short_and_printable(text: str, longest: int) -> None:
    clean = clean_text(text, longest)
    assert clean.isprintable()
    assert len(clean) <= longest
    assert clean == shown(text) or clean.endswith("…")


def test_a_text_of_megabytes_is_cut_before_it_is_escaped() -> None:
    assert clean_text("\0" * 50_000_000, 10) == "\\x00\\x00\\…"
