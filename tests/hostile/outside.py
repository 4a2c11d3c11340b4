"""Modules, data and arguments of a jq program that lead out of their folders, stall or crash."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import wasmrecords as wr
from hostile.case import ANY, LIMITS, Case, Stage

Make = Callable[[Path], Any]
REFUSED = "RecipeError (program)"


def module(
    name: str,
    tried: str,
    make: Make | bytes,
    ends: str = REFUSED,
    because: str = "",
    load: str = 'include "a"; .',
) -> Case:
    """A program that imports ``a`` from a folder, which ``make`` fills or whose ``a.jq`` it is."""

    def act(stage: Stage) -> str:
        folder = stage.folder / "lib"
        folder.mkdir(exist_ok=True)
        (stage.folder / "secret.jq").write_text("def secret: 1;")
        if callable(make):
            make(folder)
        else:
            (folder / "a.jq").write_bytes(make)
        with stage.jq(load, LIMITS, libraries=folder) as transform:
            return stage.fates([b"1"], transform.run(b"1\n"))

    return Case(f"module: {name}", tried, ends, act, ANY, because=because)


def argument(name: str, tried: str, args: Any, ends: str = "RecipeError (args)", because: str = "") -> Case:
    def act(stage: Stage) -> str:
        with stage.jq(".", LIMITS, args=args) as transform:
            return stage.fates([b"1"], transform.run(b"1\n"))

    return Case(f"argument: {name}", tried, ends, act, ANY, because=because)


def chain(folder: Path) -> None:
    for n in range(120):
        (folder / f"m{n}.jq").write_text(f'include "m{n + 1}";')
    (folder / "a.jq").write_text('include "m0";')


OUT = "leads out of the folders of this run"
CASES = [
    module(
        "up", "A program imports `../secret`", b"", because="out of its folder", load='include "../secret"; .'
    ),
    module(
        "absolute",
        "A program imports `/etc/passwd`",
        b"",
        because="relative",
        load='include "/etc/passwd"; .',
    ),
    module(
        "search up",
        "Metadata lets a search begin a folder higher",
        b'include "secret" {search: "./.."};',
        because=OUT,
    ),
    module(
        "search from home",
        "Metadata lets a search begin at home",
        b'include "secret" {search: "~/"};',
        because="is not within the folders",
    ),
    module(
        "link",
        "A module is a link to a file outside",
        lambda folder: (folder / "a.jq").symlink_to(folder.parent / "secret.jq"),
        because=OUT,
    ),
    module(
        "linked folder",
        "A folder of modules is a link to one outside",
        lambda folder: (folder / "sub").symlink_to(folder.parent),
        because=OUT,
        load='include "sub/secret"; .',
    ),
    module(
        "circle of links",
        "A module is a link to itself",
        lambda folder: (folder / "a.jq").symlink_to("a.jq"),
        because="cannot be read",
    ),
    module(
        "pipe",
        "A module is a pipe that nobody writes to",
        lambda folder: os.mkfifo(folder / "a.jq"),
        because="not a regular file",
    ),
    module(
        "folder",
        "A module is a folder",
        lambda folder: (folder / "a.jq").mkdir(),
        because="not a regular file",
    ),
    module("NUL", "A NUL in a module", b"def a: 1;\0", because="found `\\x00`"),
    module("no UTF-8", "Bytes in a module that are not UTF-8", b'def a: "\xff\xfe";', because="not UTF-8"),
    module("giant", "A module of 17 MiB", b"#" * (17 * wr.MiB), because="16 MiB at the most"),
    module("large", "A module of 1 MB, all of it a comment", b"# " + b"x" * 1_000_000, ends="kept"),
    module(
        "large and wrong",
        "A module of 1 MB of brackets",
        b"(" * 1_000_000,
        because="at most 100 open brackets",
    ),
    module("itself", "A module that imports itself", b'include "a";', because="imports itself"),
    module(
        "circle",
        "Two modules that import each other",
        lambda folder: [(folder / f"{a}.jq").write_text(f'import "{b}" as x;') for a, b in ("ab", "ba")],
        because="imports itself",
    ),
    module("chain", "A chain of 120 modules", chain, because="100 files at the most"),
    module("many imports", "A module with 2,000 imports", b'include "b";' * 2000, because="there is no b.jq"),
    module(
        "many imports of one",
        "A module with 2,000 imports of one other",
        lambda folder: [
            (folder / "a.jq").write_text('include "b";' * 2000),
            (folder / "b.jq").write_text("def b: 1;"),
        ],
        because="1,000 imports at the most",
    ),
    module(
        "path of 100 KB",
        "A program imports a path of 100 KB",
        b"",
        load=f'include "{"x" * 100_000}"; .',
        because="at most 1000",
    ),
    module(
        "data that is none",
        "A data file that ends in its middle",
        lambda folder: (folder / "a.json").write_text('{"a": [1, '),
        load='import "a" as $a; .',
    ),
    module(
        "deep data",
        "A data file with 100,000 brackets",
        lambda folder: (folder / "a.json").write_text("[" * 100_000 + "]" * 100_000),
        load='import "a" as $a; .',
    ),
    argument("half", "An argument that ends in its middle", {"a": b'{"a": '}),
    argument("deep", "An argument with 100,000 brackets", {"a": b"[" * 100_000 + b"]" * 100_000}),
    argument("no UTF-8", "An argument that is not UTF-8", {"a": b'"\xff"'}),
    argument("surrogate", "An argument with half a character", {"a": "\ud800"}),
    argument("NaN", "An argument that is no number", {"a": float("nan")}),
    argument("two values", "An argument with a second value behind it", {"a": b'1, "jq": "halt"'}),
    argument("code as a name", "An argument whose name is a program", {"a | error": 1}, "ValueError"),
    argument("large", "An argument of 8 MB", {"a": "x" * 8_000_000}, "kept"),
    argument("many", "10,000 arguments", {f"a{n}": n for n in range(10_000)}, "kept"),
]
