"""The types in a module: of values, functions, tables and memories."""

from __future__ import annotations

from ._guard_reader import SectionReader

PAGE = 65536
MOST_PAGES = 65536
MOST_PARAMS = 128
MOST_RESULTS = 16

_NUMBERS = {0x7F: "i32", 0x7E: "i64", 0x7D: "f32", 0x7C: "f64"}
_REFERENCES = {0x70: "funcref", 0x6F: "externref"}
VALUES = {**_NUMBERS, 0x7B: "v128", **_REFERENCES}

# Types of extensions that are switched off.
_OTHER_VALUES = {
    0x63: "function references",
    0x64: "function references",
    0x67: "stringref",
    0x68: "stack switching",
    0x69: "exceptions",
    0x74: "exceptions",
    0x75: "stack switching",
    **dict.fromkeys((0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x71, 0x72, 0x73), "GC"),
}
_OTHER_FORMS = {
    0x4E: ("a group of recursive types", "GC"),
    0x4F: ("a final subtype", "GC"),
    0x50: ("a subtype", "GC"),
    0x5D: ("a continuation", "stack switching"),
    0x5E: ("an array", "GC"),
    0x5F: ("a struct", "GC"),
}
_LIMIT_FLAGS = (
    (2, "that threads share", "threads"),
    (4, "with 64-bit addresses", "memory64"),
    (8, "with pages of another size", "custom page sizes"),
)

FunctionType = tuple[bytes, bytes]
"""The types of the parameters and of the results, a byte each."""


class TypeReader(SectionReader):
    """Reads types. Those of extensions that are switched off are refused wherever they stand."""

    __slots__ = ()

    def function_type(self, number: int) -> FunctionType:
        """Type ``number`` of the module, which can only be a function's."""
        start = self.at
        form = self.byte("a type")
        if form != 0x60:
            what, proposal = _OTHER_FORMS.get(form, (f"form 0x{form:02x}", ""))
            self.proposal(f"type {number} is {what}, expected a function", proposal, start)
        return self._values(MOST_PARAMS, "parameters"), self._values(MOST_RESULTS, "results")

    def _values(self, most: int, what: str) -> bytes:
        count = self.count(most, f"{what} of one function type")
        start = self.skip(count, "types")
        found = self.data[start : self.at]
        if not VALUES.keys() >= set(found):
            self.at = start
            for _ in range(count):
                self.value()
        return found

    def value(self) -> int:
        """The type of a value: one byte, if its proposal is not one of those that are switched off."""
        start = self.at
        found = self.byte("the type of a value")
        if found not in VALUES:
            proposal = _OTHER_VALUES.get(found, "")
            self.proposal(f"0x{found:02x} found as the type of a value", proposal, start)
        return found

    def reference(self) -> None:
        """The type of what a table holds."""
        start = self.at
        if self.value() not in _REFERENCES:
            self.damaged("a number found where a type of reference is expected", start)

    def signature(self, type: FunctionType, what: str, at: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names of a function's types, for functions that cross the border of the sandbox."""
        params, results = type
        return (
            tuple(self.number(value, what, at) for value in params),
            tuple(self.number(value, what, at) for value in results),
        )

    def number(self, value: int, what: str, at: int) -> str:
        """The name of a number's type. At some others wasmtime-py aborts the process when it looks."""
        if value not in _NUMBERS:
            self.refuse(
                f"{what} has the type {VALUES[value]}, only i32, i64, f32 and f64 may cross; "
                "keep it inside the module",
                at,
            )
        return _NUMBERS[value]

    def limits(self, what: str, most: int, unit: str) -> tuple[int, int | None]:
        """The size of a table or memory: its minimum, and its maximum if it has one."""
        start = self.at
        flags = self.byte("limits")
        for bit, words, proposal in _LIMIT_FLAGS:
            if flags & bit:
                self.proposal(f"a {what} {words}", proposal, start)
        if flags > 1:
            self.damaged(f"limits of the form 0x{flags:02x} found", start)
        start = self.at
        low = self.u32("the minimum")
        if low > most:
            self.over(low, most, f"{unit} as the minimum of a {what}", start)
        if not flags:
            return low, None
        start = self.at
        high = self.u32("the maximum")
        if high > most and what == "memory":  # no table grows to its maximum: the store bounds it
            self.over(high, most, f"{unit} as the maximum of a {what}", start)
        if high < low:
            self.damaged(f"a {what} of at least {low:,} and at most {high:,} {unit}", start)
        return low, high
