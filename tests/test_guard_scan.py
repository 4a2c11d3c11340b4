"""Sections, and what stands in them: each rule fired by the smallest module that breaks it."""

from __future__ import annotations

import pytest
from sections import (
    CODE,
    DATA,
    DATA_COUNT,
    ELEMENT,
    EXPORT,
    EXTERNREF,
    FUNCREF,
    FUNCTION,
    GLOBAL,
    I32,
    IMPORT,
    MEMORY,
    START,
    TABLE,
    TYPE,
    V128,
    Refusal,
    body,
    check_refused,
    custom,
    export,
    function,
    imported,
    items,
    module,
    section,
    signature,
    text,
)

from wasmrecords._guard import scan

NOTHING = signature()
ZERO = b"\x41\x00\x0b"  # i32.const 0, end
MEMORIES = items(MEMORY, b"\0\1")
TABLES = items(TABLE, FUNCREF + b"\0\1")


def importing(entry: bytes) -> bytes:
    return module(items(TYPE, NOTHING), items(IMPORT, entry))


def in_memory(*sections: bytes) -> bytes:
    return module(MEMORIES, *sections)


REFUSED: dict[str, Refusal] = {
    # sections
    "tags": (
        module(section(13, b"\1\0\0")),
        "13 section: a section of this kind, which belongs to exceptions",
        8,
    ),
    "stringref": (
        module(section(14, b"\0\0")),
        "14 section: a section of this kind, which belongs to string",
        8,
    ),
    "unknown section": (
        module(section(37, b"")),
        "37 section: a section of this kind, which is not known",
        8,
    ),
    "no size": (module(b"\1"), "type section: it ends within its size", 9),
    "over-long size": (
        module(b"\1\x80\x80\x80\x80\x80\0"),
        "type section: a LEB128 number of more than 5 bytes found as its size",
        9,
    ),
    "size of 35 bits": (
        module(b"\1\xff\xff\xff\xff\x7f"),
        "a number of more than 32 bits found as its size",
        9,
    ),
    "size over the end": (
        module(b"\1\5\0"),
        "type section: 5 bytes claimed where 1 are left; the file is cut",
        8,
    ),
    "size too small": (
        module(section(MEMORY, b"\1\0\1\7")),
        "memory section: 1 bytes left over behind its last item",
        13,
    ),
    "size cuts an item": (module(section(MEMORY, b"\1\0")), "memory section: it ends within the minimum", 12),
    "empty section": (module(section(TYPE, b"")), "type section: it ends within types", 10),
    "twice": (module(items(TYPE), items(TYPE)), "type section: a second one found, expected one", 11),
    "out of order": (
        module(items(MEMORY), items(TYPE)),
        "type section: found behind the memory section, expected in front of it",
        11,
    ),
    "data count behind code": (
        module(items(CODE), section(DATA_COUNT, b"\0")),
        "data count section: found behind the code section",
        11,
    ),
    "custom without name": (module(section(0, b"")), "custom section: it ends within its name", 10),
    "custom name over the end": (
        module(section(0, b"\5abc")),
        "custom section: its name of 5 bytes found where 3 are left",
        11,
    ),
    "custom name no text": (module(custom(b"ab\xff")), "custom section: its name is not UTF-8", 13),
    "long name": (
        module(custom("n" * 1025)),
        "custom section: its name is 1,025 bytes long, at most 1,024",
        11,
    ),
    # imports
    "imported tag": (
        importing(imported("env", "e", b"\4\0\0")),
        "the import 'e' is of kind 4, which belongs to exceptions",
        17,
    ),
    "imported what": (
        importing(imported("env", "e", b"\x7f\0\0")),
        "the import 'e' is of kind 127, which is not known here",
        17,
    ),
    "imported table of numbers": (importing(imported("env", "t", b"\1\x7f\0\0")), "a number found", 24),
    "imported memory that is shared": (
        importing(imported("env", "m", b"\2\3\1\1")),
        "a memory that threads share",
        24,
    ),
    "imported global of v128": (
        importing(imported("env", "g", b"\3" + V128 + b"\0")),
        "the imported global 'g' has the type v128",
        17,
    ),
    "a memory imported and one of its own": (
        module(items(IMPORT, imported("env", "m", b"\2\0\1")), MEMORIES),
        "memory section: 2 memories found",
        22,
    ),
    "two tables imported": (
        module(items(IMPORT, *[imported("env", "t", b"\1" + FUNCREF + b"\0\1")] * 2)),
        "import section: 2 tables found",
        21,
    ),
    "import of no type": (importing(imported("a", "b", b"\0\1")), "type 1 does not exist, there are 1", 22),
    "import no text": (importing(imported("a", b"\xc3\x28")), "the name of an import is not UTF-8", 20),
    "v128 imported": (
        module(items(TYPE, signature(V128)), items(IMPORT, imported("a", "b"))),
        "import section: the imported function 'b' has the type v128, only i32, i64, f32",
        18,
    ),
    # exports and the start
    "no such function": (
        module(items(EXPORT, export("f"))),
        "export section: function 0 does not exist, there",
        14,
    ),
    "no such table": (module(items(EXPORT, export("t", 1))), "table 0 does not exist, there are 0", 14),
    "no such memory": (
        in_memory(items(EXPORT, export("m", 2, 1))),
        "memory 1 does not exist, there are 1",
        19,
    ),
    "no such global": (module(items(EXPORT, export("g", 3))), "global 0 does not exist, there are 0", 14),
    "exported tag": (
        module(items(EXPORT, export("e", 4))),
        "the export 'e' is of kind 4, which belongs to exc",
        11,
    ),
    "exported what": (
        module(items(EXPORT, export("e", 9))),
        "the export 'e' is of kind 9, which is not known",
        11,
    ),
    "twice exported": (
        in_memory(items(EXPORT, export("m", 2), export("m", 2))),
        "export section: a second export 'm', names must differ",
        20,
    ),
    "export no text": (
        in_memory(items(EXPORT, export(b"\xed\xa0\x80", 2))),
        "the name of an export is not",
        17,
    ),
    "v128 exported": (
        function(signature(V128 + I32), items(EXPORT, export("f"))),
        "export section: the exported function 'f' has the type v128, only i32, i64, f32",
        23,
    ),
    "externref exported": (
        function(signature(b"", EXTERNREF), items(EXPORT, export("f"))),
        "the exported function 'f' has the type externref",
        22,
    ),
    "v128 as a global": (
        module(items(GLOBAL, V128 + b"\0\xfd\x0c" + bytes(16) + b"\x0b"), items(EXPORT, export("g", 3))),
        "the exported global 'g' has the type v128, only i32, i64, f32 and f64 may cross; keep it",
        35,
    ),
    "start at nothing": (module(section(START, b"\0")), "start section: function 0 does not exist", 10),
    "start with parameters": (
        function(signature(I32), section(START, b"\0")),
        "start section: function 0 has parameters or results, expected none",
        21,
    ),
    # segments
    "elements of no form": (module(items(ELEMENT, b"\x08")), "an element segment of the form 8 found", 11),
    "elements of no table": (module(items(ELEMENT, b"\2\0" + ZERO + b"\0\0")), "table 0 does not exist", 12),
    "elements of no kind": (module(items(ELEMENT, b"\1\7\0")), "elements of kind 7 found, expected 0", 12),
    "elements of numbers": (
        module(items(ELEMENT, b"\5" + I32 + b"\0")),
        "a number found where a type of ref",
        12,
    ),
    "elements of no function": (
        module(TABLES, items(ELEMENT, b"\0" + ZERO + b"\1\0")),
        "element section: function 0 does not exist, there are 0",
        22,
    ),
    "data of no form": (in_memory(items(DATA, b"\3")), "a data segment of the form 3 found", 16),
    "data of no memory": (module(items(DATA, b"\2\0" + ZERO + b"\0")), "memory 0 does not exist", 12),
    "data of a memory that is not": (module(items(DATA, b"\0" + ZERO + b"\0")), "there is no memory", 11),
    "data over the end": (
        in_memory(items(DATA, b"\1\5ab")),
        "a data segment of 5 bytes found where 2 are",
        18,
    ),
    "data less than announced": (
        in_memory(section(DATA_COUNT, b"\2"), items(DATA, b"\1\0")),
        "data section: 2 data segments announced, 1 found",
        21,
    ),
    "common data over the end": (
        in_memory(items(DATA, b"\0" + ZERO + b"\x81\2ab")),
        "a data segment of 257 bytes found where 2 are left",
        22,
    ),
    "common data cut in its length": (
        in_memory(items(DATA, b"\0" + ZERO + b"\x81")),
        "it ends within the length of a data segment",
        20,
    ),
    # bodies
    "body over the end by its size": (
        function(NOTHING, code=b"\x85"),
        "code section: it ends within the size of a body",
        21,
    ),
    "body over the end": (
        function(NOTHING, code=b"\5\0\x0b"),
        "code section: a body of 5 bytes found where 2 are left",
        21,
    ),
    "locals over the body": (
        function(NOTHING, code=b"\2\2\1"),
        "2 groups of locals of one function claimed",
        22,
    ),
    "local of no type": (function(NOTHING, code=body(b"\1\x6e")), "0x6e found as the type of a value", 24),
    "local cut off": (
        function(NOTHING, code=b"\2\1\1\x0b"),
        "it ends where the type of a value is expected",
        24,
    ),
}


@pytest.mark.parametrize(("data", "words", "offset"), REFUSED.values(), ids=REFUSED)
def test_refused(data: bytes, words: str, offset: int) -> None:
    check_refused(data, words, offset)


ACCEPTED = {
    "nothing": module(),
    "customs anywhere": module(custom("a"), items(TYPE), custom("a"), items(CODE), custom("", b"\xff")),
    "a long LEB that is none too many": module(b"\1\x81\x80\x80\x80\0\0"),
    "v128 inside": function(signature(V128, V128), code=body(b"\1" + V128, code=b"\x00\x0b")),
    "references inside": function(signature(FUNCREF, EXTERNREF), TABLES, items(EXPORT, export("table", 1))),
    "all elements": module(
        items(TYPE, NOTHING),
        items(FUNCTION, b"\0"),
        TABLES,
        items(
            ELEMENT,
            b"\0" + ZERO + b"\1\0",
            b"\1\0\1\0",
            b"\2\0" + ZERO + b"\0\1\0",
            b"\3\0\1\0",
            b"\4" + ZERO + b"\1\xd2\0\x0b",
            b"\5\x70\1\xd0\x70\x0b",
            b"\6\0" + ZERO + b"\x70\0",
            b"\7\x70\0",
        ),
        items(CODE, body()),
    ),
    "all imports": module(
        items(TYPE, NOTHING),
        items(
            IMPORT,
            imported("a", "g", b"\3" + I32 + b"\0"),
            imported("a", "f"),
            imported("a", "m", b"\2\0\1"),
            imported("a", "t", b"\1" + FUNCREF + b"\0\1"),
        ),
        items(GLOBAL, I32 + b"\1\x23\0\x0b"),
        items(EXPORT, export("f"), export("t", 1), export("m", 2), export("g", 3, 1)),
        items(ELEMENT, b"\0\x23\0\x0b\1\0"),
        items(DATA, b"\0\x23\0\x0b\0", b"\0" + ZERO + text("x")),
    ),
    "numbers of two bytes and more": module(
        items(TYPE, *[NOTHING] * 300),
        items(FUNCTION, b"\xab\2", b"\x80\x80\0", b"\xab\x82\x80\0", b"\3", b"\xab\2"),
        items(
            CODE,
            body(),
            b"\x82\x80\0\0\x0b",
            body(b"\xff\0\x7f", b"\x81\x80\0\x7f"),
            body(b"\xff\1\x7f"),
            body(code=b"\1" * 20_000 + b"\x0b"),
        ),
    ),
    "data of all lengths": in_memory(
        items(DATA, *[b"\0\x41\xff\xff\0\x0b" + text(b"x" * n) for n in (0, 1, 127, 128, 16_383, 16_384)])
    ),
    "all data": in_memory(
        section(DATA_COUNT, b"\3"),
        items(DATA, b"\0" + ZERO + text("ab"), b"\1" + text("c"), b"\2\0" + ZERO + b"\0"),
    ),
    "all constants": module(
        items(
            GLOBAL,
            I32 + b"\0\x41\xff\xff\xff\xff\x07\x0b",
            I32 + b"\0\x23\0\x41\1\x6a\x0b",
            b"\x7e\1\x42\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7f\x0b",
            b"\x7d\0\x43\0\0\0\0\x0b",
            b"\x7c\0\x44\0\0\0\0\0\0\0\0\x0b",
            V128 + b"\0\xfd\x0c" + bytes(16) + b"\x0b",
            FUNCREF + b"\0\xd0\x70\x0b",
        )
    ),
}


@pytest.mark.parametrize("data", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted_as_the_engine_does(data: bytes) -> None:
    import wasmtime

    scan(data)
    wasmtime.Module.validate(wasmtime.Engine(), data)
