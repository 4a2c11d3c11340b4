"""Writes what run.py measured as the tables of docs/performance.md.

python benchmarks/run.py all --json measured.json
python benchmarks/tables.py measured.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

WHOLE, GUEST, NATIVE = ": the whole job", "guest, ", ": time over native"
AGAINST, OVER, GUARDED = "the whole job against ", ": speed over ", ", compiled as ours"

Row = dict[str, Any]


def figure(row: Row | None, unit: str = "") -> str:
    """With as many digits as it deserves; empty if it was not measured."""
    if not row or row["value"] is None:
        return ""
    value = row["value"]
    return f"{value:.2f}{unit}" if value < 10 else f"{value:,.0f}{unit}"


def verdict(row: Row | None) -> str:
    """The target, and whether it is met."""
    if not row or not row["target"]:
        return " | "
    met = {True: "met", False: "**missed**", None: ""}[row["met"]]
    return f"{row['target'].removeprefix('>= ').removeprefix('<= ')} | {met}"


def whole(rows: dict[str, Row]) -> list[str]:
    """Whole processes, the fastest first."""
    lines = ["| who | MB per CPU-second | we are | target | | peak memory |", "|---|---|---|---|---|---|"]
    found = [row for name, row in rows.items() if name.endswith(WHOLE)]
    for row in sorted(found, key=lambda row: -row["value"]):
        name = row["name"].removesuffix(WHOLE)
        ours = rows.get(AGAINST + name)
        peak = row["note"].removeprefix("peak ")
        lines.append(f"| {name} | {row['value']:,.0f} | {figure(ours, 'x')} | {verdict(ours)} | {peak} |")
    return lines


def guest(rows: dict[str, Row]) -> list[str]:
    """The guest alone."""
    head = "| records or recipe | MB/s | speed over | | target | | time over native |"
    lines = [head, "|---|---|---|---|---|---|---|"]
    for row in rows.values():
        if not row["name"].startswith(GUEST):
            continue
        name = row["name"].removeprefix(GUEST)
        ratios = [other for key, other in rows.items() if key.startswith(name + OVER)]
        over = next((other for other in ratios if not other["name"].endswith(GUARDED)), None)
        guarded = next((other for other in ratios if other["name"].endswith(GUARDED)), None)
        what = over["name"].removeprefix(name + OVER) if over else ""
        both = figure(over, "x") + (f" ({figure(guarded, 'x')})" if guarded else "")
        native = figure(rows.get(name + NATIVE), "x")
        lines.append(
            f"| {_code(name)} | {row['value']:,.0f} | {_code(what)} | {both} | {verdict(over)} | {native} |"
        )
    return lines


def _code(name: str) -> str:
    return f"`{name}`" if name.startswith((".", "del(")) else name


def others(rows: dict[str, Row]) -> list[str]:
    """All the rest, a row for each."""
    lines = ["| what | measured | target | | |", "|---|---|---|---|---|"]
    for name, row in rows.items():
        elsewhere = WHOLE in name or name.startswith((GUEST, AGAINST)) or OVER in name or NATIVE in name
        if not elsewhere:
            value = f"{figure(row)} {row['unit']}" if figure(row) else ""
            lines.append(f"| {name.replace('|', chr(92) + '|')} | {value} | {verdict(row)} | {row['note']} |")
    return lines


def main() -> None:
    """The command line in the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("measured", type=Path, nargs="+")
    options = parser.parse_args()
    rows = {row["name"]: row for path in options.measured for row in json.loads(path.read_bytes())["rows"]}
    for table in (whole(rows), guest(rows), others(rows)):
        if len(table) > 2:
            print("\n".join(table), end="\n\n")


if __name__ == "__main__":
    main()
