"""Real programs, as people write them for one record at a time, against the ``jq`` of this machine.

The programs lie beside the repository, where they lie there at all. Each runs on some dozens of records that
are made for it: what comes out is the same, and what fails there fails here.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jq_records import records_for
from pages import ROOT

import wasmrecords as wr

TABLE = ROOT.parent / "shared" / "jq" / "programs.tsv"
JQ = shutil.which("jq")

# By program: what jq makes of some record, and we do not.
DIFFERENT = {
    ".msg | @base64d": "bytes that are no UTF-8: jq drops the rest of the text, we replace what is wrong",
}
ALWAYS_FAILS = {
    'select(.status == "ok") | [.persona_file | split("/")[-1] | sub("\\\\.txt$"; ""), .vote] | @tsv':
    "a comma binds closer than a pipe, so that .vote is looked for in a text",
}  # fmt: skip


@cache
def programs() -> list[str]:
    rows = TABLE.read_text("utf-8").splitlines()[1:]
    return list(dict.fromkeys(row.split("\t")[2] for row in rows if row))


def by_jq(program: str, data: bytes) -> list[tuple[list[Any], str | None]]:
    """For each record the outputs of the native command, or its error."""
    assert JQ is not None
    wrapped = f"try [[{program}], null] catch [[], (. // {{}} | tostring)]"
    done = subprocess.run([JQ, "-c", wrapped], input=data, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


def by_us(program: str, data: bytes, counts: list[int]) -> list[tuple[list[Any], str | None]]:
    """The same here, where ``counts`` says how many outputs each record should have."""
    with wr.jq(program) as transform:
        batch = transform.run(data)
    failed = {failure.record: failure.message for failure in batch.failures}
    lines = [json.loads(line) for line in batch.output.split(b"\n")[:-1]]
    found: list[tuple[list[Any], str | None]] = []
    for number, count in enumerate(counts, 1):
        taken = 0 if number in failed else count
        found.append((lines[:taken], failed.get(number)))
        del lines[:taken]
    assert not lines, f"{len(lines)} outputs more than jq has"
    return found


def exact(value: Any) -> str:
    """A value with the order of its members; a whole number is whole however it is written."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, list):
        return f"[{','.join(map(exact, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{json.dumps(name)}:{exact(inner)}' for name, inner in value.items())}}}"
    return json.dumps(value)


def test_the_table() -> None:
    if not TABLE.exists():
        pytest.skip(f"{TABLE} is not there")
    assert len(programs()) > 100
    assert set(programs()) >= DIFFERENT.keys() | ALWAYS_FAILS.keys()


@pytest.mark.parametrize("start", range(0, 120, 20))
def test_as_the_jq_of_this_machine(records_wasm: Path, start: int) -> None:
    if not TABLE.exists():
        pytest.skip(f"{TABLE} is not there: its programs are not tried")
    if JQ is None:
        pytest.skip("there is no jq on this machine to compare with")
    for program in programs()[start : start + 20]:
        records = records_for(program)
        data = "".join(f"{json.dumps(record)}\n" for record in records).encode()
        expected = by_jq(program, data)
        assert len(expected) == len(records)
        if any("ONIGURUMA" in (error or "") for _, error in expected):
            continue  # this jq was built without regular expressions
        found = by_us(program, data, [len(outputs) for outputs, _ in expected])
        different = [
            (record, ours, theirs)
            for record, ours, theirs in zip(records, found, expected, strict=True)
            if (ours[1] is None) != (theirs[1] is None) or exact(ours[0]) != exact(theirs[0])
        ]
        if program in DIFFERENT:
            assert len(different) < len(records) / 2, different
        else:
            assert not different, f"{program}\n" + "\n".join(map(str, different[:3]))
        assert any(outputs for outputs, _ in expected) != (program in ALWAYS_FAILS), program


def test_each_program_runs(records_wasm: Path) -> None:
    """Without a jq to compare with, too."""
    if not TABLE.exists():
        pytest.skip(f"{TABLE} is not there: its programs are not tried")
    for program in programs():
        data = "".join(f"{json.dumps(record)}\n" for record in records_for(program)).encode()
        with wr.jq(program) as transform:
            kept = transform.run(data).counts.kept
        assert (kept > 0) != (program in ALWAYS_FAILS), program


def test_most_run_in_the_fast_engine(records_wasm: Path) -> None:
    if not TABLE.exists():
        pytest.skip(f"{TABLE} is not there: its programs are not tried")
    seen = {"fast": 0, "general": 0}
    for row in TABLE.read_text("utf-8").splitlines()[1:]:
        _, sightings, program, *_ = row.split("\t")
        with wr.jq(program) as transform:
            engine = transform.explain().program
        assert engine is not None
        seen[engine] += int(sightings)
    assert sum(seen.values()) == 151
    assert seen["fast"] >= 140
