"""All cases by class, in the order of the table in docs/threat-model.md."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hostile.case import Case

FILES = {
    "Load": ("load", "load_abi"),
    "Compile": ("compiling",),
    "Start": ("starting",),
    "Time": ("deadlines",),
    "Traps": ("traps",),
    "ABI lies": ("lies",),
    "WASI": ("wasi",),
    "Data": ("data",),
    "Config and recipes": ("recipes", "schemas", "outside"),
    "Life": ("life", "callers", "commands"),
    "Cache": ("caches",),
}
"""The classes, and the files of this folder that have the cases of each."""


def cases(group: str) -> list[Case]:
    """The cases of one class."""
    return [case for file in FILES[group] for case in importlib.import_module(f"hostile.{file}").CASES]


def catalogue() -> dict[str, list[Case]]:
    """The cases of each class."""
    return {group: cases(group) for group in FILES}
