"""Outputs: files that appear whole, and everything that can be in their way. Nothing is lost in silence."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
from pathlib import Path

import pytest
from guests import guest

GOOD = b'{"n":1}\n{"n":2}\n'
MIXED = b'{"n":1}\nx\n{"n":2}\n'


def parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.part"))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.ndjson"
    path.write_bytes(GOOD)
    return path


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    path = tmp_path / "mixed.ndjson"
    path.write_bytes(MIXED)
    return path


def test_no_output_named_is_standard_output(run_cli, source):
    for output in ([], ["-o", "-"], ["-o", "/dev/stdout"]):
        ended = run_cli("run", "--jq", ".", source, *output)
        assert (ended.code, ended.out) == (0, GOOD)


def test_a_file_is_written_and_nothing_else_is_left(run_cli, source, tmp_path):
    ended = run_cli("run", "--jq", ".", source, "-o", "out.ndjson")
    assert (ended.code, ended.out) == (0, b"")
    assert (tmp_path / "out.ndjson").read_bytes() == GOOD
    assert sorted(os.listdir(tmp_path)) == ["in.ndjson", "out.ndjson"]


def test_a_file_is_replaced_with_its_mode_and_through_its_link(run_cli, source, tmp_path):
    real = tmp_path / "real.ndjson"
    real.write_bytes(b"old\n")
    real.chmod(0o640)
    (tmp_path / "link.ndjson").symlink_to(real)
    assert run_cli("run", "--jq", ".", source, "-o", "link.ndjson").code == 0
    assert (tmp_path / "link.ndjson").is_symlink()
    assert real.read_bytes() == GOOD
    assert real.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_file_of_somebody_else_stays_his(run_cli, source, tmp_path):
    out = tmp_path / "out.ndjson"
    out.write_bytes(b"old\n")
    os.chown(out, 12345, 23456)
    assert run_cli("run", "--jq", ".", source, "-o", "out.ndjson").code == 0
    about = out.stat()
    assert (out.read_bytes(), about.st_uid, about.st_gid) == (GOOD, 12345, 23456)


@pytest.mark.parametrize("option", ["-o", "--errors", "--report"])
def test_what_was_written_runs_as_nobody_else(run_cli, source, tmp_path, option):
    out = tmp_path / "out"
    out.write_bytes(b"old\n")
    out.chmod(0o6755)
    assert run_cli("run", "--jq", ".", source, option, "out").code == 0
    assert (out.read_bytes() != b"old\n", out.stat().st_mode & 0o7777) == (True, 0o755)


def test_a_pipe_and_a_device_are_written_as_they_are(run_cli, source, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE)
    assert run_cli("run", "--jq", ".", source, "-o", "pipe").code == 0
    assert reader.communicate(timeout=30)[0] == GOOD
    assert run_cli("run", "--jq", ".", source, "-o", "/dev/null").code == 0


@pytest.mark.parametrize("folder", ["/dev/fd", "/proc/self/fd"])
def test_an_open_descriptor_is_written_to_and_not_replaced(
    command, cli_environment, records_wasm, mixed, tmp_path, folder
):
    """Whoever has it open goes on in the same file."""
    line = f"{{ echo 0; {' '.join(command)} run --jq . {mixed.name} -o {folder}/1; echo $?; }} >out"
    subprocess.run(["bash", "-c", line], env=cli_environment, cwd=tmp_path, capture_output=True, timeout=60)
    assert (tmp_path / "out").read_bytes() == b"0\n" + GOOD + b"1\n"


def test_a_descriptor_that_is_closed(run_cli, source, tmp_path):
    ended = run_cli("run", "--jq", ".", source, "-o", "/dev/fd/77")
    assert (ended.code, "cannot write /dev/fd/77: Bad file descriptor" in ended.err) == (2, True)


@pytest.mark.parametrize("option", ["-o", "--errors", "--report"])
def test_a_folder_that_is_not_there_is_no_file(run_cli, mixed, tmp_path, option):
    ended = run_cli("run", "--jq", ".", mixed, option, "new/")
    assert (ended.code, "cannot write new/: that is a folder's name; name a file" in ended.err) == (2, True)
    assert os.listdir(tmp_path) == [mixed.name]


@pytest.mark.parametrize(
    ("output_format", "expected"),
    [
        ("json", '[\n{"n":1},\n{"n":[{"a":2}]}\n]\n'),
        (
            "pretty",
            '[\n  {\n    "n": 1\n  },\n  {\n    "n": [\n      {\n        "a": 2\n      }\n    ]\n  }\n]\n',
        ),
    ],
)
def test_arrays(run_cli, output_format, expected):
    ended = run_cli("run", "--jq", ".", "--output", output_format, stdin=b'{"n":1}\n{"n":[{"a":2}]}\n')
    assert (ended.code, ended.out.decode()) == (0, expected)
    ended = run_cli("run", "--jq", "empty", "--output", output_format, stdin=GOOD)
    assert (ended.code, ended.out) == (0, b"[]\n")
    ended = run_cli("run", "--jq", ".", "--output", output_format)
    assert (ended.code, ended.out) == (0, b"[]\n")


@pytest.mark.parametrize("output_format", ["json", "pretty"])
def test_arrays_over_many_batches_are_one_array(run_cli, output_format):
    rows = [{"n": n, "text": "ä\n\u2028" * 20} for n in range(9000)]
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    ended = run_cli("run", "--jq", "select(.n % 2 == 0)", "--output", output_format, stdin=data)
    assert ended.code == 0
    assert json.loads(ended.out) == rows[::2]
    if output_format == "pretty":
        assert ended.out.decode() == json.dumps(rows[::2], ensure_ascii=False, indent=2) + "\n"


def test_pretty_writes_what_it_cannot_indent(run_cli):
    deep = "reduce range(400) as $i (.; [.])"
    ended = run_cli("run", "--jq", f".n, ({deep}), .n", "--output", "pretty", stdin=b'{"n":1}\n')
    assert ended.code == 0
    first, nested, last = json.loads(ended.out)
    assert (first, last) == (1, 1)
    assert ended.out.count(b"[") == 401, nested


def test_a_pipe_that_is_read_is_not_written_to(run_cli, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    ended = run_cli("run", "--jq", ".", "pipe", "-o", "pipe", timeout=20)
    assert (ended.code, "the output pipe is also an input (pipe)" in ended.err) == (2, True), ended


def test_a_pipe_beside_the_output_takes_them(run_cli, mixed, tmp_path):
    os.mkfifo(tmp_path / "out.errors.ndjson")
    with open(os.open(tmp_path / "out.errors.ndjson", os.O_RDONLY | os.O_NONBLOCK), "rb") as reader:
        assert run_cli("run", "--jq", ".", mixed, "-o", "out").code == 1
        assert json.loads(reader.read())["input"] == "x"
    assert sorted(os.listdir(tmp_path)) == [mixed.name, "out", "out.errors.ndjson"]


def test_dead_letters_lie_beside_the_output(run_cli, mixed, tmp_path):
    ended = run_cli("run", "--jq", ".", mixed, "-o", "out.ndjson")
    assert ended.code == 1
    assert (tmp_path / "out.ndjson").read_bytes() == GOOD
    [letter] = map(json.loads, (tmp_path / "out.ndjson.errors.ndjson").read_text().splitlines())
    assert list(letter) == ["source", "record", "line", "offset", "code", "path", "message", "input"]
    message = letter.pop("message")
    assert message
    assert letter == {
        "source": str(mixed), "record": 2, "line": 2, "offset": 8, "code": "json", "path": "$", "input": "x"
    }  # fmt: skip
    assert "dead letters in out.ndjson.errors.ndjson" in ended.err
    assert not parts(tmp_path)


@pytest.mark.parametrize("name", ["é" * 127, "a" * 255, "é" * 60 + "b" * 121])
def test_a_name_as_long_as_a_name_may_be(run_cli, mixed, tmp_path, name):
    """What is written before the run is done has a name of its own, which may not be longer."""
    folder = tmp_path / "folder"
    folder.mkdir()
    letters = name[:-1] + "!"
    ended = run_cli("run", "--jq", ".", mixed, "-o", folder / name, "--errors", folder / letters)
    assert ended.code == 1
    assert (folder / name).read_bytes() == GOOD
    assert json.loads((folder / letters).read_bytes())["input"] == "x"
    assert sorted(os.listdir(folder)) == sorted([name, letters])
    ended = run_cli(
        "run", "--jq", ".", mixed, "-o", folder / name, "--errors", folder / letters, "--fail-fast"
    )
    assert ended.code == 3
    assert GOOD in [path.read_bytes() for path in parts(folder)]


def test_a_name_that_leaves_no_room_for_that_of_dead_letters(run_cli, mixed, tmp_path):
    ended = run_cli("run", "--jq", ".", mixed, "-o", "a" * 250)
    assert ended.code == 2
    assert "File name too long; errors (--errors) names another file for dead letters" in ended.err
    assert os.listdir(tmp_path) == ["mixed.ndjson"]


def test_dead_letters_of_an_earlier_run_go_when_nothing_fails(run_cli, mixed, source, tmp_path):
    assert run_cli("run", "--jq", ".", mixed, "-o", "out.ndjson").code == 1
    assert run_cli("run", "--jq", ".", source, "-o", "out.ndjson").code == 0
    assert not (tmp_path / "out.ndjson.errors.ndjson").exists()


@pytest.mark.parametrize("failing", [False, True])
def test_a_link_where_dead_letters_would_lie_is_not_followed(run_cli, mixed, source, tmp_path, failing):
    precious, link = tmp_path / "precious", tmp_path / "out.ndjson.errors.ndjson"
    precious.write_bytes(b"precious\n")
    link.symlink_to(precious)
    inputs = mixed if failing else source
    ended = run_cli("run", "--jq", ".", inputs, "-o", "out.ndjson")
    assert (ended.code, (tmp_path / "out.ndjson").exists()) == (2, False)
    assert "it is a symbolic link, and nobody named it; errors (--errors) names another file" in ended.err
    assert (precious.read_bytes(), link.is_symlink()) == (b"precious\n", True)
    assert run_cli("run", "--jq", ".", inputs, "-o", "out.ndjson", "--errors", link).code == failing
    assert (b"precious" in precious.read_bytes(), link.is_symlink()) == (False, True)


def test_a_named_dead_letter_file_is_always_made(run_cli, mixed, source, tmp_path):
    assert run_cli("run", "--jq", ".", mixed, "--errors", "bad.ndjson").code == 1
    assert len((tmp_path / "bad.ndjson").read_bytes().splitlines()) == 1
    assert run_cli("run", "--jq", ".", source, "--errors", "bad.ndjson").code == 0
    assert (tmp_path / "bad.ndjson").read_bytes() == b""


def test_dead_letters_without_a_file_go_to_standard_error(run_cli, mixed):
    for output in ([], ["-o", "/dev/null"], ["--errors", "/dev/stderr"]):
        ended = run_cli("run", "--jq", ".", mixed, *output)
        assert ended.code == 1
        assert json.loads(ended.err.splitlines()[0])["input"] == "x"


@pytest.mark.parametrize(
    "kind", ["same", "dotted", "link", "hard link", "standard input", "errors", "report"]
)
def test_an_output_that_is_an_input_is_refused_untouched(run_cli, source, tmp_path, kind):
    arguments, stdin = [str(source), "-o", "in.ndjson"], b""
    if kind == "dotted":
        arguments[2] = f"../{tmp_path.name}/./in.ndjson"
    elif kind == "link":
        (tmp_path / "other").symlink_to(source)
        arguments[2] = "other"
    elif kind == "hard link":
        os.link(source, tmp_path / "other")
        arguments[2] = "other"
    elif kind == "standard input":
        arguments[0], stdin = "-", source.open("rb")
    elif kind in ("errors", "report"):
        arguments[1] = f"--{kind}"
    ended = run_cli("run", "--jq", ".", *arguments, stdin=stdin)
    if not isinstance(stdin, bytes):
        stdin.close()
    assert ended.code == 2
    assert "is also an input" in ended.err
    assert source.read_bytes() == GOOD
    assert not parts(tmp_path)


def test_appending_standard_output_to_an_input_is_refused(run_cli, source):
    with source.open("ab") as stdout:
        ended = run_cli("run", "--jq", ".", source, stdout=stdout)
    assert ended.code == 2
    assert source.read_bytes() == GOOD


def test_messages_that_go_to_an_input_are_refused(run_cli, source):
    with source.open("ab") as stderr:
        ended = run_cli("run", "--jq", "error", source, stderr=stderr)
    assert ended.code == 2
    lines = source.read_bytes().splitlines()
    assert lines[:2] == GOOD.splitlines()
    assert [b"standard error is also an input" in line for line in lines[2:]] == [True]


def test_two_outputs_cannot_be_one_file(run_cli, source, tmp_path):
    ended = run_cli("run", "--jq", ".", source, "-o", "out", "--errors", "./out")
    assert (ended.code, "also the output" in ended.err) == (2, True)
    ended = run_cli("run", "--jq", ".", source, "-o", "out", "--report", "out.errors.ndjson")
    assert (ended.code, "also the dead-letter file" in ended.err) == (2, True)
    assert os.listdir(tmp_path) == ["in.ndjson"]


def test_output_and_messages_may_share_one_stream(run_cli, mixed, tmp_path):
    with (tmp_path / "all.log").open("wb") as log:
        assert run_cli("run", "--jq", ".", mixed, stdout=log, stderr=subprocess.STDOUT).code == 1
    lines = (tmp_path / "all.log").read_text().splitlines()
    assert [json.loads(line).get("n") for line in lines[:3]] == [1, 2, None]


def test_the_files_that_say_what_to_do_are_not_overwritten(run_cli, source, tmp_path):
    schema = tmp_path / "schema.json"
    schema.write_text("{}")
    ended = run_cli("run", "--schema", schema, source, "-o", "schema.json")
    assert (ended.code, "also the file of --schema" in ended.err) == (2, True)
    assert schema.read_text() == "{}"


@pytest.mark.parametrize("option", ["-o", "--errors", "--report"])
def test_an_output_that_cannot_be_made_is_refused_first(run_cli, source, tmp_path, option):
    (tmp_path / "folder").mkdir()
    for path, why in {
        "missing/out": "No such file",
        "folder": "it is a folder",
        "in.ndjson/x": "Not a dir",
    }.items():
        ended = run_cli("run", "--jq", ".", source, option, path)
        assert ended.code == 2, ended
        assert f"cannot write {path}: {why}" in ended.err
        assert ended.out == b""
    assert sorted(os.listdir(tmp_path)) == ["folder", "in.ndjson"]


def test_no_permission_to_write(run_cli, source, tmp_path, nobody):
    (tmp_path / "closed").mkdir(mode=0o555)
    ended = run_cli("run", "--jq", ".", source, "-o", "closed/out", **nobody)
    assert (ended.code, "cannot write closed/out: Permission denied" in ended.err) == (2, True), ended


def test_a_refused_run_writes_nothing(run_cli, source, tmp_path):
    (tmp_path / "out").write_bytes(b"old")
    for arguments in (["--jq", ".["], ["--jq", ".", "missing"], ["--jq", ".", "--limit", "x=1"]):
        ended = run_cli("run", *arguments, source, "-o", "out", "--errors", "bad", "--report", "report.json")
        assert ended.code == 2, ended
        assert sorted(os.listdir(tmp_path)) == ["in.ndjson", "out"]
        assert (tmp_path / "out").read_bytes() == b"old"


def test_full_device(run_cli, source):
    ended = run_cli("run", "--jq", ".", source, "-o", "/dev/full")
    assert ended.code == 3
    assert "cannot write /dev/full: No space left on device; 0 records were done" in ended.err
    with open("/dev/full", "wb") as full:
        ended = run_cli("run", "--jq", ".", source, stdout=full)
    assert ended.code == 3
    assert "cannot write standard output: No space left on device; 0 records were done" in ended.err


def many(path: Path, count: int = 20_000) -> bytes:
    data = b"".join(b'{"n":%d,"text":"%s"}\n' % (n, b"x" * 80) for n in range(count))
    path.write_bytes(data)
    return data


def kept_in(message: str) -> Path:
    """The file that a message says the finished part is in."""
    return Path(message.partition("their output so far is in ")[2].partition(";")[0])


def test_a_file_that_may_not_grow_keeps_whole_records(run_cli, source, tmp_path):
    data = many(source)
    (tmp_path / "out").write_bytes(b"old\n")
    limit = 1_000_000
    ended = run_cli(
        "run", "--jq", ".", source, "-o", "out",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    assert ended.code == 3, ended
    assert "cannot write out: File too large; " in ended.err
    assert (tmp_path / "out").read_bytes() == b"old\n"
    kept = kept_in(ended.err).read_bytes()
    assert kept
    assert data.startswith(kept)
    assert kept.endswith(b"}\n")
    assert f"{kept.count(b'}'):,} records were done" in ended.err


def test_no_room_for_the_file_in_memory_that_a_guest_begins_with(run_cli, source):
    limit = 100_000
    ended = run_cli(
        "run", "--jq", ".", source,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    assert ended.code == 2, ended
    assert "a file in memory, for which `ulimit -f` is, too" in ended.err


def test_a_report_on_names_that_are_no_utf8_is_json(run_cli, tmp_path):
    name = os.fsdecode(b"in-\xff")
    (tmp_path / name).write_bytes(b"1\nx\n")
    ended = run_cli("run", "--jq", ".", name, "-o", os.fsdecode(b"out-\xff"), "--report", "report.json")
    assert ended.code == 1
    ended = run_cli("run", "--jq", ".sources[0], .dead_letters", "report.json")
    assert (ended.code, ended.out) == (0, b'"in-\\\\udcff"\n"out-\\\\udcff.errors.ndjson"\n')
    ended = run_cli("cache", "--json", env={"WASMRECORDS_CACHE": name})
    assert run_cli("run", "--jq", ".folder", stdin=ended.out).out == b'"in-\\\\udcff"\n'


def test_a_folder_that_was_removed_under_the_command(run_cli, source, command):
    start = ["sh", "-c", 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', "sh", *command]
    for arguments, message in (
        (["--jq", ".", source, "-o", "out"], "cannot write out: No such file or directory"),
        (["--jq", ".", source, "--report", "out"], "cannot write out: No such file or directory"),
        (
            ["--jq", 'import "m" as m; .', "-L", "lib", source],
            "the folders of this run are not there: No such",
        ),
    ):
        ended = run_cli("run", *arguments, command=start)
        assert (ended.code, message in ended.err) == (2, True), ended


def test_full_disk(run_cli, source, tmp_path):
    data = many(source)
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], stderr=subprocess.DEVNULL
    )
    if not mounted or mounted.returncode:
        pytest.skip("a small tmpfs cannot be mounted here: /dev/full and RLIMIT_FSIZE stand for it")
    try:
        ended = run_cli("run", "--jq", ".", source, "-o", disk / "out")
        assert ended.code == 3, ended
        assert f"cannot write {disk}/out: No space left on device; " in ended.err
        kept = kept_in(ended.err).read_bytes()
        assert kept
        assert data.startswith(kept)
        assert kept.endswith(b"}\n")
        assert f"{kept.count(b'}'):,} records were done" in ended.err
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_closed_pipe_ends_quietly(command, cli_environment, records_wasm, source, tmp_path):
    many(source)
    line = f"{' '.join(command)} run --jq . in.ndjson | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", line], env=cli_environment, cwd=tmp_path, capture_output=True, timeout=60
    )
    assert done.stdout.splitlines()[1:] == [b"0"]
    assert done.stderr == b""


def test_a_closed_pipe_for_dead_letters_is_no_quiet_end(
    command, cli_environment, records_wasm, source, tmp_path
):
    source.write_bytes(b"x\n" * 20_000)
    line = f"{{ {' '.join(command)} run --jq . in.ndjson -o /dev/null; echo $? >status; }} 2>&1 | head -n 1"
    subprocess.run(["bash", "-c", line], env=cli_environment, cwd=tmp_path, capture_output=True, timeout=60)
    assert (tmp_path / "status").read_text() == "3\n"


def test_a_closed_pipe_for_the_report_is_not_why_a_run_ended(
    command, cli_environment, records_wasm, source, tmp_path
):
    source.write_bytes(b"x\n")
    reader, writer = os.pipe()
    os.close(reader)
    line = [*command, "run", "--jq", ".", "in.ndjson", "-o", "out", "--report", "-", "--max-failures", "0"]
    done = subprocess.run(
        line, env=cli_environment, cwd=tmp_path, stdout=writer, stderr=subprocess.PIPE, timeout=60
    )
    os.close(writer)
    assert (done.returncode, b"more than max-failures 0 allows" in done.stderr) == (3, True), done.stderr


def test_closed_standard_streams(command, cli_environment, records_wasm, source, tmp_path):
    def run(line: str) -> subprocess.CompletedProcess[bytes]:
        line = line.replace("RUN", f"{' '.join(command)} run --jq .")
        return subprocess.run(
            ["bash", "-c", line], env=cli_environment, cwd=tmp_path, capture_output=True, timeout=60
        )

    done = run("RUN <&-")
    assert (done.returncode, b"cannot read standard input" in done.stderr) == (2, True)
    done = run("RUN in.ndjson >&-")
    assert (done.returncode, b"cannot write standard output" in done.stderr) == (2, True)
    done = run("RUN in.ndjson -o out <&- >&- 2>&-")
    assert (done.returncode, (tmp_path / "out").read_bytes()) == (0, GOOD)


def test_a_module_that_does_not_read_the_format_writes_nothing(run_cli, tmp_path):
    (tmp_path / "m.wasm").write_bytes(guest())
    (tmp_path / "in").write_bytes(b"[1]")
    ended = run_cli("run", "-m", "m.wasm", "in", "--input", "json", "-o", "out", "--report", "report")
    assert ended.code == 2
    assert ended.err == "wasmrecords: error: the module module reads ndjson, not json\n"
    assert sorted(os.listdir(tmp_path)) == ["in", "m.wasm"]
