"""jq's own tests in the sandbox: what differs is what ``jq_differences.json`` lists, and so does the page.

The tests are not part of this project. ``JQ_TEST_SUITE`` names the folder ``tests`` of jq's sources.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from jq_suite import Answer, Case, compared, difference, known, module, page_section, reason
from pages import ROOT


@pytest.fixture(scope="module")
def found(records_wasm: Path) -> list[tuple[Case, str]]:
    folder = os.environ.get("JQ_TEST_SUITE")
    if not folder:
        pytest.skip("JQ_TEST_SUITE names no folder: jq's own tests are not tried")
    return compared(Path(folder), module(Path(folder) / "modules"))


def test_what_differs_is_listed(found: list[tuple[Case, str]]) -> None:
    listed = known()
    unlisted = [(case, what) for case, what in found if what and reason(case, listed) is None]
    assert not unlisted


def test_what_is_listed_differs(found: list[tuple[Case, str]]) -> None:
    listed = known()
    differing = {(case.program, given) for case, what in found if what for given in ("", case.input)}
    assert set(listed) <= differing


def test_most_agree(found: list[tuple[Case, str]]) -> None:
    assert len(found) > 800
    assert sum(not what for _, what in found) > 0.94 * len(found)


def test_the_page_lists_the_differences() -> None:
    assert page_section() in (ROOT / "docs" / "jq.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("expected", "answer", "differs"),
    [
        (["1.0", '{"a": 1, "b": 2}'], Answer(["1", '{"b":2,"a":1}']), False),
        (["1"], Answer(["1"], error="what comes behind the outputs"), False),
        (["1"], Answer(["1", "2"]), True),
        (["1"], Answer([]), True),
        (["1"], Answer(["true"]), True),
        (["true"], Answer(["1"]), True),
        (["nan"], Answer(["null"]), False),
        (["1e1000"], Answer(["1.7976931348623157e+308"]), False),
        ([r'"\ud800"'], Answer(['"�"']), False),
        ([], Answer([]), False),
        ([], Answer([], refused="no"), True),
        (None, Answer([], refused="no"), False),
        (None, Answer([], error="no"), True),
    ],
)
def test_comparison(expected: list[str] | None, answer: Answer, differs: bool) -> None:
    assert bool(difference(Case("a.test", 1, ".", "null", expected), answer)) == differs
