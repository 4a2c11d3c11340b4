"""The floors of the house: a file imports only from its own floor or from those below.

Whoever adds a file puts it on a floor here. Imports inside functions and for the type checker count too:
they tell the reader as much about who knows whom.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import wasmrecords as wr

SOURCE = Path(wr.__file__).parent

FLOORS = {
    # 0: words: errors, limits, outcomes, text
    "_capabilities": 0,
    "_errors": 0,
    "_explanation": 0,
    "_limits": 0,
    "_outcome": 0,
    "_text": 0,
    "_digits": 0,
    # 1: one thing each, without the others: bytes of modules, replies and records; calls; clock
    "_child": 1,
    "_config_words": 1,
    "_deadline": 1,
    "_engine": 1,
    "_fault": 1,
    "_framing": 1,
    "_guard": 1,
    "_guard_content": 1,
    "_guard_info": 1,
    "_guard_preamble": 1,
    "_guard_reader": 1,
    "_guard_scan": 1,
    "_guard_types": 1,
    "_guest": 1,
    "_infer_text": 1,
    "_jail": 1,
    "_kinds": 1,
    "_libraries": 1,
    "_manifest": 1,
    "_members": 1,
    "_native": 1,
    "_reply": 1,
    "_reply_write": 1,
    "_documents": 1,
    "_schema": 1,
    "_schema_dir": 1,
    "_sealed": 1,
    "_signals": 1,
    "_source": 1,
    "_stack": 1,
    "_timer": 1,
    "_trap_signals": 1,
    "_wait": 1,
    "_wasi": 1,
    # 2: a module, and one live guest
    "_cache": 2,
    "_cache_info": 2,
    "_compile_child": 2,
    "_compiler": 2,
    "_instance": 2,
    "_module": 2,
    "_one": 2,
    "_process": 2,
    "_process_child": 2,
    "_process_link": 2,
    "_stretch": 2,
    # 3: records through guests
    "_attach": 3,
    "_calls": 3,
    "_config": 3,
    "_explain": 3,
    "_failures": 3,
    "_functions": 3,
    "_holder": 3,
    "_infer": 3,
    "_infer_lines": 3,
    "_infer_schema": 3,
    "_inspect": 3,
    "_journal": 3,
    "_objects": 3,
    "_position": 3,
    "_opener": 3,
    "_recipe": 3,
    "_recipe_text": 3,
    "_recount": 3,
    "_runner": 3,
    "_stream": 3,
    "_transform": 3,
    "_work": 3,
    "_worker": 3,
    # 4: files
    "pipeline": 4,
    # the package: public names, all of them from below; faces import nothing but it
    "__init__": 5,
    # what the commands for authors are made of; its toolchain and SDK need nothing of the package
    "authoring": 6,
    "cli": 7,
    "__main__": 8,
}

# Who may know whom among strangers. The standard library is for everybody.
STRANGERS = {
    "wasmtime": {
        "_cache",
        "_child",
        "_compile_child",
        "_compiler",
        "_deadline",
        "_engine",
        "_instance",
        "_module",
        "_native",
        "_process_child",
        "_wasi",
    },
    "orjson": {"_calls", "_infer_lines", "_objects"},
    "pydantic": {"_schema"},
    "msgspec": {"_schema"},
    # memory by address is for one file, the system for four
    "ctypes": {"_jail", "_native", "_stack", "_timer", "_trap_signals"},
}


class Import(NamedTuple):
    """``module`` is a dotted name: ``wasmrecords._errors``, ``json``."""

    file: Path
    line: int
    module: str
    for_types: bool

    def __str__(self) -> str:
        return f"{self.file.relative_to(SOURCE)}:{self.line}: imports {self.module}"


def room(path: Path) -> str:
    """The name that a file has in :data:`FLOORS`: its own, or its folder's."""
    parts = path.relative_to(SOURCE).parts
    return parts[0].removesuffix(".py")


def room_of(module: str) -> str | None:
    """The room that a dotted name leads to; None for a stranger."""
    head, _, rest = module.partition(".")
    if head != "wasmrecords":
        return None
    return rest.partition(".")[0] or "__init__"


def imports(path: Path) -> Iterator[Import]:
    tree = ast.parse(path.read_text("utf-8"), str(path))
    package = ("wasmrecords", *path.relative_to(SOURCE).parts[:-1])
    typing = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(path, node.lineno, alias.name, id(node) in typing)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*start, *([node.module] if node.module else [])])
            for alias in node.names:
                # `from . import _native` imports a file, `from ._limits import Limits` a name in one.
                inner = SOURCE.joinpath(*base.split(".")[1:], alias.name)
                is_file = base.startswith("wasmrecords") and (
                    inner.with_suffix(".py").exists() or inner.is_dir()
                )
                yield Import(
                    path, node.lineno, f"{base}.{alias.name}" if is_file else base, id(node) in typing
                )


FILES = sorted(path for path in SOURCE.rglob("*.py") if "__pycache__" not in path.parts)
IMPORTS = [item for path in FILES for item in imports(path)]


def test_each_file_has_a_floor() -> None:
    assert {room(path) for path in FILES} == set(FLOORS)


def test_nobody_looks_up() -> None:
    wrong = [
        str(item)
        for item in IMPORTS
        if (target := room_of(item.module)) is not None
        and FLOORS[target] > FLOORS[room(item.file)]
        # the pipeline writes the version into its reports
        and (room(item.file), target) != ("pipeline", "__init__")
    ]
    assert not wrong, "\n".join(wrong)


def test_the_pipeline_wants_only_the_version_from_the_package() -> None:
    names = [
        alias.name
        for path in FILES
        if room(path) == "pipeline"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level == 2 and not node.module
        for alias in node.names
    ]
    assert set(names) <= {"__version__"}


def test_the_pipeline_knows_the_floors_below_by_few_doors() -> None:
    """What it needs at run time; the rest of the package it sees through the transform it is given."""
    doors = {room_of(i.module) for i in IMPORTS if room(i.file) == "pipeline" and not i.for_types}
    known = {
        "_attach",
        "_errors",
        "_explain",
        "_explanation",
        "_infer",
        "_infer_lines",
        "_infer_schema",
        "_limits",
    }
    known |= {"_outcome", "_recipe", "_signals", "_text", "_wait"}
    assert doors - {None, "pipeline", "__init__"} <= known


def test_the_command_line_knows_only_what_is_public() -> None:
    for path in FILES:
        if room(path) != "cli":
            continue
        others = {i.module for i in imports(path) if room_of(i.module) not in (None, "cli", "authoring")}
        assert others <= {"wasmrecords"}, path
        tree = ast.parse(path.read_text("utf-8"))
        used = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "wr"
        }
        used |= {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "wasmrecords" and not node.level
            for alias in node.names
        }
        assert used <= set(wr.__all__), path


def test_nobody_goes_in_circles() -> None:
    """Files that need each other to run are one file. What only the type checker sees may be mutual."""
    needs: dict[str, set[str]] = {room(path): set() for path in FILES}
    for item in IMPORTS:
        target = room_of(item.module)
        if target not in (None, "__init__", room(item.file)) and not item.for_types:
            needs[room(item.file)].add(str(target))
    done: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join([*above, name])
        if name not in done:
            for other in sorted(needs[name]):
                visit(other, (*above, name))
            done.append(name)

    for name in needs:
        visit(name, ())


def test_the_build_of_the_package_gets_by_with_the_standard_library() -> None:
    for name in ("toolchain", "sdk"):
        found = imports(SOURCE / "authoring" / f"{name}.py")
        assert {item.module for item in found if room_of(item.module) is not None} == set(), name


@pytest.mark.parametrize("stranger", STRANGERS)
def test_strangers_have_their_hosts(stranger: str) -> None:
    hosts = {room(i.file) for i in IMPORTS if i.module.partition(".")[0] == stranger}
    assert hosts <= STRANGERS[stranger]


def test_one_file_touches_the_private_binding() -> None:
    private = {room(i.file) for i in IMPORTS if i.module.startswith("wasmtime") and "._" in i.module} | {
        room(path)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("wasmtime")
        and any(alias.name.startswith("_") for alias in node.names)
    }
    assert private == {"_native"}


def test_no_other_strangers() -> None:
    import sys

    known = set(sys.stdlib_module_names) | set(STRANGERS) | {"wasmrecords"}
    assert {i.module.partition(".")[0] for i in IMPORTS} <= known


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_files_are_short_and_say_what_they_are(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 400, "a file over 300 lines wants to be two"
    assert ast.get_docstring(ast.parse(text))


def test_there_is_no_room_for_odds_and_ends() -> None:
    assert not {path.stem.strip("_") for path in FILES} & {"utils", "util", "helpers", "common", "misc"}
