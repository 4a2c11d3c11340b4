"""JSONTestSuite (Nicolas Seriot's), each file through the built module in the sandbox.

Each file is meant as one JSON text. A source may hold many or none, so each is given in two ways: as the
only item of an array, which makes one record of it, and as a source of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from pages import ROOT

import wasmrecords as wr

WAYS: list[Literal["program", "validate"]] = ["program", "validate"]

# Files that are no JSON text, and yet no error in a source of many.
EMPTY = {
    "n_single_space.json": "white space is between records",
    "n_structure_no_data.json": "a source may be empty",
    "n_structure_UTF8_BOM_no_data.json": "a byte order mark at the start of a source is passed over",
}
STREAMS = {
    "n_structure_double_array.json": "two arrays one after the other, both without records",
    "n_structure_object_with_trailing_garbage.json": "two values one after the other",
}

# Where RFC 8259 leaves the choice: read, or refused with a code. docs/errors.md says so in words.
READ = [
    "i_number_double_huge_neg_exp.json",
    "i_number_huge_exp.json",
    "i_number_neg_int_huge_exp.json",
    "i_number_pos_double_huge_exp.json",
    "i_number_real_neg_overflow.json",
    "i_number_real_pos_overflow.json",
    "i_number_real_underflow.json",
    "i_number_too_big_neg_int.json",
    "i_number_too_big_pos_int.json",
    "i_number_very_big_negative_int.json",
    "i_structure_UTF-8_BOM_empty_object.json",
]
LONE_SURROGATES = [
    "i_object_key_lone_2nd_surrogate.json",
    "i_string_1st_surrogate_but_2nd_missing.json",
    "i_string_1st_valid_surrogate_2nd_invalid.json",
    "i_string_incomplete_surrogate_and_escape_valid.json",
    "i_string_incomplete_surrogate_pair.json",
    "i_string_incomplete_surrogates_escape_valid.json",
    "i_string_invalid_lonely_surrogate.json",
    "i_string_invalid_surrogate.json",
    "i_string_inverted_surrogates_U+1D11E.json",
    "i_string_lone_second_surrogate.json",
]
NOT_UTF8 = [
    "i_string_UTF-16LE_with_BOM.json",
    "i_string_UTF-8_invalid_sequence.json",
    "i_string_UTF8_surrogate_U+D800.json",
    "i_string_invalid_utf-8.json",
    "i_string_iso_latin_1.json",
    "i_string_lone_utf8_continuation_byte.json",
    "i_string_not_in_unicode_range.json",
    "i_string_overlong_sequence_2_bytes.json",
    "i_string_overlong_sequence_6_bytes.json",
    "i_string_overlong_sequence_6_bytes_null.json",
    "i_string_truncated-utf-8.json",
]
# UTF-16 without a mark begins with bytes that are UTF-8, but no JSON.
UTF16 = ["i_string_utf16BE_no_BOM.json", "i_string_utf16LE_no_BOM.json"]
TOO_DEEP = ["i_structure_500_nested_arrays.json"]
FREE: dict[str, str | None] = {
    **dict.fromkeys(READ),
    **dict.fromkeys(LONE_SURROGATES + UTF16, "json"),
    **dict.fromkeys(NOT_UTF8, "utf8"),
    **dict.fromkeys(TOO_DEEP, "nesting"),
}


@pytest.fixture(scope="module", params=WAYS)
def keeps(request: pytest.FixtureRequest, records_wasm: Path) -> Iterator[wr.Transform]:
    """Through jq's own values, and through the text as it is."""
    with wr.jq(".") if request.param == "program" else wr.validate(True) as transform:
        yield transform


@pytest.fixture(scope="session")
def suite(shared_data: Path) -> dict[str, bytes]:
    """The files by their names."""
    folder = shared_data / "JSONTestSuite" / "test_parsing"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there: JSONTestSuite is not tried")
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    assert len(files) > 300
    assert {name[:2] for name in files} == {"y_", "n_", "i_"}
    return files


def exact(text: bytes) -> Any:
    """What Python reads, each number as it is written."""
    return json.loads(text, parse_float=str, parse_int=str)


def single(transform: wr.Transform, text: bytes) -> wr.Batch:
    """The text as the only item of an array."""
    return transform.run(b"[" + text + b"]", input="json")


def test_each_y_file_is_a_record(keeps: wr.Transform, suite: dict[str, bytes]) -> None:
    count = 0
    for name, text in suite.items():
        if name.startswith("y_"):
            batch = single(keeps, text)
            assert (batch.counts, batch.failures) == (wr.Counts(1, 1, 0, 0, 1), ()), name
            assert exact(batch.output) == exact(text), name
            count += 1
    assert count > 90


def test_each_y_file_is_a_source(keeps: wr.Transform, suite: dict[str, bytes]) -> None:
    for name, text in suite.items():
        if name.startswith("y_"):
            value = exact(text)
            records = value if isinstance(value, list) else [value]
            batch = keeps.run(text, input="json")
            assert batch.failures == (), name
            assert [exact(line) for line in batch.output.splitlines()] == records, name


def test_no_n_file_is_a_record(keeps: wr.Transform, suite: dict[str, bytes]) -> None:
    count = 0
    for name, text in suite.items():
        if name.startswith("n_"):
            batch = single(keeps, text)
            nothing = not text.strip()  # as the item of an array it leaves an empty one
            assert (batch.counts.failed == 0) == nothing, name
            assert nothing <= (name in EMPTY), name
            count += 1
    assert count > 180


def test_no_n_file_is_a_source_without_a_fault(keeps: wr.Transform, suite: dict[str, bytes]) -> None:
    legal = {}
    for name, text in suite.items():
        if name.startswith("n_"):
            batch = keeps.run(text, input="json")
            counts = batch.counts
            assert counts.read == counts.kept + counts.dropped + counts.failed
            assert {f.code for f in batch.failures} <= {"json", "utf8", "nesting"}, name
            if not counts.failed:
                legal[name] = counts.kept
    assert legal.keys() == EMPTY.keys() | STREAMS.keys()
    assert [legal[name] for name in STREAMS] == [0, 2]
    assert {legal[name] for name in EMPTY} == {0}


def test_no_n_file_is_a_line(keeps: wr.Transform, suite: dict[str, bytes]) -> None:
    """What has no line end within is exactly one record when it is given by lines."""
    count = 0
    for name, text in suite.items():
        if name.startswith("n_") and b"\n" not in text and name not in EMPTY:
            batch = keeps.run(text)
            assert (batch.counts.read, batch.counts.failed) == (1, 1), name
            assert batch.failures[0].input == text, name
            count += 1
    assert count > 170


def test_what_is_left_open_comes_out_as_documented(keeps: wr.Transform, suite: dict[str, bytes]) -> None:
    found: dict[str, str | None] = {}
    for name, text in suite.items():
        if name.startswith("i_"):
            batch = keeps.run(text)
            assert batch.counts.read == 1, name
            found[name] = batch.failures[0].code if batch.failures else None
            if not batch.failures:
                assert exact(batch.output) == exact(text.removeprefix(b"\xef\xbb\xbf")), name
    assert found == FREE


def test_deeper_with_a_higher_limit(suite: dict[str, bytes], records_wasm: Path) -> None:
    with wr.jq(".", limits=wr.Limits(nesting=500)) as transform:
        batch = transform.run(suite[TOO_DEEP[0]])
    assert batch.output == suite[TOO_DEEP[0]].strip() + b"\n"


def test_the_choices_are_documented() -> None:
    page = (ROOT / "docs" / "errors.md").read_text("utf-8")
    section = page.split("#### What RFC 8259 leaves open")[1].split("\n#")[0]
    for words in (
        "numbers of any size",
        "lone surrogate",
        "UTF-16",
        "byte order mark",
        "nesting",
        "last value",
    ):
        assert words in section, words
