"""From records to a schema that all of them match."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from .._errors import RecordError
from .._infer import Budget, Shape
from .._infer_lines import values_of
from .._infer_schema import DETAILS, Detail, schema_of
from .._limits import Limits
from .._outcome import Failure
from .._recipe import validate
from ._dead_letters import escaped
from ._outputs import Outputs
from ._report import Report
from ._run import Job, require_input_format
from ._sink import Sink, refuse_same_file
from ._source import Place, locate

if TYPE_CHECKING:
    from .._source import Input

_WIDTH = 100
"""Columns of the JSON that is written: what fits them stands on one line."""


def infer_schema(
    source: Any,
    *,
    input: Input = "auto",
    detail: Detail = "values",
    closed: bool = False,
    limits: Limits = Limits(),
    failures: Callable[[Failure], object] | None = None,
) -> dict[str, Any]:
    """A JSON Schema (2020-12) that all records match, as a dict.

    source    a path, a pattern as ``"in/*.ndjson"``, ``"-"`` for standard input, a binary file object, or an
              iterable of records as Python objects
    input     of a file: ``"ndjson"``, ``"json"``, or ``"auto"``: by the first value
    detail    ``"types"``: kinds of values, properties and which of them always are there, formats of texts.
              ``"values"``: also the range of numbers, and texts that are few as ``enum``.
              ``"all"``: also lengths of texts and arrays
    closed    refuse properties that no record had
    failures  called with each :class:`Failure`, of a record that is no JSON or over a limit; without it the
              first one raises :class:`RecordError`

    Properties that some objects lack, or that are null, have a ``$comment`` with counts. An object whose
    property names are ids, dates, or very many has ``additionalProperties`` in their place. Memory is
    bounded: see docs/json-schema.md.

    Raises :class:`SourceError` when something cannot be read, :class:`ValueError` or :class:`TypeError` for
    wrong arguments.
    """
    _check(input, detail)
    shape = Shape(Budget())
    with validate(True, limits=limits) as valid:
        if not isinstance(source, (str, os.PathLike)) and not hasattr(source, "read"):
            for record in valid.map(_records(source), failures=failures):
                shape.add(record)
            return schema_of(shape, detail, closed=closed)
        for place in locate(source):
            _add(shape, place, valid, input, failures)
    return schema_of(shape, detail, closed=closed)


def write_schema(
    inputs: Any,
    output: Any = None,
    *,
    errors: Any = None,
    input: Input = "auto",
    detail: Detail = "values",
    closed: bool = False,
    limits: Limits = Limits(),
    progress: Callable[[Report], None] | None = None,
    report: Any = None,
    stderr: Any = None,
    notify: Callable[[str], None] | None = None,
) -> Report:
    """Writes the schema of :func:`infer_schema` as indented JSON, from files to a file, and says what became
    of the records: kept are those that are JSON.

    ``inputs``, ``output``, ``errors``, ``progress``, ``report`` and ``stderr`` are as for
    :func:`wasmrecords.run`, as is what it raises; ``notify`` as for :func:`wasmrecords.validate`.
    """
    _check(input, detail)
    started = time.perf_counter(), time.process_time()
    places = locate(inputs)
    outputs = Outputs.choose(output, errors, report, stderr)
    refuse_same_file(places, outputs.named, outputs.stderr)
    with validate(True, limits=limits, notify=notify) as valid:
        job = Job(places, valid, outputs, started=started, progress=progress)
        return job.run(input, lambda sink: _SchemaWriter(sink, detail, closed))


class _SchemaWriter:
    """Takes lines, and writes their schema at the end."""

    def __init__(self, sink: Sink, detail: Detail, closed: bool) -> None:
        self._sink, self._detail, self._closed = sink, detail, closed
        self._shape = Shape(Budget())

    def write(self, lines: bytes | memoryview) -> None:
        for value in values_of(bytes(lines)):
            self._shape.add(value)

    def finish(self) -> None:
        schema = schema_of(self._shape, self._detail, closed=self._closed)
        self._sink.write(f"{escaped(_laid_out(schema))}\n".encode())


def _laid_out(value: Any, indent: int = 0) -> str:
    """Indented JSON in which each value that fits one line stands on one."""
    if isinstance(value, dict):
        brackets = "{}"
        parts = [f"{_laid_out(name)}: {_laid_out(inner, indent + 2)}" for name, inner in value.items()]
    elif isinstance(value, list):
        brackets = "[]"
        parts = [_laid_out(inner, indent + 2) for inner in value]
    else:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    line = f"{brackets[0]}{', '.join(parts)}{brackets[1]}"
    if indent and len(line) + indent <= _WIDTH and "\n" not in line:
        return line
    lines = ",\n".join(f"{' ' * (indent + 2)}{part}" for part in parts)
    return f"{brackets[0]}\n{lines}\n{' ' * indent}{brackets[1]}"


def _check(input: str, detail: str) -> None:
    require_input_format(input)
    if detail not in DETAILS:
        raise ValueError(f"detail: expected one of {', '.join(DETAILS)}, found {detail!r}")


def _records(source: Any) -> Iterable[Any]:
    if isinstance(source, (bytes, bytearray, memoryview, dict)) or not isinstance(source, Iterable):
        raise TypeError(
            f"source: expected a path, a binary file or an iterable of records, found {type(source).__name__}"
        )
    return source


def _add(
    shape: Shape, place: Place, valid: Any, input: Input, failures: Callable[[Failure], object] | None
) -> None:
    """All records of one source."""
    with place.open() as source:
        for batch in valid.stream(source, input=input):
            for value in values_of(batch.output):
                shape.add(value)
            for failure in batch.failures:
                if failures is None:
                    raise RecordError(failure)
                failures(failure)
