"""``wasmrecords build`` and ``test``: one project that is built, and all that may be missing."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Ended, RunCli
from example import wasmtime_host
from projects import copied, environment, kept

import wasmrecords as wr


@pytest.fixture
def project() -> Iterator[Path]:
    """A project as ``wasmrecords new`` makes it."""
    with kept("filter") as folder:
        yield folder


@pytest.fixture
def authored(run_cli: RunCli) -> RunCli:
    """``run_cli`` for a project: in its folder, with what was compiled before."""

    def run(folder: Path, *arguments: str, env: dict[str, str] | None = None) -> Ended:
        settings = {"cwd": folder, "env": environment() | (env or {}), "timeout": 1200}
        return run_cli(*arguments, **settings)

    return run


def test_from_the_project_to_the_first_output(authored: RunCli, project: Path) -> None:
    """The line of the README, from `new` on."""
    ended = authored(project, "test")
    assert ended.code == 0, ended
    assert ended.out.decode().splitlines() == ["ok adults", "ok from-21", "2 cases: all as expected"]

    ended = authored(project, "build", "--locked")
    assert ended.code == 0, ended
    module = (project / "redact.wasm").read_bytes()
    digest = hashlib.sha256(module).hexdigest()
    assert ended.out.decode() == f"redact.wasm: {len(module):,} bytes, sha256 {digest}\n"
    assert re.search(r"^built in [\d.]+ s by rustc 1\.", ended.err, re.M)
    for path in (str(project), str(Path.home()), "/root"):
        assert path.encode() not in module
    # As for the smallest example: whoever makes it larger says why.
    assert len(module) < 225_000

    ended = authored(project, "run", "-m", "redact.wasm", "--config", '{"min_age": 21}', "people.ndjson")
    assert (ended.code, ended.out) == (0, b'{"id":1,"name":"Ada"}\n{"id":3,"name":"Grace"}\n')
    assert "read 4  kept 2  dropped 2  failed 0" in ended.err

    ended = authored(project, "check", "redact.wasm", "--records", "people.ndjson")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.endswith(b"15 ok, 4 not applicable\n")

    found = wr.inspect(module)
    assert (found.refusal, found.name, found.version) == (None, "redact", "0.1.0")
    assert found.description == "Adults, with their names"


def test_cases_that_differ_are_shown_and_updated(authored: RunCli, project: Path, tmp_path: Path) -> None:
    assert authored(project, "build").code == 0
    here = tmp_path / "here"
    shutil.copytree(project / "cases", here / "cases")
    cases = here / "cases"
    with_module = ["-m", str(project / "redact.wasm")]

    (cases / "adults.expected").write_text('{"id":1,"name":"Bob"}\n{"id":3,"name":"Géza"}\n')
    (cases / "from-21.expected").unlink()
    ended = authored(here, "test", *with_module)
    assert ended.code == 1, ended
    shown = ended.out.decode()
    assert "FAILED adults\n    --- cases/adults.expected\n    +++ what came out\n" in shown
    assert '\n    -{"id":1,"name":"Bob"}\n    +{"id":1,"name":"Ada"}\n     {"id":3,"name":"Géza"}\n' in shown
    assert "cases/from-21.expected is not there: wasmrecords test --update writes it" in shown
    assert shown.endswith("2 cases: 2 not as expected\n")

    (cases / "from-21.failures").write_text("{}\n")
    ended = authored(here, "test", "--update", *with_module)
    assert ended.code == 0
    assert ended.out.decode().splitlines() == [
        "wrote cases/adults.expected",
        "wrote cases/from-21.expected",
        "removed cases/from-21.failures",
        "2 cases: 3 files changed",
    ]
    for path in (project / "cases").iterdir():
        assert (cases / path.name).read_bytes() == path.read_bytes()
    ended = authored(here, "test", "from-21", "cases/from-21.input", *with_module)
    assert ended.out == b"ok from-21\n1 case: all as expected\n"


def test_cases_that_cannot_be_run(authored: RunCli, project: Path, tmp_path: Path) -> None:
    assert authored(project, "build").code == 0
    with_module = ["-m", str(project / "redact.wasm")]
    for files, arguments, code, words in (
        ({}, [], 2, "no folder cases: a case is a file NAME.input in it, with records"),
        ({"notes": ""}, [], 2, "no cases in cases"),
        ({"a.input": ""}, ["b"], 2, "no case b in cases; there are a"),
        ({"adults.input": ""}, ["adult"], 2, "did you mean adults?"),
        ({"a.input": "", "a.config.json": "{"}, [], 2, "cases/a.config.json: not JSON"),
        ({"a.input": "", "a.config.json": '{"min_aeg": 3}'}, [], 1, "min_aeg"),
        ({"a.input": ""}, ["--limit", "tiem=1"], 2, "limit 'tiem' is not known"),
        ({"a.input": ""}, ["--allow", "moon"], 2, "moon"),
    ):
        here = tmp_path / "here"
        shutil.rmtree(here, ignore_errors=True)
        here.mkdir()
        for name, text in files.items():
            (here / "cases").mkdir(exist_ok=True)
            (here / "cases" / name).write_text(text)
        ended = authored(here, "test", *arguments, *with_module)
        assert ended.code == code, ended
        assert words in ended.err + ended.out.decode()
    ended = authored(here, "test", "-m", "gone.wasm")
    assert (ended.code, "gone.wasm does not exist" in ended.out.decode()) == (1, True)


def test_code_that_does_not_compile(authored: RunCli, project: Path) -> None:
    source = project / "src" / "lib.rs"
    source.write_text(source.read_text().replace("person.age >= options", "person.aeg >= options"))
    for command in ("build", "test"):
        ended = authored(project, command)
        assert (ended.code, ended.out) == (1, b""), ended
        assert "error[E0609]: no field `aeg` on type `Person<'a>`" in ended.err
        assert "src/lib.rs:" in ended.err
        last = ended.err.splitlines()[-1]
        assert last == "wasmrecords: error: cargo ended with status 101: what it says is above"


def test_a_word_that_was_forgotten(authored: RunCli, project: Path) -> None:
    """It is refused before it takes the place of the last one that could be run."""
    source = project / "src" / "lib.rs"
    source.write_text(source.read_text().replace("#[transform]\n", ""))
    (project / "redact.wasm").write_bytes(b"the last good one")
    ended = authored(project, "build")
    assert (ended.code, ended.out) == (1, b""), ended
    assert (project / "redact.wasm").read_bytes() == b"the last good one"
    last = ended.err.splitlines()[-1]
    assert last.startswith(
        "wasmrecords: error: redact.wasm: no host will run it: there is no transform in it"
    )
    assert "Put #[transform] before a function of a record" in last


def test_two_of_one_name(authored: RunCli, project: Path) -> None:
    """Though all that their manifests say is the same."""
    source = project / "src" / "lib.rs"
    one, again = (
        "/// One.\n#[transform]\npub fn one(id: u32) -> u32 {\n    id\n}\n",
        "use wasmrecords::prelude::*;\n",
    )
    source.write_text(f"//! Two.\n\n{again}\n{one}\npub mod other {{\n{again}{one}}}\n")
    ended = authored(project, "build")
    assert ended.code == 1, ended
    last = ended.err.splitlines()[-1]
    assert last.startswith(
        "wasmrecords: error: redact.wasm: no host will run it: the manifest: transforms[1].name"
    )
    assert "one is there twice" in last


def test_without_a_project(run_cli: RunCli, tmp_path: Path) -> None:
    for command in ("build", "test"):
        ended = run_cli(command)
        assert ended.code == 2
        assert f"no Cargo.toml in {tmp_path} or above it: `wasmrecords new NAME` makes a project" in ended.err
    (tmp_path / "Cargo.toml").write_text("[package\n")
    ended = run_cli("build")
    assert ended.code == 2
    assert "Cargo.toml" in ended.err
    assert ended.err.count("error:") == 1


def test_without_a_toolchain(run_cli: RunCli, tmp_path: Path) -> None:
    if list(Path("/usr/bin").glob("wasm-ld-*")):
        pytest.skip("Debian's toolchain is known by absolute paths, and here")
    assert run_cli("new", "redact").code == 0
    ended = run_cli("build", cwd=tmp_path / "redact", env={"PATH": str(tmp_path)})
    assert ended.code == 2
    assert ended.err.startswith(
        "wasmrecords: error: no Rust toolchain here builds wasm32-wasip1: install Rust with rustup, then run "
    )
    assert len(ended.err.splitlines()) == 1


def test_without_a_network(authored: RunCli, run_cli: RunCli, project: Path, tmp_path: Path) -> None:
    """What is missing is told from what is wrong with the code."""
    env = {"CARGO_NET_OFFLINE": "true", "CARGO_HOME": str(tmp_path / "empty")}
    ended = authored(project, "build", env=env)
    assert (ended.code, ended.out) == (2, b""), ended
    assert ended.err.endswith(
        "crates that this project needs are not on this machine, and could not be fetched: see above. Build "
        "once with a network; from then on it works without\n"
    )
    assert not (project / "redact.wasm").exists()


def test_a_lock_file_that_does_not_fit(authored: RunCli, project: Path, tmp_path: Path) -> None:
    other = copied(project, tmp_path)
    manifest = other / "Cargo.toml"
    manifest.write_text(manifest.read_text().replace("0.1.0", "0.2.0"))
    ended = authored(other, "build", "--locked")
    assert ended.code == 2
    assert "Cargo.lock does not fit Cargo.toml: build once without --locked" in ended.err


def test_an_sdk_that_was_removed_comes_back(run_cli: RunCli, project: Path, tmp_path: Path) -> None:
    """Which is how one gets that of a newer package."""
    from wasmrecords.authoring.project import find

    other = copied(project, tmp_path)
    before = sorted(p.relative_to(other) for p in (other / "vendor").rglob("*"))
    shutil.rmtree(other / "vendor")
    found, _ = find(other / "src")
    assert (found.root, found.name, found.binary) == (other, "redact", "redact")
    assert sorted(p.relative_to(other) for p in (other / "vendor").rglob("*")) == before


def test_an_sdk_of_another_version_is_told(run_cli: RunCli, project: Path, tmp_path: Path) -> None:
    from wasmrecords.authoring.project import other_sdk

    other = copied(project, tmp_path)
    assert other_sdk(other) is None
    manifest = other / "vendor" / "wasmrecords" / "Cargo.toml"
    manifest.write_text(manifest.read_text().replace('version = "0.1.0"', 'version = "0.0.9"'))
    told = other_sdk(other)
    assert told is not None
    assert told.startswith(
        "vendor/wasmrecords is the SDK of wasmrecords 0.0.9, the installed package is 0.1.0: remove"
    )
    for odd in ("[", "[workspace]\n", "workspace = 1\n"):
        manifest.write_text(odd)
        assert other_sdk(other) is None
    manifest.unlink()
    assert other_sdk(other) is None


@pytest.mark.slow
@pytest.mark.parametrize("template", ["map", "flat-map", "aggregate", "functions"])
def test_other_templates(authored: RunCli, template: str) -> None:
    with kept(template) as folder:
        ended = authored(folder, "test")
        assert ended.code == 0, ended
        ended = authored(folder, "check")
        assert ended.code == 0, ended
        ended = authored(folder, "bench", "--json", "--seconds", "0.1")
        assert ended.code == 0, ended
        assert json.loads(ended.out)["records"] > 0
        if template == "flat-map":
            panics_as_a_command(folder)


def panics_as_a_command(folder: Path) -> None:
    """What was finished before is written, with the dead letter that a run of ours has, and the run ends."""
    orders = [
        f'{{"order": {order}, "items": [{{"article": "a", "count": 2, "cents": {cents}}}]}}'
        for order, cents in ((1, 5), ('"x"', 5), (3, 2**64 - 1), (4, 5))
    ]
    data = "\n".join(orders).encode()
    module = folder / "redact.wasm"
    alone = subprocess.run([*wasmtime_host(), str(module)], input=data, capture_output=True)
    with wr.load(module) as transform:
        ours = transform.run(data)
    assert alone.returncode == 3
    assert alone.stdout == ours.output[: ours.output.index(b"\n") + 1]
    *letters, last = alone.stderr.decode().splitlines()
    assert last == "error: the module panicked: records behind this one were not read"
    found = [json.loads(letter) for letter in letters]
    assert [(f["record"], f["offset"], f["code"], f["message"]) for f in found] == [
        (f.record, f.offset, f.code, f.message) for f in ours.failures
    ]
    assert found[1]["input"] == orders[2]
