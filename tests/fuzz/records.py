"""Mutated JSON against Python's parser, and every byte of it against its fate.

A batch is some lines, each a JSON text that was changed or was not. What must hold of it as ``ndjson``:

- a line fails where Python's parser, at its strictest, refuses it, and nowhere else. Python takes two things
  that are no JSON by RFC 8259 or over a limit: lone surrogates as escapes, and more than 128 levels;
- what is kept equals what Python reads, each number with its digits, members in their order;
- a failure holds the whole line and a place within it.

The same bytes as a stream of ``json`` have as many records as the host's splitter finds, and each failure is
one of them, in full. What lies between records is white space, brackets and commas.

    python tests/fuzz/records.py --runs 20000 --seed 1
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from fuzz.mutate import Finding, Mutator, loop, main

import wasmrecords as wr
from wasmrecords._framing import BETWEEN, extents

LINES = 40
BOM = b"\xef\xbb\xbf"
SEEDS = [
    b'{"id": 1, "name": "Ada", "age": 36, "score": 91.50}',
    b'{"a":{"b":[1,2,{"c":null}]},"d":"\\u00e4\\ud83d\\ude00\\n\\/","e":[true,false]}',
    '{"ä€😀": "\u2028\u2029", "\x7f": ["ü"]}'.encode(),
    b'[0,-0,-0.0,1e5,1E+05,1e-400,1e400,123456789012345678901234567890,0.10]',
    b'[[[[[[]]]],{}],{"":{"":{}}}]',
    b'{"a":1,"a":2,"a":{"a":3}}',
    b' \t{ "a" :\t[ 1 , 2 ] } \r',
    b'"\\"\\\\\\b\\f\\n\\r\\t\\u0000"',
    b"null",
    b"-12.5e+3",
    b"[" * 128 + b"]" * 128,
    b'"' + b"x" * 300 + b'"',
    b"[1.5" + b"0" * 200 + b"]",
]  # fmt: skip


def fuzz(first: int, runs: int, seed: int) -> Counter[str]:
    mutator = Mutator(SEEDS, seed)
    total: Counter[str] = Counter()
    with wr.validate(True) as valid, wr.jq(".") as same:

        def once(run: int) -> str:
            lines = [
                mutator.pick() if mutator.random.random() < 0.2 else mutator.input() for _ in range(LINES)
            ]
            data = b"\n".join(lines)
            lines_of(valid, data, ordered=True, ends=total)
            if run % 4 == 0:
                lines_of(same, data, ordered=False, ends=Counter())
            # An error in a stream spoils what follows, so a stream has few items.
            at = int(mutator.random.random() * len(lines))
            stream_of(valid, mutator.random.choice((b" ", b",", b"\n")).join(lines[at : at + 4]), total)
            return "batches"

        return loop(mutator, first, runs, once) + total


def python_reads(text: bytes) -> tuple[Any] | None:
    """What Python's parser makes of a text, with each number as it is written and members as pairs; None
    if it is no JSON."""

    def refuse(name: str) -> Any:
        raise ValueError(name)

    def number(digits: str) -> Any:
        return "number", digits

    try:
        decoded = text.decode("utf-8")
        if depth(decoded) > 128:
            return None
        value = json.loads(
            decoded,
            parse_constant=refuse,
            parse_int=number,
            parse_float=number,
            object_pairs_hook=lambda pairs: ("object", pairs),
        )
        repr_of(value).encode("utf-8")  # refuses lone surrogates
    except (ValueError, RecursionError):
        return None
    return (value,)


def depth(text: str) -> int:
    """Levels of brackets outside of strings, as far as they are in order."""
    deepest = level = 0
    inside = escaped = False
    for character in text:
        if inside:
            inside, escaped = escaped or character != '"', character == "\\" and not escaped
        elif character == '"':
            inside = True
        elif character in "[{":
            level += 1
            deepest = max(deepest, level)
        elif character in "]}":
            level -= 1
    return deepest


def repr_of(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def last_members(value: Any) -> Any:
    """A value in which of members with one name the last one counts, and their order does not."""
    match value:
        case ("object", pairs):
            return {name: last_members(inner) for name, inner in pairs}
        case list():
            return [last_members(inner) for inner in value]
    return value


def lines_of(transform: wr.Transform, data: bytes, *, ordered: bool, ends: Counter[str]) -> None:
    batch = transform.run(data)
    mark = len(BOM) if data.startswith(BOM) else 0
    records, at = [], mark
    for line in data[mark:].split(b"\n"):
        if line.strip(b" \t\r"):
            records.append((at, line.removesuffix(b"\r")))
        at += len(line) + 1
    failures = {failure.record: failure for failure in batch.failures}
    written = iter(batch.output.split(b"\n"))
    for number, (start, line) in enumerate(records, 1):
        expected, failure = python_reads(line), failures.get(number)
        if (failure is None) != (expected is not None):
            raise Finding(f"{line!r}: Python reads {expected}, wasmrecords says {failure}", data)
        if failure is not None:
            ends[f"line: {failure.code}"] += 1
            check_failure(failure, line, start, data)
            continue
        ends["line: kept"] += 1
        output = next(written)
        found = python_reads(output)
        if found is None or (found != expected if ordered else not same(found, expected)):
            raise Finding(f"{line!r} became {output!r}", data)
    rest = list(written)
    if rest != [b""] or batch.counts.read != len(records) or batch.counts.failed != len(failures):
        raise Finding(f"{batch.counts} of {len(records)} lines, {rest} left over", data)


def same(found: Any, expected: Any) -> bool:
    return bool(last_members(found[0]) == last_members(expected[0]))


def check_failure(failure: wr.Failure, text: bytes, start: int, data: bytes) -> None:
    sane = (
        failure.input == text
        and start <= failure.offset <= start + len(text)
        and failure.line == data.count(b"\n", 0, start) + 1
        and failure.code in ("json", "utf8", "nesting")
        and failure.message.isprintable()
    )
    if not sane:
        raise Finding(f"{failure} of {text!r} at {start}", data)


def stream_of(transform: wr.Transform, data: bytes, ends: Counter[str]) -> None:
    batch = transform.run(data, input="json")
    mark = len(BOM) if data.startswith(BOM) else 0
    records, at = list(extents(data[mark:], "json", BETWEEN, True)), 0
    for record in records:
        if record.start < at or data[mark + at : mark + record.start].strip(b" \t\r\n[],"):
            raise Finding(f"bytes {at} to {record.start} belong to no record", data)
        at = record.end
    if data[mark + at :].strip(b" \t\r\n[],"):
        raise Finding(f"the bytes from {at} on belong to no record", data)
    counts = batch.counts
    if counts.read != len(records) or counts.read != counts.kept + counts.failed or counts.dropped:
        raise Finding(f"{counts} of {len(records)} records", data)
    for failure in batch.failures:
        record = records[failure.record - 1]
        check_failure(failure, data[mark + record.start : mark + record.end], mark + record.start, data)
        ends[f"stream: {failure.code}"] += 1
    failed = {failure.record for failure in batch.failures}
    kept = [record for number, record in enumerate(records, 1) if number not in failed]
    for record, output in zip(kept, batch.output.splitlines(), strict=True):
        text = data[mark + record.start : mark + record.end]
        if python_reads(text) != python_reads(output) or python_reads(text) is None:
            raise Finding(f"{text!r} became {output!r}", data)
    ends["stream: kept"] += len(kept)


if __name__ == "__main__":
    main(fuzz, __doc__)
