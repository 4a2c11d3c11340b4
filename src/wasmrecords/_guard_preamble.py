"""What kind of file this is, by its first bytes: a core WebAssembly module, or what else."""

from __future__ import annotations

import re

from ._errors import ModuleError

_MAGIC, _VERSION = b"\0asm", b"\1\0\0\0"

# White space and comments may stand in front of WebAssembly text. Only its start is looked at, and none of
# it twice: `*+` never gives back what it took.
_TEXT = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s|;;[^\n]*\n|\(;.*?;\))*+\((?:module|component)\b", re.DOTALL)
_LONGEST_START = 64 * 1024

_OTHERS = (
    (b"\x7fELF", "an ELF file: a native program, or a module that an engine has compiled", ""),
    (b"MZ", "a Windows program", ""),
    (b"\xcf\xfa\xed\xfe", "a macOS program", ""),
    (b"\xca\xfe\xba\xbe", "a macOS program or a Java class", ""),
    (b"BC\xc0\xde", "LLVM bitcode", "link it"),
    (b"!<arch>", "a library of object files", "link it"),
    (b"\x1f\x8b", "a file packed by gzip", "unpack it"),
    (b"\x28\xb5\x2f\xfd", "a file packed by zstd", "unpack it"),
    (b"PK\x03\x04", "a ZIP file", "unpack it"),
    (b"#!", "a script", ""),
    (b"<", "HTML or XML, as a server's error page is", "fetch the module again"),
)
_ADVICE = "give the .wasm file of a module that was built for wasm32-wasip1"


def check_preamble(data: bytes) -> None:
    """Raises :class:`ModuleError` unless the data begins as version 1 of a core module does."""
    if not data:
        raise ModuleError(f"the module is empty: {_ADVICE}", offset=0)
    if not data.startswith(_MAGIC[: len(data)]):
        raise ModuleError(_other(data), offset=0)
    if len(data) < 8:
        raise ModuleError(
            f"the module ends after {len(data)} of the 8 bytes of its header; "
            "the file is cut off or damaged, build or fetch it again",
            offset=len(data),
        )
    if data[4:8] == _VERSION:
        return
    if data[6:8] == b"\1\0":
        raise ModuleError(
            "this is a WebAssembly component, expected a core module: build for wasm32-wasip1, "
            "not for wasm32-wasip2, and make no component of it",
            offset=4,
        )
    raise ModuleError(
        f"version {int.from_bytes(data[4:8], 'little'):,} of WebAssembly found, expected 1: {_ADVICE}",
        offset=4,
    )


def _other(data: bytes) -> str:
    if _TEXT.match(data, 0, _LONGEST_START):
        return "this is WebAssembly text, expected its binary form: compile it, as with wat2wasm"
    for magic, words, advice in _OTHERS:
        if data.startswith(magic):
            return f"this is {words}, expected a WebAssembly module: {advice or _ADVICE}"
    shown = data[:4].hex(" ")
    return f"this is no WebAssembly module: it begins with the bytes {shown}, not 00 61 73 6d; {_ADVICE}"
