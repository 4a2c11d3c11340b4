"""The cases of a project: records, what should come out, and what does."""

from __future__ import annotations

import difflib
import glob
import json
import tempfile
from binascii import b2a_base64
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import wasmrecords as wr

from .._text import closest

FOLDER = "cases"
_ENDINGS = ("expected", "failures", "config.json", "transform", "function")
_HEAD = '{"source": '


class BadCase(ValueError):
    """A file of a case is missing or not as it should be; the text names it."""


class Case(NamedTuple):
    """``NAME.input`` in a folder, and what stands beside it."""

    folder: Path
    name: str

    def file(self, ending: str) -> Path:
        """One of its files, by its ending: those of an outcome, ``input``, ``config.json``, ``transform``,
        ``function``."""
        return self.folder / f"{self.name}.{ending}"

    def config(self) -> Any:
        """What ``NAME.config.json`` has, None without. Raises :class:`BadCase`."""
        path = self.file("config.json")
        if not path.exists():
            return None
        try:
            return json.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise BadCase(f"{path}: not JSON: {error}") from None

    def word(self, ending: str) -> str | None:
        """What a file of one word says, None without the file. Raises :class:`BadCase`."""
        path = self.file(ending)
        try:
            return path.read_text("utf-8").strip() if path.exists() else None
        except UnicodeDecodeError:
            raise BadCase(f"{path}: expected a name in UTF-8") from None

    def expected(self, found: Outcome) -> Outcome:
        """What should come out where that was found; a file that is not there expects nothing."""
        return {ending: _read(self.file(ending)) for ending in found}


Outcome = dict[str, bytes]
"""By the endings of their files: ``expected``, the output, a line for each record; ``audit.expected``, one
that is named ``audit``; ``failures``, the dead letters without their source."""


def find(folder: Path, names: Sequence[str] = ()) -> list[Case]:
    """The cases of a folder, or those with these names, as ``adults`` or ``cases/adults.input``.

    Raises :class:`BadCase` if there is none.
    """
    if not folder.is_dir():
        raise BadCase(f"no folder {folder}: a case is a file NAME.input in it, with records")
    known = sorted(path.name.removesuffix(".input") for path in folder.glob("*.input"))
    if not known:
        raise BadCase(f"no cases in {folder}: a case is a file NAME.input in it, with records")
    chosen = [Path(name).name.removesuffix(".input") for name in names] or known
    for name in chosen:
        if name not in known:
            near = closest(name, known)
            hint = f"; did you mean {near}?" if near else f"; there are {', '.join(known)}"
            raise BadCase(f"no case {name} in {folder}{hint}")
    if not names:
        _no_strays(folder, known)
    return [Case(folder, name) for name in dict.fromkeys(chosen)]


def _no_strays(folder: Path, known: list[str]) -> None:
    """Raises :class:`BadCase` for a file whose case does not exist: with a misspelt name it would never be
    tested."""
    for path in sorted(path for path in folder.glob("[!.]*") if path.is_file()):
        for ending in _ENDINGS:
            name = path.name.removesuffix(f".{ending}")
            outputs = ending == "expected" and any(name.startswith(f"{case}.") for case in known)
            if name != path.name and name not in known and not outputs:
                near = closest(name, known)
                hint = f"did you mean {near}.{ending}?" if near else "a case has its records there"
                raise BadCase(f"{path}: there is no {name}.input beside it; {hint}")


class OfOne(NamedTuple):
    """The cases of one function, or of one transform."""

    cases: list[Case]
    function: str | None
    transform: str | None

    @classmethod
    def chosen(cls, cases: Sequence[Case], function: str | None, transform: str | None) -> OfOne:
        """Those of what is named, by default of the first that a case names, a function before a transform.
        A case that names neither is one of a module's only transform."""
        if function is None and transform is None:
            function = _first(case.word("function") for case in cases)
        if function is not None:
            return cls([case for case in cases if case.word("function") == function], function, None)
        of_transforms = [case for case in cases if case.word("function") is None]
        if transform is None:
            transform = _first(case.word("transform") for case in of_transforms)
        theirs = [case for case in of_transforms if case.word("transform") in (None, transform)]
        return cls(theirs, None, transform)


class CaseRunner:
    """Runs cases through one module in the sandbox: a context manager."""

    def __init__(self, module: Path, limits: wr.Limits, allow: Sequence[str]) -> None:
        self._module, self._limits, self._allow = module, limits, allow
        self._open: dict[str, wr.Transform] = {}
        self._functions: wr.Functions | None = None

    def run(self, case: Case) -> Outcome:
        """What becomes of the records of a case. Raises :class:`BadCase`, and what a run raises."""
        if (function := case.word("function")) is not None:
            return self._call(case, function)
        transform = self._transform(case)
        for path in case.folder.glob(f"{glob.escape(case.name)}.*.expected"):
            output = path.name[len(case.name) + 1 : -len(".expected")]
            if (
                output not in transform.outputs
                and not case.folder.joinpath(f"{case.name}.{output}.input").exists()
            ):
                raise BadCase(f"{path}: the transform has no output {output}{_outputs(transform.outputs)}")
        for name in transform.outputs:
            if (other := case.file(f"{name}.input")).exists():
                raise BadCase(
                    f"{other}: {case.file(f'{name}.expected')} would be what comes out of this case and the "
                    f"output {name} of the case {case.name}: give one of the two cases another name"
                )
        with tempfile.TemporaryDirectory() as folder:
            out, letters = Path(folder, "out"), Path(folder, "errors")
            further = {name: str(Path(folder, f"out-{at}")) for at, name in enumerate(transform.outputs)}
            wr.run([str(case.file("input"))], transform, str(out), outputs=further, errors=str(letters))
            found = {"expected": _read(out)}
            found |= {f"{name}.expected": _read(Path(path)) for name, path in further.items()}
            return found | {"failures": b"".join(_without_source(letters))}

    def _call(self, case: Case, name: str) -> Outcome:
        """Each line is the array of the arguments of a call from Python."""
        if self._functions is None:
            self._functions = wr.functions(self._module, limits=self._limits, allow=self._allow)
        if name not in self._functions:
            raise BadCase(
                f"{case.file('function')}: no function {name}; there are {', '.join(self._functions)}"
            )
        output, failures = [], []
        for number, line in enumerate(case.file("input").read_bytes().splitlines(), 1):
            if not line.strip():  # as in the records of a transform
                continue
            try:
                arguments = json.loads(line)
            except ValueError as error:
                raise BadCase(f"{case.file('input')}: line {number}: not JSON: {error}") from None
            if not isinstance(arguments, list):
                raise BadCase(f"{case.file('input')}: line {number}: expected the array of the arguments")
            try:
                result = self._functions[name](*arguments)
            except (wr.WasmRecordsError, TypeError, ValueError, OverflowError) as error:
                said = {"call": number, "error": type(error).__name__, "message": str(error)}
                failures.append(json.dumps(said, ensure_ascii=False))
            else:
                output.append(json.dumps(result, ensure_ascii=False, default=_base64))
        return {
            ending: "".join(f"{line}\n" for line in lines).encode()
            for ending, lines in (("expected", output), ("failures", failures))
        }

    def _transform(self, case: Case) -> wr.Transform:
        settings = {"config": case.config(), "transform": case.word("transform")}
        key = json.dumps(settings, sort_keys=True)
        if key not in self._open:
            try:
                self._open[key] = wr.load(self._module, **settings, limits=self._limits, allow=self._allow)
            except wr.ModuleError as error:
                if settings["transform"] is None:
                    self._check_choice(case)
                raise error
        return self._open[key]

    def _check_choice(self, case: Case) -> None:
        """Raises :class:`BadCase` for a case that does not name its transform or function, and has to."""
        found = wr.inspect(self._module)
        for word, several in (("transform", found.transforms), ("function", found.functions)):
            if len(several) > (word == "transform"):
                names = ", ".join(each.name for each in several)
                raise BadCase(f"{case.file(word)} is not there, which has the name of one {word}: {names}")

    def __enter__(self) -> CaseRunner:
        return self

    def __exit__(self, *_error: object) -> None:
        for transform in self._open.values():
            transform.close()
        if self._functions is not None:
            self._functions.close()


def _outputs(names: Sequence[str]) -> str:
    return f"; it has main and {', '.join(names)}" if names else " beside the main one"


def update(case: Case, outcome: Outcome) -> list[Path]:
    """Makes what came out the expected outcome; the files that are changed by it."""
    changed = []
    for ending, content in outcome.items():
        path = case.file(ending)
        if path.exists() and not content and ending != "expected":
            path.unlink()
            changed.append(path)
        elif (content or ending == "expected") and (not path.exists() or path.read_bytes() != content):
            path.write_bytes(content)
            changed.append(path)
    return changed


def differences(case: Case, found: Outcome) -> Iterator[str]:
    """Lines of a unified diff from what is expected to what came out; none if they are the same."""
    for ending, expected in case.expected(found).items():
        came = found[ending]
        if expected != came:
            name = str(case.file(ending))
            yield from difflib.unified_diff(
                _lines(expected), _lines(came), name, "what came out", lineterm=""
            )


def _first(words: Iterable[str | None]) -> str | None:
    return next(filter(None, words), None)


def _lines(data: bytes) -> list[str]:
    lines = data.decode("utf-8", "backslashreplace").split("\n")
    if lines[-1]:
        return [*lines, "\\ no newline at the end"]
    return lines[:-1]


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _without_source(path: Path) -> Iterator[bytes]:
    """Dead letters without the name of a file that lies elsewhere on each machine."""
    for line in _read(path).decode("utf-8").splitlines(keepends=True):
        _, end = json.JSONDecoder().raw_decode(line, len(_HEAD))
        yield f"{{{line[end + 2 :]}".encode()


def _base64(value: object) -> str:
    """Bytes as JSON has them."""
    if not isinstance(value, bytes):
        raise TypeError(f"{type(value).__name__} is no result of a function")
    return b2a_base64(value, newline=False).decode()
