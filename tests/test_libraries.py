"""Modules of jq from folders, and everything that leads out of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import RunCli

import wasmrecords as wr
from wasmrecords._reply import Row

Library = Callable[..., Path]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Makes files under ``tmp_path`` and gives the folder ``lib`` there."""

    def make(**files: str | bytes) -> Path:
        folder = tmp_path / "lib"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            path = folder / name.replace("__", "/").replace("_json", ".json").replace("_jq", ".jq")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return folder

    return make


def outputs(program: str, folders: Any, **given: Any) -> str:
    with wr.jq(program, libraries=folders, **given) as transform:
        return transform.run(b"null", raise_on_failure=True).output.decode()


def refused(program: str, folders: Any) -> wr.RecipeError:
    with pytest.raises(wr.RecipeError) as caught:
        wr.jq(program, libraries=folders)
    assert caught.value.kind == "program"
    return caught.value


def test_modules_are_found_as_jq_finds_them(library: Library) -> None:
    folder = library(
        a_jq='def a: "a";',
        b__b_jq='import "c/d" as d; def b: "b" + d::d;',
        c__d_jq='import "e" as e {search: "./"}; import "a" as up {search: ["./nowhere", "./.."]}; '
        'def d: "d" + e::e + up::a;',
        c__e_jq='def e: "e";',
        f__jq__main_jq='def f: "f" + $x;',
        data_json=b'\xef\xbb\xbf{"n": 1.50} [100000000000000000000]\n',
        unread_jq="this is no jq )(",
    )
    program = 'import "a" as a; import "b" as b; include "f"; import "data" as $d; a::a, b::b, f, $d'
    for isolation in ("shared", "process"):
        found = outputs(program, folder, args={"x": "!"}, isolation=isolation)
        assert found == '"a"\n"bdea"\n"f!"\n[{"n":1.50},[100000000000000000000]]\n'


def test_the_first_folder_that_has_it_counts(tmp_path: Path, library: Library) -> None:
    first = tmp_path / "first"
    first.mkdir()
    (first / "a.jq").write_text("def a: 1;")
    second = library(a_jq="def a: 2;", b_jq="def b: 3;")
    program = 'include "a"; include "b"; a, b, get_search_list'
    found = outputs(program, [first, str(second), tmp_path / "none"])
    assert found == f'1\n3\n["{first}","{second}","{tmp_path / "none"}"]\n'
    assert outputs(program, [second, first]).startswith("2\n3\n")


def test_a_file_is_read_once_and_kept(library: Library) -> None:
    folder = library(a_jq="def a: 1;", b_jq='include "a"; def b: a;', link_jq="")
    (folder / "link.jq").unlink()
    (folder / "link.jq").symlink_to("a.jq")
    transform = wr.jq('include "b"; include "link"; a + b', libraries=folder, isolation="fresh")
    (folder / "a.jq").write_text("def a: 5;")
    with transform:
        assert transform.run(b"null").output == transform.run(b"null").output == b"2\n"
        assert len(transform._recipe._libraries.files) == 2  # type: ignore[union-attr]


def test_errors_within_a_module_show_its_text(library: Library) -> None:
    folder = library(a_jq='include "b";', b_jq="def ok: 1;\n\ndef é: 2;", c_jq="def f:\n  .[] | slect(.a);")
    error = refused('import "a" as a; .', folder)
    assert (error.file, error.offset, error.line, error.column) == (str(folder / "b.jq"), 16, 3, 5)
    assert str(error) == (
        f"{folder / 'b.jq'}: program: expected a filter or an operator, "
        "found `é`\n  3 | def é: 2;\n          ^"
    )
    error = refused('import "c" as c; .', folder)
    assert (error.line, error.column) == (2, 9)
    assert str(error).endswith("did you mean `select`?\n  2 |   .[] | slect(.a);\n              ^")


def test_a_module_that_is_missing_says_where_it_was_looked_for(library: Library) -> None:
    folder = library(a_jq='def f: 1;\nimport "b" as b;', c_jq='import "sub/b" as b; def f: 1;')
    error = refused('import "c" as c; .', [folder, "nowhere"])
    assert (error.file, error.offset) == (str(folder / "c.jq"), 7)
    assert str(error) == (
        f'{folder / "c.jq"}: program: cannot import "sub/b": there is no sub/b.jq, sub/b/jq/main.jq or '
        f"sub/b/b.jq in {folder}, nowhere (no such folder)\n"
        '  1 | import "sub/b" as b; def f: 1;\n             ^'
    )
    error = refused('import "d" as $d; .', folder)
    assert "there is no d.json, d/jq/main.json or d/d.json in" in str(error)
    assert "expected a definition such as `def f: .;`, found `import`" in str(
        refused('include "a"; .', folder)
    )
    error = refused('\ninclude "a"; .', ())
    assert (error.file, error.line, error.column) == (None, 2, 9)
    assert "modules come from folders that the run names: -L FOLDER, or libraries=[FOLDER]" in str(error)


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ('include "../a"; .', "the path of a module may not lead out of its folder by `..`"),
        ('include "x/../a"; .', "the path of a module may not lead out of its folder by `..`"),
        ('include "/etc/a"; .', "the path of a module is relative to the folders of this run"),
        ('include ""; .', "the path of a module is relative to the folders of this run"),
        ('include "a\\\\b"; .', "has neither a NUL nor a backslash"),
        ('include "a\\u0000b"; .', "has neither a NUL nor a backslash"),
        ('include "x/x"; .', "two parts of a module's path that follow each other may not be the same"),
        ('include "a" {search: "/"}; .', "the search path / is not within the folders of this run"),
        ('include "a" {search: "~/x"}; .', "the search path ~/x is not within the folders of this run"),
        ('include "out" {search: ".."}; .', " (leads out of the folders of this run), "),
        ('include "gone" {search: ".."}; .', " (leads out of the folders of this run), "),
        ('include "gone" {search: "../gone"}; .', " (leads out of the folders of this run), "),
        ('include "out" {search: "sub/../.."}; .', " (leads out of the folders of this run), "),
        ('include "a" {search: "a\\u0000"}; .', "embedded null"),
        (f'include "{"n" * 300}"; .', "cannot be read: File name too long"),
        (f'include "{"n" * 3000}"; .', "expected a path and a search list of at most 1000 bytes"),
        ('include "link"; .', "leads out of the folders of this run, by a symbolic link"),
        ('include "linked/out"; .', "leads out of the folders of this run, by a symbolic link"),
        ('import "link" as $d; .', "leads out of the folders of this run, by a symbolic link"),
        ('include "circle"; .', "cannot be read: "),
        ('include "pipe"; .', "is not a regular file"),
        ('include "folder"; .', "folder.jq is not a regular file"),
        ('include "latin"; .', "latin.jq is not UTF-8 (byte 8)"),
        ('import "latin" as $d; .', "latin.json is not UTF-8 (byte 1)"),
        ('include "nul"; .', "expected a filter or an operator, found `\\x00`"),
        ('include "surrogate"; .', "expected four hexadecimal digits of a Unicode character"),
        ('include "brackets"; .', "expected at most 100 open brackets, found more"),
        ('include "main"; .', "expected a definition such as `def f: .;`, found `.`"),
        ('import "broken" as $d; .', "expected "),
        ('include "self"; .', "`self` is imported by a module that it imports itself"),
        ('include "one"; .', "`one` is imported by a module that it imports itself"),
        ('include "giant"; .', "the modules and data files of a program have 16 MiB at the most"),
        ('include "many"; .', "a program may import 100 files at the most"),
    ],
)
def test_bad_modules_are_refused(bad: Path, program: str, message: str) -> None:
    assert message in str(refused(program, bad))


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of modules that are wrong or lead elsewhere."""
    place = tmp_path_factory.mktemp("bad")
    (place / "out.jq").write_text("def secret: 1;")
    (place / "out.json").write_text("1")
    folder = place / "lib"
    (folder / "sub").mkdir(parents=True)
    files: dict[str, bytes] = {
        "a.jq": b"def a: 1;",
        "latin.jq": b'def a: "\xe9";',
        "latin.json": b'"\xe9"',
        "nul.jq": b"def a: 1;\0",
        "surrogate.jq": b'def a: "\\ud800";',
        "brackets.jq": b"def a: " + b"(" * 10_000 + b"1" + b")" * 10_000 + b";",
        "main.jq": b".",
        "broken.json": b"1 [2",
        "self.jq": b'import "self" as s; def a: 1;',
        "one.jq": b'import "two" as t; def a: 1;',
        "two.jq": b'include "one"; def b: 1;',
        "giant.jq": b"#" * (16 * wr.MiB + 1),
        "many.jq": b"".join(b'include "m/n%d";' % n for n in range(120)),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "m").mkdir()
    for n in range(120):
        (folder / "m" / f"n{n}.jq").write_bytes(b"")
    (folder / "folder.jq").mkdir()
    os.mkfifo(folder / "pipe.jq")
    for suffix in (".jq", ".json"):
        (folder / f"link{suffix}").symlink_to(place / f"out{suffix}")
    (folder / "linked").symlink_to(place)
    (folder / "circle.jq").symlink_to("circle.jq")
    return folder


def test_a_module_of_a_megabyte_and_a_hundred_files_are_fine(library: Library) -> None:
    files = {f"m{n}_jq": f"def f{n}: {n};" for n in range(99)}
    folder = library(big_jq="# " + "x" * wr.MiB + "\ndef big: 1;", **files)
    head = "".join(f'include "m{n}";' for n in range(99))
    assert outputs(f'include "big"; {head} big, f0, f98', folder) == "1\n0\n98\n"


@pytest.mark.parametrize(
    "message",
    [
        *("", "[", "[]", "{}", "7", "[7]", "[{}]", '[{"from": "x"}]', '[{"from": 1e999}]', "[" * 10_000),
        '[{"from": 7, "nth": 0, "offset": 0, "data": false, "path": "a"}]',
        '[{"from": -1, "nth": 0, "offset": 0, "data": false, "path": "a"}]',
        '[{"from": 0, "nth": 0, "offset": 0, "data": false, "path": "a"}]',  # which it has got
        '[{"from": 0, "nth": 1, "offset": 0, "data": false, "path": "a", "search": 7}]',
    ],
)
def test_a_module_that_asks_for_nonsense_gets_nothing(library: Library, message: str) -> None:
    with wr.jq('include "a"; a', libraries=library(a_jq="def a: 1;")) as transform:
        row = Row(0, 0, 0, 0, "import", "$", message)
        assert transform._recipe is not None
        assert not transform._recipe.adds(row)
        assert len(transform._recipe._libraries.files) == 1


def test_nothing_is_told_of_places_outside(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = library(link_jq="")
    (folder / "link.jq").unlink()
    (folder / "link.jq").symlink_to(folder.parent / "out.jq")
    (folder.parent / "out.jq").write_text("")
    monkeypatch.chdir(folder.parent)
    assert str(folder.parent) not in str(refused('include "link"; .', "lib"))
    texts = {str(refused(f'include "{name}" {{search: "../"}}; .', "lib")) for name in ("out", "non")}
    assert len({text.replace("out", "non") for text in texts}) == 1


def test_a_folder_s_name_may_be_no_text() -> None:
    for name in (b"\xff".decode("utf-8", "surrogateescape"), "\ud800"):
        with wr.jq("get_search_list", libraries=name) as transform:
            assert transform.run(b"1").output == '["\ufffd"]\n'.encode()


def test_what_is_no_path_is_a_caller_s_mistake() -> None:
    for wrong in (1, b"lib", [b"lib"], [1], None):
        with pytest.raises(TypeError, match="libraries: expected paths of folders, found "):
            wr.jq(".", libraries=wrong)  # type: ignore[arg-type]


def test_the_command_line_takes_folders(run_cli: RunCli, library: Library) -> None:
    library(a_jq="def a: input_filename;", b_jq="def b: nope;")
    (library().parent / "p.jq").write_text('include "a" {search: "./"};\na')
    ended = run_cli("run", "-q", "--jq-file", "p.jq", "-L", "none", "-L", "lib", "in", "in", stdin=b"1\n")
    assert ended.code == 2  # the input is not there
    (library().parent / "in").write_bytes(b"1\n")
    ended = run_cli("run", "-q", "--jq-file", "p.jq", "-L", "none", "--library-path=lib", "in", "in")
    assert (ended.code, ended.out) == (0, b'"in"\n"in"\n')
    ended = run_cli("run", "--jq", 'import "b" as b; b::b', "-L", "lib", "in")
    assert ended.code == 2
    assert (
        ended.err == "wasmrecords: error: lib/b.jq: program: `nope` is not defined\n"
        "  1 | def b: nope;\n             ^\n"
    )
