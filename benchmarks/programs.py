"""How many programs of a list run wholly in the fast engine.

    python benchmarks/programs.py programs.tsv

The list has tab-separated columns with a head: ``program``, and ``sightings``, how often it was seen, if
there is such a column. Prints those that do not run there, what they leave the fast subset for, and the sum.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import wasmrecords as wr


def leaves(program: str) -> str:
    """Why it does not run in the fast engine; empty if it does."""
    try:
        with wr.jq(program) as transform:
            found = transform.explain()
    except wr.RecipeError as error:
        return f"refused: {error}"
    return f"{found.program_leaves.token}: {found.program_leaves.hint}" if found.program_leaves else ""


def main() -> None:
    """The command line in the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("list", type=Path)
    options = parser.parse_args()
    head, *rows = (line.split("\t") for line in options.list.read_text("utf-8").splitlines())
    place = head.index("program")
    weight = next((at for at, name in enumerate(head) if name.startswith("sightings")), None)
    fast = seen = 0
    for row in rows:
        count = 1 if weight is None else int(row[weight])
        why = leaves(row[place])
        seen += count
        fast += 0 if why else count
        if why:
            print(f"{count:4}  {row[place]}\n      {why}")
    print(f"{fast} of {seen} run wholly in the fast engine")


if __name__ == "__main__":
    main()
