"""The benchmarks run, on tiny input, so that they do not rot. What they measure here means nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from conftest import ROOT

RUN = ROOT / "benchmarks" / "run.py"


def measure(what: str, folder: Path, environment: dict[str, str], *options: str) -> dict[str, Any]:
    """The rows of one measurement, by name."""
    answer = folder / "answer.json"
    done = subprocess.run(
        [sys.executable, RUN, what, "--rounds", "1", "--json", answer, *options],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(answer.read_bytes())
    assert found["machine"]["wasmrecords"]
    for row in found["rows"]:
        assert row["name"] in done.stdout
    return {row["name"]: row for row in found["rows"]}


@pytest.mark.usefixtures("records_wasm")
@pytest.mark.parametrize(
    ("what", "rows"),
    [
        (
            "speed",
            ["jq: speed", "schema: speed", "--jq '.' against native jq -c", "--schema against msgspec"],
        ),
        ("engine", ["guest, narrow", "guest, reference", "10 % bad: speed over reference"]),
        (
            "peers",
            [
                *(f"{who}: the whole job" for who in ("wasmrecords", "wasmrecords, in Rust", "json")),
                *("the whole job against json", "a Rust function over the recipe, whole processes"),
            ],
        ),
        ("host", ["host share, --jq", "the guest's memory, both", "one record, host and guest, p50"]),
        ("threads", ["two threads over one"]),
        ("armour", ["armour, the host's part", "armour, in the guest's code", "a batch in a worker process"]),
        ("typed", ["typed records, recipe", "all members, over serde"]),
        ("functions", ["one call of multiply(6, 7), p50", "map, pairs of integers"]),
        ("start", ["import wasmrecords", "one record, whole process"]),
        ("memory", ["peak memory, 0.025 MB", "peak memory, 0.1 MB"]),
    ],
)
def test_measures(what: str, rows: list[str], tmp_path: Path, cli_environment: dict[str, str]) -> None:
    options = ["--size", "0.6" if what in ("armour", "threads") else "0.1"]
    if what == "engine":
        options += ["--engine", *(f"--only={case}" for case in ("narrow", "reference", "10 % bad"))]
    found = measure(what, tmp_path, cli_environment, *options)
    assert set(rows) <= set(found)
    compared = [row for name, row in found.items() if " against " in name or name.endswith(" processes")]
    notes = {row["note"] for row in compared if row["value"] is not None}
    assert notes <= {"same output", ""}


@pytest.mark.usefixtures("records_wasm")
def test_counts_programs_that_run_in_the_fast_engine(tmp_path: Path, cli_environment: dict[str, str]) -> None:
    (tmp_path / "programs.tsv").write_text("sightings(of 4)\tprogram\n3\t.a\n1\t.. | .b\n0\t.a |\n")
    script = RUN.with_name("programs.py")
    done = subprocess.run(
        [sys.executable, script, tmp_path / "programs.tsv"],
        env=cli_environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[0] == "   1  .. | .b"
    assert said[1].strip().startswith("..: ")
    assert said[3].strip().startswith("refused: ")
    assert said[-1] == "3 of 4 run wholly in the fast engine"


def test_shows_what_was_measured(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"name": "wasmrecords: the whole job", "value": 500.0, "note": "peak 40 MB"},
        {"name": "a & b: the whole job", "value": 50.0, "note": "peak 90 MB"},
        {"name": "the whole job against a & b", "value": 10.0, "note": "same output"},
        {"name": "guest, wide", "value": 1000.0, "note": ""},
        {"name": "wide: speed over the study's kernel", "value": 1.02, "note": ""},
        {"name": "one record", "value": None, "note": "not measured: no clock"},
    ]
    rows = [{"unit": "x", "target": "", "met": None} | row for row in rows]
    rows[4] |= {"target": ">= 1", "met": True}
    (tmp_path / "measured.json").write_text(json.dumps({"rows": rows}))
    for script, *given in (("plot.py", tmp_path), ("tables.py",)):
        command = [sys.executable, RUN.with_name(script), tmp_path / "measured.json", *given]
        shown = subprocess.run(command, check=True, timeout=60, capture_output=True, text=True).stdout
    assert "| a & b | 50 | 10x |  |  | 90 MB |" in shown
    assert "| wide | 1,000 | the study's kernel | 1.02x | 1 | met |  |" in shown
    assert "| one record |  |  |  | not measured: no clock |" in shown
    drawn = {name: ElementTree.parse(tmp_path / f"{name}.svg").getroot() for name in ("peers", "shapes")}
    words = {
        name: {text.text for text in root.iter("{http://www.w3.org/2000/svg}text")}
        for name, root in drawn.items()
    }
    assert {"a & b", "500 MB/s", "peak 90 MB"} <= words["peers"]
    assert {"wide", "1,000 MB/s", "1.02x hand-written"} <= words["shapes"]
    rectangles = drawn["peers"].iter("{http://www.w3.org/2000/svg}rect")
    lengths = [float(bar.attrib["width"]) for bar in rectangles][1:]
    assert lengths[0] == pytest.approx(10 * lengths[1], rel=0.01)


@pytest.mark.usefixtures("records_wasm")
def test_says_what_is_missing(tmp_path: Path, cli_environment: dict[str, str]) -> None:
    environment = cli_environment | {"PATH": str(tmp_path)}
    row = measure("speed", tmp_path, environment, "--size", "0.1")["--jq '.' against native jq -c"]
    assert row["value"] is None
    assert row["note"] == "not measured: there is no jq command on this machine"
