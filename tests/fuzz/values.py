"""Values against a model of them in Python: reading, writing, order, arithmetic, paths.

A run is some dozens of records for each program below, with what must come out. Texts are compared to the
byte; numbers that were computed as floats by value.

    python tests/fuzz/values.py --runs 3000 --seed 1        # a million cases
"""

from __future__ import annotations

import copy
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from fuzz import model
from fuzz.model import Number, compare, in_order, number, value, written
from fuzz.mutate import Finding, Mutator, loop, main

import wasmrecords as wr

RECORDS = 30

Case = tuple[Any, Any]
"""A record, and what must come out: a value, a :class:`Real` or :data:`FAILS`."""
FAILS = object()


class Real(float):
    """A float that was computed: written in whatever way means it."""


def same(random: Random) -> Case:
    record = value(random)
    return record, record


def text_of(random: Random) -> Case:
    record = value(random)
    return record, written(record)


def compared(random: Random) -> Case:
    left = value(random, 2)
    right = (
        copy.deepcopy(left)
        if random.random() < 0.2
        else number(random)
        if isinstance(left, Number)
        else value(random, 2)
    )
    order = compare(left, right)
    return [left, right], [order < 0, order == 0, order <= 0, order != 0, order > 0, order >= 0]


CONFUSING = re.findall(r"\S*(?:900719925474099|18446744073709551)\S*", " ".join(model.NUMBERS))


def values_for_sort(random: Random) -> list[Any]:
    """Values, or many numbers which floats cannot tell apart: who sorts badly fails with these."""
    if random.random() < 0.1:
        return [Number(random.choice(CONFUSING)) for _ in range(random.randrange(80))]
    return [value(random, 2) for _ in range(random.randrange(12))]


def ordered(random: Random) -> Case:
    record = values_for_sort(random)
    return record, sorted(record, key=in_order)


def different(random: Random) -> Case:
    record = values_for_sort(random)
    record += random.sample(record, len(record) // 2)
    kept: list[Any] = []
    for item in sorted(record, key=in_order):
        if not kept or compare(kept[-1], item):
            kept.append(item)
    return record, kept


def extremes(random: Random) -> Case:
    """Of equal ones the first is the least, the last the greatest."""
    record = values_for_sort(random)
    if not record:
        return record, [None, None]
    return record, [min(record, key=in_order), max(reversed(record), key=in_order)]


def arithmetic(operation: str) -> Callable[[Random], Case]:
    def case(random: Random) -> Case:
        left, right = number(random), number(random)
        result = model.computed(operation, left, right)
        if result is None:
            return [left, right], FAILS
        return [left, right], Number(str(result)) if isinstance(result, int) else Real(result)

    return case


def negated(random: Random) -> Case:
    """The digits stay."""
    operand = number(random)
    sign = operand.text.startswith("-")
    return operand, Number(
        "0" if operand.text in ("0", "-0") else operand.text[1:] if sign else f"-{operand.text}"
    )


def added(random: Random) -> Case:
    left, right = ({model.text(random): value(random, 1) for _ in range(4)} for _ in range(2))
    return [left, right], left | right


def path(random: Random, inside: Any) -> list[Any]:
    """A path to something that is there, or may not be."""
    steps: list[Any] = []
    while isinstance(inside, (list, dict)) and random.random() < 0.8:
        if isinstance(inside, list):
            step: Any = random.randrange(len(inside) + 2)
            inside = inside[step] if step < len(inside) else None
        else:
            step = random.choice([*inside, "new"])
            inside = inside.get(step)
        steps.append(step)
    return steps


def steps_of(steps: list[Any]) -> list[Any]:
    return [Number(str(step)) if isinstance(step, int) else step for step in steps]


def got(random: Random) -> Case:
    inside = value(random)
    steps = path(random, inside)
    found = inside
    for step in steps:
        found = None if found is None or not _has(found, step) else found[step]
    return {"v": inside, "p": steps_of(steps)}, found


def _has(holder: Any, step: Any) -> bool:
    return step < len(holder) if isinstance(holder, list) else step in holder


def put(random: Random) -> Case:
    inside, new = value(random), value(random, 1)
    steps = path(random, inside)
    record = {"v": copy.deepcopy(inside), "p": steps_of(steps), "n": new}
    if not steps:
        return record, new
    holder = inside
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        if isinstance(step, int):
            holder += [None] * (step + 1 - len(holder))
        if after is None:
            holder[step] = new
            break
        if not _has(holder, step) or holder[step] is None:
            holder[step] = [] if isinstance(after, int) else {}
        holder = holder[step]
    return record, inside


def removed(random: Random) -> Case:
    """Two paths at once: what is gone does not move what the other means, and nothing is removed twice."""
    inside = value(random)
    paths = [path(random, inside) for _ in range(2)]
    record = {"v": copy.deepcopy(inside), "p": [steps_of(steps) for steps in paths]}
    for steps in sorted(
        [paths[0], *(steps for steps in paths[1:] if steps != paths[0])],
        key=lambda steps: [(isinstance(step, str), step) for step in steps],
        reverse=True,
    ):
        if not steps:
            return record, None
        holder = inside
        for step in steps[:-1]:
            holder = holder[step] if holder is not None and _has(holder, step) else None
        if holder is not None and _has(holder, steps[-1]):
            del holder[steps[-1]]
    return record, inside


def walked(random: Random) -> Case:
    record = value(random)
    return record, [[steps_of(steps), leaf] for steps, leaf in _leaves(record, []) if steps]


def _leaves(inside: Any, steps: list[Any]) -> Iterator[tuple[list[Any], Any]]:
    yield steps, inside
    if isinstance(inside, (list, dict)):
        for step, item in enumerate(inside) if isinstance(inside, list) else inside.items():
            yield from _leaves(item, [*steps, step])


PROGRAMS: dict[str, Callable[[Random], Case]] = {
    ".": same,
    "tojson": text_of,
    "[tojson | fromjson] | .[0]": same,
    "[.[0] < .[1], .[0] == .[1], .[0] <= .[1], .[0] != .[1], .[0] > .[1], .[0] >= .[1]]": compared,
    "sort": ordered,
    "unique": different,
    "[min, max]": extremes,
    ".[0] + .[1]": arithmetic("+"),
    ".[0] - .[1]": arithmetic("-"),
    ".[0] * .[1]": arithmetic("*"),
    ".[0] / .[1]": arithmetic("/"),
    ".[0] % .[1]": arithmetic("%"),
    "-.": negated,
    ". as [$x, $y] | $x + $y": added,
    ". as {$v, $p} | $v | getpath($p)": got,
    ". as {$v, $p, $n} | $v | setpath($p; $n)": put,
    ". as {$v, $p} | $v | delpaths($p)": removed,
    "[paths as $p | [$p, getpath($p)]]": walked,
}


def fuzz(first: int, runs: int, seed: int) -> Counter[str]:
    mutator = Mutator([], seed)
    total: Counter[str] = Counter()
    transforms = {program: wr.jq(program) for program in PROGRAMS}

    def once(run: int) -> str:
        for program, make in PROGRAMS.items():
            cases = [make(mutator.random) for _ in range(RECORDS)]
            lines = [model.source(record, mutator.random) for record, _ in cases]
            data = "\n".join(lines).encode()
            batch = transforms[program].run(data)
            failures = {failure.record: failure.message for failure in batch.failures}
            outputs = iter(batch.output.decode().split("\n"))
            for at, (_, expected) in enumerate(cases, 1):
                found = FAILS if at in failures else next(outputs)
                if not agrees(found, expected):
                    shown = failures.get(at, found)
                    raise Finding(
                        f"{program}\nexpected {_shown(expected)}\nfound    {shown}", lines[at - 1].encode()
                    )
            total[program] += len(cases)
        return "runs"

    return loop(mutator, first, runs, once) + total


def agrees(found: Any, expected: Any) -> bool:
    """Whether what was written, or that it failed, is as expected."""
    if found is FAILS or expected is FAILS:
        return found is expected
    if isinstance(expected, Real):
        if math.isnan(expected):
            return bool(found == "null")
        if math.isinf(expected):
            expected = Real(math.copysign(sys.float_info.max, expected))
        return isinstance(json.loads(found), (int, float)) and float(found) == expected
    return bool(found == written(expected))


def _shown(expected: Any) -> str:
    return (
        "an error"
        if expected is FAILS
        else repr(expected)
        if isinstance(expected, Real)
        else written(expected)
    )


if __name__ == "__main__":
    main(fuzz, __doc__)
