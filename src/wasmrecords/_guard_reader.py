"""Steps through the bytes of a module: numbers, names, vectors. Each step stays inside its section."""

from __future__ import annotations

from typing import NoReturn

from ._errors import ModuleError
from ._text import clean_text

LONGEST_NAME = 1024
MOST_OPERATIONS = 10


def quoted(name: str) -> str:
    """A name from a module as messages show it: escaped, and cut."""
    return f"'{clean_text(name, 100)}'"


class SectionReader:
    """A place in a module's bytes, and the section that it is in. All refusals are made here."""

    __slots__ = ("at", "data", "end", "section")

    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at, self.end, self.section = data, at, len(data), ""

    def refuse(self, words: str, at: int | None = None) -> NoReturn:
        """Raises :class:`ModuleError` for something at ``at``, or where the reader stands."""
        where = f"{self.section} section: " if self.section else ""
        raise ModuleError(where + words, offset=self.at if at is None else at)

    def damaged(self, words: str, at: int | None = None) -> NoReturn:
        """Refuses what no compiler writes."""
        self.refuse(f"{words}; the file is cut off or damaged, build or fetch it again", at)

    def proposal(self, words: str, name: str, at: int | None = None) -> NoReturn:
        """Refuses what belongs to an extension that guests may not use; "" if it is unknown."""
        reason = (
            f"which belongs to {name}, an extension that is switched off" if name else "which is not known"
        )
        self.refuse(f"{words}, {reason} here; build for wasm32-wasip1 without it", at)

    def over(self, found: int, most: int, what: str, at: int) -> NoReturn:
        """Refuses more of something than any sensible module has."""
        self.refuse(f"{found:,} {what} found, at most {most:,} are allowed; make the module smaller", at)

    def byte(self, what: str) -> int:
        """One byte."""
        at = self.at
        if at >= self.end:
            self.damaged(f"it ends where {what} is expected")
        self.at = at + 1
        return self.data[at]

    def skip(self, count: int, what: str) -> int:
        """Goes over ``count`` bytes and answers where they begin."""
        at = self.at
        if count > self.end - at:
            self.damaged(f"{what} of {count:,} bytes found where {self.end - at:,} are left")
        self.at = at + count
        return at

    def u32(self, what: str) -> int:
        """An unsigned LEB128 number of 32 bits: at most five bytes."""
        start, data = self.at, self.data
        if start + 1 < self.end:  # nearly all are one byte or two
            low = data[start]
            if low < 0x80:
                self.at = start + 1
                return low
            high = data[start + 1]
            if high < 0x80:
                self.at = start + 2
                return low & 0x7F | high << 7
        value = shift = 0
        for at in range(start, min(start + 5, self.end)):
            byte = data[at]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if value >> 32:
                    self.damaged(f"a number of more than 32 bits found as {what}", start)
                self.at = at + 1
                return value
            shift += 7
        if start + 5 <= self.end:
            self.damaged(f"a LEB128 number of more than 5 bytes found as {what}", start)
        return self.damaged(f"it ends within {what}", start)

    def count(self, most: int, what: str) -> int:
        """How many items follow, each of at least one byte."""
        start = self.at
        number = self.u32(what)
        if number > most:
            self.over(number, most, what, start)
        if number > self.end - self.at:
            self.damaged(f"{number:,} {what} claimed where {self.end - self.at:,} bytes are left", start)
        return number

    def index(self, below: int, what: str) -> int:
        """A number that says which one."""
        start = self.at
        number = self.u32(what)
        if number >= below:
            self.damaged(f"{what} {number:,} does not exist, there are {below:,}", start)
        return number

    def indices(self, count: int, below: int, what: str) -> list[int]:
        """``count`` numbers that say which ones."""
        chunk = self.data[self.at : min(self.at + count, self.end)]
        if len(chunk) == count and max(chunk, default=0) < min(below, 0x80):
            self.at += count  # each number is one byte
            return list(chunk)
        found: list[int] = []
        data, at, last = self.data, self.at, self.end - 1
        small = min(below, 1 << 14)  # what two bytes can say: nearly all of the others
        for _ in range(count):
            number = small
            if at < last:
                number, behind = data[at], at + 1
                if number > 0x7F:
                    number, behind = number & 0x7F | data[behind] << 7, at + 2
            if number >= small:
                self.at = at
                number, behind = self.index(below, what), self.at
            found.append(number)
            at = behind
        self.at = at
        return found

    def name(self, what: str) -> str:
        """A text with its length in front."""
        start = self.at
        length = self.u32(what)
        if length > LONGEST_NAME:
            self.refuse(f"{what} is {length:,} bytes long, at most {LONGEST_NAME:,} are allowed", start)
        at = self.skip(length, what)
        try:
            return self.data[at : at + length].decode()
        except UnicodeDecodeError as error:
            self.damaged(f"{what} is not UTF-8", at + error.start)

    def expression(self) -> None:
        """Goes over a constant expression. The engine checks what it means."""
        start = self.at
        for _ in range(MOST_OPERATIONS):
            at = self.at
            match self.byte("a constant expression"):
                case 0x0B:  # end
                    return
                case 0x41:  # i32.const
                    self._signed(5)
                case 0x42:  # i64.const
                    self._signed(10)
                case 0x43:  # f32.const
                    self.skip(4, "a constant")
                case 0x44:  # f64.const
                    self.skip(8, "a constant")
                case 0x23 | 0xD2:  # global.get, ref.func
                    self.u32("an index")
                case 0xD0:  # ref.null
                    self.byte("a type")
                case 0x6A | 0x6B | 0x6C | 0x7C | 0x7D | 0x7E:  # add, sub and mul of i32 and i64
                    pass
                case 0xFD if self.u32("an operation") == 0x0C:  # v128.const
                    self.skip(16, "a constant")
                case 0xFB:
                    self.proposal("a constant expression makes an object", "GC", at)
                case other:
                    self.damaged(f"operation 0x{other:02x} found in a constant expression", at)
        self.over(MOST_OPERATIONS + 1, MOST_OPERATIONS, "operations of one constant expression", start)

    def _signed(self, most: int) -> None:
        start = self.at
        for _ in range(most):
            if self.byte("a constant") < 0x80:
                return
        self.damaged(f"a constant is a LEB128 number of more than {most} bytes", start)
