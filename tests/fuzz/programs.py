"""Generated jq programs on generated records, against a native ``jq``.

A run is some dozens of programs, put together to one, on some dozens of records: a process of ``jq`` and a
transform for thousands of cases. Each case yields its outputs, or that it failed. What is compared:

- the outputs, by value and in the order of their members, and whether there was an error;
- not the digits of numbers: we keep those that nobody computed with, jq its own way of writing them;
- not what has integers beyond 2^53, which are exact here and are not there.

Records and programs keep to numbers that both write alike. With ``MESSAGES=1`` in the environment errors are
compared by what they say as well, and ``JQ`` names another command than ``jq``. One before 1.8 is
asked plain programs only: much was corrected with it.

    python tests/fuzz/programs.py --runs 1000 --seed 1        # over a million cases
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from fuzz import pieces
from fuzz.mutate import Finding, Mutator, loop, main

import wasmrecords as wr

PROGRAMS, RECORDS = 50, 30

NAMES = ["a", "b", "c", "d e", ""]
TEXTS = [
    "",
    "a",
    "b",
    "abc",
    "aXbX",
    "10",
    "-2.5",
    "é€",
    "😀",
    "x,y",
    "A B",
    "[1]",
    "null",
    "<&'\">",
    "2015-03-05T23:51:47Z",
]
NUMBERS = ["0", "1", "2", "3", "5", "10", "-1", "-2", "0.5", "2.5", "-3.75", "100", "1000", "12345"]


def record(random: Random, depth: int = 3) -> str:
    """JSON for some value."""
    kind = random.random()
    if depth and kind < (0.75 if depth == 3 else 0.4):
        if random.random() < 0.45:
            return f"[{','.join(record(random, depth - 1) for _ in range(random.randrange(5)))}]"
        names = random.sample(NAMES, random.randrange(len(NAMES)))
        return f"{{{','.join(f'{json.dumps(name)}:{record(random, depth - 1)}' for name in names)}}}"
    if kind < 0.8:
        return random.choice(NUMBERS)
    return json.dumps(random.choice(TEXTS)) if kind < 0.92 else random.choice(("null", "true", "false"))


# --- programs ----------------------------------------------------------------------------------------------


class Grammar:
    """The pieces that both can read."""

    def __init__(self, names: set[str], *, plain: bool) -> None:
        def known(piece: str) -> bool:
            words = re.findall(r"(?<![\\w.$@])[a-z_]\w*(?!\w*:)", re.sub(r'"(?:[^"\\]|\\.)*"', "", piece))
            return all(word in names or word in "abcfgxy" or word in pieces.WORDS.split() for word in words)

        def some(kind: str) -> list[str]:
            found = getattr(pieces, f"PLAIN_{kind}") + ("" if plain else getattr(pieces, kind))
            return [
                piece for piece in (found.splitlines() if kind == "EXPRESSIONS" else found.split()) if piece
            ]

        self.paths = some("PATHS")
        self.expressions = list(filter(known, some("EXPRESSIONS")))
        self.filters = list(filter(known, some("FILTERS")))

    def program(self, random: Random, depth: int = 3) -> str:
        """Some program."""
        while True:
            template = (
                random.choice(self.expressions) if depth else random.choice(["P", "P", "N", "T", "null", "."])
            )
            if depth > 1 or len(template) < 12:
                return re.sub(r"\b[PEFNTK]\b", lambda mark: self._part(mark[0], random, depth - 1), template)

    def _part(self, mark: str, random: Random, depth: int) -> str:
        if mark == "E":
            return f"({self.program(random, max(depth, 0))})"
        if mark == "N":
            return random.choice(("0", "1", "2", "3", "-1", "0.5", "10"))
        if mark in "TK":
            return json.dumps(random.choice(NAMES if mark == "K" else TEXTS[:10]))
        return random.choice(self.paths) if mark == "P" else f"({random.choice(self.filters)})"


# --- comparing ----------------------------------------------------------------------------------------------


@functools.cache
def jq() -> str | None:
    """The native command, None if there is none."""
    return shutil.which(os.environ.get("JQ", "jq"))


@functools.cache
def grammar() -> Grammar:
    """What the native command knows. It never is asked for what reads more input, or the time."""
    done = subprocess.run([jq() or "jq", "-nc", "builtins"], capture_output=True, check=True)
    names = {name.partition("/")[0] for name in json.loads(done.stdout)}
    return Grammar(names, plain=version() < (1, 8))


@functools.cache
def version() -> tuple[int, ...]:
    """Of the native command."""
    done = subprocess.run([jq() or "jq", "--version"], capture_output=True, text=True, check=True)
    return tuple(map(int, re.findall(r"\d+", done.stdout)[:2]))


def together(programs: list[str], *, messages: bool) -> str:
    """One program that yields the outcome of each: its outputs in an array, or a text."""
    caught = "(. // {} | tostring)" if messages else '"failed"'
    return "[\n" + ",\n".join(f"(try [limit(40; {one})] catch {caught})" for one in programs) + "\n]"


def by_jq(joined: str, data: bytes) -> list[Any]:
    done = subprocess.run([jq() or "jq", "-c", joined], input=data, capture_output=True, timeout=120)
    lines = done.stdout.split(b"\n")[:-1]
    if done.returncode not in (0, 5) or len(lines) != data.count(b"\n"):
        raise Finding(f"jq ended with {done.returncode}: {done.stderr[:500]!r}", joined.encode())
    return [json.loads(line) for line in lines]


def by_us(joined: str, data: bytes) -> list[Any]:
    with wr.jq(joined) as transform:
        batch = transform.run(data)
    if batch.failures:
        raise Finding(f"{batch.failures[0]}", joined.encode())
    return [json.loads(line) for line in batch.output.split(b"\n")[:-1]]


def exact(value: Any) -> str:
    """A value with the order of its members; a whole number is whole however it is written."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e300:
        return str(int(value))
    if isinstance(value, list):
        return f"[{','.join(map(exact, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{json.dumps(name)}:{exact(inner)}' for name, inner in value.items())}}}"
    return json.dumps(value)


_BEYOND = re.compile(r"\d{16}|\d[eE][+-]?\d")


def check(programs: list[str], records: list[str], ends: Counter[str]) -> list[Finding]:
    """All that is different."""
    data = "".join(f"{line}\n" for line in records).encode()
    joined = together(programs, messages=bool(os.environ.get("MESSAGES")))
    theirs = by_jq(joined, data)
    found = []
    for record, answers, others in zip(records, by_us(joined, data), theirs, strict=True):
        for one, ours, other in zip(programs, answers, others, strict=True):
            texts = exact(ours), exact(other)
            if texts[0] == texts[1]:
                ends["both fail" if isinstance(ours, str) else "same"] += 1
            elif _BEYOND.search(texts[0] + texts[1]):
                ends["not compared: integers beyond 2^53"] += 1
            else:
                ends["different"] += 1
                found.append(
                    Finding(f"{one}\njq    {texts[1][:500]}\nhere  {texts[0][:500]}", record.encode())
                )
    return found


def _differ(message: str | None, error: str | None) -> bool:
    """Whether these are two errors. One that is no text is told in other words than it is caught."""
    if message is None or error is None:
        return message is not error
    return message != error and "is no string" not in message and len(message) < 200


def alone(program: str, records: list[str], ends: Counter[str]) -> None:
    """A program by itself, which may take a shorter road, yields what it yields among others."""
    data = "".join(f"{line}\n" for line in records).encode()
    together = by_us(f"try [[limit(100; {program})], null] catch [[], (. // {{}} | tostring)]", data)
    with wr.jq(program) as transform:
        batch = transform.run(data)
    failures = {failure.record: failure.message for failure in batch.failures}
    lines = batch.output.split(b"\n")[:-1]
    for at, (outputs, error) in enumerate(together, 1):
        if len(outputs) == 100:
            return  # there may be more
        taken, lines = lines[: len(outputs)], lines[len(outputs) :]
        found = [json.loads(line) for line in taken], failures.get(at)
        if exact(found[0]) != exact(outputs) or _differ(found[1], error):
            words = f"{program}\nalone {found}\namong others {outputs, error}"
            raise Finding(words, records[at - 1].encode())
    ends["alone as among others"] += len(records)


def fuzz(first: int, runs: int, seed: int) -> Counter[str]:
    mutator = Mutator([], seed)
    ends: Counter[str] = Counter()

    def once(run: int) -> str:
        programs = [grammar().program(mutator.random) for _ in range(PROGRAMS)]
        records = [record(mutator.random) for _ in range(RECORDS)]
        for finding in check(programs, records, ends):
            raise finding
        for one in programs[::10]:
            alone(one, records, ends)
        return "runs"

    return loop(mutator, first, runs, once) + ends


if __name__ == "__main__":
    main(fuzz, __doc__)
