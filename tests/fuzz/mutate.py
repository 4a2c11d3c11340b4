"""What all fuzzers share: a mutator, and the command line.

Run ``n`` of seed ``s`` is the same on each machine, so a finding is shown again with ``--seed s --first n
--runs 1``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

# Bytes that mean something to somebody: ends of LEB128, types, operations, structure of JSON.
ODD_BYTES = b'\0\1\x0b\x40\x60\x6f\x70\x7b\x7c\x7f\x80\x81\xff\n\r "\\[]{},:-.0e'
# Numbers that break sums and comparisons, as LEB128 and as words.
ODD_NUMBERS = (0, 1, 2, 63, 64, 127, 128, 255, 16_383, 16_384, 65_535, 65_536, 2**31 - 1, 2**31, 2**32 - 1)


def leb(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


ODD_PIECES = [
    *map(leb, ODD_NUMBERS),
    *(number.to_bytes(4, "little") for number in ODD_NUMBERS),
    b"\x80\x80\x80\x80\x10",  # one bit more than 32
    b"\x80" * 5 + b"\0",  # a byte more than a number may have
]


class Mutator:
    """Makes inputs from a corpus by a few small changes each."""

    def __init__(self, corpus: Sequence[bytes], seed: int) -> None:
        self.corpus, self.seed, self.random = list(corpus), seed, Random()

    def start(self, run: int) -> None:
        """What follows depends on the seed and this number alone."""
        self.random.seed(self.seed * 2**40 + run)

    def pick(self) -> bytes:
        return self.corpus[int(self.random.random() * len(self.corpus))]

    def input(self) -> bytes:
        """One of the corpus, changed one to four times."""
        content = bytearray(self.pick())
        for _ in range(1 + int(self.random.random() * 4)):
            self.change(content)
        return bytes(content)

    def change(self, content: bytearray) -> None:
        number = self.random.random
        size = len(content)
        at = int(number() * size)
        match int(number() * 10):
            case 0 if size:
                content[at] ^= 1 << int(number() * 8)
            case 1 if size:
                content[at] = int(number() * 256)
            case 2 if size:
                content[at] = ODD_BYTES[int(number() * len(ODD_BYTES))]
            case 3:
                content.insert(at, ODD_BYTES[int(number() * len(ODD_BYTES))])
            case 4:
                del content[at : at + 1 + int(number() * 8)]
            case 5:
                piece = ODD_PIECES[int(number() * len(ODD_PIECES))]
                content[at : at + int(number() * 2) * len(piece)] = piece
            case 6 if size:  # a piece of itself again
                start = int(number() * size)
                content[at:at] = content[start : start + 1 + int(number() * 32)]
            case 7:  # a piece of another one
                other = self.pick()
                start = int(number() * len(other))
                piece = other[start : start + 1 + int(number() * 32)]
                content[at : at + int(number() * 2) * len(piece)] = piece
            case 8 if size:  # one byte more or less, where a number may be
                content[at] = (content[at] + (1 if number() < 0.5 else -1)) & 0xFF
            case _ if number() < 0.2:
                del content[at:]


class Finding(Exception):
    """Something that must not happen; ``data`` is the input."""

    def __init__(self, words: str, data: bytes) -> None:
        super().__init__(words)
        self.data = data


def loop(mutator: Mutator, first: int, runs: int, once: Callable[[int], str]) -> Counter[str]:
    """Calls ``once`` for each run; how often each end was met. Raises :class:`Finding` with its run."""
    ends: Counter[str] = Counter()
    for run in range(first, first + runs):
        mutator.start(run)
        try:
            ends[once(run)] += 1
        except Finding as finding:
            finding.add_note(f"run {run} of seed {mutator.seed}")
            raise
    return ends


Fuzz = Callable[[int, int, int], Counter[str]]
"""From ``first``, ``runs`` and ``seed`` to what :func:`loop` answers."""


def main(fuzz: Fuzz, words: str | None) -> None:
    """The command line of a fuzzer. Ends with 1 for a finding."""
    parser = argparse.ArgumentParser(description=words, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first run")
    arguments = parser.parse_args()
    started = time.monotonic()
    try:
        ends = fuzz(arguments.first, arguments.runs, arguments.seed)
    except Finding as finding:
        print("FINDING,", *finding.__notes__, f"\n{finding}\ninput: {finding.data[:2000]!r}")
        raise SystemExit(1) from finding.__cause__
    seconds = time.monotonic() - started
    print(json.dumps(ends, indent=1))
    rate = arguments.runs / seconds
    print(f"{arguments.runs:,} runs, seed {arguments.seed}, {seconds:.0f} s, {rate:,.0f} runs a second")
