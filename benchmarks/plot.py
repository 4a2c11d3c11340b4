"""Draws what run.py measured, as bars: the pictures in the README and in docs/performance.md.

    python benchmarks/run.py all --json measured.json
    python benchmarks/plot.py measured.json docs

The rows of ``peers`` become ``peers.svg`` in that folder, those of ``engine`` become ``shapes.svg``. Several
files of rows may be given.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

WIDTH, LEFT, RIGHT = 800, 200, 170
LINE, BAR, HEAD, GAP = 24, 16, 58, 26
OURS, OTHERS, INK, FAINT = "#2563a8", "#b9c1cb", "#1f2328", "#656d76"
FONT = "font-family=\"system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif\""


@dataclass(frozen=True)
class Bar:
    """One line of a chart."""

    label: str
    value: float
    note: str
    ours: bool


@dataclass(frozen=True)
class Chart:
    """Bars under a title, in a file of that name."""

    name: str
    title: str
    explained: str
    bars: list[Bar]

    def height(self) -> int:
        """In pixels."""
        return HEAD + LINE * len(self.bars) + GAP

    def draw(self) -> str:
        """The SVG."""
        size = f'width="{WIDTH}" height="{self.height()}" viewBox="0 0 {WIDTH} {self.height()}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {FONT}>'
        ground = f'<rect width="{WIDTH}" height="{self.height()}" fill="#ffffff"/>'
        lines = [head, f"<title>{escape(self.title)}</title>", ground, *self._elements(), "</svg>", ""]
        return "\n".join(lines)

    def _elements(self) -> list[str]:
        head = _text(16, 22, self.title, 15, bold=True), _text(16, 42, self.explained, 12, FAINT)
        found, mixed = [*head], not all(bar.ours for bar in self.bars)
        room, most = WIDTH - LEFT - RIGHT, max(bar.value for bar in self.bars)
        for number, bar in enumerate(self.bars):
            y, length = HEAD + LINE * number, max(1.0, room * bar.value / most)
            color = OURS if bar.ours else OTHERS
            found += [
                _text(LEFT - 10, y + 12, bar.label, 13, anchor="end", bold=bar.ours and mixed),
                f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2" fill="{color}"/>',
                _text(LEFT + length + 8, y + 12, f"{bar.value:,.0f} MB/s", 13),
            ]
            if bar.note:
                found.append(_text(WIDTH - 16, y + 12, bar.note, 12, FAINT, "end"))
        return found


def _text(
    x: float, y: float, words: str, size: int, color: str = INK, anchor: str = "start", bold: bool = False
) -> str:
    weight = ' font-weight="600"' if bold else ""
    place = f'x="{x:.1f}" y="{y}" font-size="{size}" fill="{color}" text-anchor="{anchor}"'
    return f"<text {place}{weight}>{escape(words)}</text>"


def charts(rows: list[dict[str, Any]]) -> list[Chart]:
    """Those for which there are rows."""
    value = {row["name"]: row["value"] for row in rows if row["value"] is not None}
    whole = [row for row in rows if row["name"].endswith(": the whole job")]
    # Those with a comma in their own name are variants, for the tables.
    guest = [row for row in rows if row["name"].startswith("guest, ") and row["name"].count(", ") == 1]
    ahead, found = sorted(whole, key=lambda row: -row["value"]), []
    if whole:
        bars = []
        for row in ahead:
            name = row["name"].removesuffix(": the whole job")
            bars.append(Bar(name, row["value"], row["note"], name.startswith("wasmrecords")))
        explained = "MB of input for each second of processor time, start included, and the most memory"
        found.append(Chart("peers", "Check, choose, project: a file to a file, one core", explained, bars))
    if guest:
        bars = []
        for row in guest:
            name = row["name"].removeprefix("guest, ")
            kernel = value.get(f"{name}: speed over the study's kernel")
            bars.append(Bar(name, row["value"], f"{kernel:.2f}x hand-written" if kernel else "", True))
        explained = "MB of input for each second of processor time within the guest"
        title = "Inside the sandbox, by the shape of the records or the recipe"
        found.append(Chart("shapes", title, explained, bars))
    return found


def main() -> None:
    """The command line in the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("measured", type=Path, nargs="+")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    rows = [row for path in options.measured for row in json.loads(path.read_bytes())["rows"]]
    for chart in charts(rows):
        (options.folder / f"{chart.name}.svg").write_text(chart.draw(), encoding="utf-8")


if __name__ == "__main__":
    main()
