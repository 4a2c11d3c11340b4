"""Modules put together from bytes: for what no assembler writes."""

from __future__ import annotations

HEADER = b"\0asm\1\0\0\0"
I32, I64, F32, F64, V128, FUNCREF, EXTERNREF = b"\x7f", b"\x7e", b"\x7d", b"\x7c", b"\x7b", b"\x70", b"\x6f"
CUSTOM, TYPE, IMPORT, FUNCTION, TABLE, MEMORY, GLOBAL, EXPORT, START, ELEMENT, CODE, DATA, DATA_COUNT = range(
    13
)


def leb(number: int) -> bytes:
    """An unsigned LEB128 number, as short as it can be."""
    return bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80]) + leb(number >> 7)


def vector(*items: bytes) -> bytes:
    return leb(len(items)) + b"".join(items)


def text(name: str | bytes) -> bytes:
    content = name.encode() if isinstance(name, str) else name
    return leb(len(content)) + content


def section(number: int, content: bytes) -> bytes:
    return bytes([number]) + leb(len(content)) + content


def custom(name: str | bytes, content: bytes = b"") -> bytes:
    return section(CUSTOM, text(name) + content)


def items(number: int, *entries: bytes) -> bytes:
    """A section that is a vector."""
    return section(number, vector(*entries))


def module(*sections: bytes) -> bytes:
    return HEADER + b"".join(sections)


def signature(params: bytes = b"", results: bytes = b"") -> bytes:
    """A function type; each byte of ``params`` and ``results`` is the type of a value."""
    return b"\x60" + leb(len(params)) + params + leb(len(results)) + results


def imported(module: str | bytes, name: str | bytes, what: bytes = b"\0\0") -> bytes:
    return text(module) + text(name) + what


def export(name: str | bytes, kind: int = 0, index: int = 0) -> bytes:
    return text(name) + bytes([kind]) + leb(index)


def body(*groups: bytes, code: bytes = b"\x0b") -> bytes:
    content = vector(*groups) + code
    return leb(len(content)) + content


def function(type: bytes, *sections: bytes, code: bytes | None = None) -> bytes:
    """A module with one function of one type, and ``sections`` between its declaration and its body."""
    content = body(code=b"\x00\x0b") if code is None else code
    return module(items(TYPE, type), items(FUNCTION, b"\0"), *sections, items(CODE, content))


Refusal = tuple[bytes, str, int]
"""A module, part of the words that it is refused with, the offset of the reason."""


def check_refused(data: bytes, words: str, offset: int) -> None:
    import pytest

    import wasmrecords as wr
    from wasmrecords._guard import scan

    with pytest.raises(wr.ModuleError) as caught:
        scan(data)
    assert words in str(caught.value)
    assert caught.value.offset == offset
    assert str(caught.value).isprintable()
