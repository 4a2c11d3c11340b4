"""Every example of docs/jq.md, in the sandbox.

An example is a row of a table. ``program | record | result`` and ``program | record | jq | here | why`` have
a program, its record, and its outputs, ``dropped`` or ``failed: message``; ``program | refused with`` has
programs that do not compile. ``builtin | what it yields`` lists builtins. Recipes are three blocks behind
each other: a program, records, outputs.
"""

from __future__ import annotations

import json
import re

import pytest
from pages import ROOT, blocks, prose

import wasmrecords as wr

PAGE = ROOT / "docs" / "jq.md"

# A span of code: as many backticks behind it as before it.
SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")


def spans(cell: str) -> list[str]:
    """The code in a cell, without its backticks; one space within both ends of double ones goes."""
    found = SPAN.findall(cell)
    return [re.sub(r"^ (.*) $", r"\1", text) if len(ticks) > 1 else text for ticks, text in found]


def rows(*header: str) -> list[list[str]]:
    """The rows of all tables with these columns. ``\\|`` is a ``|`` within a cell."""
    found: list[list[str]] = []
    columns: list[str] = []
    for line in prose(PAGE).splitlines():
        if not line.startswith("|"):
            columns = []
            continue
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if not columns:
            columns = cells
        elif columns == list(header) and set(line) - set("|- "):
            found.append(cells)
    return found


def code(cell: str) -> str:
    (text,) = spans(cell)
    return text


PLAIN = [
    (code(program), code(record), result) for program, record, result in rows("program", "record", "result")
]
DIFFERENCES = [
    (code(program), code(record), here)
    for program, record, _, here, _ in rows("program", "record", "jq", "here", "why")
]
REFUSED = [(code(program), code(message)) for program, message in rows("program", "refused with")]
BUILTINS = [name for names, _ in rows("builtin", "what it yields") for name in spans(names)]

BLOCKS = blocks(PAGE)
RECIPES = [
    (program.text, records.text, outputs.text)
    for program, records, outputs in zip(BLOCKS, BLOCKS[1:], BLOCKS[2:], strict=False)
    if (program.language, records.language, outputs.language) == ("jq", "json", "json")
]


def test_the_page_has_examples() -> None:
    assert len(PLAIN) >= 75
    assert len(DIFFERENCES) >= 15
    assert len(REFUSED) >= 20
    assert len(BUILTINS) >= 200
    assert len(RECIPES) >= 10
    assert len(RECIPES) == sum(block.language == "jq" for block in BLOCKS)


@pytest.mark.parametrize(
    ("program", "record", "result"),
    PLAIN + DIFFERENCES,
    ids=[f"{program} on {record}"[:100] for program, record, _ in PLAIN + DIFFERENCES],
)
def test_example(records_wasm: object, program: str, record: str, result: str) -> None:
    with wr.jq(program) as transform:
        batch = transform.run(record.encode())
    assert batch.counts.read == 1
    outputs = batch.output.decode().split("\n")[:-1]
    if result.startswith("failed: "):
        (failure,) = batch.failures
        assert (failure.code, failure.path, failure.offset) == ("jq", "$", 0)
        assert [failure.message] == spans(result)
        assert outputs == []
        return
    assert batch.failures == ()
    assert outputs == spans(result)
    assert (batch.counts.dropped == 1) == (result == "dropped")


@pytest.mark.parametrize(("program", "message"), REFUSED, ids=[program for program, _ in REFUSED])
def test_refusal(records_wasm: object, program: str, message: str) -> None:
    with pytest.raises(wr.RecipeError) as caught:
        wr.jq(program)
    assert caught.value.kind == "program"
    first, *shown = str(caught.value).splitlines()
    assert first == f"program: {message}"
    assert shown[-1].strip() == "^"


@pytest.mark.parametrize(
    ("program", "records", "outputs"), RECIPES, ids=[recipe[0][:60] for recipe in RECIPES]
)
def test_recipe(records_wasm: object, program: str, records: str, outputs: str) -> None:
    with wr.jq(program) as transform:
        batch = transform.run(records.encode())
    assert batch.failures == ()
    assert batch.output.decode() == outputs


@pytest.mark.parametrize("signature", BUILTINS)
def test_builtin_is_there(records_wasm: object, signature: str) -> None:
    name, _, arguments = signature.partition("(")
    count = arguments.count(";") + 1 if arguments else 0
    wr.jq(name + (f"({'; '.join('.' * count)})" if count else "")).close()


def test_the_page_lists_what_the_module_knows(records_wasm: object) -> None:
    with wr.jq("builtins[]") as transform:
        known = {json.loads(line) for line in transform.run(b"null\n").output.splitlines()}
    formats = {name for name in BUILTINS if name.startswith("@")}
    listed = {
        f"{name.partition('(')[0]}/{name.count(';') + name.count('(')}"
        for name in BUILTINS
        if name not in formats
    }
    assert len(known) > 200
    assert known == listed


def test_the_caret_is_as_shown(records_wasm: object) -> None:
    (shown,) = (block.text for block in BLOCKS if block.language == "text")
    with pytest.raises(wr.RecipeError) as caught:
        wr.jq(".a\n  | slect(.b)")
    assert str(caught.value) + "\n" == shown


def test_limits_are_as_the_page_says(records_wasm: object) -> None:
    assert wr.Limits().nesting == 128
    for program in (lambda n: "(" * (n - 300) + "1" + ")" * (n - 300), lambda n: "+".join("1" * n)):
        wr.jq(program(400)).close()
        with pytest.raises(wr.RecipeError, match="found more"):
            wr.jq(program(402))
    with wr.jq("reduce range(.) as $i (0; [.])") as transform:
        batch = transform.run(b"512\n513\n")
    assert [failure.record for failure in batch.failures] == [2]
