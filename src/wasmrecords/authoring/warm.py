"""Compiles a module for the cache."""

from __future__ import annotations

import hashlib
import os

from .._cache import Cache, folder
from .._capabilities import WANTS
from .._limits import Limits
from .._module import SHIPPED, load_code, shipped
from .._recipe import read_module_file


def warm(module: str, limits: Limits) -> int | None:
    """Compiles a module, a file or one that ships with the package, and keeps the code: how many bytes that
    is, 0 if it was there before, None if nothing is kept. The module is not opened, so it needs no config.

    Raises what :func:`wasmrecords.load` raises for a module.
    """
    ours = module in SHIPPED and not os.path.exists(module)
    data = shipped(module) if ours else read_module_file(module, limits.module)
    cache = Cache(folder(), None, fuel=limits.fuel is not None)
    sha256 = hashlib.sha256(data).hexdigest()
    before = cache.get(sha256)
    _, code = load_code(data, limits, allow=WANTS, trusted=ours)
    if not cache.usable or cache.get(sha256) is None:
        return None
    return 0 if before is not None else len(code)
