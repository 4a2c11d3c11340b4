"""Compiles a module for the cache."""

from __future__ import annotations

import hashlib
import os

from .._cache import Cache, folder
from .._limits import Limits
from .._module import SHIPPED, load_code, shipped
from .._recipe import read_module_file


def warm(module: str, limits: Limits) -> int | None:
    """The bytes of code that were compiled and kept of a file, or a module that ships with the package; 0
    if it
    was there before, None if nothing is kept. It is not opened, so it needs no config, and wants nothing.

    Raises what :func:`wasmrecords.load` raises for a module.
    """
    ours = module in SHIPPED and not os.path.exists(module)
    data = shipped(module) if ours else read_module_file(module, limits.module)
    cache = Cache(folder(), None, fuel=limits.fuel is not None)
    sha256 = hashlib.sha256(data).hexdigest()
    before = cache.get(sha256)
    _, code = load_code(data, limits, allow=("log", "clock", "random"), trusted=ours)
    if not cache.usable or cache.get(sha256) is None:
        return None
    return 0 if before is not None else len(code)
