"""Schemas in several documents: what is read, what is not, and how it is said."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import wasmrecords as wr
from wasmrecords._documents import gather

USER = {
    "properties": {
        "address": {"$ref": "parts/address.json#/$defs/address"},
        "manager": {"$ref": "parts/manager.json"},
        "id": {"$ref": "https://example.com/ident"},
        "team": {"$ref": "https://example.com/schemas/team.json"},
    }
}
FILES: dict[str, Any] = {
    "user.schema.json": USER,
    "parts/address.json": {
        "$defs": {"address": {"required": ["zip"], "properties": {"zip": {"$ref": "../zip.json"}}}}
    },
    "zip.json": {"pattern": "^[0-9]+$"},
    # A circle of files: each leads back to the first.
    "parts/manager.json": {
        "type": "object",
        "allOf": [{"properties": {"of": {"$ref": "../user.schema.json"}}}],
    },
    # Found by what they call themselves; the last one by where it stands beside such a file.
    "whatever.json": {"$id": "https://example.com/ident", "type": "integer"},
    "teams/50% of.json": {"$id": "https://example.com/schemas/team.json", "items": {"$ref": "member.json"}},
    "teams/member.json": {"type": "string"},
    # Nobody refers to these.
    "never.json": {"type": "nothing"},
    "broken.json": None,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("documents")
    for name, schema in FILES.items():
        path = top / "schemas" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{"a": \n nope}' if schema is None else json.dumps(schema))
    (top / "outside.json").write_text("{}")
    (top / "schemas" / "link.json").symlink_to(top / "outside.json")
    (top / "schemas" / "up").symlink_to(top)
    (top / "schemas" / "inner.json").symlink_to("zip.json")
    os.mkfifo(top / "schemas" / "fifo.json")
    return top / "schemas"


def said(transform: wr.Transform, *records: Any) -> list[tuple[str, str, str | None]]:
    """Codes, paths, and places in the schema."""
    data = b"".join(json.dumps(record).encode() + b"\n" for record in records)
    return [(failure.code, failure.path, failure.schema_path) for failure in transform.run(data).failures]


def refused(schema: Any, **settings: Any) -> wr.RecipeError:
    with pytest.raises(wr.RecipeError) as caught:
        wr.validate(schema, **settings).close()
    return caught.value


def test_files_are_found_from_the_file_on_that_refers_to_them(folder: Path) -> None:
    with wr.validate(folder / "user.schema.json", schema_dir=folder) as user:
        assert said(
            user,
            {"address": {"zip": "x1"}},
            {"address": {}},
            {"manager": {"of": {"manager": {"of": {"address": {"zip": "y"}}}}}},
            {"manager": 1},
            {"id": "7"},
            {"team": ["a", 1]},
            {"address": {"zip": "1"}, "manager": {"of": {}}, "id": 7, "team": ["a"]},
        ) == [
            ("pattern", "$.address.zip", "schemas/zip.json#/pattern"),
            ("required", "$.address", "schemas/parts/address.json#/$defs/address/required"),
            ("pattern", "$.manager.of.manager.of.address.zip", "schemas/zip.json#/pattern"),
            ("type", "$.manager", "schemas/parts/manager.json#/type"),
            ("type", "$.id", "schemas/whatever.json#/type"),
            ("type", "$.team[1]", "https://example.com/schemas/member.json#/type"),
        ]


def test_only_what_is_referred_to_is_handed_over(folder: Path) -> None:
    found = gather(json.dumps({"$ref": "zip.json"}), file=None, folder=folder, given={"http://x/y": {}})
    assert (list(found.texts), found.missing) == (["schema:///schemas/zip.json"], {})


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("../outside.json", "leads out of the folder {folder}"),
        ("parts/../../outside.json", "leads out of the folder {folder}"),
        ("%2e%2e/outside.json", "leads out of the folder {folder}"),
        ("..%2Foutside.json", "leads out of the folder {folder}"),
        ("/etc/passwd", "leads out of the folder {folder}"),
        ("link.json", "leads out of the folder {folder}, by a symbolic link"),
        ("up/outside.json", "leads out of the folder {folder}, by a symbolic link"),
        ("file:///etc/passwd", "leads to a URL, and nothing is fetched"),
        ("https://example.com/other", "leads to a URL, and nothing is fetched"),
        ("//example.com/other", "leads to a URL, and nothing is fetched"),
        ("gone.json#/a", "leads to the file {folder}/gone.json, which does not exist"),
        ("zip.json/a", "leads to the file {folder}/zip.json/a, which does not exist"),
        ("parts", "leads to {folder}/parts, which is no file"),
        ("fifo.json", "leads to {folder}/fifo.json, which is no file"),
        (
            "broken.json",
            "leads to the file {folder}/broken.json, which is no schema: not JSON: expecting value, "
            "found 'n' (line 2, column 2)",
        ),
        ("a%00b.json", "leads to the file {folder}/a\\x00b.json, which cannot be read"),
    ],
)
def test_references_that_lead_nowhere_say_why_and_where(folder: Path, reference: str, why: str) -> None:
    error = refused({"items": {"$ref": reference}}, schema_dir=folder)
    assert f'the reference "{reference}" {why.format(folder=folder)}' in str(error)
    assert (error.kind, error.path, error.column) == ("schema", '$.items["$ref"]', 20)


def test_a_link_within_the_folder_is_followed(folder: Path) -> None:
    with wr.validate({"$ref": "inner.json"}, schema_dir=folder) as inner:
        assert said(inner, "x") == [("pattern", "$", "schemas/inner.json#/pattern")]


def test_a_fault_in_another_document_is_told_with_its_name(folder: Path) -> None:
    (folder / "deep.json").write_text('{\n  "items": {"$ref": "gone.json"}\n}')
    (folder / "odd.json").write_text('{"a": true, "properties": {"b": {"type": "integr"}}}')
    (folder / "sick.json").write_text('{"properties": {"b": {"pattern": "(a+"}}}')
    deep, odd, sick = (
        refused({"$ref": f"{name}.json"}, schema_dir=folder) for name in ("deep", "odd", "sick")
    )
    assert (deep.file, deep.path, deep.line) == ("schemas/deep.json", '$.items["$ref"]', 2)
    assert str(deep).startswith('schemas/deep.json: schema: the reference "gone.json" leads to the file ')
    assert (odd.file, odd.path, odd.column) == ("schemas/odd.json", "$.properties.b.type", 42)
    assert 'did you mean "integer"?' in str(odd)
    assert (sick.file, sick.path) == ("schemas/sick.json", "$.properties.b.pattern")
    assert "unclosed group, at character 1" in str(sick)


def test_without_a_folder_the_option_is_told() -> None:
    for settings in ({}, {"schemas": {"other.json": {}}}):
        error = refused({"$ref": "some.json"}, **settings)
        assert (
            "leads to another file, and files are only read from a folder that is named: --schema-dir"
            in str(error)
        )


def test_a_folder_that_is_none(folder: Path) -> None:
    gone, file = (str(refused({}, schema_dir=folder / name)) for name in ("gone", "zip.json"))
    assert gone == f"{folder}/gone: schema: there is no such folder of schemas"
    assert file == f"{folder}/zip.json: schema: expected a folder of schemas, found a file"
    # As a variable of the shell that is not set.
    assert "there is no such folder of schemas" in str(refused({}, schema_dir=""))


def test_names_that_are_not_utf_8(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"of \xff")
    folder.mkdir()
    (folder / os.fsdecode(b"n\xff.json")).write_text('{"$id": "http://e.com/n", "type": "string"}')
    for reference in ("http://e.com/n", "n%FF.json"):
        with wr.validate({"$ref": reference}, schema_dir=folder) as transform:
            assert said(transform, 7) == [("type", "$", "of%20%FF/n%FF.json#/type")]
    gone = str(refused({"$ref": "%FE.json"}, schema_dir=folder))
    assert "of \ufffd/\ufffd.json, which does not exist" in gone


def test_a_circle_of_links_tells_no_path_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.json").symlink_to("a.json")
    monkeypatch.chdir(tmp_path)
    error = str(refused({"$ref": "a.json"}, schema_dir="."))
    assert "./a.json, which cannot be read: " in error
    assert str(tmp_path) not in error


def test_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        (tmp_path / f"{number}.json").write_text(json.dumps({"$ref": f"{number + 1}.json"}))
    monkeypatch.setattr("wasmrecords._documents._MOST", 4)
    assert "refers to more than 4 documents" in str(refused({"$ref": "0.json"}, schema_dir=tmp_path))


def test_where_an_id_was_sought_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        (tmp_path / f"{name}.json").write_text(f'{{"$id": "http://e.com/{name}"}}')
    schema = {"$ref": "http://e.com/c"}
    wr.validate(schema, schema_dir=tmp_path).close()
    monkeypatch.setattr("wasmrecords._schema_dir._LOOKED_AT", 2)
    assert "none of the first 2 files in" in str(refused(schema, schema_dir=tmp_path))


def test_documents_in_hand() -> None:
    schemas = {
        "address.json": {"properties": {"zip": {"$ref": "zip"}}},
        "http://example.com/a": {"$id": "http://example.com/b", "$anchor": "here", "type": "string"},
        "urn:zip": {"$id": "schema:///zip", "pattern": "^[0-9]+$"},
        "http://example.com/never": {"$ref": "http://example.com/not-there"},
    }
    schema = {
        "properties": {
            "address": {"$ref": "address.json"},
            "name": {"$ref": "http://example.com/b#here"},
            "kids": {"items": {"$ref": "#"}},
        }
    }
    with wr.validate(schema, schemas=schemas) as transform:
        assert said(transform, {"address": {"zip": "x"}}, {"name": 1}, {"kids": [{"name": 2}]}) == [
            ("pattern", "$.address.zip", "urn:zip#/pattern"),
            ("type", "$.name", "http://example.com/a#/type"),
            ("type", "$.kids[0].name", "http://example.com/a#/type"),
        ]


def test_a_circle_of_documents_without_a_step_is_refused() -> None:
    schemas = {"a.json": {"allOf": [{"$ref": "b.json"}]}, "b.json": {"not": {"$ref": "a.json"}}}
    error = refused({"items": {"$ref": "a.json"}}, schemas=schemas)
    assert "leads back to itself without a step into the record" in str(error)
    assert (error.file, error.path) == (None, '$.items["$ref"]')


def test_meta_schemas_in_hand_say_which_vocabularies_count() -> None:
    meta = "https://example.com/meta"
    vocabularies = {"https://json-schema.org/draft/2020-12/vocab/core": True}
    schemas = {
        meta: {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": meta,
            "$vocabulary": vocabularies | {"https://json-schema.org/draft/2020-12/vocab/applicator": True},
        }
    }
    schema = {"$schema": meta, "properties": {"a": {"minimum": 3}, "b": False}}
    with wr.validate(schema, schemas=schemas) as transform:
        assert said(transform, {"a": 1}, {"b": 1}) == [("false", "$.b", "#/properties/b")]
    assert refused(schema).path == '$["$schema"]'


def test_what_is_no_mapping_of_documents_is_a_caller_s_mistake() -> None:
    with pytest.raises(TypeError, match="schemas: expected a mapping of URIs to schemas, found list"):
        wr.validate({}, schemas=[{}])  # type: ignore[arg-type]


@pytest.mark.parametrize("setting", ["schema_dir", "schemas", "assert_format", "all_errors"])
def test_settings_of_a_schema_need_one(setting: str) -> None:
    value: Any = {"x": {}} if setting == "schemas" else "."
    with pytest.raises(ValueError, match=f"^{setting}: it goes with a schema, and there is none$"):
        wr.jq(".", **{setting: value})
