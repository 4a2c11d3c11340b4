"""The documents that a schema refers to: read from one folder or given in hand, never fetched.

A guest can open nothing. So every reference is followed here first. What it leads to is handed over with the
schema, or else the reason why it leads nowhere, which the guest reports with the place of the reference.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin

from ._errors import RecipeError
from ._schema import schema_file, schema_text
from ._schema_dir import File, SchemaDir, quoted

BASE = "schema:///"
"""The URI of a schema that does not name one itself; the folder stands below it by its name."""
_MOST = 1_000
_LARGEST = 16 * 1024 * 1024

# What the guest has at hand itself: the schemas of the drafts.
_DRAFTS = ("http://json-schema.org/", "https://json-schema.org/")
_DATA = ("const", "enum", "default", "examples", "example")
_OF_SCHEMAS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies")
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef", "$schema")


class SchemaConfig(NamedTuple):
    """The members of a recipe's config that are about its schema, and the texts that errors point into."""

    members: str
    text: str | None
    documents: dict[str, str]


def schema_config(
    schema: Any,
    folder: str | os.PathLike[str] | None,
    given: Mapping[str, Any] | None,
    *,
    assert_format: bool,
    all_errors: bool,
) -> SchemaConfig:
    """``schema`` is in a form that :func:`schema_text` takes, or None.

    Raises what :func:`gather` does, and :class:`ValueError` for settings of a schema where there is none.
    """
    settings = {
        "schema_dir": folder,
        "schemas": given,
        "assert_format": assert_format,
        "all_errors": all_errors,
    }
    if schema is None:
        for name, setting in settings.items():
            if setting:
                raise ValueError(f"{name}: it goes with a schema, and there is none")
        return SchemaConfig('"schema": null', None, {})
    if not isinstance(folder, (str, os.PathLike, type(None))):
        raise TypeError(f"schema_dir: expected a path, found {type(folder).__name__}")
    text = schema_text(schema)
    # Texts go as they are: no number of them is rounded on the way.
    members = [f'"schema": {text}']
    documents: dict[str, str] = {}
    if folder is not None or given:
        base, documents, missing = gather(text, file=schema_file(schema), folder=folder, given=given)
        texts = ", ".join(f"{json.dumps(uri)}: {text}" for uri, text in documents.items())
        members += [
            f'"base": {json.dumps(base)}',
            f'"schemas": {{{texts}}}',
            f'"missing": {json.dumps(missing)}',
        ]
    members += [f'"{name}": true' for name in ("assert_format", "all_errors") if settings[name]]
    return SchemaConfig(", ".join(members), text, documents)


class Documents(NamedTuple):
    """What goes with a schema: its own URI, JSON texts by URI, and why other references lead nowhere."""

    base: str
    texts: dict[str, str]
    missing: dict[str, str]


def gather(
    text: str,
    *,
    file: Path | None,
    folder: str | os.PathLike[str] | None,
    given: Mapping[str, Any] | None,
) -> Documents:
    """All that the schema ``text`` refers to, and what that refers to in turn.

    ``file`` is where the schema comes from, ``folder`` the only one that files are read from, ``given`` maps
    URIs to schemas in hand. Raises :class:`RecipeError` for more than a schema may refer to, and what
    :func:`schema_text` raises for a schema in hand.
    """
    if given is not None and not isinstance(given, Mapping):
        raise TypeError(f"schemas: expected a mapping of URIs to schemas, found {type(given).__name__}")
    found = _Gathering(None if folder is None else SchemaDir(folder), file)
    for uri, schema in (given or {}).items():
        if not isinstance(uri, str):
            raise TypeError(f"schemas: expected a URI as str, found {type(uri).__name__}")
        found.give(uri, schema)
    found.follow(text)
    return Documents(found.base, found.texts, found.missing)


class _Gathering:
    def __init__(self, folder: SchemaDir | None, file: Path | None) -> None:
        self.texts: dict[str, str] = {}
        self.missing: dict[str, str] = {}
        self._folder = folder
        self._top = BASE if folder is None else f"{BASE}{quoted(folder.name)}/"
        inside = folder.inside(file) if folder is not None and file is not None else None
        self.base = self._top + (inside or "")
        self._given: dict[str, str] = {}  # texts by URI
        self._named: dict[str, str] = {}  # the same by the URIs that are named within
        self._folders: dict[str, str] = {}  # of `$id`s, by those of their files
        self._bytes = 0

    def give(self, uri: str, schema: Any) -> None:
        """A document in hand."""
        uri, text = _resolved(self._top, uri), schema_text(schema)
        self._given[uri] = text
        for name in _Document(json.loads(text, parse_int=float), uri, "").names:
            self._named.setdefault(name, uri)

    def follow(self, text: str) -> None:
        """Finds what is referred to, document by document."""
        schema = json.loads(text, parse_int=float)
        draft = schema.get("$schema", "") if isinstance(schema, dict) else ""
        waiting, known = [(self.base, schema)], {self.base}
        while waiting:
            uri, schema = waiting.pop()
            document = _Document(schema, uri, draft if isinstance(draft, str) else "")
            known.update(document.names)
            self._learn_folder(uri, document.name)
            for target in document.targets:
                if target in known or target.startswith(_DRAFTS):
                    continue
                known.add(target)
                if (found := self._find(target)) is not None:
                    waiting.append(found)
                    known.add(found[0])

    def _find(self, target: str) -> tuple[str, Any] | None:
        """A document: the URI by which it is handed over, and its value. None if it is not to be had;
        ``missing`` says why, unless that is plain."""
        uri = target if target in self._given else self._named.get(target)
        if uri is not None:
            return self._take(uri, File(self._given[uri]))
        if self._folder is None:
            return None
        if target.startswith(self._top):
            return self._take(target, self._folder.read(target[len(self._top) :]))
        if target.startswith(BASE):
            self.missing[target] = f"leads out of the folder {self._folder}"
            return None
        # A file beside one with an `$id`, or one that has the URI as its own.
        for named, place in self._folders.items():
            if target.startswith(named):
                beside = self._folder.read((place + target[len(named) :])[len(self._top) :])
                if beside.is_there and beside.is_called(target):
                    return self._take(target, beside)
        path = self._folder.with_id(target)
        if path is None:
            self.missing[target] = (
                "leads to a URL, and nothing is fetched: "
                f"{self._folder.where_ids_were_sought} has it as its `$id`"
            )
            return None
        return self._take(self._top + path, self._folder.read(path))

    def _take(self, uri: str, found: File) -> tuple[str, Any] | None:
        if found.why:
            self.missing[uri] = found.why
            return None
        text = found.text
        self._bytes += len(text)
        if len(self.texts) >= _MOST or self._bytes > _LARGEST:
            raise RecipeError(
                f"the schema refers to more than {_MOST:,} documents, or to more than 16 MiB of them",
                kind="schema",
            )
        self.texts[uri] = text
        return uri, json.loads(text, parse_int=float)

    def _learn_folder(self, uri: str, name: str) -> None:
        """Remembers the folder of a document that names itself by an `$id`: references may lead to files
        beside it."""
        if name != uri and uri.startswith(self._top) and name.count("/") > 2:
            self._folders.setdefault(_parent(name), _parent(uri))


class _Document:
    """What a schema says of URIs: the ones it names itself and its parts by, and those it refers to."""

    def __init__(self, schema: Any, uri: str, draft: str) -> None:
        self.name, self.names, self.targets = uri, {uri}, dict[str, None]()
        for node, base in _schemas(schema, uri, draft):
            self.names.add(base)
            if node is schema:
                self.name = base
            for keyword in _REFERENCES:
                reference = node.get(keyword)
                if isinstance(reference, str) and not reference.startswith("#"):
                    self.targets[_resolved(base, reference).partition("#")[0]] = None


def _schemas(schema: Any, uri: str, draft: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Each object that may be a schema, with the URI that its references are relative to."""
    waiting: list[tuple[Any, str, str, bool]] = [(schema, uri, draft, False)]
    while waiting:
        node, base, draft, names = waiting.pop()
        if isinstance(node, list):
            waiting.extend((item, base, draft, False) for item in node)
        elif isinstance(node, dict):
            if not names:
                if isinstance(declared := node.get("$schema"), str):
                    draft = declared
                base = _base(node, base, draft)
                yield node, base
            waiting.extend(
                (member, base, draft, not names and name in _OF_SCHEMAS)
                for name, member in node.items()
                if names or name not in _DATA
            )


def _base(node: dict[str, Any], base: str, draft: str) -> str:
    if "draft-0" in draft and "$ref" in node:
        return base
    own = node.get("id" if "draft-04" in draft else "$id")
    own = own.partition("#")[0] if isinstance(own, str) else ""
    return _resolved(base, own) if own else base


def _resolved(base: str, reference: str) -> str:
    """A reference against a base, by RFC 3986. Python knows how for the scheme of files, which will do."""
    scheme, colon, rest = base.partition(":")
    try:
        found = urljoin(f"file:{rest}", reference)
    except ValueError:  # as http://[
        return reference
    own = reference.partition(":")[0].lower() == "file"
    return f"{scheme}{colon}{found[5:]}" if found.startswith("file:") and not own else found


def _parent(uri: str) -> str:
    return uri[: uri.rfind("/") + 1]
