"""Files that are no module, or one that asks for more than records."""

from __future__ import annotations

import gzip
import json
import random

from guests import guest, section
from sections import (
    CUSTOM,
    EXPORT,
    FUNCTION,
    HEADER,
    MEMORY,
    TYPE,
    custom,
    export,
    items,
    leb,
    module,
    signature,
)
from sections import section as part

import wasmrecords as wr
from hostile.case import ANY, LIMITS, Act, Case, Module, Stage, loading
from hostile.modules import minimal

NOTHING = signature()
FRESH = ("fresh",)


def refused(name: str, tried: str, because: str, content: Module, ends: str = "ModuleError") -> Case:
    return Case(name, tried, ends, loading(content), ANY, within=3, because=because)


DOUBLING = {
    "$defs": {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}
    | {"d40": {"type": "string"}},
    "$ref": "#/$defs/d0",
}


def manifest(content: str | bytes) -> Module:
    data = content.encode() if isinstance(content, str) else content
    return lambda: minimal() + custom("wasmrecords.manifest", data)


def from_file(make: str) -> Act:
    """A path that is no module: a folder, a pipe, an endless file."""

    def act(stage: Stage) -> str:
        path = stage.folder / "module.wasm"
        if make == "folder":
            path.mkdir()
        elif make == "link to itself":
            path.symlink_to(path)
        elif make == "endless":
            path.symlink_to("/dev/zero")
        with wr.load(path, limits=LIMITS):
            return "loaded"

    return act


def stateful_and_fresh(stage: Stage) -> str:
    data = guest(
        manifest='{"abi": 1, "stateful": true}', extra='(func (export "wr_close") (result i32) (i32.const 0))'
    )
    with wr.load(data, limits=LIMITS, isolation="fresh"):
        return "loaded"


FILES = [
    refused("empty", "A file of no bytes", "is empty", b""),
    refused("only the magic", "Four bytes", "ends after 4 of the 8 bytes", b"\0asm"),
    refused("wrong version", "A binary of version 2", "version 2 of WebAssembly", b"\0asm\2\0\0\0"),
    refused("component", "A component instead of a module", "a WebAssembly component", b"\0asm\x0d\0\1\0"),
    refused("ELF", "A native program", "an ELF file", b"\x7fELF" + bytes(100)),
    refused(
        "compiled code",
        "An ELF as the engine writes it for itself, native code that nothing checks",
        "a module that an engine has compiled",
        b"\x7fELF\2\1\1\0" + bytes(8) + b"\1\0\xb7\0\1\0\0\0" + bytes(400),
    ),
    refused(
        "text",
        "WebAssembly text, which the engine's own loader would accept",
        "WebAssembly text",
        b"(module)",
    ),
    refused("packed", "A module packed with gzip", "packed by gzip", gzip.compress(HEADER, mtime=0)),
    refused(
        "random",
        "64 KiB of random bytes behind a right header",
        "not known here",
        HEADER + random.Random(1).randbytes(65536),
    ),
    refused(
        "half", "A module that is cut in its middle", "claimed where", lambda: guest()[: len(guest()) // 2]
    ),
    refused("last byte missing", "A module without its last byte", "claimed where", lambda: guest()[:-1]),
    refused(
        "huge file",
        "A module over the limit",
        "more than 16 MiB (limit module)",
        lambda: HEADER + custom("x", bytes(17 * wr.MiB)),
        "ModuleLimit",
    ),
    Case("folder", "A folder where a module should be", "ModuleError", from_file("folder"), ANY),
    Case("missing", "A module that does not exist", "ModuleError", from_file("nothing"), ANY),
    Case(
        "link to itself",
        "A symbolic link that leads to itself",
        "ModuleError",
        from_file("link to itself"),
        ANY,
    ),
    Case("endless file", "A module that is /dev/zero", "ModuleLimit", from_file("endless"), ANY),
]

SECTIONS = [
    refused(
        "section overruns",
        "A section that claims more bytes than there are",
        "127 bytes claimed where 1 are left",
        HEADER + b"\1\x7f\0",
    ),
    refused(
        "over-long number", "A length in six bytes", "more than 5 bytes", HEADER + b"\1\x80\x80\x80\x80\x80\0"
    ),
    refused(
        "number over 32 bits", "A length of 2^35", "more than 32 bits", HEADER + b"\1\xff\xff\xff\xff\x7f"
    ),
    refused(
        "claims",
        "4 billion types in eight bytes",
        "4,294,967,295 types",
        module(part(TYPE, leb(0xFFFFFFFF) + b"\x60\0\0")),
    ),
    refused(
        "bodies missing",
        "Functions without bodies",
        "1 functions declared, 0 bodies",
        module(items(TYPE, NOTHING), items(FUNCTION, b"\0")),
    ),
    refused(
        "out of order",
        "Sections out of order",
        "behind the function section",
        module(items(FUNCTION), items(TYPE)),
    ),
    refused("twice", "A section that is there twice", "a second one", module(items(TYPE), items(TYPE))),
    refused(
        "a million sections",
        "2 MB of empty custom sections",
        "101 custom sections",
        module(*[custom("")] * 600_000),
    ),
    refused(
        "name without end",
        "A custom section whose name is longer than it",
        "its name of 127 bytes",
        HEADER + bytes([CUSTOM, 1, 0x7F]),
    ),
    refused(
        "names that are no text",
        "Names that are not UTF-8",
        "not UTF-8",
        module(items(MEMORY, b"\0\1"), items(EXPORT, export(b"\xff\xfe", 2))),
    ),
    refused(
        "invalid body",
        "A body that breaks the rules of types",
        "type mismatch",
        lambda: minimal().replace(b"\x41\x80\x80\x04\x0b", b"\x42\x80\x80\x04\x0b"),
    ),
    refused(
        "calls nobody",
        "A call of a function that does not exist",
        "unknown function",
        lambda: minimal(extra="(func (call 0))").replace(b"\x10\0\x0b", b"\x10\x7f\x0b"),
    ),
    Case(
        "huge custom section",
        "15 MiB of nothing in a custom section",
        "kept",
        loading(lambda: guest() + section("x", bytes(15 * wr.MiB))),
        ANY,
    ),
    Case(
        "broken names",
        "A name section that is no such thing",
        "kept",
        loading(lambda: guest() + section("name", b"\xff" * 1000)),
        ANY,
    ),
]

MANIFESTS = [
    refused("manifest is no JSON", "A manifest that is no JSON", "not JSON", manifest("{")),
    refused(
        "manifest is no text", "A manifest that is not UTF-8", "expected UTF-8", manifest(b"\xff\xfe{\0")
    ),
    refused("deep manifest", "A manifest of 200,000 brackets", "nested too deep", manifest("[" * 200_000)),
    refused(
        "long number",
        "A number of a million digits in the manifest",
        "numbers too long",
        manifest('{"abi": ' + "1" * 1_000_000 + "}"),
    ),
    refused("huge manifest", "A manifest of 2 MiB", "at most 1 MiB", manifest(" " * (2 * wr.MiB))),
    refused(
        "two manifests",
        "Two manifests",
        "2 times",
        lambda: minimal() + custom("wasmrecords.manifest", b'{"abi": 1}') * 2,
    ),
    refused(
        "parts that differ",
        "A manifest in two parts that give it two names",
        "name: transforms of two packages are linked into this module",
        manifest('{"abi": 1, "name": "a"}\n{"abi": 1, "name": "b"}'),
    ),
    refused(
        "many transforms",
        "A manifest of 300 transforms",
        "transforms: expected at most 256",
        manifest(json.dumps({"abi": 1, "transforms": [{"name": f"t{n}"} for n in range(300)]})),
    ),
    refused(
        "transform that steers",
        "A transform with escape sequences in its name",
        "transforms[0].name: expected a word",
        manifest('{"abi": 1, "transforms": [{"name": "\\u001b[2J"}]}'),
    ),
    refused(
        "config schema bomb",
        "A schema of the config that doubles forty times",
        "config_schema cannot be used",
        manifest(json.dumps({"abi": 1, "config_schema": DOUBLING})),
    ),
    refused(
        "config schema of a file",
        "A schema of the config that refers to a file",
        "config_schema is no JSON Schema",
        manifest('{"abi": 1, "config_schema": {"$ref": "file:///etc/passwd"}}'),
    ),
    refused("another version", "A manifest of ABI 2", "found 2", manifest('{"abi": 2}')),
    refused(
        "manifest that steers",
        "An unknown encoding with escape sequences in its name",
        "\\x1b[2J",
        manifest('{"abi": 1, "input": ["\\u001b[2J"]}'),
    ),
    refused(
        "wants much",
        "A module that wants the network",
        "wants network",
        manifest('{"abi": 1, "capabilities": ["network"]}'),
    ),
    refused(
        "many outputs",
        "A manifest that names 17 outputs",
        "outputs: expected at most 16, found 17",
        manifest(json.dumps({"abi": 1, "outputs": ["main", *map(str, range(16))]})),
    ),
    refused(
        "reads nothing known",
        "A module that does not read NDJSON",
        "reads csv",
        manifest('{"abi": 1, "input": ["csv"]}'),
    ),
    Case(
        "state that must not be",
        "A module that keeps state, at a level that allows none",
        "ValueError",
        stateful_and_fresh,
        FRESH,
    ),
]

CASES = [*FILES, *SECTIONS, *MANIFESTS]
