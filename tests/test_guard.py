"""ABI 1 as the guard asks for it: exports, imports, and what a module is told that lacks them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import wasmtime
from guests import guest
from sections import (
    EXPORT,
    FUNCTION,
    GLOBAL,
    I32,
    IMPORT,
    MEMORY,
    TYPE,
    export,
    imported,
    items,
    leb,
    module,
    signature,
    text,
)
from test_wasi import FUNCTIONS

import wasmrecords as wr
from wasmrecords._guard import WASI, Export, Import, ModuleInfo, read_module, require_abi, scan

# The exports of the smallest module that speaks the ABI, as WebAssembly text.
EXPORTS = {
    "memory": '(memory (export "memory") 1)',
    "wr_abi_v1": '(func (export "wr_abi_v1"))',
    "wr_arena": '(func (export "wr_arena") (param i32) (result i32) (i32.const 0))',
    "wr_open": '(func (export "wr_open") (param i32) (result i32) (i32.const 0))',
    "wr_batch": '(func (export "wr_batch") (param i32 i32) (result i32) (i32.const 0))',
}
SIGNATURES = {
    "wr_abi_v1": "() -> ()",
    "wr_arena": "(i32) -> (i32)",
    "wr_open": "(i32) -> (i32)",
    "wr_batch": "(i32, i32) -> (i32)",
    "_initialize": "() -> ()",
    "wr_close": "() -> (i32)",
}


def assembled(*parts: str, **changes: str) -> bytes:
    """The smallest module with ``parts`` in front, and some exports changed or, with "", left out."""
    return bytes(wasmtime.wat2wasm("(module " + " ".join([*parts, *(EXPORTS | changes).values()]) + ")"))


def refusal(data: bytes) -> str:
    info = scan(data)
    with pytest.raises(wr.ModuleError) as caught:
        require_abi(info)
    with pytest.raises(wr.ModuleError, match=re.escape(str(caught.value))):
        read_module(data)
    assert str(caught.value).isprintable()
    return str(caught.value)


# --- what is accepted -----------------------------------------------------------------------------


def test_the_smallest_module() -> None:
    info = read_module(assembled())
    assert (info.abi, info.functions, info.imports) == (1, 4, ())


def test_optional_exports() -> None:
    more = '(func (export "_initialize")) (func (export "wr_close") (result i32) (i32.const 0))'
    assert {"_initialize", "wr_close"} <= set(
        read_module(assembled(wr_open=EXPORTS["wr_open"] + more)).exports
    )


def test_other_exports_are_none_of_our_business() -> None:
    other = '(func (export "_start")) (global (export "g") i32 (i32.const 1)) (table (export "t") 1 funcref)'
    assert read_module(assembled(wr_open=EXPORTS["wr_open"] + other)).abi == 1


def test_of_several_versions_ours_is_taken() -> None:
    assert read_module(assembled(wr_open=EXPORTS["wr_open"] + '(func (export "wr_abi_v2"))')).abi == 1


def test_what_is_found() -> None:
    data = guest(manifest='{"abi": 1}')
    info = read_module(data)
    assert isinstance(info, ModuleInfo)
    assert info.imports == (
        Import("wasi_snapshot_preview1", "proc_exit", ("i32",), ()),
        Import("wasi_snapshot_preview1", "fd_write", ("i32",) * 4, ("i32",)),
    )
    assert info.exports["wr_batch"][:4] == ("function", 9, ("i32", "i32"), ("i32",))
    assert info.exports["memory"][:4] == Export("memory", 0)[:4]
    assert (info.memory_min, info.memory_max, info.functions, info.abi) == (64 * 65536, None, 8, 1)
    (manifest,) = [c for c in info.customs if c.name == "wasmrecords.manifest"]
    assert data[manifest.start : manifest.end] == b'{"abi": 1}'
    assert read_module(data, bodies=False) == info


def test_offsets_lead_to_imports_and_exports() -> None:
    data = guest()
    info = scan(data)
    for item, offset in zip(info.imports, info.import_offsets, strict=True):
        assert data[offset:].startswith(text(item.module) + text(item.name))
    for name, found in info.exports.items():
        assert data[found.offset :].startswith(text(name))


@pytest.mark.parametrize(("low", "high"), [(0, None), (1, 1), (3, 65536), (65536, None)])
def test_memory_is_told_in_bytes(low: int, high: int | None) -> None:
    limits = b"\0" + leb(low) if high is None else b"\1" + leb(low) + leb(high)
    info = scan(module(items(MEMORY, limits)))
    assert (info.memory_min, info.memory_max) == (low * 65536, high and high * 65536)


def test_the_shipped_module(records_wasm: Path) -> None:
    assert read_module(records_wasm.read_bytes()).abi == 1


# --- exports --------------------------------------------------------------------------------------


def test_no_abi_at_all() -> None:
    words = refusal(module())
    assert words.startswith(
        "the module does not speak the wasmrecords ABI: no export 'wr_abi_v1'; a module is made"
    )
    assert scan(module()).abi is None


def test_a_command() -> None:
    data = wasmtime.wat2wasm('(module (memory (export "memory") 1) (func (export "_start")))')
    assert "it is a command, with '_start' and a main function, to be run by itself" in refusal(bytes(data))


@pytest.mark.parametrize("version", [2, 17])
def test_another_version(version: int) -> None:
    data = assembled(wr_abi_v1=f'(func (export "wr_abi_v{version}"))')
    assert f"speaks version {version} of the wasmrecords ABI, this package speaks version 1" in refusal(data)
    assert scan(data).abi == version


@pytest.mark.parametrize("name", ["wr_abi_v", "wr_abi_v01", "wr_abi_v1x", "wr_abi_v٣", "wr_abi_v9999999999"])
def test_no_version(name: str) -> None:
    words = refusal(assembled(wr_abi_v1=f'(func (export "{name}"))'))
    assert words.startswith("no export 'wr_abi_v1', though there is 'wr_arena': a module says with it that")


@pytest.mark.parametrize("name", ["wr_arena", "wr_open", "wr_batch"])
def test_a_missing_function(name: str) -> None:
    assert (
        refusal(assembled(**{name: ""})) == f"no export '{name}': ABI 1 expects a function {SIGNATURES[name]}"
    )


def test_no_memory() -> None:
    assert (
        refusal(assembled(memory="")) == "the export 'memory' is nothing, ABI 1 expects a memory: export it"
    )


def test_memory_that_is_none() -> None:
    assert "the export 'memory' is a function, ABI 1 expects a memory" in refusal(
        assembled(memory='(func (export "memory"))')
    )


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_function_of_another_signature(name: str) -> None:
    for params, results in [
        ("i64", "i32"),
        ("i32 i32 i32", "i32"),
        ("", "i64"),
        ("i32", ""),
        ("f32", "f64 i32"),
    ]:
        function = f'(func (export "{name}") (param {params}) (result {results}) unreachable)'
        data = assembled(**{name: function})
        shown = f"({params.replace(' ', ', ')}) -> ({results.replace(' ', ', ')})"
        words = f"the export '{name}' is a function {shown}, ABI 1 expects a function {SIGNATURES[name]}"
        assert refusal(data).startswith(words + f" (at byte {data.index(text(name)):,} of the module)")


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_function_that_is_none(name: str) -> None:
    data = assembled(**{name: f'(global (export "{name}") i32 (i32.const 0))'})
    assert refusal(data).startswith(
        f"the export '{name}' is a global, ABI 1 expects a function {SIGNATURES[name]}"
    )


# --- imports --------------------------------------------------------------------------------------

ALL = FUNCTIONS | {"fd_write": ("i32",) * 4, "proc_exit": ("i32",)}


def importing(home: str, name: str, params: str = "", results: str = "") -> bytes:
    return assembled(f'(import "{home}" "{name}" (func (param {params}) (result {results})))')


def test_all_of_preview_1_is_known() -> None:
    assert {name: found.params for name, found in WASI.items()} == ALL
    assert {name: found.results for name, found in WASI.items()} == dict.fromkeys(ALL, ("i32",)) | {
        "proc_exit": ()
    }


@pytest.mark.parametrize("name", ALL)
def test_preview_1_may_be_imported(name: str) -> None:
    home, params, results = "wasi_snapshot_preview1", " ".join(ALL[name]), " ".join(WASI[name].results)
    read_module(importing(home, name, params, results))
    for wrong in (
        importing(home, name, f"{params} i32", results),
        importing(home, name, params, f"{results} i32"),
        importing(home, name, params.replace("i32", "f32", 1) or "i64", results),
        importing(home, name, params, "" if results else "i64"),
    ):
        words = refusal(wrong)
        assert words.startswith(f"the module imports '{name}' (")
        assert f"from 'wasi_snapshot_preview1', where it is {WASI[name]}: build it with another" in words
        assert f"(at byte {wrong.index(text(home))} of the module)" in words


@pytest.mark.parametrize(
    ("home", "name", "words"),
    [
        ("wasi_snapshot_preview1", "fd_wriet", "has no such function; the nearest one is 'fd_write'"),
        (
            "wasi_snapshot_preview1",
            "sock_accept_v2",
            "has no such function; the nearest one is 'sock_accept'",
        ),
        ("wasi_snapshot_preview1", "x", "has no such function (at byte"),
        ("wasi_unstable", "fd_write", "this is an old version of WASI"),
        ("wasi_snapshot_preview2", "fd_write", "this is another version of WASI"),
        (
            "wasi:cli/environment@0.2.0",
            "get-arguments",
            "this is WASI 0.2 or later: build it for wasm32-wasip1",
        ),
        ("wasi", "thread-spawn", "this is threads of WASI"),
        ("env", "emscripten_resize_heap", "this is a function that nobody linked in, or Emscripten's"),
        ("wbg", "__wbindgen_throw", "this is JavaScript, by wasm-bindgen"),
        ("__wbindgen_placeholder__", "x", "this is JavaScript, by wasm-bindgen"),
        ("gojs", "runtime.wasmExit", "this is JavaScript, by Go: build it with GOOS=wasip1"),
        ("host", "log", "a module may import functions of wasi_snapshot_preview1 and nothing else (at byte"),
        ("", "", "the module imports '' () -> () from '': a module may import"),
    ],
)
def test_other_imports(home: str, name: str, words: str) -> None:
    told = refusal(importing(home, name))
    assert words in told
    assert told.startswith(f"the module imports '{name}' () -> () from '{home}'")


@pytest.mark.parametrize(
    ("kind", "what"), [("global", "i32"), ("table", "1 funcref"), ("memory", "1"), ("memory", "1 1")]
)
def test_other_things_are_not_imported(kind: str, what: str) -> None:
    given = f'(import "env" "x" ({kind} {what}))'
    own = "" if kind == "memory" else EXPORTS["memory"]
    exported = '(export "memory" (memory 0))' if kind == "memory" else ""
    told = refusal(assembled(given, exported, memory=own))
    assert told.startswith(f"the module imports the {kind} 'x' from 'env': a module may import functions of")
    assert told.count("; build a module that defines its own (at byte ") == 1


def test_the_same_import_twice_is_no_harm() -> None:
    """Two libraries of a guest may each declare the function."""
    twice = '(import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))' * 2
    assert len(read_module(assembled(twice)).imports) == 2


# --- names from strangers -------------------------------------------------------------------------

EVIL = "\x1b[2J\n\0\u202e'x"


def test_names_are_escaped_and_cut() -> None:
    for name in (EVIL, EVIL * 90):
        types, memory = items(TYPE, signature()), items(MEMORY, b"\0\1")
        for data in (
            module(types, items(IMPORT, imported("a", name, b"\5\0\1"))),
            module(memory, items(EXPORT, export(name, 2), export(name, 2))),
            module(items(GLOBAL, b"\x70\0\xd0\x70\x0b"), items(EXPORT, export(name, 3))),
        ):
            with pytest.raises(wr.ModuleError) as caught:
                scan(data)
            assert str(caught.value).isprintable()
            assert "\\x1b[2J\\n" in str(caught.value)
            assert len(str(caught.value)) < 400
    info = ModuleInfo((Import(EVIL, EVIL, (), ()),), scan(assembled()).exports, 65536, None, 4, (), (0,))
    with pytest.raises(wr.ModuleError, match=r"\\x1b\[2J\\n\\x00\\u202e") as caught:
        require_abi(info)
    assert str(caught.value).isprintable()


def test_an_imported_function_may_be_exported_again() -> None:
    data = module(
        items(TYPE, signature(I32, I32)),
        items(IMPORT, imported("wasi_snapshot_preview1", "fd_close")),
        items(FUNCTION),
        items(EXPORT, export("wr_open")),
    )
    assert scan(data).exports["wr_open"][:4] == ("function", 0, ("i32",), ("i32",))
