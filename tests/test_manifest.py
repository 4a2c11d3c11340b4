"""What a module may say of itself, and what it may not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wasmrecords as wr
from wasmrecords._manifest import FunctionInfo, Manifest, ParameterInfo, TransformInfo, read_manifest


def manifest(**members: Any) -> Manifest:
    return read_manifest(json.dumps({"abi": 1, **members}).encode(), 100)


def test_what_is_not_said_has_a_default() -> None:
    assert manifest() == Manifest()
    assert manifest(unknown=1, name=None, input=None) == Manifest()


def test_all_of_it() -> None:
    found = manifest(
        name="redact",
        version="1.2.3",
        description="takes names out",
        input=["ndjson", "json"],
        output=["ndjson"],
        outputs=["main", "rest"],
        config_schema={"type": "object"},
        input_schema=True,
        output_schema={},
        capabilities=["clock"],
        stateful=True,
        sdk="wasmrecords 0.1.0",
    )
    assert found == Manifest(
        "redact",
        "1.2.3",
        "takes names out",
        ("ndjson", "json"),
        ("ndjson",),
        ("main", "rest"),
        {"type": "object"},
        True,
        {},
        ("clock",),
        True,
        "wasmrecords 0.1.0",
    )


def test_texts_are_cleaned_and_cut() -> None:
    found = manifest(name="\x1b[31mred\n", description="x" * 10_000)
    assert found.name == "\\x1b[31mred\\n"
    assert found.description is not None
    assert len(found.description) == 2000
    assert manifest(description="one\n\x1b two").description == "one\n\\x1b two"


DEEP = {"a": 1}
for _ in range(200):
    DEEP = {"a": DEEP}


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"abi": 2}, "abi: expected 1, found 2: this version runs modules of ABI version 1 only"),
        ({"abi": None}, "abi: expected 1, found nothing"),
        ({"abi": True}, "abi: expected 1, found true"),
        ({"abi": "1"}, 'abi: expected 1, found "1"'),
        ({"name": 1}, "name: expected a string, found a number"),
        ({"version": []}, "version: expected a string, found an array"),
        ({"input": "ndjson"}, "input: expected an array of words, found a string"),
        ({"input": []}, "input: expected 1 to 64 words, found 0"),
        ({"output": ["a"] * 65}, "output: expected 1 to 64 words, found 65"),
        ({"outputs": [1]}, "outputs: expected words, found a number"),
        ({"outputs": ["main", "a", "a"]}, "outputs: expected different names"),
        ({"outputs": ["a", "main"]}, "outputs: expected main as the first one, found a"),
        (
            {"outputs": ["main", *map(str, range(16))]},
            "outputs: expected at most 16, found 17",
        ),
        (
            {"transforms": [{"name": "a", "outputs": ["b"]}]},
            "transforms[0].outputs: expected main as the first",
        ),
        ({"outputs": [{}]}, "outputs: expected words, found an object"),
        ({"capabilities": ["a b"]}, "capabilities: expected a word of A-Z a-z 0-9 _ . : -, found 'a b'"),
        ({"capabilities": ["\x1b"]}, "capabilities: expected a word of A-Z a-z 0-9 _ . : -, found '\\x1b'"),
        ({"stateful": "yes"}, "stateful: expected true or false, found a string"),
        ({"config_schema": "x"}, "config_schema: expected a JSON Schema"),
        ({"input_schema": DEEP}, "input_schema: expected at most 128 levels"),
        ({"transforms": {}}, "transforms: expected an array of objects, found an object"),
        ({"transforms": [1]}, "transforms[0]: expected an object, found a number"),
        ({"transforms": [{}]}, "transforms[0].name: expected a string, found null"),
        ({"transforms": [{"name": "a"}] * 2}, "transforms[1].name: a is there twice"),
        (
            {"transforms": [{"name": "a" * 65}]},
            "transforms[0].name: expected at most 64 characters, found 65",
        ),
        (
            {"transforms": [{"name": "\u00e4" * 65}]},
            "transforms[0].name: expected at most 64 characters, found 65",
        ),
        (
            {"transforms": [{"name": "a\u202e"}]},
            "transforms[0].name: expected a word of A-Z a-z 0-9 _ . : -, found 'a\\u202e'",
        ),
        ({"transforms": [{"name": "a", "capabilities": [1]}]}, "transforms[0].capabilities: expected words"),
        (
            {"transforms": [{"name": "a", "config_schema": DEEP}]},
            "transforms[0].config_schema: expected at most",
        ),
        ({"transforms": [{"name": "a", "stateful": 1}]}, "transforms[0].stateful: expected true or false"),
        (
            {"transforms": [{"name": f"t{n}"} for n in range(257)]},
            "transforms: expected at most 256, found 257",
        ),
        ({"functions": [{"name": f"t{n}"} for n in range(1025)]}, "functions: expected at most 1,024, found"),
        ({"functions": [{"name": "f", "parameters": 1}]}, "functions[0].parameters: expected an array"),
        (
            {"functions": [{"name": "f", "parameters": [{}] * 65}]},
            "functions[0].parameters: expected at most 64",
        ),
        (
            {"functions": [{"name": "f", "parameters": [{"name": "a"}, {"name": "a"}]}]},
            "functions[0].parameters[1].name: a is there twice",
        ),
        (
            {"functions": [{"name": "f", "parameters": [{"name": "a", "schema": []}]}]},
            "functions[0].parameters[0].schema: expected a JSON Schema",
        ),
        ({"functions": [{"name": "f", "result": 1}]}, "functions[0].result: expected a JSON Schema"),
    ],
)
def test_wrong_members(members: dict[str, Any], message: str) -> None:
    with pytest.raises(wr.ModuleError) as caught:
        manifest(**members)
    assert f"the manifest: {message}" in str(caught.value)
    assert caught.value.offset == 100


@pytest.mark.parametrize(
    ("content", "message", "offset"),
    [
        (b"", "not JSON", 100),
        (b"[1]", "expected an object, found an array", 100),
        (b'{"abi": 1 2}', "not JSON", 110),
        (b'{"name": "\xc3\xa4", x}', "not JSON", 115),
        (b'{"abi": 1, "name": "\xff"}', "expected UTF-8", 120),
        (b"[" * 100_000, "nested too deep", 100),
        (b'{"abi": ' + b"1" * 5000 + b"}", "numbers too long", 100),
        (b'{"abi": 1, "config_schema": {"maximum": NaN}}', "NaN is not JSON", 100),
        (b'{"abi": 1, "config_schema": {"minimum": -1e400}}', "-1e400 is larger than any number of", 100),
        (b" " * (1024 * 1024 + 1), "at most 1 MiB", 100),
        (b"\x00asm", "not JSON", 100),
        (b'{"abi": 1} ,', "not JSON", 111),
        (b'{"abi": 1} {"name": "a"}', "abi: expected 1, found nothing", 100),
        (b'{"abi": 1}\n[]', "expected an object, found an array", 100),
        (b'{"abi": 1, "name": "b"}{"abi": 1, "name": "a"}', "of two packages .* a and b, and", 100),
        (b'{"abi": 1, "name": "a"}{"abi": 1, "name": 7}', "name: expected the same in each object", 100),
        (b'{"abi": 1, "sdk": "a"}{"abi": 1, "sdk": "b"}', "sdk: expected the same in each object", 100),
        (b'{"abi": 1, "transforms": [{"name": "a"}]}' * 2, r"transforms\[1\].name: a is there twice", 100),
        (b'{"abi":1}' * 116_509, "at most 1 MiB", 100),
    ],
)
def test_no_manifest_at_all(content: bytes, message: str, offset: int) -> None:
    with pytest.raises(wr.ModuleError, match=message) as caught:
        read_manifest(content, 100)
    assert caught.value.offset == offset


def test_several_objects_are_one() -> None:
    parts = [
        {"abi": 1, "name": "m", "functions": [{"name": "f"}]},
        {"abi": 1, "name": "m", "input": ["json"], "transforms": [{"name": "b"}], "later": 1},
        {"abi": 1, "name": "m", "input": ["json"], "transforms": [{"name": "a"}], "later": 2},
    ]
    found = read_manifest(b" " + b"\r\n".join(json.dumps(part).encode() for part in parts) + b"\n")
    assert (found.name, found.input, found.output) == ("m", ("json",), ("ndjson",))
    assert [item.name for item in found.transforms] == ["a", "b"]  # a linker joins them in any order
    assert found.functions == (FunctionInfo("f"),)


def test_a_function() -> None:
    parameters = [{"name": "a", "schema": {"type": "integer"}}, {"name": "gr\u00f6\u00dfe"}]
    members = {"name": "f", "description": "adds\n\x1b", "parameters": parameters, "result": True, "x": 1}
    (found,) = manifest(functions=[members]).functions
    names = ParameterInfo("a", {"type": "integer"}), ParameterInfo("gr\u00f6\u00dfe")
    assert found == FunctionInfo("f", "adds\n\\x1b", names, True)


def test_a_transform_is_chosen() -> None:
    one = {"name": "a", "config_schema": {}, "input_schema": True, "output_schema": False, "stateful": True}
    one |= {"capabilities": ["log"], "description": "the first"}
    found = manifest(transforms=[one, {"name": "b"}], capabilities=["clock"], config_schema=True)
    first, second = found.transforms
    assert first == TransformInfo("a", "the first", {}, True, False, ("log",), True)
    # What it does not say, the module says for all.
    assert second == TransformInfo("b", None, True, None, None, ("clock",), False)
    chosen = found.of_transform("a")
    assert (chosen.config_schema, chosen.capabilities, chosen.stateful) == ({}, ("log",), True)
    assert found.of_transform("b").capabilities == ("clock",)
    assert manifest(transforms=[one]).of_transform(None).stateful
    assert manifest().of_transform(None) == Manifest()
    # What functions want is what the module wants, not one of its transforms.
    assert manifest(transforms=[one], functions=[{"name": "f"}]).of_functions().capabilities == ()


@pytest.mark.parametrize(
    ("members", "name", "message"),
    [
        (
            {"transforms": [{"name": "adults"}, {"name": "lines"}]},
            None,
            "the module module has 2 transforms: choose one of adults, lines with transform='adults' "
            "(--transform adults)",
        ),
        (
            {"transforms": [{"name": "adults"}, {"name": "lines"}]},
            "adult",
            "the module module has no transform 'adult'; did you mean 'adults'?",
        ),
        ({"transforms": [{"name": "a"}]}, "\x1b", "has no transform '\\x1b'; it has a"),
        ({"transforms": [{"name": f"t{n}"} for n in range(99)]}, None, "t19 and 79 more with transform='t0'"),
        ({}, "a", "the module module has one transform without a name: load it without transform='a'"),
        (
            {"functions": [{"name": "multiply"}]},
            None,
            "the module module has functions and no transform: wasmrecords.functions(...).multiply(...)",
        ),
    ],
)
def test_a_choice_that_is_none(members: dict[str, Any], name: str | None, message: str) -> None:
    with pytest.raises(wr.ModuleError) as caught:
        manifest(**members).of_transform(name)
    assert message in str(caught.value)


def told(content: bytes) -> Manifest | None:
    try:
        return read_manifest(content)
    except wr.ModuleError:
        return None


@given(st.binary(max_size=200))
def test_any_bytes_are_a_manifest_or_an_error(content: bytes) -> None:
    assert told(content) is None or b"abi" in content


TEXTS = st.text(max_size=5)
NAMED = st.fixed_dictionaries(
    {"name": TEXTS}, optional={"schema": st.none() | st.booleans(), "result": TEXTS}
)
VALUES = st.none() | st.booleans() | st.integers() | TEXTS | st.lists(TEXTS | NAMED, max_size=3)


@given(st.dictionaries(st.sampled_from(Manifest._fields), VALUES))
def test_any_members_are_a_manifest_or_an_error(members: dict[str, Any]) -> None:
    found = told(json.dumps({"abi": 1, **members}).encode())
    if found is not None:
        assert found.name.isprintable()
        assert found.stateful in (True, False)
        assert all(word.isascii() for word in found.input + found.output + found.outputs)
        assert all(item.name.isprintable() for item in found.transforms + found.functions)
