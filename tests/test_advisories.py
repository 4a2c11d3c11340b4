"""wasmtime's published advisories: none of those that a guest of ours could reach is in what is installed.

``advisories.json`` has those of 2026 that concern the core of wasmtime, and examples of all kinds that do not
reach us. ``affected`` are ranges: from a release, below another one. Where the first one is not published it
is 0.0.0, and a fix that no release notes name counts from the next major release. ``shut`` says why an
advisory is nothing to us whichever version is installed; without it, it is one:

    a name in the engine's settings   that setting is off
    wasi                              wasmtime's WASI is not linked
    winch                             the compiler is Cranelift
    host                              our host functions do nothing of the kind
    build                             the installed library is built otherwise
"""

from __future__ import annotations

import json
import re
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import wasmtime

import wasmrecords as wr
from wasmrecords._engine import _SETTINGS, VERSIONS, engine

ROOT = Path(__file__).parent.parent
SOURCES = "\n".join(path.read_text("utf-8") for path in Path(wr.__file__).parent.rglob("*.py"))
KNOWN: list[dict[str, Any]] = json.loads((Path(__file__).parent / "advisories.json").read_text("utf-8"))[
    "advisories"
]
IDS = [advisory["id"] for advisory in KNOWN]

Version = tuple[int, ...]


def numbers(text: str) -> Version:
    return tuple(int(part) for part in text.split("."))


def ranges(advisory: dict[str, Any]) -> list[tuple[Version, Version]]:
    return [(numbers(low), numbers(high)) for low, high in advisory["affected"]]


def reaching(found: Version) -> list[str]:
    """The advisories that a guest of ours could use against this release."""
    return [
        advisory["id"]
        for advisory in KNOWN
        if "shut" not in advisory and any(low <= found < high for low, high in ranges(advisory))
    ]


def engine_version() -> Version:
    """What the library says of itself: the Python package has numbers of its own."""
    package = Path(wasmtime.__file__).parent
    (library,) = package.glob("*/*wasmtime.*")
    major = numbers(version("wasmtime"))[0]
    found = set(re.findall(rb"version: (%d\.\d+\.\d+)" % major, library.read_bytes()))
    assert len(found) == 1, f"the library does not say which version it is: {found}"
    return numbers(found.pop().decode())


def test_what_is_installed_is_on_no_list() -> None:
    assert reaching(engine_version()) == []
    assert reaching(numbers(version("wasmtime"))) == []


def test_what_may_be_installed_is_on_no_list() -> None:
    low, high = (VERSIONS[0],), (VERSIONS[1],)
    reached = [
        advisory["id"]
        for advisory in KNOWN
        if "shut" not in advisory and any(start < high and low < end for start, end in ranges(advisory))
    ]
    assert reached == []


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("36.0.6", "GHSA-jhxm-h53p-jm7w"),
        ("43.0.0", "GHSA-qqfj-4vcm-26hv"),
        ("44.0.0", "GHSA-p8xm-42r7-89xg"),
        ("47.0.2", "GHSA-2hw9-mc66-jc2q"),
        ("49.0.3", "GHSA-mghf-wjfp-p5xm"),
    ],
)
def test_an_old_release_would_be_found(release: str, expected: str) -> None:
    assert expected in reaching(numbers(release))


def test_the_versions_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (wanted,) = [text for text in project["dependencies"] if text.startswith("wasmtime")]
    assert wanted.replace(" ", "") == f"wasmtime>={VERSIONS[0]},<{VERSIONS[1]}"
    assert engine_version()[0] == numbers(version("wasmtime"))[0] == VERSIONS[0]


@pytest.mark.parametrize("advisory", KNOWN, ids=IDS)
def test_an_entry(advisory: dict[str, Any]) -> None:
    assert re.fullmatch(r"GHSA(-[23456789cfghjmpqrvwx]{4}){3}", advisory["id"])
    assert re.fullmatch(r"202\d-[01]\d-[0-3]\d", advisory["date"])
    assert set(advisory) <= {"id", "date", "about", "affected", "shut"}
    edges = [edge for pair in ranges(advisory) for edge in pair]
    assert edges == sorted(set(edges))


def test_the_list_is_in_order() -> None:
    assert len(set(IDS)) == len(IDS)
    assert [a["date"] for a in KNOWN] == sorted(a["date"] for a in KNOWN)


@pytest.mark.parametrize("shut", sorted({a["shut"] for a in KNOWN if "shut" in a}))
def test_what_is_said_to_be_shut_is(shut: str) -> None:
    if shut == "wasi":
        assert not re.search(r"define_wasi|WasiConfig|set_wasi", SOURCES)
    elif shut == "winch":
        assert "strategy" not in _SETTINGS
    elif shut == "host":
        assert "get_module_export" not in SOURCES
    elif shut == "build":
        config = wasmtime.Config()
        config.wasm_gc = config.wasm_threads = True
        wasmtime.Engine(config)  # it has both, so it was built with both
    else:
        assert _SETTINGS[shut] is False


def test_settings_that_are_off_are_off_in_the_engine() -> None:
    """A module that uses an object, a tag, or a component is refused by the engine itself."""
    for text in (
        "(module (type (struct)))",
        "(module (tag))",
        "(module (type $t (func)) (func (param (ref null $t))))",
        "(component)",
    ):
        with pytest.raises(wasmtime.WasmtimeError):
            wasmtime.Module(engine(), bytes(wasmtime.wat2wasm(text)))
