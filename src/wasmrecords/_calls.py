"""One function of a module: calls of it, one by one and many at once."""

from __future__ import annotations

import contextlib
import inspect
import json
import keyword
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, cast

import orjson

from ._errors import CallError, GuestError
from ._fault import Fault, error_of
from ._instance import OpenOptions
from ._kinds import Kind, Unfit, kind_of
from ._manifest import FunctionInfo
from ._objects import LONG_INTEGER, load_all
from ._one import FunctionInstance
from ._outcome import Failure
from ._recount import recount_rows
from ._reply import Reply, Row
from ._runner import IDLE_INSTANCES, Runner
from ._text import clean_text, closest

_FEWEST, _MOST = 64, 4096
"""Calls that cross together, at first and later: the first results should not be long in coming."""
_LOW, _HIGH = -(2**63), 2**63 - 1  # integers beyond these the module refuses itself
_BYTES = 64 * 1024
"""Bytes of arguments after which no more are waited for."""
_ARGUMENT = re.compile(r"\$\[(\d{1,4})\]")
_INTEGERS, _FLOATS = b"0123456789-,", b"0123456789-,.eE+"  # what is within the brackets of their arrays


class Calls:
    """All calls of one function. ``parameters`` are the Python names of its parameters."""

    def __init__(self, runner: Runner, info: FunctionInfo) -> None:
        self._runner, self._name = runner, info.name
        self._options = OpenOptions(function=info.name)
        kinds = [kind_of(parameter.schema) for parameter in info.parameters]
        self._result = kind_of(info.result)
        self.parameters = _python_names([parameter.name for parameter in info.parameters])
        self._encoders = tuple(kind.encode for kind in kinds)
        self._needed = len(kinds)
        while self._needed and _optional(kinds[self._needed - 1]):
            self._needed -= 1
        self.signature = _signature(self.parameters, kinds, self._result)
        # If all parameters are integers, or all are floats, arguments whose JSON has no other characters fit.
        classes = {kind.exact for kind in kinds}
        self._letters = _INTEGERS if classes == {int} else _FLOATS if classes == {float} else None
        bounds = [kind.bounds for kind in kinds if kind.bounds is not None]
        low, high = (
            max((low for low, _ in bounds), default=_LOW),
            min((high for _, high in bounds), default=_HIGH),
        )
        self._bounds = (low, high) if low > _LOW or high < _HIGH else None

    def one(self) -> Callable[..., Any]:
        """The function that makes one call. It is written out in one piece because each further Python call
        costs some tenths of a microsecond, and the whole takes a few."""
        runner, options, exact = self._runner, self._options, self._result.exact
        letters = None if self._bounds else self._letters
        count, idle_of, keeps = len(self._encoders), runner._idle.get, runner.isolation != "fresh"
        dumps, loads = orjson.dumps, orjson.loads

        def call(*arguments: Any, **named: Any) -> Any:
            if named or len(arguments) != count:
                arguments = self._bind(arguments, named)
            try:
                text = dumps(arguments) if letters is not None else b"?"
            except TypeError:
                text = b"?"
            if text.translate(None, letters or b"") != b"[]":
                text = self._json(arguments)
            idle = idle_of(options)
            try:
                instance = idle.pop()  # type: ignore[union-attr]
            except (AttributeError, IndexError):
                instance = runner._take(options)
            try:
                line = cast(FunctionInstance, instance).one(text)
            except Fault as fault:
                instance, line = self._retry(text, fault)
            if keeps and idle is not None and len(idle) < IDLE_INSTANCES:
                idle.append(instance)
                if runner._closed:  # meanwhile
                    runner.close()
            else:
                runner._give_back(options, instance)
            if line.__class__ is not bytes:
                line = self._only_line(cast(Reply, line), text, arguments)
            if exact is None:
                return self._decode(line)
            try:
                result = loads(line)
            except ValueError:
                return self._decode(line)
            return result if result.__class__ is exact else self._decode(line)

        return call

    def _retry(self, text: bytes, fault: Fault) -> tuple[FunctionInstance, bytes | Reply]:
        """The same call in a new instance, where one that had worked before had no memory left for it."""
        while fault.worn:
            instance = cast(FunctionInstance, self._runner._take(self._options))
            try:
                return instance, instance.one(text)
            except Fault as other:
                fault = other
        raise self._error(fault, "") from None

    def many(self, calls: Iterable[Sequence[Any]]) -> Iterator[Any]:
        """Calls with these arguments, lazily, some hundreds at a time: their results."""
        return chain.from_iterable(self._result_lists(calls))

    def _result_lists(self, calls: Iterable[Sequence[Any]]) -> Iterator[list[Any]]:
        number = 0
        for chunk in _chunks(calls):
            text = self._at_once(chunk)
            if text is not None:
                yield from self._results(text, chunk, number)
                number += len(chunk)
                continue
            for lines, refused in self._one_by_one(chunk, number):
                yield from self._results(b"".join(lines), lines, number)
                number += len(lines)
                if refused is not None:
                    raise refused

    def _bind(self, given: tuple[Any, ...], named: dict[str, Any], place: str = "") -> tuple[Any, ...]:
        if not named and self._needed <= len(given) < len(self._encoders):
            return given + (None,) * (len(self._encoders) - len(given))
        for name in named:
            if name not in self.parameters:
                near = closest(name, self.parameters)
                hint = f"; did you mean {near!r}?" if near else ""
                raise TypeError(f"{self._name}(){place} got an unexpected keyword argument {name!r}{hint}")
        try:
            bound = self.signature.bind(*given, **named)
        except TypeError as error:
            raise TypeError(f"{self._name}(){place} {error}") from None
        bound.apply_defaults()
        return bound.args

    def _encode(self, given: Sequence[Any], place: str = "") -> list[Any]:
        """The arguments as JSON values. Raises what Python has for the first that does not fit its kind."""
        found = []
        for name, encode, value in zip(self.parameters, self._encoders, given, strict=True):
            try:
                found.append(encode(value))
            except Unfit as unfit:
                path = f" at {unfit.path}" if unfit.path else ""
                raise unfit.error(f"{self._name}(){place} argument {name!r}{path}: {unfit.words}") from None
        return found

    def _json(self, given: Sequence[Any], place: str = "") -> bytes:
        """The arguments as the text of one JSON array. Raises what :meth:`_encode` does."""
        arguments = self._encode(given, place)
        try:
            return orjson.dumps(arguments)
        except TypeError:  # integers of more than 64 bits, lone surrogates
            pass
        texts = []
        for name, argument in zip(self.parameters, arguments, strict=True):
            try:
                texts.append(json.dumps(argument, ensure_ascii=False, allow_nan=False).encode())
            except ValueError as error:
                told = isinstance(error, UnicodeEncodeError)
                words = "expected text, found a lone surrogate" if told else str(error)
                raise ValueError(f"{self._name}(){place} argument {name!r}: {words}") from None
        return b"[%b]" % b",".join(texts)

    def _only_line(self, reply: Reply, text: bytes, given: Sequence[Any]) -> bytes:
        """The one line of a reply to one call. Raises if the call failed, or the reply cannot be true."""
        if (why := _lie(reply, text, 1)) or not reply.finished:
            raise self._error(_false_reply(why or "a call has no end"), "")
        if reply.failed:
            self._encode(given)  # an integer may be too large
            raise self._failed(reply.rows[0], text, 0, "")
        return bytes(reply.output)

    def _decode(self, line: bytes, place: str = "") -> Any:
        """The result that is in a line. Raises :class:`GuestError` if it is not of the result's kind."""
        try:
            if LONG_INTEGER.search(line) is None:
                with contextlib.suppress(Unfit, ValueError):
                    return self._result.decode(orjson.loads(line))
            return self._result.decode(load_all(line))  # which knows what orjson rounds and refuses
        except Unfit as unfit:
            raise self._wrong_result(unfit, place) from None

    def _wrong_result(self, unfit: Unfit, place: str) -> GuestError:
        path = f" at {unfit.path}" if unfit.path else ""
        words = f"gave back what its manifest does not say{path}: {clean_text(unfit.words)}"
        return GuestError(f"{self._name}(){place} {words}", code="reply")

    def _at_once(self, chunk: list[Any]) -> bytes | None:
        """Many calls as lines, encoded in one go; None if not all are of integers, or of floats, that fit."""
        letters = self._letters
        if letters is None:
            return None
        try:
            text = orjson.dumps(chunk)
        except TypeError:
            return None
        # Nothing but numbers, and as many lists as calls, side by side. How many arguments each has is found
        # out by the module.
        if text.translate(None, letters) != b"[%b]" % (b"[]" * len(chunk)):
            return None
        if self._bounds is not None:
            numbers = list(chain.from_iterable(chunk))
            if numbers and not self._bounds[0] <= min(numbers) <= max(numbers) <= self._bounds[1]:
                return None
        return text[1:-1].replace(b"],[", b"]\n[") + b"\n"

    def _one_by_one(self, chunk: list[Any], number: int) -> Iterator[tuple[list[bytes], Exception | None]]:
        """Calls as lines, some at a time; with the last ones why the next call cannot be encoded, if so."""
        lines: list[bytes] = []
        size = 0
        for at, given in enumerate(chunk):
            try:
                text = self._call_line(given, number + at)
            except Exception as error:  # noqa: BLE001 raised when those before it are done
                yield lines, error
                return
            lines.append(text)
            size += len(text)
            if size >= _BYTES:
                yield lines, None
                lines, size = [], 0
        yield lines, None

    def _call_line(self, given: Any, number: int) -> bytes:
        """One call as a line."""
        if given.__class__ is tuple and len(given) == len(self._encoders):
            with contextlib.suppress(Unfit, TypeError):
                arguments = [encode(value) for encode, value in zip(self._encoders, given, strict=True)]
                return orjson.dumps(arguments, option=orjson.OPT_APPEND_NEWLINE)
        place = f" call {number + 1}"
        return self._json(self._complete(given, place), place) + b"\n"

    def _complete(self, given: Any, place: str) -> Sequence[Any]:
        """The arguments of a call, with None for those that were left out."""
        if not isinstance(given, (tuple, list)):
            raise TypeError(
                f"{self._name}(){place}: expected a tuple of arguments, found {type(given).__name__}"
            )
        return given if len(given) == len(self._encoders) else self._bind(tuple(given), {}, place)

    def _results(self, data: bytes, calls: list[Any], number: int) -> Iterator[list[Any]]:
        """The results of ``calls``, whose lines are ``data``, in one or more lists; the first call is number
        ``number``, from 0. Behind them raises the error of the first call that has none."""
        runner, options, first, count = self._runner, self._options, number, len(calls)
        while count:
            instance, fault = runner._take(options), None
            reply: Reply | None
            try:
                reply = instance.batch(data, True, 0, number)
                runner._give_back(options, instance)
            except Fault as caught:
                fault, reply = caught, caught.reply
            if fault is not None and fault.worn and (reply is None or not reply.finished):
                continue
            if reply is not None and (why := _lie(reply, data, count)):
                fault, reply = _false_reply(why), None
            if reply is None:
                if count == 1 and fault is not None:
                    raise self._error(fault, f" call {number + 1}") from None
                for at, line in enumerate(data.splitlines(keepends=True)):
                    yield from self._results(line, [calls[number - first + at]], number + at)
                return
            row = reply.rows[0] if reply.failed else None
            good = row.record if row is not None else reply.finished
            if good:
                yield self._decode_lines(bytes(reply.output), good, number)
            if row is not None:
                number += row.record
                place = f" call {number + 1}"
                if not isinstance(given := calls[number - first], bytes):
                    self._encode(self._complete(given, place), place)
                raise self._failed(row, data, number, place)
            done = reply.finished
            if fault is None and not done:
                # It would be asked again for ever.
                raise self._error(_false_reply("a call has no end"), f" call {number + 1}")
            number, count, data = number + done, count - done, data[reply.consumed :]
            if fault is not None and (fault.sure or not done):
                raise self._error(fault, f" call {number + 1}") from None

    def _decode_lines(self, output: bytes, count: int, number: int) -> list[Any]:
        """The results of the first ``count`` lines of an output."""
        if output.count(b"\n") != count:
            output = b"\n".join(output.split(b"\n")[:count]) + b"\n"
        exact, decode = self._result.exact, self._result.decode
        try:
            results: list[Any] = orjson.loads(b"[" + output[:-1].replace(b"\n", b",") + b"]")
            if len(results) == count:
                if exact is not None and set(map(type, results)) == {exact}:
                    return results
                if LONG_INTEGER.search(output) is None:
                    return [decode(result) for result in results]
        except (Unfit, ValueError):
            pass  # one of them is another; each alone has its number
        lines = output.split(b"\n")
        return [self._decode(line, f" call {number + at + 1}") for at, line in enumerate(lines[:count])]

    def _error(self, fault: Fault, place: str) -> Exception:
        return error_of(Fault(fault.code, f"{self._name}(){place}: {fault.message}"), self._runner.limits)

    def _failed(self, row: Row, data: bytes, number: int, place: str) -> Exception:
        if row.code in ("output", "record_too_large"):  # limits that modules keep themselves
            return self._error(Fault(row.code, row.message), place)
        text = data[row.start : row.end]
        failure = Failure(
            number + 1, number + 1, row.offset - row.start, row.code, row.path, row.message, text
        )
        place += self._place_of(row.path)
        return CallError(f"{self._name}(){place}: {row.message} [{row.code}]", failure)

    def _place_of(self, path: str) -> str:
        """Where in the arguments, which cross as an array, a path leads."""
        if path == "$":
            return ""
        if (found := _ARGUMENT.match(path)) and int(found[1]) < len(self.parameters):
            inside = path[found.end() :]
            return f" argument {self.parameters[int(found[1])]!r}" + (f" at ${inside}" if inside else "")
        return f" at {path}"


def _chunks(calls: Iterable[Any]) -> Iterator[list[Any]]:
    """The calls in lists of 64 to 4,096. If the source raises, what it gave before comes first."""
    source, size = iter(calls), _FEWEST
    while True:
        chunk: list[Any] = []
        try:
            chunk.extend(islice(source, size))
        except Exception:
            if chunk:
                yield chunk
            raise
        if not chunk:
            return
        yield chunk
        size = min(4 * size, _MOST)


def _false_reply(why: str) -> Fault:
    return Fault("reply", f"the module's reply cannot be true: {why}")


def _lie(reply: Reply, data: bytes, count: int) -> str | None:
    """Why a reply about calls cannot be true, None if it can."""
    done, consumed = reply.finished, reply.consumed
    if reply.dropped or reply.written != done - reply.failed:
        return f"{reply.written} results of {done} calls"
    if done > count or (done == count and consumed != len(data)):
        return f"{done} of {count} calls are finished"
    if done and done < count and (data[consumed - 1] != 0x0A or data.count(b"\n", 0, consumed) != done):
        return "it ends inside a call"
    if not done and consumed:
        return "it passes over calls"
    return recount_rows(reply, data)


def _python_names(names: list[str]) -> list[str]:
    """The same names as Python identifiers, all different."""
    found: list[str] = []
    for name in names:
        clean = re.sub(r"\W", "_", name)
        if not clean.isidentifier():
            clean = f"_{clean}"
        if keyword.iskeyword(clean):
            clean += "_"
        while clean in found:
            clean += "_"
        found.append(clean)
    return found


def _optional(kind: Kind) -> bool:
    return kind.text.endswith(" | None")


def _signature(names: list[str], kinds: list[Kind], result: Kind) -> inspect.Signature:
    """The signature in Python. Parameters at the end that may be None have that as their default."""
    parameters: list[inspect.Parameter] = []
    optional = True
    for name, kind in reversed(list(zip(names, kinds, strict=True))):
        optional = optional and _optional(kind)
        default = None if optional else inspect.Parameter.empty
        parameters.append(
            inspect.Parameter(
                name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=kind.annotation
            )
        )
    return inspect.Signature(parameters[::-1], return_annotation=result.annotation)
