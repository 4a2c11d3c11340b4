"""Outputs with names, beyond the main one: what they hold, and what no module can do with them."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import RunCli
from example import example
from guests import ARENA, OUTPUTS, guest, store

import wasmrecords as wr

PAYMENTS = b"""{"id": 1, "card": "4000 1234", "cents": 250}
{"id": 2, "card": "4000 1234", "cents": 0}

{"id": 3, "card": "123", "cents": 1}
{"id": 4, "card": "4000 1234", "cents": -1}
{"id": 5, "card": "4000 9876", "cents": 7}"""
MASKED = b'{"id":1,"card":"1234","cents":250}\n{"id":5,"card":"9876","cents":7}\n'
AUDIT = b"""{"payment":1,"note":"masked"}
{"payment":2,"note":"dropped"}
{"payment":5,"note":"masked"}
"""
COUNTS = wr.Counts(read=5, kept=2, dropped=1, failed=2, written=2)

# A guest by hand, whose second output has each record that does not fail once more.
PLACE = 3 * 1024 * 1024
LENGTH = f"(i32.load (i32.const {OUTPUTS + 16}))"
COPY = (
    f"(memory.copy (i32.add (i32.const {PLACE}) {LENGTH}) (i32.add (i32.const {ARENA}) (local.get $at)) "
    f"(i32.sub (local.get $end) (local.get $at)))"
)
NOTE = f"""
(if (i32.ne (local.get $byte) (i32.const 102)) (then
  (i32.store (i32.const {OUTPUTS + 12}) (i32.const {PLACE}))
  (i32.store (i32.const {OUTPUTS + 16})
    (i32.add {LENGTH} (i32.add (i32.const 1) (i32.sub (local.get $end) (local.get $at)))))
  (i32.store8 (i32.add (i32.const {PLACE - 1}) {LENGTH}) (i32.const 10))
  (i32.store (i32.const {OUTPUTS + 20}) (i32.add (i32.const 1) (i32.load (i32.const {OUTPUTS + 20}))))
  (call $add (i32.const 12) (i32.const 1))))
"""
MANIFEST = '{"abi": 1, "name": "by-hand", "outputs": ["main", "again"]}'
LIMITS = wr.Limits(time=0.1, output=1024)


def by_hand(**settings: Any) -> bytes:
    return guest(**{"record": COPY, "done": NOTE, "outputs": 2, "manifest": MANIFEST} | settings)


@pytest.fixture(scope="module")
def payments() -> wr.Transform:
    return wr.load(example("payments"))


# --- what they hold -------------------------------------------------------------------------------


@pytest.mark.parametrize("isolation", ["shared", "fresh", "process"])
def test_a_batch_has_them(isolation: wr.Isolation) -> None:
    with wr.load(example("payments"), isolation=isolation) as transform:
        assert transform.outputs == ("audit",)
        batch = transform.run(PAYMENTS)
        assert (batch.output, batch.counts, batch.outputs) == (MASKED, COUNTS, {"audit": AUDIT})
        assert [(f.record, f.line, f.path) for f in batch.failures] == [(3, 4, "$.card"), (4, 5, "$.cents")]
        assert transform.run(b"").outputs == {"audit": b""}
        for size in (1, 40, 61):
            pieces = [PAYMENTS[at : at + size] for at in range(0, len(PAYMENTS), size)]
            batches = list(transform.stream(pieces))
            assert b"".join(batch.outputs["audit"] for batch in batches) == AUDIT
            assert b"".join(batch.output for batch in batches) == MASKED
        values = transform.run(b"[" + b",".join(PAYMENTS.split(b"\n")[:2]) + b"]", input="json")
        assert values.outputs["audit"] == b"".join(AUDIT.splitlines(keepends=True)[:2])


def test_a_module_with_one_output_has_none_of_them() -> None:
    with wr.load(guest(letters="")) as transform:
        assert (transform.outputs, transform.run(b"a\n").outputs) == ((), {})
        with pytest.raises(
            ValueError, match="outputs: the module module has no output 'a': it has only the main"
        ):
            next(transform.map([1], outputs={"a": print}))


def test_a_long_input_is_in_order(payments: wr.Transform) -> None:
    line = b'{"id": %d, "card": "%s", "cents": %d}\n'
    numbers = range(40_000)
    data = b"".join(line % (n, b"1" * (4 + n % 40), n % 5 - 1) for n in numbers)
    batch = payments.run(data)
    notes = [json.loads(note) for note in batch.outputs["audit"].splitlines()]
    assert [note["payment"] for note in notes] == [n for n in numbers if n % 5]
    assert [json.loads(one)["id"] for one in batch.output.splitlines()] == [n for n in numbers if n % 5 > 1]
    assert batch.counts == wr.Counts(40_000, 24_000, 8_000, 8_000, 24_000)
    streamed = list(payments.stream(io.BytesIO(data)))
    assert len(streamed) > 2
    assert b"".join(part.outputs["audit"] for part in streamed) == batch.outputs["audit"]


def test_objects(payments: wr.Transform) -> None:
    records = [json.loads(line) for line in PAYMENTS.splitlines() if line]
    audit, failed = list[Any](), list[wr.Failure]()
    kept = list(payments.map(records, failures=failed.append, outputs={"audit": audit.append}))
    assert kept == [json.loads(line) for line in MASKED.splitlines()]
    assert audit == [json.loads(line) for line in AUDIT.splitlines()]
    assert [failure.record for failure in failed] == [3, 4]
    # Up to the record that raises, and not beyond.
    audit.clear()
    with pytest.raises(wr.RecordError):
        list(payments.map(records, outputs={"audit": audit.append}))
    assert [note["payment"] for note in audit] == [1, 2]
    audit.clear()

    async def gathered() -> list[Any]:
        given = {"audit": audit.append}
        return [one async for one in payments.amap(records, failures=failed.append, outputs=given)]

    assert asyncio.run(gathered()) == kept
    assert len(audit) == 3
    with pytest.raises(ValueError, match="has no output 'audti'; did you mean 'audit'"):
        next(payments.map(records, outputs={"audti": audit.append}))


# --- whatever a module does -----------------------------------------------------------------------


@pytest.mark.parametrize("isolation", ["shared", "fresh", "process"])
def test_misdeeds_cost_no_line_and_double_none(isolation: wr.Isolation) -> None:
    lines = [f"{letter}{n}" for n, letter in enumerate("atbfadrldbtaca")]
    with wr.load(by_hand(), limits=LIMITS, isolation=isolation) as transform:
        batch = transform.run("\n".join(lines).encode())
        assert batch.output.decode().split() == [line for line in lines if line[0] == "a"]
        # What is dropped from the main output is in the other one all the same.
        assert batch.outputs["again"].decode().split() == [line for line in lines if line[0] in "ad"]
        assert [failure.input.decode() for failure in batch.failures] == [
            line for line in lines if line[0] not in "ad"
        ]
        assert batch.counts == wr.Counts(14, 4, 2, 8, 4)


def row(output: int, word: int, value: int) -> str:
    """Text that puts a word into a row of the table of outputs."""
    return f"(i32.store (i32.const {OUTPUTS + 12 * output + 4 * word}) (i32.const {value}))"


LIES = {
    "one row": store(36, 1),
    "three rows": store(36, 3),
    "four billion rows": store(36, 2**32 - 1),
    "the table's second row outside": store(32, 4 * 1024 * 1024 - 16),
    "an output outside": row(1, 0, 4 * 1024 * 1024 - 1),
    "an output at -1": row(1, 0, -1),
    "a length of four billion": row(1, 1, -1),
    "both together over the limit": row(1, 1, 1023),
    "longer than its line": row(1, 1, 4),
    "shorter than its line": row(1, 1, 2),
    "two records more": row(1, 2, 3),
    "a record more, and said so": row(1, 2, 2) + "(call $add (i32.const 12) (i32.const 1))",
    "no record in some bytes": row(1, 2, 0) + "(call $add (i32.const 12) (i32.const -1))",
    "a record in no bytes": row(1, 1, 0),
    "the main output's records said of the other": row(0, 2, 0) + row(0, 1, 0) + row(1, 2, 2),
    "written of the main output alone": "(call $add (i32.const 12) (i32.const -1))",
    "no line feed": f"(i32.store8 (i32.const {PLACE + 2}) (i32.const 32))",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_about_them_is_believed_by_nobody(lie: str) -> None:
    """It is told at the end of each batch that has a record beginning with x."""
    note = "(i32.store (i32.const 900) (i32.eq (local.get $byte) (i32.const 120)))"
    told = f"(if (i32.load (i32.const 900)) (then (i32.store (i32.const 900) (i32.const 0)) {LIES[lie]}))"
    with wr.load(by_hand(record=COPY + note, after=told), limits=LIMITS) as transform:
        batch = transform.run(b"a1\nx2\n")
        assert (batch.output, batch.outputs) == (b"a1\n", {"again": b"a1\n"}), lie
        assert [(failure.record, failure.code) for failure in batch.failures] == [(2, "reply")]
        assert transform.run(b"a3\n").outputs == {"again": b"a3\n"}


def test_of_records_that_all_failed_nothing_is_in_any_output() -> None:
    lie = "(call $add (i32.const 16) (i32.const -1)) (call $add (i32.const 20) (i32.const 1))"
    with wr.load(by_hand(after=lie), limits=LIMITS) as transform:
        batch = transform.run(b"d\n")
    assert (batch.outputs, batch.failures[0].code) == ({"again": b""}, "reply")


def test_outputs_may_lie_in_the_same_place() -> None:
    """They are only read, and each counts against the limit."""
    same = row(1, 0, PLACE) + row(0, 0, PLACE)
    with wr.load(by_hand(after=same), limits=LIMITS) as transform:
        batch = transform.run(b"a1\na2\n")
    assert (batch.output, batch.outputs["again"]) == (b"a1\na2\n", b"a1\na2\n")


# --- from files to files --------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.ndjson").write_bytes(PAYMENTS)
    return tmp_path


def test_files(payments: wr.Transform, folder: Path) -> None:
    report = wr.run(
        "in.ndjson", payments, "out.ndjson", outputs={"audit": "audit.ndjson"}, report="report.json"
    )
    assert (folder / "out.ndjson").read_bytes() == MASKED
    assert (folder / "audit.ndjson").read_bytes() == AUDIT
    assert report.outputs == {"audit": wr.Written(3, len(AUDIT), "audit.ndjson")}
    assert report.counts == COUNTS
    written = json.loads((folder / "report.json").read_text())
    assert written["outputs"] == {"audit": {"records": 3, "bytes": len(AUDIT), "place": "audit.ndjson"}}
    # In the format of the main one; a binary file will do.
    audit = io.BytesIO()
    report = wr.run("in.ndjson", payments, "out.json", outputs={"audit": audit}, output_format="json")
    assert json.loads(audit.getvalue()) == [json.loads(line) for line in AUDIT.splitlines()]
    assert report.outputs["audit"].bytes == len(audit.getvalue())
    empty = wr.run(
        io.BytesIO(b""), payments, "out.json", outputs={"audit": "none.json"}, output_format="json"
    )
    assert (folder / "none.json").read_bytes() == b"[]\n"
    assert empty.outputs == {"audit": wr.Written(0, 3, "none.json")}
    # Without a place they are counted, and nothing else.
    assert wr.run("in.ndjson", payments, "out.ndjson").outputs == {"audit": wr.Written(3)}


def test_a_run_that_cannot_finish_leaves_what_it_has(folder: Path) -> None:
    (folder / "audit.ndjson").write_bytes(b"before\n")
    (folder / "in.ndjson").write_bytes(b"a1\nd2\n" + b"t\n" * 9)
    with (
        wr.load(by_hand(), limits=wr.Limits(faults=3)) as transform,
        pytest.raises(wr.FaultLimit) as caught,
    ):
        wr.run("in.ndjson", transform, "out.ndjson", outputs={"again": "audit.ndjson"}, report="report")
    assert (folder / "audit.ndjson").read_bytes() == b"before\n"
    (part,) = folder.glob("audit.ndjson.*.part")
    assert part.read_bytes() == b"a1\nd2\n"
    told = json.loads((folder / "report").read_bytes())
    assert told["outputs"]["again"] == {"records": 2, "bytes": 6, "place": str(folder.resolve() / part.name)}
    assert f"the output again so far is in {folder.resolve() / part.name}" in caught.value.__notes__[1]


def test_an_output_that_cannot_be_put_in_its_place(folder: Path) -> None:
    """The one before it is there already: nobody says that it is as it was."""

    def block(_report: wr.Report) -> None:
        (folder / "more").mkdir(exist_ok=True)

    manifest = '{"abi": 1, "outputs": ["main", "again", "more"]}'
    further = {"again": "again", "more": "more"}
    (folder / "in.ndjson").write_bytes(b"a1\n")
    with (
        wr.load(by_hand(outputs=3, manifest=manifest)) as transform,
        pytest.raises(wr.SourceError, match="cannot write more: Is a directory; all of it is in") as caught,
    ):
        wr.run("in.ndjson", transform, "out", outputs=further, progress=block)
    assert (folder / "again").read_bytes() == b"a1\n"
    assert caught.value.__notes__[1].endswith(".part; out is as it was; more is as it was")


@pytest.mark.parametrize(
    ("outputs", "error", "message"),
    [
        ({"audti": "x"}, ValueError, "has no output 'audti'; did you mean 'audit'"),
        (["audit"], TypeError, "outputs: expected a mapping of names"),
        ({"audit": 5}, TypeError, "output audit: expected a path or a binary file, found int"),
        ({"audit": "in.ndjson"}, wr.SourceError, "the output audit in.ndjson is also an input"),
        ({"audit": "out.ndjson"}, wr.SourceError, "the output audit out.ndjson is also the output"),
        ({"audit": "no/such/folder"}, wr.SourceError, "cannot write no/such/folder"),
    ],
)
def test_what_cannot_be_meant(
    payments: wr.Transform, folder: Path, outputs: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        wr.run("in.ndjson", payments, "out.ndjson", outputs=outputs)
    assert [path.name for path in folder.iterdir()] == ["in.ndjson"]


def test_the_command(folder: Path, run_cli: RunCli) -> None:
    (folder / "payments.wasm").write_bytes(example("payments"))
    run = ("run", "-m", "payments.wasm", "in.ndjson", "-o", "out.ndjson")
    ended = run_cli(*run, "--output-to", "audit=audit.ndjson")
    assert (folder / "audit.ndjson").read_bytes() == AUDIT
    assert "\noutput audit: 3 records in audit.ndjson\n" in ended.err
    ended = run_cli(*run)
    assert "\noutput audit: 3 records went nowhere; --output-to audit=FILE writes them\n" in ended.err
    for argument, message in (
        ("audti=x", "--output-to: the module payments has no output 'audti'; did you mean 'audit'?"),
        ("audit", "--output-to: expected NAME=FILE, as audit=audit.ndjson, found 'audit'"),
        (
            "audit=payments.wasm",
            "--output-to audit payments.wasm is also the file of -m; nothing was touched",
        ),
    ):
        ended = run_cli(*run, "--output-to", argument)
        assert (ended.code, message in ended.err) == (2, True), ended.err
    ended = run_cli("run", "--jq", ".", "in.ndjson", "--output-to", "a=b")
    assert "--output-to is for a module with several outputs: it needs -m MODULE.wasm" in ended.err
    inspected = run_cli("inspect", "payments.wasm")
    assert "\n  outputs     main, audit\n" in inspected.out.decode()


def test_cases_have_them(folder: Path, run_cli: RunCli) -> None:
    (folder / "payments.wasm").write_bytes(example("payments"))
    (folder / "cases").mkdir()
    (folder / "in.ndjson").rename(folder / "cases" / "a.input")
    assert run_cli("test", "-m", "payments.wasm", "--update").code == 0
    expected = folder / "cases" / "a.audit.expected"
    assert expected.read_bytes() == AUDIT
    assert run_cli("test", "-m", "payments.wasm").code == 0
    expected.write_bytes(AUDIT.replace(b"masked", b"seen"))
    ended = run_cli("test", "-m", "payments.wasm")
    assert ended.code == 1
    assert b'-{"payment":1,"note":"seen"}' in ended.out
    (folder / "cases" / "a.audit.input").write_bytes(b"")
    ended = run_cli("test", "-m", "payments.wasm")
    assert (
        ended.code,
        "a.audit.expected would be what comes out of this case and the output" in ended.err,
    ) == (2, True), ended
    assert expected.exists()


# --- where they go --------------------------------------------------------------------------------


def test_what_is_no_mapping_of_outputs(payments: wr.Transform, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(PAYMENTS)
    for outputs, error, words in (
        (["audit"], TypeError, "outputs: expected a mapping of names to functions, found list"),
        ({"audit": []}, TypeError, "outputs: expected a function for 'audit', found list"),
        ({"main": print}, ValueError, r"no output 'main' beside the main one: that goes to `output` \(-o\)"),
        ({5: print}, ValueError, "outputs: the module payments has no output 5"),
    ):
        given: Any = outputs
        with pytest.raises(error, match=words):
            next(payments.map([], outputs=given))
    with pytest.raises(TypeError, match="expected a mapping of names to paths or binary files, found set"):
        wr.run(tmp_path / "in", payments, tmp_path / "out", outputs={"audit"})  # type: ignore[arg-type]


def test_batches_share_no_outputs() -> None:
    with wr.load(guest(letters="")) as transform:
        transform.run(b"a\n").outputs["x"] = b""  # type: ignore[index]
        assert transform.run(b"a\n").outputs == {}


def test_two_outputs_in_one_place_are_refused(
    run_cli: RunCli, tmp_path: Path, payments: wr.Transform
) -> None:
    (tmp_path / "m.wasm").write_bytes(example("payments"))
    ended = run_cli("run", "-m", "m.wasm", "--output-to", "audit=-", stdin=PAYMENTS)
    assert (ended.code, ended.out) == (2, b"")
    assert "the output audit goes to standard output, as the output does; nothing was touched" in ended.err
    both = io.BytesIO()
    with pytest.raises(wr.SourceError, match="as the output does"):
        wr.run(io.BytesIO(PAYMENTS), payments, both, outputs={"audit": both})
    assert both.getvalue() == b""
    ended = run_cli(
        "run", "-m", "m.wasm", "-o", "/dev/null", "--output-to", "audit=/dev/null", stdin=PAYMENTS
    )
    assert ended.code == 1


def test_a_reader_that_leaves_while_the_other_output_is_a_file(tmp_path: Path) -> None:
    """The file was asked for, and is not whole: nobody may think that it is."""
    (tmp_path / "m.wasm").write_bytes(example("payments"))
    line = b'{"id": 1, "card": "4000 1234", "cents": 250}\n'
    (tmp_path / "in").write_bytes(line * 50_000)
    command = f"{sys.executable} -m wasmrecords run -m m.wasm in -o out --output-to audit=-"
    shell = ["bash", "-c", f"{command} 2>said | head -c 10 > /dev/null; exit ${{PIPESTATUS[0]}}"]
    ended = subprocess.run(shell, cwd=tmp_path, timeout=60)
    said = (tmp_path / "said").read_text()
    assert ended.returncode == 3, said
    assert "the reader of an output has left, and not all was written to the others" in said
    assert not (tmp_path / "out").exists()


def test_what_is_said_of_an_unfinished_run(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "m.wasm").write_bytes(example("payments"))
    odd = "a\x1b[31m"
    ended = run_cli("run", "-m", "m.wasm", "--fail-fast", "--output-to", f"audit={odd}", stdin=PAYMENTS)
    assert (ended.code, ended.out) == (3, MASKED.splitlines(keepends=True)[0])
    assert "\x1b" not in ended.err
    assert "standard output is as it was" not in ended.err
    (said,) = (line for line in ended.err.splitlines() if line.startswith("output audit: "))
    assert said.endswith((" record", " records"))
    ended = run_cli("run", "-m", "m.wasm", "--output-to", f"audit={odd}", stdin=PAYMENTS)
    assert "output audit: 3 records in a\\x1b[31m\n" in ended.err
