"""A module's file with another manifest."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from .._attach import with_manifest
from .._limits import LARGEST_MODULE
from .._recipe import read_module_file
from ._sink import path_sink


def attach_manifest(
    module: str | os.PathLike[str] | bytes,
    manifest: Mapping[str, Any] | str | bytes,
    output: str | os.PathLike[str] | None = None,
) -> bytes:
    """The bytes of a module, from a file or bytes in any language, with this manifest: the custom section is
    added, or put in place of the one that is there, and no other byte is touched.

    ``manifest`` is an object as docs/abi.md describes it, or the JSON text of one. With ``output`` the module
    is also written there, whole or not at all; it may be the file that it came from.

    Raises :class:`ModuleError` for what is no module or no manifest, :class:`SourceError` if the file cannot
    be written.
    """
    data = with_manifest(read_module_file(module, LARGEST_MODULE), manifest)
    if output is not None:
        sink = path_sink(os.fspath(output))
        sink.open()
        try:
            sink.write(data)
        except BaseException:
            sink.abandon(0)
            raise
        sink.finish()
    return data
