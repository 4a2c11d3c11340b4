"""What the guard finds in a module: imports, exports, sizes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_ABI = re.compile(r"wr_abi_v([1-9][0-9]{0,8})")


class Import(NamedTuple):
    """Something that the module wants from its host.

    ``kind`` is as for exports. ``params`` and ``results`` are a function's: ``"i32"``, ``"i64"``, ``"f32"``
    and ``"f64"``.
    """

    module: str
    name: str
    params: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    kind: str = "function"


class Export(NamedTuple):
    """Something of the module that its host can reach.

    ``kind`` is ``"function"``, ``"table"``, ``"memory"`` or ``"global"``, ``number`` which of these it is.
    ``params`` and ``results`` are a function's. ``offset`` is where the export stands in the file.
    """

    kind: str
    number: int
    params: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    offset: int = 0


class Custom(NamedTuple):
    """A custom section; its content is ``data[start:end]``, without the name."""

    name: str
    start: int
    end: int


class ModuleInfo(NamedTuple):
    """What a module's bytes say about it. Sizes of memory are bytes; 0 is the minimum if it has none.
    ``table_min`` is how many elements its table begins with.

    ``functions`` counts those that the module defines; ``import_offsets`` says where in the file each of
    the imports stands; ``variables`` counts the globals that may change.
    """

    imports: tuple[Import, ...]
    exports: Mapping[str, Export]
    memory_min: int
    memory_max: int | None
    functions: int
    customs: tuple[Custom, ...]
    import_offsets: tuple[int, ...]
    table_min: int = 0
    variables: int = 0

    @property
    def abi(self) -> int | None:
        """The version of the ABI that it speaks: 1 if that is one of several, None if it speaks none."""
        versions = [int(match[1]) for match in map(_ABI.fullmatch, self.exports) if match]
        return 1 if 1 in versions else max(versions, default=None)
