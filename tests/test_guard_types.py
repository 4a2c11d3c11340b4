"""Types that may not stand anywhere, or not at the border."""

from __future__ import annotations

import pytest
from sections import (
    CODE,
    FUNCTION,
    GLOBAL,
    I32,
    MEMORY,
    TABLE,
    TYPE,
    V128,
    Refusal,
    body,
    check_refused,
    items,
    leb,
    module,
    section,
    signature,
)

NOTHING = signature()
ZERO = b"\x41\x00\x0b"  # i32.const 0, end


def typed(entry: bytes) -> bytes:
    return module(items(TYPE, entry))


REFUSED: dict[str, Refusal] = {
    # types
    "struct": (
        typed(b"\x5f\0"),
        "type section: type 0 is a struct, expected a function, which belongs to GC",
        11,
    ),
    "array": (typed(b"\x5e\x7f\0"), "type 0 is an array", 11),
    "recursive": (typed(b"\x4e\1" + NOTHING), "type 0 is a group of recursive types", 11),
    "subtype": (typed(b"\x50\0" + NOTHING), "type 0 is a subtype", 11),
    "final subtype": (typed(b"\x4f\0" + NOTHING), "type 0 is a final subtype", 11),
    "continuation": (
        typed(b"\x5d\0"),
        "type 0 is a continuation, expected a function, which belongs to stack",
        11,
    ),
    "unknown form": (typed(b"\x33"), "type 0 is form 0x33, expected a function, which is not known here", 11),
    "anyref": (typed(signature(b"\x7f\x6e")), "0x6e found as the type of a value, which belongs to GC", 14),
    "i31ref": (typed(signature(b"", b"\x6c")), "0x6c found as the type of a value, which belongs to GC", 14),
    "exnref": (
        typed(signature(b"\x69")),
        "0x69 found as the type of a value, which belongs to exceptions",
        13,
    ),
    "reference to a function": (typed(signature(b"\x64\x70")), "belongs to function references", 13),
    "stringref value": (typed(signature(b"\x67")), "which belongs to stringref", 13),
    "unknown value": (typed(signature(b"\x01")), "0x01 found as the type of a value, which is not known", 13),
    "many types in few bytes": (
        module(section(TYPE, leb(9_999) + NOTHING)),
        "9,999 types claimed where 3 bytes are left",
        10,
    ),
    # functions, tables, memories, globals
    "function of no type": (
        module(items(TYPE, NOTHING), items(FUNCTION, b"\1")),
        "type 1 does not exist",
        17,
    ),
    "function without body": (
        module(items(TYPE, NOTHING), items(FUNCTION, b"\0")),
        "code section: 1 functions declared, 0 bodies found",
        18,
    ),
    "body without function": (module(items(CODE, body())), "0 functions declared, 1 bodies found", 14),
    "two tables": (
        module(items(TABLE, b"\x70\0\1", b"\x70\0\1")),
        "2 tables found, a guest has at most one",
        10,
    ),
    "table of numbers": (
        module(items(TABLE, I32 + b"\0\1")),
        "table section: a number found where a type of ref",
        11,
    ),
    "table of objects": (
        module(items(TABLE, b"\x6e\0\1")),
        "0x6e found as the type of a value, which belongs",
        11,
    ),
    "table of values": (
        module(items(TABLE, b"\x40\0\x70\0\1\xd0\x70\x0b")),
        "a table with an initial value",
        11,
    ),
    "table of 64 bits": (
        module(items(TABLE, b"\x70\4\1")),
        "a table with 64-bit addresses, which belongs to mem",
        12,
    ),
    "shared table": (
        module(items(TABLE, b"\x70\3\1\2")),
        "a table that threads share, which belongs to threads",
        12,
    ),
    "table upside down": (
        module(items(TABLE, b"\x70\1\2\1")),
        "a table of at least 2 and at most 1 elements",
        14,
    ),
    "two memories": (
        module(items(MEMORY, b"\0\1", b"\0\1")),
        "2 memories found, a guest has at most one",
        10,
    ),
    "shared memory": (
        module(items(MEMORY, b"\3\1\2")),
        "a memory that threads share, which belongs to threads",
        11,
    ),
    "memory64": (
        module(items(MEMORY, b"\4\1")),
        "a memory with 64-bit addresses, which belongs to memory64",
        11,
    ),
    "page size": (
        module(items(MEMORY, b"\x08\1\0")),
        "a memory with pages of another size, which belongs to",
        11,
    ),
    "limits of no form": (module(items(MEMORY, b"\x10\1")), "limits of the form 0x10 found", 11),
    "memory upside down": (
        module(items(MEMORY, b"\1\2\1")),
        "a memory of at least 2 and at most 1 pages",
        13,
    ),
    "global of no type": (module(items(GLOBAL, b"\1\0" + ZERO)), "0x01 found as the type of a value", 11),
    "shared global": (module(items(GLOBAL, I32 + b"\2" + ZERO)), "a shared global", 12),
    "global of no kind": (
        module(items(GLOBAL, I32 + b"\4" + ZERO)),
        "0x04 found where 0 or 1 says whether",
        12,
    ),
    "global that calls": (
        module(items(GLOBAL, I32 + b"\0\x10\0\x0b")),
        "operation 0x10 found in a constant",
        13,
    ),
    "global of SIMD": (
        module(items(GLOBAL, V128 + b"\0\xfd\x0d\x0b")),
        "operation 0xfd found in a constant",
        13,
    ),
    "global of an object": (
        module(items(GLOBAL, I32 + b"\0\xfb\0\x0b")),
        "makes an object, which belongs to GC",
        13,
    ),
    "endless constant": (
        module(items(GLOBAL, I32 + b"\0\x41\x80\x80\x80\x80\x80\0\x0b")),
        "global section: a constant is a LEB128 number of more than 5 bytes",
        14,
    ),
    "constant without end": (
        module(items(GLOBAL, I32 + b"\0\x41\0")),
        "it ends where a constant expression",
        15,
    ),
}


@pytest.mark.parametrize(("data", "words", "offset"), REFUSED.values(), ids=REFUSED)
def test_refused(data: bytes, words: str, offset: int) -> None:
    check_refused(data, words, offset)
