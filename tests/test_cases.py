"""The corpus in ``tests/cases``, in the sandbox. ``rust-wasm/modules/tests/cases.rs`` runs it natively."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import wasmrecords as wr

FOLDER = Path(__file__).parent / "cases"
FILES = sorted(FOLDER.glob("*.json"))
CASES = [(path.stem, case) for path in FILES for case in json.loads(path.read_text("utf-8"))]


def transform(case: dict[str, Any], **more: Any) -> wr.Transform:
    if case.get("jq") is None:
        return wr.validate(case.get("schema", True), **more)
    return wr.jq(case["jq"], schema=case.get("schema"), **more)


@pytest.mark.parametrize("isolation", ["shared", "fresh"])
@pytest.mark.parametrize("case", [c for _, c in CASES], ids=[f"{file}: {c['name']}" for file, c in CASES])
def test_case(case: dict[str, Any], isolation: str) -> None:
    data = case["input"].encode()
    with transform(case, isolation=isolation) as recipe:
        batch = recipe.run(data, input=case.get("encoding", "ndjson"))
    assert batch.output.decode() == case.get("output", "")
    found = [
        {"record": f.record, "offset": f.offset, "code": f.code, "path": f.path, "message": f.message}
        for f in batch.failures
    ]
    assert found == [{"path": "$", **f} for f in case.get("failures", [])]
    assert batch.counts.dropped == case.get("dropped", 0)
    assert batch.counts.read == batch.counts.kept + batch.counts.dropped + batch.counts.failed
