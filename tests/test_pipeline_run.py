"""``wr.run`` from Python: what it takes, what it says, and what is left when it cannot go on."""

from __future__ import annotations

import gc
import io
import json
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import RunCli
from guests import ARENA, guest

import wasmrecords as wr
from wasmrecords.pipeline._sink import FileSink
from wasmrecords.pipeline._tolerance import Tolerance

MIXED = b'{"n":1}\nx\n{"n":2}\n{"n":3}\n'


@pytest.fixture
def transform(records_wasm: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[wr.Transform]:
    monkeypatch.setenv("WASMRECORDS_CACHE", str(cache))
    with wr.jq("select(.n != 2)") as made:
        yield made


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "in.ndjson"
    path.write_bytes(MIXED)
    return path


def test_paths(transform, source, tmp_path):
    report = wr.run("*.ndjson", transform, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b'{"n":1}\n{"n":3}\n'
    assert report.counts == wr.Counts(read=4, kept=2, dropped=1, failed=1, written=2)
    assert (report.bytes_in, report.bytes_out, report.bytes_total) == (len(MIXED), 16, len(MIXED))
    assert report.finished
    assert report.sources == ("in.ndjson",)
    assert report.codes == {"json": 1}
    assert report.sha256 == transform.sha256
    assert report.version == wr.__version__
    assert report.dead_letters == f"{tmp_path}/out.errors.ndjson"
    assert report.first_failure is not None
    assert report.first_failure.startswith("in.ndjson record 2 (line 2, byte 8): ")
    assert report.seconds > 0
    assert report.cpu_seconds > 0


def test_file_objects(transform, source):
    class OnlyRead:
        def __init__(self, data: bytes) -> None:
            self.data = data

        def read(self, size: int) -> bytes:
            piece, self.data = self.data[: min(size, 3)], self.data[min(size, 3) :]
            return piece

    output, errors, log = io.BytesIO(), io.BytesIO(), io.BytesIO()
    with source.open("rb") as opened:
        report = wr.run(
            [opened, OnlyRead(MIXED), io.BytesIO(MIXED)], transform, output, errors=errors, stderr=log
        )
        assert not opened.closed
    assert report.counts == wr.Counts(12, 6, 3, 3, 6)
    assert output.getvalue() == b'{"n":1}\n{"n":3}\n' * 3
    letters = [json.loads(line) for line in errors.getvalue().splitlines()]
    assert [letter["source"] for letter in letters] == [str(source), "<stream>", "<stream>"]
    assert report.bytes_total is None
    assert log.getvalue() == b""


def test_debug_text_goes_to_stderr_and_cannot_steer_a_terminal(records_wasm, cache, monkeypatch, source):
    monkeypatch.setenv("WASMRECORDS_CACHE", str(cache))
    log = io.BytesIO()
    with wr.jq('"\\u001b[31m\\u009b" | debug') as made:
        report = wr.run(io.BytesIO(b"1\n"), made, io.BytesIO(), stderr=log)
    assert report.counts.kept == 1
    text = log.getvalue().decode()
    assert "[31m" in text
    assert all(c.isprintable() or c == "\n" for c in text)


def test_a_buffer_that_cannot_be_written_at_the_end(transform, source, tmp_path):
    with open("/dev/full", "wb", buffering=100) as full, open(os.devnull, "wb") as nothing:
        with pytest.raises(wr.SourceError, match="cannot write /dev/full: No space left"):
            wr.run(source, transform, full)
        os.dup2(nothing.fileno(), full.fileno())  # it is flushed once more when it is closed
    assert os.listdir(tmp_path) == ["in.ndjson"]


def test_half_a_report_is_none(transform, source, tmp_path):
    """The records are done by then, and where they should be."""
    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    descriptors = len(os.listdir("/proc/self/fd"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, most[1]))
    try:
        with pytest.raises(wr.SourceError, match="cannot write report: File too large"):
            wr.run(source, transform, "out", errors=os.devnull, report="report")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)
    assert sorted(os.listdir(tmp_path)) == ["in.ndjson", "out"]
    assert len(os.listdir("/proc/self/fd")) == descriptors


@pytest.mark.parametrize(
    ("stderr", "found"), [(io.StringIO(), "found one in text mode"), ("x", "found str"), (2, "found int")]
)
def test_a_standard_error_that_takes_no_bytes_is_refused_first(transform, source, stderr, found):
    told: list[wr.Report] = []
    with pytest.raises(TypeError, match=f"^stderr: expected a binary file, {found}"):
        wr.run(source, transform, io.BytesIO(), stderr=stderr, progress=told.append)
    with pytest.raises(TypeError, match=f"^stderr: expected a binary file, {found}"):
        wr.write_schema(source, io.BytesIO(), stderr=stderr)
    assert not told


@pytest.mark.parametrize("wrong", [None, ".", wr.jq, {}], ids=["none", "program", "function", "dict"])
def test_what_is_no_transform(source, tmp_path, wrong):
    words = f"^transform: expected one of wasmrecords.jq, validate or load, found {type(wrong).__name__}$"
    for call in (lambda: wr.run(source, wrong, "out"), lambda: wr.explain(source, wrong)):
        with pytest.raises(TypeError, match=words):
            call()
    assert os.listdir(tmp_path) == ["in.ndjson"]


def test_what_is_no_input(transform):
    for wrong in (None, 5):
        with pytest.raises(TypeError, match=f"^inputs: expected .* found {type(wrong).__name__}$"):
            wr.run(wrong, transform)


class Named(os.PathLike[bytes]):
    """A path whose name is bytes."""

    def __init__(self, name: bytes) -> None:
        self.name = name

    def __fspath__(self) -> bytes:
        return self.name


def test_names_that_are_bytes(transform, source, tmp_path):
    wr.run(Named(b"in.ndjson"), transform, Named(b"out"))
    assert sorted(os.listdir(tmp_path)) == ["in.ndjson", "out", "out.errors.ndjson"]


def test_a_file_of_text_that_does_not_say_so(transform, source):
    with open("in.ndjson", encoding="utf-8") as file, pytest.raises(TypeError, match="found str: open it in"):
        wr.run(SimpleNamespace(read=file.read), transform, io.BytesIO())


def test_reports_come_before_the_first_batch_and_again_and_again(transform, source):
    reports: list[wr.Report] = []
    source.write_bytes(b'{"n":1}\n' * 200_000)
    last = wr.run(source, transform, "out", progress=reports.append)
    assert reports[0].counts == wr.Counts()
    read = [report.counts.read for report in reports]
    assert len(read) > 2
    assert read == sorted(read)
    assert read[-1] == last.counts.read == 200_000
    assert not any(report.finished for report in reports)


def test_the_report_as_a_file(transform, source):
    report = wr.run(source, transform, io.BytesIO(), errors="bad", report="report.json")
    written = json.loads(Path("report.json").read_text())
    assert written == json.loads(json.dumps(report.as_dict()))
    assert written["counts"] == {"read": 4, "kept": 2, "dropped": 1, "failed": 1, "written": 2}
    assert written["wasmrecords"] == wr.__version__
    for name in ("seconds", "cpu_seconds", "bytes_in", "bytes_out", "sha256"):
        assert name in written


@pytest.mark.parametrize(
    ("arguments", "settings", "error"),
    [
        ((b"data",), {}, TypeError),
        ((5,), {}, TypeError),
        (([5],), {}, TypeError),
        (([],), {}, ValueError),
        ((io.StringIO("x"),), {}, TypeError),
        (("in.ndjson", io.StringIO()), {}, TypeError),
        (("in.ndjson", 5), {}, TypeError),
        (("in.ndjson", ""), {}, wr.SourceError),
        (("in.ndjson", "a\0b"), {}, wr.SourceError),
        (("a\0b",), {}, wr.SourceError),
        (("missing",), {}, wr.SourceError),
        (("in.ndjson",), {"input": "csv"}, ValueError),
        (("in.ndjson",), {"output_format": "csv"}, ValueError),
        (("in.ndjson",), {"max_failures": "-1"}, ValueError),
        (("in.ndjson",), {"max_failures": 1.5}, TypeError),
        (("in.ndjson",), {"max_failures": True}, TypeError),
    ],
)
def test_wrong_arguments(transform, source, tmp_path, arguments, settings, error):
    inputs, *output = arguments
    with pytest.raises(error):
        wr.run(inputs, transform, *(output or [io.BytesIO()]), **settings)
    assert os.listdir(tmp_path) == ["in.ndjson"]


def test_fail_fast_raises_the_first_failure_and_keeps_what_is_done(transform, source, tmp_path):
    with pytest.raises(wr.RecordError) as caught:
        wr.run(source, transform, "out", fail_fast=True)
    assert (caught.value.failure.record, caught.value.failure.code) == (2, "json")
    assert not Path("out").exists()
    assert caught.value.__notes__[0] == "4 records were done"
    kept = {
        path.name.split(".part")[0].rsplit(".", 1)[0]: path.read_bytes() for path in tmp_path.glob("*.part")
    }
    assert kept["out"] == b'{"n":1}\n{"n":3}\n'
    assert json.loads(kept["out.errors.ndjson"])["input"] == "x"
    for path in tmp_path.glob("*.part"):
        assert str(path) in caught.value.__notes__[1]


def test_a_record_over_the_limit_that_ends_a_run_can_be_read(source, tmp_path):
    long = b"[%s]" % (b"7" * 600_000)
    source.write_bytes(b"1\n%s\n2\n" % long)
    with wr.jq(".", limits=wr.Limits(record=1000)) as made, pytest.raises(wr.RecordError) as caught:
        wr.run(source, made, "out", fail_fast=True)
    failure = caught.value.failure
    assert (failure.record, failure.code, failure.input) == (2, "record_too_large", b"")
    assert failure.spooled is not None
    with failure.spooled as file:
        assert file.read() == long
    [part] = tmp_path.glob("out.errors.ndjson.*.part")
    assert json.loads(part.read_bytes())["input"].encode() == long


def test_records_over_the_limit_leave_no_file_open(source):
    source.write_bytes(b"1\n%s\n%s\n2\n" % (b"7" * 600_000, b"8" * 600_000))
    descriptors = len(os.listdir("/proc/self/fd"))
    with wr.jq(".", limits=wr.Limits(record=1000)) as made:
        assert wr.run(source, made, "out").codes == {"record_too_large": 2}
        with pytest.raises(wr.FailureLimit):
            wr.run(source, made, "out", max_failures=1)
        with open("/dev/full", "wb", buffering=0) as full, pytest.raises(wr.SourceError, match="No space"):
            wr.run(source, made, "out", errors=full, fail_fast=True)
    assert len(os.listdir("/proc/self/fd")) == descriptors


def test_letters_of_delivered_records_stand(transform, source):
    with pytest.raises(wr.RecordError):
        wr.run(source, transform, io.BytesIO(), errors="bad", fail_fast=True, report="report")
    assert json.loads(Path("bad").read_bytes())["input"] == "x"
    assert json.loads(Path("report").read_bytes())["finished"] is False


def test_a_report_names_the_letters_of_its_run_and_none_of_an_earlier_one(transform, source):
    Path("out.errors.ndjson").write_bytes(b"of an earlier run\n")
    with pytest.raises(wr.FailureLimit):
        wr.run(source, transform, "out", max_failures=0, report="report")
    letters = Path(json.loads(Path("report").read_bytes())["dead_letters"])
    assert json.loads(letters.read_bytes())["input"] == "x"


def test_letters_that_cannot_stand_do_not_hide_why_the_run_ended(transform, source, tmp_path):
    def stop(report: wr.Report) -> None:
        if report.counts.read:
            os.mkdir("bad")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        wr.run(source, transform, io.BytesIO(), errors="bad", progress=stop)
    (part,) = tmp_path.glob("bad.*.part")
    assert caught.value.__notes__[1] == f"cannot write bad: Is a directory; all of it is in {part}"


def test_an_exception_of_the_progress_function_is_no_half_a_file(transform, source, tmp_path):
    source.write_bytes(b'{"n":1}\n' * 200_000)

    def stop(report: wr.Report) -> None:
        if report.counts.read:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        wr.run(source, transform, "out", progress=stop)
    assert not Path("out").exists()
    [part] = tmp_path.glob("out.*.part")
    count = len(part.read_bytes().splitlines())
    assert caught.value.__notes__[0] == f"{count:,} records were done"
    assert 0 < count < 200_000


def test_an_interrupt_while_a_file_is_made_leaves_none(tmp_path, monkeypatch):
    """It comes at another moment each time, also between the making and what follows it."""
    monkeypatch.chdir(tmp_path)

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    came = 0
    gc.collect()  # what others left open counts as well
    gc.disable()  # an interrupt of what it collects would be lost
    before, descriptors = signal.signal(signal.SIGALRM, interrupt), len(os.listdir("/proc/self/fd"))
    try:
        for number in range(1_000):
            made = FileSink("out")
            try:
                signal.setitimer(signal.ITIMER_REAL, 1e-6 * (1 + number % 60))
                made.open()
                signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                came += 1
            made.abandon(0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        gc.enable()
    assert came
    assert os.listdir(tmp_path) == []
    assert len(os.listdir("/proc/self/fd")) == descriptors


@pytest.mark.parametrize(
    ("allowed", "failed", "read", "at_end", "stops"),
    [
        (None, 9, 9, True, False),
        (0, 0, 9, True, False),
        (0, 1, 9, False, True),
        (3, 3, 9, True, False),
        ("3", 4, 9, False, True),
        ("5%", 100, 999, False, False),
        ("5%", 51, 1000, False, True),
        ("5%", 50, 1000, False, False),
        ("5%", 1, 10, True, True),
        ("0.1%", 1, 1000, True, False),
        ("0%", 0, 0, True, False),
        ("100%", 9, 9, True, False),
    ],
)
def test_tolerance(allowed, failed, read, at_end, stops):
    counts = wr.Counts(read=read, kept=read - failed, failed=failed)
    if not stops:
        Tolerance(allowed).check(counts, at_end=at_end)
        return
    with pytest.raises(wr.LimitError, match=f"{failed} of {read:,} records failed") as caught:
        Tolerance(allowed).check(counts, at_end=at_end)
    assert caught.value.limit == "max_failures"


def test_codes_without_end_take_no_memory_without_end(run_cli: RunCli, tmp_path: Path) -> None:
    """A module makes up a code for each record: five letters of its text."""
    code = f"(i32.add (i32.const {ARENA + 1}) (local.get $at))"
    row = (
        f"(i32.store offset=16 (local.get $row) {code}) (i32.store offset=20 (local.get $row) (i32.const 5))"
    )
    module = guest(letters="", done=f"(if (i32.eq (local.get $byte) (i32.const 102)) (then {row}))")
    (tmp_path / "codes.wasm").write_bytes(module)
    codes = [f"c{number:04}" for number in (*range(3000), *([7] * 500))]
    (tmp_path / "in").write_text("".join(f"f{code}{' ' * 200}\n" for code in codes))
    ended = run_cli("run", "-m", "codes.wasm", "--input", "ndjson", "in", "-o", "out", "--report", "report")
    assert ended.code == 1
    assert "failed 3,500: more 2,000, c0007 501, c0000 1, c0001 1, " in ended.err
    assert ", 981 other codes 981; first: in record 1 " in ended.err
    found = json.loads((tmp_path / "report").read_bytes())["codes"]
    assert len(found) == 1001
    assert sum(found.values()) == 3500
