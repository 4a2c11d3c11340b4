"""``wasmrecords bench``: what it measures, and what it compares with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import RunCli
from example import example
from guests import guest

import wasmrecords as wr
from wasmrecords.authoring import bench, cases
from wasmrecords.authoring.bench import History, Result

LINES = b'{"a":1}\nfails\n' * 1000


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / "m.wasm"
    path.write_bytes(guest())
    return path


def test_what_is_measured_adds_up(module: Path) -> None:
    result = bench.measure(module, LINES, wr.Limits(), seconds=0.1)
    times = result.bytes // len(LINES)
    assert (result.bytes, result.records, result.failed) == (len(LINES) * times, 2000 * times, 1000 * times)
    assert 0 < result.guest_seconds < result.seconds
    assert result.memory == 64 * 65536
    said = result.as_dict()
    assert 0 < said["host_share"] < 1
    assert said["records_per_second"] == pytest.approx(result.records / result.seconds)
    assert said["microseconds_per_record"] == pytest.approx(1e6 * result.seconds / result.records)


def test_records_that_trap_are_measured_too(module: Path) -> None:
    """Each costs an instance; the time that all of them worked counts."""
    result = bench.measure(module, b"trap\nx\n" + b"x" * 300_000, wr.Limits(), seconds=0.01)
    assert (result.records, result.failed) == (3, 1)


def test_a_module_with_several_outputs(tmp_path: Path) -> None:
    (tmp_path / "m.wasm").write_bytes(example("payments"))
    record = b'{"id": 1, "card": "4000 1234", "cents": 1}\n'
    found = bench.measure(tmp_path / "m.wasm", record, wr.Limits(), seconds=0.05)
    assert (found.failed, found.records > 100) == (0, True)


def test_slow_records_are_not_repeated_before_it_is_known_how_slow(records_wasm: Path) -> None:
    """All at once they were 131,072, of which each takes some 50 ms."""
    config = json.dumps({"jq": "[range(300000)] | length"}).encode()
    result = bench.measure(records_wasm, b"1\n", wr.Limits(), config=config, seconds=0.1)
    assert (result.failed, result.records < 1000) == (0, True)


def test_history_is_kept_by_module_config_and_input(tmp_path: Path) -> None:
    history = History.of(tmp_path / "target")
    slow, fast = (Result(1_000_000, 10, 0, seconds, seconds / 2, 0) for seconds in (2.0, 1.0))
    one, other = (bench.key(tmp_path / "m.wasm", None, config, b"{}\n") for config in (b"1", b"2"))
    assert history.swap(one, slow) is None
    assert history.swap(one, fast) == slow.rate
    assert history.swap(one, fast) == fast.rate
    assert history.swap(other, fast) is None
    path = tmp_path / "target" / "wasmrecords-bench.json"
    for broken in ("{", "[]", json.dumps({one: "x"})):
        path.write_text(broken)
        assert history.swap(one, fast) is None
    assert History(None).swap(one, fast) is None
    assert History(tmp_path).swap(one, fast) is None  # a folder: nothing is kept, and nothing raised


def test_the_command(run_cli: RunCli, tmp_path: Path, module: Path) -> None:
    (tmp_path / "in.ndjson").write_bytes(LINES)
    env = {"WASMRECORDS_CACHE": str(tmp_path / "cache")}
    ended = run_cli("bench", "m.wasm", "in.ndjson", "--seconds", "0.1", env=env)
    assert (ended.code, ended.err) == (0, "")
    shown = ended.out.decode().splitlines()
    assert shown[0] == "m.wasm"
    assert [line.split()[0] for line in shown[1:]] == ["records", "speed", "time", "of", "memory", "before"]
    assert shown[-1] == "  before   not measured with this input yet: from now on it is compared"
    said = json.loads(
        run_cli("bench", "-m", "m.wasm", "in.ndjson", "--json", "--seconds", "0.1", env=env).out
    )
    assert said["failed"] * 2 == said["records"]
    assert said["against_previous"] > 0

    for arguments, words in (
        (["m.wasm"], "MODULE and INPUT are needed"),
        (["-m", "m.wasm"], "MODULE and INPUT are needed"),
        (["a", "b"], "one INPUT at a time"),
        (["m.wasm", "gone.ndjson"], "gone.ndjson: No such file or directory"),
        (["gone.wasm", "in.ndjson"], "gone.wasm does not exist"),
        (["m.wasm", "in.ndjson", "--config", "{"], "Expecting property name"),
        (["m.wasm", "/dev/null"], "the input has no records"),
        (
            ["m.wasm", "in.ndjson", "--seconds", "0"],
            "--seconds: expected a number over 0, of at most 3600, found '0'",
        ),
        (["m.wasm", "in.ndjson", "--seconds", "x"], "found 'x'"),
        (["m.wasm", "in.ndjson", "--config", "@gone.json"], "--config: cannot read gone.json"),
        (["m.wasm", "in.ndjson", "--transform", "a", "--function", "b"], "cannot go together"),
        ([], "no Cargo.toml"),
    ):
        ended = run_cli("bench", *arguments, env=env)
        assert ended.code in (2, 3)
        assert words in ended.err


def test_cases_of_several_functions_and_transforms_are_not_mixed(tmp_path: Path) -> None:
    for name, ending, word in (
        ("a", "function", "add"),
        ("b", "function", "less"),
        ("c", "transform", "old"),
        ("d", "transform", "new\n"),
        ("e", None, None),
    ):
        (tmp_path / f"{name}.input").write_text("{}\n")
        if ending is not None:
            (tmp_path / f"{name}.{ending}").write_text(word)

    def chosen(
        names: str, function: str | None = None, transform: str | None = None
    ) -> tuple[str, str | None, str | None]:
        found = cases.OfOne.chosen(cases.find(tmp_path, names.split()), function, transform)
        return "".join(case.name for case in found.cases), found.function, found.transform

    assert chosen("a b c d e") == ("a", "add", None)
    assert chosen("a b c d e", function="less") == ("b", "less", None)
    assert chosen("a b c d e", transform="new") == ("de", None, "new")
    assert chosen("c d e") == ("ce", None, "old")
    assert chosen("e") == ("e", None, None)
    assert chosen("a c", function="gone") == ("", "gone", None)


def test_a_module_that_does_not_open(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "m.wasm").write_bytes(guest(open="(unreachable)"))
    (tmp_path / "in.ndjson").write_bytes(b"{}\n")
    ended = run_cli("bench", "m.wasm", "in.ndjson")
    assert (ended.code, ended.out) == (2, b"")
    assert "the module trapped" in ended.err
