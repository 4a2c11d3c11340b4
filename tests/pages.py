"""The Markdown pages of this repository, as tests read them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


class Block(NamedTuple):
    """A fenced block: its language, its text, and the line of its first fence."""

    language: str
    text: str
    line: int

    @property
    def end(self) -> int:
        """The line of its second fence."""
        return self.line + self.text.count("\n") + 1


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in their order."""
    found: list[Block] = []
    fence, language, start, lines = "", "", 0, list[str]()
    for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
        mark = re.match(r"`{3,}", line)
        if fence:
            if line.rstrip() == fence:
                found.append(Block(language, "".join(lines), start))
                fence = ""
            else:
                lines.append(line + "\n")
        elif mark:
            fence, language, start, lines = mark[0], line[mark.end() :].strip(), number, []
    assert not fence, f"{page.name}:{start}: this block is not closed"
    return found


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """Where links into the page may lead: its headings, as GitHub names them."""
    titles = re.findall(r"^#+ +(.+?) *$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
