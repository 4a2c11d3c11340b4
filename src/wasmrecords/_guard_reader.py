"""Steps through the bytes of a module: numbers, names, vectors. Each step stays inside its section."""

from __future__ import annotations

from typing import NoReturn

from ._errors import ModuleError
from ._text import clean_text

LONGEST_NAME = 1024
_MOST_OPERATIONS = 100

# The operations of a constant expression, by their first byte: the name, and what follows it.
_I32, _I64, _NOTHING, _INDEX, _BYTE = "signed 5", "signed 10", "0", "index", "1"
_CONSTANT = {
    0x41: _I32,  # i32.const
    0x42: _I64,  # i64.const
    0x43: "4",  # f32.const
    0x44: "8",  # f64.const
    0x23: _INDEX,  # global.get
    0xD0: _BYTE,  # ref.null
    0xD2: _INDEX,  # ref.func
    **dict.fromkeys((0x6A, 0x6B, 0x6C, 0x7C, 0x7D, 0x7E), _NOTHING),  # add, sub and mul of integers
}


def quoted(name: str) -> str:
    """A name from a module as messages show it: escaped, and cut."""
    return f"'{clean_text(name, 100)}'"


class Reader:
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
        """Refuses what belongs to an extension of WebAssembly that guests may not use."""
        self.refuse(f"{words} ({name}), which is switched off here; build for wasm32-wasip1 without it", at)

    def cap(self, found: int, most: int, what: str, at: int) -> None:
        """Refuses more of something than any sensible module has."""
        if found > most:
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
        value = shift = 0
        for at in range(start, min(start + 5, self.end)):
            byte = data[at]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if value >> 32:
                    self.damaged(f"{what} is a number of more than 32 bits", start)
                self.at = at + 1
                return value
            shift += 7
        if start + 5 <= self.end:
            self.damaged(f"{what} is a LEB128 number of more than 5 bytes", start)
        self.damaged(f"it ends within {what}", start)

    def count(self, most: int, what: str) -> int:
        """How many items follow, each of at least one byte."""
        start = self.at
        number = self.u32(f"the number of {what}")
        self.cap(number, most, what, start)
        if number > self.end - self.at:
            self.damaged(f"{number:,} {what} claimed where {self.end - self.at:,} bytes are left", start)
        return number

    def index(self, below: int, what: str) -> int:
        """A number that says which one."""
        start = self.at
        number = self.u32(f"the index of a {what}")
        if number >= below:
            self.refuse(f"{what} {number:,} does not exist: there are {below:,}; build the module again", start)
        return number

    def indices(self, count: int, below: int, what: str) -> list[int]:
        """``count`` numbers that say which ones."""
        chunk = self.data[self.at : min(self.at + count, self.end)]
        if len(chunk) == count and max(chunk, default=0) < min(below, 0x80):
            self.at += count  # each number is one byte, as in small modules
            return list(chunk)
        return [self.index(below, what) for _ in range(count)]

    def name(self, what: str) -> str:
        """A text with its length in front."""
        start = self.at
        length = self.u32(f"the length of {what}")
        if length > LONGEST_NAME:
            self.refuse(f"{what} is {length:,} bytes long, at most {LONGEST_NAME:,} are allowed", start)
        at = self.skip(length, what)
        try:
            return self.data[at : at + length].decode()
        except UnicodeDecodeError as error:
            self.damaged(f"{what} is not UTF-8", at + error.start)

    def expression(self) -> None:
        """Goes over a constant expression. The engine checks what it means."""
        for _ in range(_MOST_OPERATIONS):
            start = self.at
            operation = self.byte("a constant expression")
            if operation == 0x0B:  # end
                return
            if operation == 0xFD and self.u32("an operation") == 0x0C:  # v128.const
                self.skip(16, "a constant")
                continue
            if operation == 0xFB:
                self.proposal("a constant expression has an operation on objects", "GC", start)
            form = _CONSTANT.get(operation)
            if form is None:
                self.damaged(f"operation 0x{operation:02x} found in a constant expression", start)
            if form == _INDEX:
                self.u32("an index")
            elif form in (_I32, _I64):
                self._signed(int(form.split()[1]), start)
            else:
                self.skip(int(form), "a constant")
        self.refuse(f"a constant expression has over {_MOST_OPERATIONS} operations; compute it in a function")

    def _signed(self, most: int, start: int) -> None:
        for _ in range(most):
            if self.byte("a constant") < 0x80:
                return
        self.damaged(f"a constant is a LEB128 number of more than {most} bytes", start)
