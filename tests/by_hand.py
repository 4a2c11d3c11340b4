"""Modules with functions, by hand: each line is kept as it is, so the result of a call is the list of its
arguments.
"""

from __future__ import annotations

import json
from typing import Any

from guests import guest


def module(functions: list[dict[str, Any]], record: str = "", after: str = "", **members: Any) -> bytes:
    manifest = {"abi": 1, "functions": functions, "input": ["json"], **members}
    return guest(manifest=json.dumps(manifest), record=record, after=after)


def of_one(schema: Any, result: Any = True) -> dict[str, Any]:
    return {"name": "f", "parameters": [{"name": "x", "schema": schema}], "result": result}


def answering(answer: str, result: Any = True) -> bytes:
    """A function whose result is always this text: it is written over the input."""
    text = answer.encode()
    assert len(text) < 60
    stores = "".join(
        f"(i32.store8 (i32.const {65536 + at}) (i32.const {byte}))" for at, byte in enumerate(text)
    )
    # The record ends behind the text; what is consumed stays what was given.
    record = f"{stores}(local.set $at (i32.const 0))(local.set $end (i32.const {len(text)}))"
    return module([{"name": "f", "result": result}], record=record + "(local.set $byte (i32.const 32))")
