"""JSON Schema's own test suite: every test of every draft agrees, or is listed with a reason.

The suite is not part of this project: ``JSON_SCHEMA_TEST_SUITE`` in the environment names its folder.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from schema_suite import DRAFTS, compared, known, module

FOLDER = os.environ.get("JSON_SCHEMA_TEST_SUITE")
# Of required tests, so that a folder that is not the suite is no success.
LEAST = {"draft4": 618, "draft6": 839, "draft7": 927, "draft2019-09": 1259, "draft2020-12": 1299}

without = pytest.mark.skipif(FOLDER is None, reason="JSON_SCHEMA_TEST_SUITE does not name the suite's folder")


@without
@pytest.mark.slow
@pytest.mark.parametrize("draft", DRAFTS)
def test_the_suite(records_wasm: object, draft: str) -> None:
    listed = known()
    results = list(compared(Path(FOLDER or ""), draft, module))
    required = [result for result in results if result.group.required]
    assert len(required) >= LEAST[draft]
    assert [f"{result.name}\n{result.difference}" for result in required if result.difference] == []
    different = {result.name for result in results if result.difference}
    assert different <= set(listed), different - set(listed)
    there = {result.name for result in results}
    assert set(listed) & there == different, "listed as differences, and agree"


def test_each_listed_difference_has_a_reason() -> None:
    assert all(len(reason) > 40 for reason in known().values())
