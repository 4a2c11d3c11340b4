"""The tiers of the fast engine against each other, on the corpora. ``--tiers compare`` goes further."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_cases import CASES
from test_cases import transform as of_case
from test_json_test_suite import EMPTY, suite  # noqa: F401
from tiers import plain, twin_of

import wasmrecords as wr

TIERS = ["all", "exact", "general"]

RECIPES = {
    "program": lambda: wr.jq("."),
    "validate": lambda: wr.validate(True),
    "both": lambda: wr.jq("select(.id != 7) | {id, v}", schema={"properties": {"id": {"type": "integer"}}}),
}


@pytest.fixture(scope="module", params=RECIPES)
def tiers(request: pytest.FixtureRequest, records_wasm: Path) -> Iterator[dict[str, wr.Transform]]:
    """One recipe in each tier."""
    with RECIPES[request.param]() as transform:
        yield {tier: twin_of(transform, tier) for tier in TIERS}


def outcome(transform: wr.Transform, data: bytes, **given: Any) -> tuple[Any, ...]:
    batch = transform.run(data, **given)
    return batch.output, batch.counts, plain(batch.failures)


def same(tiers: dict[str, wr.Transform], data: bytes, **given: Any) -> tuple[Any, ...]:
    """The outcome, which is that of all tiers."""
    found = [outcome(transform, data, **given) for transform in tiers.values()]
    assert found[0] == found[2], ("all", data)
    assert found[1] == found[2], ("exact", data)
    return found[0]


def test_json_test_suite(tiers: dict[str, wr.Transform], suite: dict[str, bytes]) -> None:  # noqa: F811
    """Each file as an item of an array, as a line, and as a member of records whose shape is known."""
    verdicts = {"y_": 0, "n_": 0, "i_": 0}
    known = b'{"id":1,"v":"x"}\n{"id":2,"v":1}\n{"id":3,"v":[]}\n'
    for name, text in suite.items():
        _, counts, failures = same(tiers, b"[" + text + b"]", input="json")
        fails_as_json = any(failure.code in ("json", "utf8", "nesting") for failure in failures)
        verdicts[name[:2]] += fails_as_json if name.startswith("n_") else not fails_as_json
        if name in EMPTY:
            assert not counts.failed or text.strip()
        same(tiers, (text + b"\n") * 3)
        line = text.replace(b"\n", b" ").replace(b"\r", b" ")
        same(tiers, known * 3 + b'{"id":4,"v":' + line + b"}\n" + known)
    # White space alone leaves the array empty.
    blank = sum(not text.strip() for name, text in suite.items() if name.startswith("n_"))
    assert (verdicts["y_"], verdicts["n_"] + blank) == (95, 188)


@pytest.mark.parametrize("seed", range(40))
def test_cases_in_all_tiers(seed: int) -> None:
    """The same ones each time; records come three times, so that shapes that were learned are used."""
    _, case = random.Random(seed).choice(CASES)
    data = case["input"].encode()
    with of_case(case) as transform:
        twins = {tier: twin_of(transform, tier) for tier in TIERS}
        encoding = case.get("encoding", "ndjson")
        same(twins, data if encoding == "json" or not data.endswith(b"\n") else data * 3, input=encoding)
        for twin in twins.values():
            for instance in twin._idle.popitem()[1]:
                instance.close()


def test_outputs_stay_apart_beside_an_array_of_another_kind() -> None:
    """Of two arrays one has its items as outputs, and the other holds more than strings now and then."""
    others = [b'["x"]', b'["x",1]', b'["x",2]', b'["y"]', b"[]"]
    lines = [b'{"l":["a","b"],"t":%s}\n' % other for other in others]
    with wr.jq(".l[]") as transform:
        output, counts, _ = same({tier: twin_of(transform, tier) for tier in TIERS}, b"".join(lines * 2))
    assert (output, counts.written) == (b'"a"\n"b"\n' * 10, 20)


LONG = json.dumps({"a": list(range(1000))}).encode()
LONGER = json.dumps({"a": list(range(6000))}).encode()
ALIKE = json.dumps({"a": "a" * 800_000, "b": "a" * 400_000 + "b"}).encode()
NESTED = b'{"a":[[1]],"b":[[]]}\n{"a":[{"x":1}],"b":[{}]}\n{"a":[[1],[2]],"b":[[2],[]]}\n{"a":[],"b":[[]]}'


@pytest.mark.parametrize(
    ("program", "record", "failed"),
    [
        # More than half of what a guest may write, out of little; and all that it may, and more.
        pytest.param(".a[] as $x | .a[] as $y | [$x, $y]", LONG, None, id="many-outputs"),
        pytest.param(".a[] as $x | .a", LONGER, "output", id="too-many-outputs"),
        pytest.param("[.a[] as $x | .a]", LONGER, "memory", id="too-large-an-output"),
        # The time of a search grows with the lengths of both texts, and not with their product.
        pytest.param(". as $r | .a | contains($r.b)", ALIKE, None, id="contains-in-time"),
        pytest.param(". as $r | .a | index($r.b)", ALIKE, None, id="index-in-time"),
        # Whether one contains the other is not whether they are equal.
        pytest.param(". as $r | .a | contains($r.b)", NESTED, None, id="contains-empty"),
        pytest.param("select(.a | contains([[]]))", NESTED, None, id="contains-an-empty-one"),
    ],
)
def test_what_one_tier_cannot_do_another_does(
    records_wasm: Path, program: str, record: bytes, failed: str | None
) -> None:
    data = b"\n".join((b'{"a":[1],"b":[2]}', record, b'{"a":[2],"b":[[2]]}', b""))
    with wr.jq(program, limits=wr.Limits(time=30)) as transform:
        tiers = {tier: twin_of(transform, tier) for tier in TIERS}
        _, counts, failures = same(tiers, data)
    assert counts.read == data.count(b"\n")
    assert [failure.code for failure in failures] == ([] if failed is None else [failed])
