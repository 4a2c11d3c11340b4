"""What a module is filled with: elements, bodies, data. There are many of each, so the common form of each
is read in one go, and what is not of that form again step by step."""

from __future__ import annotations

import re

from ._guard_types import VALUES, FunctionType, TypeReader

MOST_FUNCTIONS = 100_000
MOST_ELEMENT_SEGMENTS = 10_000
MOST_DATA_SEGMENTS = 100_000  # Go writes one for each small piece of data
MOST_ELEMENTS = 100_000
MOST_LOCALS = 10_000
MOST_GROUPS = 250_000  # of locals, in all functions with several: each costs time here
MOST_BODY = 2 * 1024 * 1024

# The least number that does not fit two bytes of LEB128: nearly all numbers are below.
_THREE_BYTES = 1 << 14

# An active data segment at a constant address and its length, of one or two bytes.
_ACTIVE = re.compile(rb"\0\x41[\x80-\xff]{0,4}[\0-\x7f]\x0b[\x80-\xff]?[\0-\x7f]")


class ContentReader(TypeReader):
    """Reads the sections behind the exports, and knows what those before them declared."""

    def __init__(self, data: bytes, bodies: bool) -> None:
        super().__init__(data, 8)
        self.bodies = bodies
        self.types: list[FunctionType] = []
        self.functions: list[int] = []  # the type of each, imported ones first
        self.tables = self.memories = 0
        self.groups = self.bodies_found = self.data_found = 0
        self.data_count: int | None = None

    def element(self) -> None:
        items = 0
        for _ in range(self.count(MOST_ELEMENT_SEGMENTS, "element segments")):
            start = self.at
            flags = self.u32("the form of an element segment")
            if flags > 7:
                self.damaged(f"an element segment of the form {flags:,} found, expected 0 to 7", start)
            if not flags & 1:
                if flags & 2:
                    self.index(self.tables, "table")
                self.expression()
            if flags & 3:
                self.kind_of_elements(bool(flags & 4))
            count = self.count(MOST_ELEMENTS, "elements")
            items += count
            if items > MOST_ELEMENTS:
                self.over(items, MOST_ELEMENTS, "elements of all segments together", start)
            if flags & 4:
                for _ in range(count):
                    self.expression()
            else:
                self.indices(count, len(self.functions), "function")

    def kind_of_elements(self, typed: bool) -> None:
        if typed:
            self.reference()
        elif kind := self.byte("the kind of elements"):
            self.damaged(f"elements of kind {kind} found, expected 0 for functions", self.at - 1)

    def announced_data(self) -> None:
        start = self.at
        self.data_count = self.u32("the number of data segments")
        if self.data_count > MOST_DATA_SEGMENTS:
            self.over(self.data_count, MOST_DATA_SEGMENTS, "data segments", start)

    def code(self) -> None:
        self.bodies_found = self.count(MOST_FUNCTIONS, "bodies")
        if not self.bodies:
            self.at = self.end
            return
        data, at, end = self.data, self.at, self.end
        for _ in range(self.bodies_found):
            start = at
            size = _THREE_BYTES
            if at + 1 < end:
                size, at = data[at], at + 1
                if size > 0x7F:
                    size, at = size & 0x7F | data[at] << 7, at + 1
            if size >= _THREE_BYTES:
                self.at = start
                size, at = self.u32("the size of a body"), self.at
            behind = at + size
            if size > MOST_BODY:
                self.over(size, MOST_BODY, "bytes of one function's body", start)
            if behind > end:
                self.damaged(f"a body of {size:,} bytes found where {end - at:,} are left", start)
            if size > 3 and data[at] == 1 and data[at + 1] < 0x80 and data[at + 2] in VALUES:
                pass  # one group, of few: there is nothing to count
            elif size and data[at]:
                self.locals(at, behind)
            at = behind
        self.at = at

    def locals(self, at: int, behind: int) -> None:
        """What a body declares at its beginning. Its instructions are for the engine."""
        start, total, section_end, data = at, 0, self.end, self.data
        self.at, self.end = at, behind
        groups = self.count(MOST_LOCALS, "groups of locals of one function")
        self.groups += groups
        if self.groups > MOST_GROUPS:
            self.over(self.groups, MOST_GROUPS, "groups of locals of all functions together", start)
        at = self.at
        for _ in range(groups):
            if at + 1 < behind and data[at] < 0x80 and data[at + 1] in VALUES:
                total += data[at]
                at += 2
            else:
                self.at = at
                total += self.u32("the number of locals")
                self.value()
                at = self.at
        if total > MOST_LOCALS:
            self.over(total, MOST_LOCALS, "locals of one function", start)
        self.end = section_end

    def segments(self) -> None:
        self.data_found = self.count(MOST_DATA_SEGMENTS, "data segments")
        data, end, match = self.data, self.end, _ACTIVE.match
        for _ in range(self.data_found):
            start = self.at
            if self.memories and (common := match(data, start, end)):
                at = common.end()
                length = data[at - 1]
                if data[at - 2] > 0x7F:
                    length = length << 7 | data[at - 2] & 0x7F
                if length <= end - at:
                    self.at = at + length
                    continue
            flags = self.u32("the form of a data segment")
            if flags > 2:
                self.damaged(f"a data segment of the form {flags:,} found, expected 0 to 2", start)
            if flags == 2:
                self.index(self.memories, "memory")
            if flags != 1:
                if not self.memories:
                    self.damaged("there is no memory for a data segment", start)
                self.expression()
            self.skip(self.u32("the length of a data segment"), "a data segment")
