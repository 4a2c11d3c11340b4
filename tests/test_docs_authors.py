"""docs/authors.md shows what `wasmrecords new` writes, word by word."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import ROOT, Block, blocks

from wasmrecords.authoring import templates

PAGE = ROOT / "docs" / "authors.md"
SHOWN = [block for block in blocks(PAGE) if block.language in ("rust", "json")]


@pytest.fixture(scope="module")
def written() -> str:
    folder = Path(templates.__file__).parent / "templates"
    return "\n".join(path.read_text("utf-8") for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("block", SHOWN, ids=[f"line-{block.line}" for block in SHOWN])
def test_what_is_shown_is_in_a_template(block: Block, written: str) -> None:
    assert block.text in written


def test_all_templates_are_named() -> None:
    text = PAGE.read_text("utf-8")
    assert all(f"`{name}`" in text for name in templates.TEMPLATES)
