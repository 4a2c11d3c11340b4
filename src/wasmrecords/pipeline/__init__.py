"""From files to files: sources, a transform, sinks, dead letters, a report.

Data goes one way: source -> transform -> sink; failures go to the dead letters. Memory does not grow
with the input: one batch is in hand at a time.
"""

from ._report import Report, Written
from ._run import run

__all__ = ["Report", "Written", "run"]
