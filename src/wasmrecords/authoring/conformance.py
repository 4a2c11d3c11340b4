"""How the kit is set up for a module in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

from .._capabilities import WANTS
from .._errors import ModuleError, RecipeError
from .._guard import scan
from .._limits import KiB, Limits
from .._module import manifest_of
from .._recipe import read_module_file
from .kit import Check, Kit, Status
from .probe import Probe

__all__ = ["MOST_LINES", "STATUSES", "Check", "kit"]

MOST_LINES = 8 * KiB
"""Bytes of the user's records that a module is tried with: each place in them is cut."""

STATUSES: tuple[str, ...] = get_args(Status)


def kit(
    module: Path,
    limits: Limits,
    *,
    config: bytes | None = None,
    transform: str | None = None,
    function: str | None = None,
    lines: bytes = b"",
) -> Kit:
    """The kit for a module, which is granted all that it wants. ``config`` is JSON. A module that has
    functions alone is tried with the first of them.

    Raises :class:`ModuleError` if there is no such file or transform, or several and none was chosen,
    :class:`RecipeError` for a config that is no JSON.
    """
    data = read_module_file(module, limits.module)
    if config is not None:
        try:
            json.loads(config)
        except ValueError as error:
            raise RecipeError(f"not JSON: {error}", kind="config") from None
    if function is None:
        function = _chosen(data, transform)
    probe = Probe(
        data,
        limits,
        config=b"null" if config is None else config,
        allow=WANTS,
        transform=transform,
        function=function,
    )
    return Kit(probe, lines)


def _chosen(data: bytes, transform: str | None) -> str | None:
    """The function that a module without transforms is tried with, None for a transform."""
    try:
        manifest = manifest_of(data, scan(data))
    except ModuleError:
        return None  # the kit says why
    if transform is None and manifest.functions and not manifest.transforms:
        return manifest.functions[0].name
    manifest.of_transform(transform)
    return None
