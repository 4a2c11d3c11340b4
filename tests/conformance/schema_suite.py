"""The test suite of JSON Schema, run by the shipped module: how many tests agree, and which do not.

The tests are the folder of https://github.com/json-schema-org/JSON-Schema-Test-Suite, which is not part of
this project. A group is a schema with records that are valid or not; the documents under ``remotes/`` are
handed over. What is under ``optional/`` is counted on its own, ``optional/format`` with ``assert_format``.

    python tests/conformance/schema_suite.py FOLDER
    python tests/conformance/schema_suite.py FOLDER --native target/release/examples/validated
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import wasmrecords as wr

DIFFERENCES = Path(__file__).parent / "schema_differences.json"
DRAFTS = {
    "draft4": "http://json-schema.org/draft-04/schema#",
    "draft6": "http://json-schema.org/draft-06/schema#",
    "draft7": "http://json-schema.org/draft-07/schema#",
    "draft2019-09": "https://json-schema.org/draft/2019-09/schema",
    "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
}


class Group(NamedTuple):
    """A schema and its records, each with what it says and whether it is valid."""

    draft: str
    file: str
    description: str
    schema: Any
    tests: list[tuple[str, Any, bool]]

    @property
    def required(self) -> bool:
        """False for what an implementation may leave out."""
        return not self.file.startswith("optional/")


class Result(NamedTuple):
    """One test, and what differs: nothing if it agrees."""

    group: Group
    test: str
    difference: str

    @property
    def name(self) -> str:
        """The name by which a difference is listed, the same in all drafts."""
        return f"{self.group.file}: {self.group.description}: {self.test}"


def groups(folder: Path, draft: str) -> Iterator[Group]:
    """All groups of a draft."""
    top = folder / "tests" / draft
    for path in sorted(top.rglob("*.json")):
        for group in json.loads(path.read_text("utf-8")):
            tests = [(test["description"], test["data"], test["valid"]) for test in group["tests"]]
            schema = group["schema"]
            if isinstance(schema, dict) and "$schema" not in schema:
                schema = {"$schema": DRAFTS[draft], **schema}
            yield Group(draft, path.relative_to(top).as_posix(), group["description"], schema, tests)


def remotes(folder: Path) -> dict[str, Any]:
    """The documents that schemas refer to, by their URIs."""
    top = folder / "remotes"
    return {
        f"http://localhost:1234/{path.relative_to(top).as_posix()}": json.loads(path.read_text("utf-8"))
        for path in sorted(top.rglob("*.json"))
    }


class Asked(NamedTuple):
    """Arguments of ``wr.validate``, and records as NDJSON."""

    schema: Any
    documents: dict[str, Any]
    assert_format: bool
    records: bytes


Driver = Callable[[Iterable[Asked]], Iterator[list[str]]]
"""Says about each record what is wrong: nothing if it is valid."""


def compared(folder: Path, draft: str, driver: Driver) -> Iterator[Result]:
    """Each test of a draft."""
    documents = remotes(folder)
    all_groups = list(groups(folder, draft))
    asked = [
        Asked(group.schema, documents, group.file.startswith("optional/format"), _records(group))
        for group in all_groups
    ]
    for group, answers in zip(all_groups, driver(asked), strict=True):
        for (test, _, valid), answer in zip(group.tests, answers, strict=True):
            agrees = bool(answer) != valid and not answer.startswith("refused: ")
            difference = f"expected {'no' if valid else 'a'} failure, found {answer or 'none'}"
            yield Result(group, test, "" if agrees else difference)


def _records(group: Group) -> bytes:
    return b"".join(json.dumps(data).encode() + b"\n" for _, data, _ in group.tests)


def module(asked: Iterable[Asked]) -> Iterator[list[str]]:
    """Answers of the shipped module, in the sandbox."""
    for schema, documents, assert_format, records in asked:
        answers = [""] * records.count(b"\n")
        try:
            with wr.validate(schema, schemas=documents, assert_format=assert_format) as transform:
                for failure in transform.run(records).failures:
                    answers[failure.record - 1] = f"{failure.code} at {failure.path}: {failure.message}"
        except wr.RecipeError as error:
            answers = [f"refused: {error}".partition("\n")[0]] * len(answers)
        yield answers


def native(command: str) -> Driver:
    """Answers of the driver that is built from ``rust-wasm/modules/examples/validated.rs``."""
    from wasmrecords._documents import schema_config

    def config(asked: Asked) -> str:
        parts = schema_config(
            asked.schema, None, asked.documents, assert_format=asked.assert_format, all_errors=False
        )
        return f"{{{parts.members}}}"

    def driver(asked: Iterable[Asked]) -> Iterator[list[str]]:
        pairs = [(config(one), one.records.decode()) for one in asked]
        text = "".join(json.dumps(pair) + "\n" for pair in pairs)
        done = subprocess.run([command], input=text, capture_output=True, text=True, check=True)
        for line, (_, records) in zip(done.stdout.split("\n")[:-1], pairs, strict=True):
            # Not `splitlines`: JSON may hold other line ends within its strings.
            found, answers = json.loads(line), [""] * records.count("\n")
            if isinstance(found, dict):
                answers = [f"refused: {found['message']} (at {found['path']})"] * len(answers)
            else:
                for at, code, path, message, _ in found:
                    answers[at] = f"{code} at {path}: {message}"
            yield answers

    return driver


def known() -> dict[str, str]:
    """The differences that are known: the reason by the name of the test."""
    listed: dict[str, str] = {}
    for entry in json.loads(DIFFERENCES.read_text("utf-8")):
        for name in entry["tests"]:
            assert name not in listed, f"listed twice: {name}"
            listed[name] = entry["reason"]
    return listed


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="the folder of the suite")
    parser.add_argument("--native", metavar="COMMAND", help="ask the native driver, not the module")
    options = parser.parse_args()
    driver = native(options.native) if options.native else module
    listed, unlisted = known(), 0
    for draft in DRAFTS:
        results = list(compared(options.folder, draft, driver))
        for result in results:
            if not result.difference or result.name in listed:
                continue
            unlisted += 1
            print(f"{draft}/{result.name}\n  {result.difference}")
        for kind, of_kind in {
            "required": [result for result in results if result.group.required],
            "optional": [result for result in results if not result.group.required],
        }.items():
            agree = sum(not result.difference for result in of_kind)
            print(f"{draft}: {agree} of {len(of_kind)} {kind} tests agree")
    print(f"{unlisted} differ that are not listed")
    return 1 if unlisted else 0


if __name__ == "__main__":
    sys.exit(main())
