"""Real files through the real command: every value, every digit, every count."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Ended, RunCli

FILES = {
    "amazon_cellphones.ndjson": "ndjson",
    "apache_builds.json": "json",
    "citm_catalog.json": "json",
    "github_events.json": "json",
    "random.json": "json",
    "twitter.json": "json",
    "update-center.json": "json",
}
FORMATS = [(name, chosen) for name, found in FILES.items() for chosen in ("auto", "json", found)]


def exact(text: str | bytes) -> Any:
    """What Python reads, each number as it is written."""
    return json.loads(text, parse_float=str, parse_int=str)


def records(path: Path, encoding: str) -> list[Any]:
    """The records of a file, by Python."""
    text = path.read_text("utf-8")
    if encoding == "ndjson":
        return [exact(line) for line in text.split("\n") if line.strip()]
    decoder = json.JSONDecoder(parse_float=str, parse_int=str)
    found: list[Any] = []
    at = len(text) - len(text.lstrip())
    while at < len(text):
        value, end = decoder.raw_decode(text, at)
        found += value if isinstance(value, list) else [value]
        at = end + len(text[end:]) - len(text[end:].lstrip()) if end < len(text) else end
    return found


def lines(ended: Ended) -> list[Any]:
    return [exact(line) for line in ended.out.split(b"\n") if line]


def counts(folder: Path) -> dict[str, int]:
    """Of the report that a run wrote."""
    report = json.loads((folder / "report.json").read_bytes())
    found: dict[str, int] = report["counts"]
    assert found["read"] == found["kept"] + found["dropped"] + found["failed"]
    return found


def test_each_file_is_known(shared_data: Path) -> None:
    assert {path.name for path in shared_data.iterdir() if path.is_file()} == FILES.keys()


@pytest.mark.parametrize(("name", "chosen"), dict.fromkeys(FORMATS))
@pytest.mark.parametrize("schema", [False, True], ids=["program", "schema"])
def test_values_and_digits_are_kept(
    run_cli: RunCli, shared_data: Path, tmp_path: Path, name: str, chosen: str, schema: bool
) -> None:
    path = shared_data / name
    expected = records(path, FILES[name] if chosen == "auto" else chosen)
    assert expected
    (tmp_path / "any.json").write_text("{}")
    recipe = ["--schema", "any.json"] if schema else ["--jq", "."]
    ended = run_cli("run", *recipe, "--input", chosen, "--report", "report.json", path)
    assert ended.code == 0, ended
    assert lines(ended) == expected
    assert counts(tmp_path) == {
        "read": len(expected),
        "kept": len(expected),
        "dropped": 0,
        "failed": 0,
        "written": len(expected),
    }


def test_an_array_pretty(run_cli: RunCli, shared_data: Path) -> None:
    """As the job says it: the values are the same, and each level is indented by two spaces."""
    path = shared_data / "citm_catalog.json"
    ended = run_cli("run", "--input", "json", "--jq", ".", "--output", "pretty", path)
    assert ended.code == 0, ended
    assert exact(ended.out) == [exact(path.read_bytes())]
    text = json.dumps([json.loads(path.read_bytes())], ensure_ascii=False, indent=2)
    assert ended.out.decode() == text + "\n"


@pytest.mark.parametrize("output", ["json", "pretty"])
def test_arrays_of_records(run_cli: RunCli, shared_data: Path, output: str) -> None:
    for name in ("github_events.json", "amazon_cellphones.ndjson"):
        ended = run_cli("run", "--jq", ".", "--output", output, shared_data / name)
        assert ended.code == 0, ended
        assert exact(ended.out) == records(shared_data / name, FILES[name])


def test_all_files_in_one_run(run_cli: RunCli, shared_data: Path, tmp_path: Path) -> None:
    paths = [shared_data / name for name in FILES]
    ended = run_cli("run", "--jq", ".", "--report", "report.json", *paths)
    assert ended.code == 0, ended
    expected = [record for name in FILES for record in records(shared_data / name, FILES[name])]
    assert lines(ended) == expected
    assert counts(tmp_path)["read"] == len(expected)


def test_a_program_on_the_cellphones(run_cli: RunCli, shared_data: Path, tmp_path: Path) -> None:
    """Select, build objects, keep digits; the same in Python."""
    program = (
        'select(.[0] != "asin" and .[7] >= 100 and (.[2] | test("galaxy"; "i")))'
        ' | {asin: .[0], rating: .[5], prices: (.[8] | split(",")), long: (.[2] | length > 60)}'
    )
    path = shared_data / "amazon_cellphones.ndjson"
    ended = run_cli("run", "--jq", program, "--report", "report.json", path)
    assert ended.code == 0, ended
    expected = [
        {
            "asin": row[0],
            "rating": row[5],
            "prices": row[8].split(",") if row[8] else [],
            "long": len(row[2]) > 60,
        }
        for row in records(path, "ndjson")
        if row[0] != "asin" and int(row[7]) >= 100 and "galaxy" in row[2].lower()
    ]
    assert 10 < len(expected) < 400
    assert lines(ended) == expected
    found = counts(tmp_path)
    assert (found["read"], found["kept"]) == (len(records(path, "ndjson")), len(expected))
    assert found["dropped"] == found["read"] - found["kept"]


def test_a_schema_on_the_cellphones(run_cli: RunCli, shared_data: Path, tmp_path: Path) -> None:
    """The heading of the table is the one line that is no phone; prices may be missing."""
    schema = {
        "type": "array",
        "prefixItems": [{"pattern": "^B0[0-9A-Z]{8}$"}, *[{"type": "string"}] * 4, {"type": "number"}],
        "minItems": 9,
        "items": {"type": ["string", "integer"]},
    }
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    path = shared_data / "amazon_cellphones.ndjson"
    ended = run_cli("run", "--schema", "schema.json", "--report", "report.json", path, "-o", "out.ndjson")
    assert ended.code == 1, ended
    rows = records(path, "ndjson")
    assert [exact(line) for line in (tmp_path / "out.ndjson").read_bytes().splitlines()] == rows[1:]
    (letter,) = (tmp_path / "out.ndjson.errors.ndjson").read_text("utf-8").splitlines()
    dead = json.loads(letter)
    assert (dead["record"], dead["line"], dead["offset"]) == (1, 1, 1)
    assert (dead["code"], dead["path"]) == ("pattern", "$[0]")
    assert exact(dead["input"]) == rows[0]
    assert counts(tmp_path)["failed"] == 1


def test_many_from_one(run_cli: RunCli, shared_data: Path) -> None:
    """One record of half a megabyte gives a thousand."""
    path = shared_data / "random.json"
    ended = run_cli("run", "--jq", ".result[] | {id, name, age}", path)
    assert ended.code == 0, ended
    people = exact(path.read_bytes())["result"]
    assert lines(ended) == [{key: person.get(key) for key in ("id", "name", "age")} for person in people]
