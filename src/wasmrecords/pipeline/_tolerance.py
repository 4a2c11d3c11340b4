"""How many failed records a run bears before it stops."""

from __future__ import annotations

import re

from .._errors import FailureLimit
from .._outcome import Counts

# A share says little while few records were read: one bad record at the very start would be 100 %.
FEWEST_FOR_A_SHARE = 1000


class Tolerance:
    """``max_failures``: None for any number, a count, or a share as ``"5%"``."""

    def __init__(self, max_failures: int | str | None) -> None:
        self.count: int | None = None
        self.percent: float | None = None
        if max_failures is None:
            return
        if isinstance(max_failures, bool) or not isinstance(max_failures, (int, str)):
            raise TypeError(
                f"max_failures: expected a number or a share, found {type(max_failures).__name__}"
            )
        text = str(max_failures).strip()
        match = re.fullmatch(r"(\d{1,18}(?:\.\d{1,9})?)(%?)", text, re.ASCII)
        if match and match[2] and float(match[1]) <= 100:
            self.percent = float(match[1])
        elif match and not match[2] and "." not in match[1]:
            self.count = int(match[1])
        else:
            raise ValueError(f"max_failures: expected a number, as 10, or a share, as 5%, found {text!r}")

    def check(self, counts: Counts, *, at_end: bool) -> None:
        """Raises :class:`FailureLimit` when there are more failures than allowed."""
        if self.count is not None and counts.failed > self.count:
            raise FailureLimit(
                f"{counts.failed:,} of {counts.read:,} records failed, "
                f"more than max-failures {self.count:,} allows",
                value=self.count,
            )
        enough = at_end or counts.read >= FEWEST_FOR_A_SHARE
        if self.percent is not None and enough and counts.failed * 100 > self.percent * counts.read:
            share = 100 * counts.failed / counts.read
            raise FailureLimit(
                f"{counts.failed:,} of {counts.read:,} records failed ({share:.3g} %), "
                f"more than max-failures {self.percent:g}% allows",
                value=self.percent,
            )
