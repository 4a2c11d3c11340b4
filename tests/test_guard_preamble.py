"""Files that are no core modules, by their first bytes."""

from __future__ import annotations

import pytest
from sections import (
    Refusal,
    check_refused,
)

REFUSED: dict[str, Refusal] = {
    "empty": (b"", "the module is empty", 0),
    "text": (
        b"(module)",
        "this is WebAssembly text, expected its binary form: compile it, as with wat2wasm",
        0,
    ),
    "text behind comments": (b"\xef\xbb\xbf ;; a (\n(; b ;)\n\t(module $x)", "this is WebAssembly text", 0),
    "text of a component": (b"(component)", "this is WebAssembly text", 0),
    "part of the magic": (b"\0as", "the module ends after 3 of the 8 bytes of its header", 3),
    "part of the version": (b"\0asm\1\0\0", "the module ends after 7 of the 8 bytes of its header", 7),
    "component": (b"\0asm\x0d\0\1\0", "this is a WebAssembly component, expected a core module", 4),
    "version 2": (b"\0asm\2\0\0\0", "version 2 of WebAssembly found, expected 1", 4),
    "version 0": (b"\0asm\0\0\0\0", "version 0 of WebAssembly found, expected 1", 4),
    "ELF": (b"\x7fELF\2\1\1" + bytes(20), "this is an ELF file", 0),
    "Windows": (b"MZ\x90\0", "this is a Windows program", 0),
    "bitcode": (b"BC\xc0\xde", "this is LLVM bitcode, expected a WebAssembly module: link it", 0),
    "library": (b"!<arch>\n", "this is a library of object files", 0),
    "gzip": (b"\x1f\x8b\x08", "this is a file packed by gzip, expected a WebAssembly module: unpack it", 0),
    "an error page": (b"<!DOCTYPE html>", "this is HTML or XML", 0),
    "something else": (
        b"\1\2\3\4\5",
        "this is no WebAssembly module: it begins with the bytes 01 02 03 04",
        0,
    ),
}


@pytest.mark.parametrize(("data", "words", "offset"), REFUSED.values(), ids=REFUSED)
def test_refused(data: bytes, words: str, offset: int) -> None:
    check_refused(data, words, offset)
