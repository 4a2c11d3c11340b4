"""A manifest put into a module: a custom section is added or replaced, all else stays byte by byte."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ._config import check_schemas
from ._errors import ModuleError
from ._guard import scan
from ._manifest import SECTION, read_manifest

_CUSTOM = 0
_HEADER = 8  # bytes: the magic number and the version


def with_manifest(module: bytes, manifest: Mapping[str, Any] | str | bytes) -> bytes:
    """The module with another manifest: an object, or the JSON text of one.

    Raises :class:`ModuleError` for what is no module, or no manifest.
    """
    scan(module, bodies=False)
    content = _content(manifest)
    kept = [module[:_HEADER]]
    kept += [module[start:end] for start, end, name in _sections(module) if name != SECTION]
    return b"".join(kept) + _section(content)


def _content(manifest: Mapping[str, Any] | str | bytes) -> bytes:
    if isinstance(manifest, Mapping):
        try:
            text = json.dumps(dict(manifest), ensure_ascii=False, allow_nan=False).encode()
        except (TypeError, ValueError, RecursionError) as error:
            raise ModuleError(f"the manifest: not JSON: {error}") from None
    elif isinstance(manifest, (str, bytes, bytearray)):
        try:
            text = manifest.encode() if isinstance(manifest, str) else bytes(manifest)
        except UnicodeEncodeError:
            raise ModuleError("the manifest: a lone surrogate is no text") from None
        text = text.removeprefix(b"\xef\xbb\xbf").strip(b" \t\r\n")
    else:
        raise TypeError(f"manifest: expected a mapping or the text of one, found {type(manifest).__name__}")
    try:
        check_schemas(read_manifest(text))
    except ModuleError as error:
        # The place is one in that text, not in a module.
        words = str(error).removesuffix(" of the module)") + ")" if error.offset is not None else str(error)
        raise ModuleError(words.replace(" (at byte 0)", "")) from None
    return text + b"\n"


def _sections(module: bytes) -> Iterator[tuple[int, int, str | None]]:
    """Where each section begins and ends, and its name if it is a custom one. The guard has read them."""
    at = _HEADER
    while at < len(module):
        start, number = at, module[at]
        size, at = _read_leb128(module, at + 1)
        end = at + size
        name = None
        if number == _CUSTOM:
            length, at = _read_leb128(module, at)
            name = module[at : at + length].decode("utf-8", "replace")
        yield start, end, name
        at = end


def _read_leb128(data: bytes, at: int) -> tuple[int, int]:
    """The unsigned LEB128 number at ``at``, and where the byte behind it is."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _section(content: bytes) -> bytes:
    """The custom section of a manifest with this content."""
    name = SECTION.encode()
    body = _leb128(len(name)) + name + content
    return bytes([_CUSTOM]) + _leb128(len(body)) + body


def _leb128(value: int) -> bytes:
    """A number as unsigned LEB128."""
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])
