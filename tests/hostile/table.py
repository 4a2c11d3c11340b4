"""The table of all hostile cases, in docs/threat-model.md.

``python tests/hostile/table.py`` prints it, ``--write`` puts it between the page's markers.
"""

from __future__ import annotations

import sys
from pathlib import Path

TESTS = Path(__file__).parent.parent
if __name__ == "__main__":  # as a script it knows only its own folder
    sys.path[:0] = [str(TESTS), str(TESTS.parent / "src")]

from hostile.case import Case  # noqa: E402 the path comes first
from hostile.catalogue import catalogue  # noqa: E402

PAGE = TESTS.parent / "docs" / "threat-model.md"
BEGIN, END = "<!-- cases: begin, by tests/hostile/table.py -->", "<!-- cases: end -->"


def row(case: Case) -> str:
    ends = " or ".join(f"`{end}`" for end in case.ends.split(" | "))
    return f"| {case.name} | {case.tried} | {ends} | {', '.join(case.levels)} |".replace("\\", "\\\\")


def table() -> str:
    """All cases, class by class."""
    groups = catalogue()
    lines = [f"{sum(map(len, groups.values()))} cases in {len(groups)} classes."]
    for group, cases in groups.items():
        lines += [
            "",
            f"### {group}",
            "",
            "| case | what is tried | how it ends | levels |",
            "|---|---|---|---|",
        ]
        lines += [row(case) for case in cases]
    return "\n".join(lines) + "\n"


def with_table(page: str) -> str:
    """The page with the table of today."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table()}\n{END}{after}"


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
    else:
        sys.stdout.write(table())
