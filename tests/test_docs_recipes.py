"""Every recipe of docs/recipes.md, in the sandbox.

A recipe has a heading and some blocks: ``jq`` the program and ``json schema`` the schema, at least one of
them, ``json args`` what the program gets from outside, ``json input`` the records, ``json output`` what comes
out, ``text failures`` why records failed. Or it has a ``sh`` block, and a ``text`` block with what its
commands show.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from pages import ROOT, blocks
from test_readme import masked, shell, shown  # noqa: F401  shell is a fixture

import wasmrecords as wr

PAGE = ROOT / "docs" / "recipes.md"


def recipes() -> dict[str, dict[str, str]]:
    """The blocks of each recipe by language, by its heading."""
    titles = {
        number: line.removeprefix("### ")
        for number, line in enumerate(PAGE.read_text("utf-8").splitlines(), 1)
        if line.startswith("### ")
    }
    found: dict[str, dict[str, str]] = {}
    for block in blocks(PAGE):
        above = [number for number in titles if number < block.line]
        if above:
            parts = found.setdefault(titles[above[-1]], {})
            assert block.language not in parts, f"line {block.line}: a second block of this kind"
            parts[block.language] = block.text
    assert list(found) == list(titles.values())
    return found


RECIPES = recipes()
IN_SANDBOX = [title for title, parts in RECIPES.items() if "sh" not in parts]


def test_there_are_fifty() -> None:
    assert len(IN_SANDBOX) >= 50
    assert len(RECIPES) >= len(IN_SANDBOX) + 6


@pytest.mark.parametrize("title", IN_SANDBOX)
def test_recipe(records_wasm: Path, title: str) -> None:
    parts = dict(RECIPES[title])
    program, schema, records = parts.pop("jq", None), parts.pop("json schema", None), parts.pop("json input")
    args = json.loads(parts.pop("json args", "{}"))
    transform = wr.validate(schema) if program is None else wr.jq(program, schema=schema, args=args)
    with transform:
        batch = transform.run(records.encode())
    assert batch.output.decode() == parts.pop("json output", "")
    assert "".join(f"{failure}\n" for failure in batch.failures) == parts.pop("text failures", "")
    assert not parts


def test_commands(shell: dict[str, str], tmp_path: Path) -> None:  # noqa: F811
    """All in one folder, one after the other: some read what others made."""
    folder = tmp_path / "here"
    folder.mkdir()
    for title in (title for title in RECIPES if title not in IN_SANDBOX):
        assert RECIPES[title].keys() == {"sh", "text"}, title
        _, output = shown(["sh", "-c", RECIPES[title]["sh"]], folder, shell)
        assert masked(output) == masked(RECIPES[title]["text"]), title


def test_the_page_begins_with_how(shell: dict[str, str], tmp_path: Path) -> None:  # noqa: F811
    command, python = blocks(PAGE)[:2]
    assert shown(["sh", "-c", command.text], tmp_path, shell)[0] == 0
    assert (tmp_path / "kept.ndjson").read_text() == '{"event":"downloaded"}\n'
    assert shown([sys.executable, "-c", python.text], tmp_path, shell) == (0, "")
