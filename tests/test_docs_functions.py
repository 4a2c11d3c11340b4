"""Every example of docs/functions.md, with the module that it speaks of."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest
from example import of_all_kinds
from pages import ROOT, blocks

PAGE = ROOT / "docs" / "functions.md"


def test_what_python_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "math.wasm").write_bytes(of_all_kinds())
    monkeypatch.chdir(tmp_path)
    python = [block for block in blocks(PAGE) if block.language == "python"]
    assert len(python) == 6
    names: dict[str, object] = {}
    for block in python:
        test = doctest.DocTestParser().get_doctest(block.text, names, PAGE.name, str(PAGE), block.line)
        said: list[str] = []
        runner = doctest.DocTestRunner(verbose=False)
        runner.run(test, out=said.append, clear_globs=False)
        assert not runner.failures, "".join(said)
        names = test.globs


def test_what_is_written_in_rust() -> None:
    source = (ROOT / "rust-wasm" / "examples" / "functions" / "src" / "lib.rs").read_text("utf-8")
    (block,) = (block for block in blocks(PAGE) if block.language == "rust")
    imports, function = block.text.split("\n\n", 1)
    assert imports in source
    assert function in source
