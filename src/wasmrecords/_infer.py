"""What was seen at one place of records, and at the places within: what a schema is inferred from.

Memory is bounded whatever comes: by the count of places, by the bytes of names, and at each place by the
count of names and of texts that are told apart. Properties that are too many to be told apart share a place.
"""

from __future__ import annotations

from typing import Any

from ._infer_text import format_of, is_of

MOST_SHAPES = 20_000
MOST_NAME_BYTES = 4 * 1024 * 1024
MOST_NAMES = 1_000
MOST_TEXTS = 16
LONGEST_TEXT = 64
LONGEST_ROW = 64
DEEPEST = 120
"""Levels of the schema, which has two for each level of objects. Schemas have at most 128."""


class Budget:
    """What all places of one inference share."""

    __slots__ = ("name_bytes", "shapes")

    def __init__(self) -> None:
        self.shapes = MOST_SHAPES
        self.name_bytes = MOST_NAME_BYTES

    def has_room(self, name: str) -> bool:
        """Takes what a property of this name costs, if there is as much."""
        if self.shapes <= 0 or self.name_bytes < len(name):
            return False
        self.name_bytes -= len(name)
        return True


class Shape:
    """What was seen at one place.

    seen       how many values
    nulls, booleans, integers, reals, texts, arrays, objects
               how many of each kind; a real has a fraction or an exponent in its text
    low, high  the least and the greatest number, infinite beyond 64-bit floats
    shortest, longest, fewest, most
               characters of texts, items of arrays
    format     that all texts have, None if they have no common one
    values     how often each text came, None if they are too many or too long
    row        the shapes of the columns, where all arrays have the same few items
    items      the shape of all items, where they have not
    fields     the shapes of properties by name, in order of appearance
    rest       the shape of all further properties, which are too many
    """

    __slots__ = (
        "_budget", "arrays", "booleans", "depth", "fewest", "fields", "format", "high", "integers", "items",
        "longest", "low", "most", "nulls", "objects", "reals", "rest", "row", "seen", "shortest", "texts",
        "values",
    )  # fmt: skip

    def __init__(self, budget: Budget, depth: int = 0) -> None:
        self._budget, self.depth = budget, depth
        budget.shapes -= 1
        self.seen = self.nulls = self.booleans = self.integers = self.reals = 0
        self.texts = self.arrays = self.objects = 0
        self.low: int | float = 0
        self.high: int | float = 0
        self.shortest = self.longest = self.fewest = self.most = 0
        self.format: str | None = None
        self.values: dict[str, int] | None = None
        self.row: list[Shape] | None = None
        self.items: Shape | None = None
        self.fields: dict[str, Shape] | None = None
        self.rest: Shape | None = None

    def add(self, value: Any) -> None:
        """One more value, as Python's ``json`` reads it."""
        self.seen += 1
        kind = type(value)
        if kind is str:
            self._add_text(value)
        elif kind is dict:
            self._add_object(value)
        elif kind is list:
            self._add_array(value)
        elif kind is int:
            self._widen(value, value, self.integers + self.reals)
            self.integers += 1
        elif kind is float:
            self._widen(value, value, self.integers + self.reals)
            self.reals += 1
        elif kind is bool:
            self.booleans += 1
        else:
            self.nulls += 1

    def _widen(self, low: int | float, high: int | float, before: int) -> None:
        if not before:
            self.low, self.high = low, high
            return
        if low < self.low:
            self.low = low
        if high > self.high:
            self.high = high

    def _add_text(self, text: str) -> None:
        length = len(text)
        if not self.texts:
            self.shortest = self.longest = length
            self.format = format_of(text)
            self.values = {}
        elif length < self.shortest:
            self.shortest = length
        elif length > self.longest:
            self.longest = length
        self.texts += 1
        values = self.values
        if values is not None:
            if text in values:
                values[text] += 1
                return
            if length > LONGEST_TEXT or len(values) == MOST_TEXTS:
                self.values = None
            else:
                values[text] = 1
        if self.format is not None and self.texts > 1 and not is_of(text, self.format):
            self.format = None

    def _add_array(self, array: list[Any]) -> None:
        length = len(array)
        self._count_array(length, length, 1)
        if self.depth + 1 > DEEPEST:
            return
        row = self.row
        if row is not None:
            if length == len(row):
                for shape, item in zip(row, array, strict=True):
                    shape.add(item)
                return
            self._no_row()
        elif self.arrays == 1 and 2 <= length <= LONGEST_ROW and self._budget.shapes > length:
            self.row = [self._inner(1) for _ in array]
            for shape, item in zip(self.row, array, strict=True):
                shape.add(item)
            return
        if length and (items := self._item_shape()) is not None:
            for item in array:
                items.add(item)

    def _count_array(self, fewest: int, most: int, count: int) -> None:
        if not self.arrays:
            self.fewest, self.most = fewest, most
        self.fewest, self.most = min(self.fewest, fewest), max(self.most, most)
        self.arrays += count

    def _no_row(self) -> None:
        """The columns become one shape."""
        row, self.row = self.row, None
        if row and (items := self._item_shape()) is not None:
            for shape in row:
                items.merge(shape)

    def _item_shape(self) -> Shape | None:
        if self.items is None and self._may_share():
            self.items = self._inner(1)
        return self.items

    def _may_share(self) -> bool:
        # A shape that many share is made also when the others are used up, but not without end.
        return self._budget.shapes > -MOST_SHAPES

    def _inner(self, deeper: int) -> Shape:
        return Shape(self._budget, self.depth + deeper)

    def _add_object(self, members: dict[str, Any]) -> None:
        self.objects += 1
        if self.depth + 2 > DEEPEST:
            return
        fields = self.fields
        if fields is None:
            fields = self.fields = {}
        for name, value in members.items():
            shape = fields.get(name)
            if shape is None:
                shape = self._field(fields, name)
                if shape is None:
                    continue
            shape.add(value)

    def _field(self, fields: dict[str, Shape], name: str) -> Shape | None:
        """The shape of a property that is new: its own, or the one that further properties share."""
        if len(fields) < MOST_NAMES and self._budget.has_room(name):
            shape = fields[name] = self._inner(2)
            return shape
        return self.rest or self._rest_shape()

    def _rest_shape(self) -> Shape | None:
        if self.rest is None and self._may_share():
            self.rest = self._inner(1)
        return self.rest

    @property
    def has_lost(self) -> bool:
        """Whether values below this place may have come of which no shape was kept."""
        return self.depth + 2 > DEEPEST or not self._may_share()

    def merge(self, other: Shape) -> None:
        """All that the other one has seen, as if it had come here."""
        if other.integers or other.reals:
            self._widen(other.low, other.high, self.integers + self.reals)
        if other.texts:
            self._merge_texts(other)
        if other.arrays:
            self._merge_arrays(other)
        if other.objects:
            self._merge_objects(other)
        self.seen += other.seen
        self.nulls += other.nulls
        self.booleans += other.booleans
        self.integers += other.integers
        self.reals += other.reals

    def _merge_texts(self, other: Shape) -> None:
        if not self.texts:
            self.shortest, self.longest, self.format = other.shortest, other.longest, other.format
            self.values = None if other.values is None else dict(other.values)
            self.texts = other.texts
            return
        self.texts += other.texts
        self.shortest, self.longest = min(self.shortest, other.shortest), max(self.longest, other.longest)
        if self.format != other.format:
            self.format = None
        if self.values is not None and other.values is not None:
            for text, count in other.values.items():
                self.values[text] = self.values.get(text, 0) + count
        if other.values is None or (self.values is not None and len(self.values) > MOST_TEXTS):
            self.values = None

    def _merge_arrays(self, other: Shape) -> None:
        first = not self.arrays
        self._count_array(other.fewest, other.most, other.arrays)
        if self.depth + 1 > DEEPEST:
            return
        if other.row is not None and (first or (self.row is not None and len(self.row) == len(other.row))):
            if first:
                self.row = [self._inner(1) for _ in other.row]
            for mine, shape in zip(self.row or [], other.row, strict=True):
                mine.merge(shape)
            return
        self._no_row()
        for shape in [*(other.row or []), *([other.items] if other.items else [])]:
            if (items := self._item_shape()) is not None:
                items.merge(shape)

    def _merge_objects(self, other: Shape) -> None:
        self.objects += other.objects
        if self.depth + 2 > DEEPEST:
            return
        if self.fields is None:
            self.fields = {}
        for name, theirs in (other.fields or {}).items():
            mine = self.fields.get(name) or self._field(self.fields, name)
            if mine is not None:
                mine.merge(theirs)
        if other.rest is not None and (rest := self._rest_shape()) is not None:
            rest.merge(other.rest)
