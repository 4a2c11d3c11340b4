"""A JSON Schema for what was seen: all of it matches."""

from __future__ import annotations

import math
from typing import Any, Literal

from ._infer import Budget, Shape
from ._infer_text import is_id

Detail = Literal["types", "values", "all"]
DETAILS = ("types", "values", "all")
DRAFT = "https://json-schema.org/draft/2020-12/schema"

_FEWEST_FOR_ENUM = 20
_OFTEN = 8
"""How often each text comes, on average, if the texts are an enumeration."""
_FEWEST_IDS, _LONG_ID = 3, 6
"""Names that look like ids make a map if there are at least so many, or if all are at least so long."""
_MANY, _SPARSE = 20, 8
"""Other names make one if there are at least so many, and each stands in one of eight objects on average."""


def schema_of(shape: Shape, detail: Detail = "values", *, closed: bool = False) -> dict[str, Any]:
    """The schema, draft 2020-12. ``detail`` and ``closed`` as for :func:`wasmrecords.infer_schema`."""
    count = f"{shape.seen:,} {'record' if shape.seen == 1 else 'records'}"
    head = {"$schema": DRAFT, "$comment": f"inferred from {count}"}
    return head | _Writer(detail, closed).schema(shape)


class _Writer:
    def __init__(self, detail: Detail, closed: bool) -> None:
        self.values, self.sizes, self.closed = detail != "types", detail == "all", closed

    def schema(self, shape: Shape) -> dict[str, Any]:
        """What holds of all values of one shape."""
        kinds = _kinds(shape)
        if not kinds:
            return {}
        written: dict[str, Any] = {"type": kinds[0] if len(kinds) == 1 else kinds}
        if shape.texts:
            written |= self._text(shape)
        if self.values and shape.integers + shape.reals > 1:  # one number is no range
            written |= _bounds(shape)
        if shape.objects:
            written |= self._object(shape)
        if shape.arrays:
            written |= self._array(shape)
        return written

    def _text(self, shape: Shape) -> dict[str, Any]:
        if shape.format is not None:
            return {"format": shape.format}
        if self.values and (values := _enumeration(shape)):
            return {"enum": values}
        return {"minLength": shape.shortest, "maxLength": shape.longest} if self.sizes else {}

    def _object(self, shape: Shape) -> dict[str, Any]:
        fields = dict(shape.fields or {})
        rest = None
        if _is_map(shape):
            always = shape.objects > 1
            rest = Shape(Budget(), shape.depth + 1)
            for name, field in list(fields.items()):
                if not (always and field.seen == shape.objects and not is_id(name)):
                    rest.merge(fields.pop(name))
            if shape.rest is not None:
                rest.merge(shape.rest)
        written: dict[str, Any] = {}
        if fields:
            written["properties"] = {
                name: _comment(field, shape.objects) | self.schema(field) for name, field in fields.items()
            }
        if required := [name for name, field in fields.items() if field.seen == shape.objects]:
            written["required"] = required
        if rest is not None:
            written["additionalProperties"] = self.schema(rest)
        elif self.closed and not shape.has_lost:
            written["additionalProperties"] = False
        return written

    def _array(self, shape: Shape) -> dict[str, Any]:
        row, items = shape.row, shape.items
        if row is not None and shape.arrays > 1 and len({_family(column) for column in row}) > 1:
            return {
                "prefixItems": [_comment(column, shape.arrays) | self.schema(column) for column in row],
                "minItems": len(row),
                "maxItems": len(row),
            }
        if row is not None:
            items = Shape(Budget(), shape.depth + 1)
            for column in row:
                items.merge(column)
        written: dict[str, Any] = {}
        if items is not None:
            written["items"] = self.schema(items)
        if self.sizes:
            written |= {"minItems": shape.fewest, "maxItems": shape.most}
        return written


def _kinds(shape: Shape) -> list[str]:
    counts = {
        "object": shape.objects,
        "array": shape.arrays,
        "string": shape.texts,
        "number": shape.reals,
        "integer": shape.integers if not shape.reals else 0,
        "boolean": shape.booleans,
        "null": shape.nulls,
    }
    return [kind for kind, count in counts.items() if count]


def _family(shape: Shape) -> tuple[str, ...]:
    """The kinds, where whole numbers are numbers and null does not count."""
    return tuple("number" if kind == "integer" else kind for kind in _kinds(shape) if kind != "null")


def _comment(shape: Shape, all_of: int) -> dict[str, str]:
    """How often a value is there, unless it always is."""
    words = []
    if shape.seen < all_of:
        words.append(f"in {shape.seen:,} of {all_of:,}")
    if shape.nulls:
        words.append(f"null in {shape.nulls:,}")
    return {"$comment": ", ".join(words)} if words else {}


def _enumeration(shape: Shape) -> list[str | None] | None:
    """The texts, if they are few and came often enough to be all that there are."""
    values, texts = shape.values, shape.texts
    if not values or shape.seen != texts + shape.nulls:
        return None
    if texts < _FEWEST_FOR_ENUM or texts < _OFTEN * len(values):
        return None
    return [*sorted(values), *([None] if shape.nulls else [])]


def _bounds(shape: Shape) -> dict[str, int | float]:
    low, high = _bound(shape.low, -math.inf), _bound(shape.high, math.inf)
    return {name: value for name, value in (("minimum", low), ("maximum", high)) if value is not None}


def _bound(value: int | float, outwards: float) -> int | float | None:
    """A bound that 64-bit floats can hold, None if there is none."""
    try:
        near = float(value)
    except OverflowError:
        return None
    if math.isinf(near):
        return None
    if isinstance(value, float) and (abs(value) >= 2**53 or abs(value) == math.ulp(0)):
        # Whole numbers are compared by their digits, which this float may have rounded away; and so are
        # numbers too small for a float.
        near = math.nextafter(value, outwards)
        return None if math.isinf(near) else near
    return value


def _is_map(shape: Shape) -> bool:
    """Whether the names of the properties are data: ids, dates, or names of things that are all alike."""
    fields = shape.fields or {}
    if shape.rest is not None:
        return True
    if fields and all(map(is_id, fields)):
        return len(fields) >= _FEWEST_IDS or all(len(name) >= _LONG_ID for name in fields)
    if len(fields) < _MANY:
        return False
    present = sum(field.seen for field in fields.values())
    families = {_family(field) for field in fields.values()}
    if len(families) == 1 and present * _SPARSE <= len(fields) * shape.objects:
        return True
    return families == {("object",)} and present != len(fields) * max(shape.objects, 2) and _alike(fields)


def _alike(fields: dict[str, Shape]) -> bool:
    """Whether the objects have nearly the same properties."""
    names = [set(field.fields or {}) for field in fields.values()]
    union = set().union(*names)
    return bool(union) and sum(map(len, names)) * 2 >= len(union) * len(names)
