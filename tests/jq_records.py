"""Records that suit a jq program: made of the names and literals that it mentions, always the same ones.

Some have at each path that the program reads a value it is likely to want; others have something else there,
or nothing; the last ones are of another kind altogether.
"""

from __future__ import annotations

import json
import random
import re
from typing import Any

Step = str | int | None
"""A name, an index, or None for every item."""
Path = tuple[Step, ...]

_STEP = re.compile(r'\.([A-Za-z_]\w*)|\.?\["((?:[^"\\]|\\.)*)"\]|\.?\[(\d*)\]')
_PATH = re.compile(r'(?:\.[A-Za-z_]\w*|\.?\["(?:[^"\\]|\\.)*"\]|\.?\[\d*\]|\?)+')
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NUMBER = re.compile(r"(?<![\w.\"])\d+(?:\.\d+)?(?![\w\"])")
_SHORTHAND = re.compile(r"[{,]\s*([A-Za-z_]\w*)\s*(?=[,}])")
_WANTS = re.compile(r'\s*(?:==|!=|>=|<=|<|>)\s*("(?:[^"\\]|\\.)*"|\d+)|[^,{}]*?\|\s*\w+\(("(?:[^"\\]|\\.)*")')
_HAS = re.compile(r'\s*\|\s*has\("([^"]*)"\)')

STRANGE: list[Any] = [
    None, True, False, 0, -1, 1.5, "", "x", [], {}, [None], [[1, 2]], {"a": {}}, "12", "1e3", " 7", "ÄÖ😀",
    [{"name": "x", "type": "text", "text": "t"}], ["a", "b"], {"k": [1]}, "a b&c<'d'>,\"e\"\t", -0.5,
    123456789012,
]  # fmt: skip
TYPICAL: list[Any] = [
    "Some words", "2025-11-27T10:00:00Z", 1700000000, 250, "alpha/beta/12.tar", ["x", "y"], "aGVsbG8=",
    '{"a": [1, "b"]}', True,
]  # fmt: skip


def records_for(program: str, count: int = 40) -> list[Any]:
    """``count`` records, the first half of them such as the program expects."""
    chance = random.Random(program)
    wanted = _literals(program) * 3 + TYPICAL
    made = [_Maker(program, wanted, chance, 0.0).record() for _ in range(count // 2)]
    made += [_Maker(program, wanted + STRANGE, chance, 0.35).record() for _ in range(count - count // 2 - 8)]
    return made + chance.sample(STRANGE, 6) + [chance.choice(wanted), "".join(chance.choices("ab12 N", k=6))]


def _paths(program: str) -> dict[Path, list[Any]]:
    """The paths that a program writes out, in order, with what it compares with them."""
    found: dict[Path, list[Any]] = {}
    for match in _PATH.finditer(program):
        inside = program[: match.start()].replace('\\"', "").count('"') % 2
        if inside and not program[: match.start()].endswith(("\\(", "// ")):
            continue  # a dot within a text
        steps = tuple(
            (int(index) if index else None) if not name and not quoted else name or quoted
            for name, quoted, index in _STEP.findall(match[0])
        )
        if not steps:
            continue
        if has := _HAS.match(program, match.end()):
            steps = (*steps, has[1])
        wants = found.setdefault(steps, [])
        if (want := _WANTS.match(program, match.end())) and not has:
            value = json.loads(want[1] or want[2]) if "\\(" not in (want[1] or want[2]) else ""
            wants += [_plain(value) if isinstance(value, str) else value + 1]
    for name in _SHORTHAND.findall(_TEXT.sub('""', program)) + re.findall(
        r'(?<!\| )has\("([^"]*)"\)', program
    ):
        found.setdefault((name,), [])
    return found


def _literals(program: str) -> list[Any]:
    """The texts and numbers of a program, with neighbours; of a pattern, texts that may match."""
    found: list[Any] = []
    for text in _TEXT.findall(program):
        try:
            value = json.loads(f'"{text}"')
        except ValueError:
            continue  # with an interpolation
        found.append(value)
        if re.search(r"[\\^$|(\[*+]", value):
            found += [_plain(part) for part in value.split("|")]
    for number in _NUMBER.findall(program):
        found += [int(float(number)) + step for step in (0, 1, -1)]
    if "entries" in program:
        found += [{text: "Ab", "k": 1} for text in found if isinstance(text, str)] + [{"n": None, "m": [2]}]
    if "fromjson" in program:
        found += ['{"a": [1, "b"], "é": 1.5}', "[]", '"x"', "tru"]
    if "map(" in program:
        found += [[{"a": 1, "unit": None}, {"a": "x"}], {"k": {"a": 2}}, []]
    return found


def _plain(pattern: str) -> str:
    """A text that a simple pattern matches."""
    text = re.sub(r"\[0-9\]\+?|\\d\+?", "42", pattern)
    text = re.sub(r"\[\^[^]]*\]\+?", "seg", text)
    text = re.sub(r"\(\?<\w+>|[()^$]", "", text)
    return re.sub(r"\\(.)", r"\1", text)


class _Maker:
    """Makes one record. ``spoil`` is the share of paths at which nothing is put."""

    def __init__(self, program: str, values: list[Any], chance: random.Random, spoil: float) -> None:
        self.paths, self.values, self.chance, self.spoil = _paths(program), values, chance, spoil
        self.of_texts = program.startswith("fromjson")
        # What is written alone behind a pipe, as `.name` in `.items[] | .name`, may belong to items.
        self.alone = {str(path[0]): wants for path, wants in self.paths.items() if len(path) == 1}

    def record(self) -> Any:
        record: Any = None
        for path, wants in self.paths.items():
            if self.chance.random() >= self.spoil:
                record = self.put(record, path, wants)
        if record is None and not self.of_texts and self.chance.random() < 0.6:
            return {"id": 7, "Name": self.value([]), "value": self.value([])}
        return record if record is not None else self.value([])

    def value(self, wants: list[Any]) -> Any:
        return self.chance.choice(wants if wants and self.chance.random() < 0.7 else self.values)

    def put(self, here: Any, path: Path, wants: list[Any]) -> Any:
        """``here`` with a value at a path; what is in the way stays."""
        if not path:
            return here if here is not None else self.value(wants)
        step, rest = path[0], path[1:]
        if isinstance(step, str):
            here = {} if here is None else here
            if isinstance(here, dict):
                here[step] = self.put(here.get(step), rest, wants)
            return here
        here = [None] * 3 if here is None else here
        if isinstance(here, list):
            for at, item in enumerate(here):
                here[at] = self.put(item, rest, wants) if rest else item if item is not None else self.item()
        return here

    def item(self) -> Any:
        """An item that a program may look into."""
        if self.alone and self.chance.random() < 0.8:
            return {name: self.value(wants) for name, wants in self.alone.items()}
        return self.value([])
