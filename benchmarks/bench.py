"""What all measurements share: where they work, on how much, with which files."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sys
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import Any

import generate
from measure import MB, Command, Cost, Processes, wasmrecords

HERE = Path(__file__).parent
PROGRAM = "select(.score >= 50) | {id, name, score}"
TYPED = HERE / "typed.schema.json"
DEMO = HERE / "demo.schema.json"


@dataclasses.dataclass(frozen=True)
class Bench:
    """``size`` is of the input, in bytes. ``engine`` are further arguments for engine.py."""

    folder: Path
    size: int
    rounds: int
    processes: Processes
    engine: tuple[str | Path, ...] = ()

    def data(self) -> Path:
        """Made records, as many as asked for."""
        path = self.folder / f"{self.size}.ndjson"
        if not path.exists():
            with path.open("wb") as output:
                written = 0
                for line in generate.records(0.0, 1):
                    if written >= self.size:
                        break
                    output.write(line)
                    written += len(line)
        return path

    def repeated(self, size: int) -> Path:
        """About that many bytes, quickly: the same 16 MB again and again."""
        part = dataclasses.replace(self, size=max(1, min(size, 16 * MB))).data()
        path = self.folder / "repeated.ndjson"
        with path.open("wb") as output:
            while (left := size - output.tell()) > 0:
                with part.open("rb") as lines:
                    if left > 2 * MB:
                        shutil.copyfileobj(lines, output)
                    else:
                        output.writelines(lines.readlines(left))
        return path

    def command(self, *recipe: str | Path, source: Path, output: str = "out.ndjson") -> Callable[[], Cost]:
        """A run of ours from a file to a file."""
        line: Command = [*wasmrecords(), "run", *recipe, source, "-o", self.folder / output]
        return lambda: self.processes.cost(line)

    def answer(self, script: str, *arguments: str | Path) -> dict[str, Any]:
        """The JSON object that one of the scripts beside this one prints."""
        answer = self.folder / "answer.json"
        self.processes.cost([sys.executable, HERE / script, *arguments], answer)
        found: dict[str, Any] = json.loads(answer.read_bytes())
        return found


def agreement(one: Path, other: Path) -> str:
    """Whether both wrote the same values, record by record."""
    with one.open("rb") as ours, other.open("rb") as native:
        for number, (mine, theirs) in enumerate(zip_longest(ours, native), 1):
            if mine == theirs:
                continue
            if mine is None or theirs is None or json.loads(mine) != json.loads(theirs):
                return f"THE OUTPUTS DIFFER, first in line {number}"
    return "same output"
