"""jq's own tests, run by this jq: how many agree, and which do not.

The tests are the files ``tests/*.test`` of https://github.com/jqlang/jq, which are not part of this project.
A test is a program, an input and the outputs that are expected, a line each, up to an empty line or a
comment; behind ``%%FAIL`` stands a program that must be refused. Outputs count as values: numbers by their
floats, objects whatever the order of their members. An error ends the outputs and is no difference itself, as
in jq's own runner: what an error says is tested by programs that catch it.

    python tests/conformance/jq_suite.py FOLDER
    python tests/conformance/jq_suite.py FOLDER --native target/release/examples/answers
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import wasmrecords as wr

DIFFERENCES = Path(__file__).parent / "jq_differences.json"


class Case(NamedTuple):
    """One test. ``outputs`` is ``None`` where the program must be refused."""

    file: str
    line: int
    program: str
    input: str
    outputs: list[str] | None


class Answer(NamedTuple):
    """What became of a program and its input: all outputs, then an error or none, or that it was refused."""

    outputs: list[str]
    error: str = ""
    refused: str = ""


# Answers to many pairs of a program and an input, in their order.
Driver = Callable[[Sequence[tuple[str, str]]], list[Answer]]


def cases(folder: Path) -> list[Case]:
    """All tests of a folder."""
    return [case for path in sorted(folder.glob("*.test")) for case in _cases(path)]


def _cases(path: Path) -> Iterator[Case]:
    lines = enumerate(path.read_text("utf-8").split("\n"), 1)
    fails = False
    for number, line in lines:
        if _ends(line):
            continue
        if line.startswith("%%FAIL"):
            fails = True
            continue
        given = "" if fails else next(lines)[1]
        outputs = []
        for _, output in lines:
            if _ends(output):
                break
            outputs.append(output)
        yield Case(path.name, number, line, given, None if fails else outputs)
        fails = False


def _lines(text: str) -> list[str]:
    # Not `splitlines`: JSON may hold other line ends within its strings.
    return text.split("\n")[:-1]


def _ends(line: str) -> bool:
    return line.strip(" \t")[:1] in ("", "#")


def module(libraries: Path) -> Driver:
    """Answers of the shipped module, in the sandbox, with the modules of a folder."""
    return lambda asked: [_module(program, given, libraries) for program, given in asked]


def _module(program: str, given: str, libraries: Path) -> Answer:
    try:
        with wr.jq(program, libraries=libraries) as transform:
            batch = transform.run(given.encode() + b"\n")
        if not batch.failures:
            return Answer(_lines(batch.output.decode()))
        (failure,) = batch.failures
        if failure.code != "jq":
            return Answer([], f"{failure.code}: {failure.message}")
        # A failed record has no outputs: these are the ones before the error.
        with wr.jq(f"try ({program}\n) catch empty") as transform:
            before = transform.run(given.encode() + b"\n")
        return Answer(_lines(before.output.decode()), failure.message)
    except wr.RecipeError as error:
        return Answer([], refused=str(error).partition("\n")[0])


def native(command: str) -> Driver:
    """Answers of the driver that is built from ``rust-wasm/modules/examples/answers.rs``."""

    def driver(asked: Sequence[tuple[str, str]]) -> list[Answer]:
        text = "".join(json.dumps(pair) + "\n" for pair in asked)
        done = subprocess.run([command], input=text, capture_output=True, text=True, check=True)
        return [Answer(*json.loads(line)) for line in _lines(done.stdout)]

    return driver


def value(text: str) -> Any:
    """A JSON text as a value that compares as jq's values do."""
    return _plain(json.loads("NaN" if text.strip() == "nan" else text, parse_int=float))


def _plain(found: Any) -> Any:
    if isinstance(found, str):
        # jq reads a lone surrogate as a replacement character.
        return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(found, list):
        return [_plain(item) for item in found]
    if isinstance(found, dict):
        return {_plain(name): _plain(item) for name, item in found.items()}
    # True == 1 in Python; and what is no number or beyond all is written as something else.
    if isinstance(found, bool):
        return str(found)
    if isinstance(found, float):
        return None if found != found else min(max(found, -sys.float_info.max), sys.float_info.max)
    return found


def difference(case: Case, answer: Answer) -> str:
    """What differs, or nothing."""
    if case.outputs is None:
        return "" if answer.refused else f"expected a refusal, found {answer.outputs} {answer.error}"
    if answer.refused:
        return f"expected {case.outputs}, refused: {answer.refused}"
    expected = [value(output) for output in case.outputs]
    if [value(output) for output in answer.outputs] == expected:
        return ""
    failed = f", then failed: {answer.error}" if answer.error else ""
    return f"expected {case.outputs}, found {answer.outputs}{failed}"


def known() -> dict[tuple[str, str], str]:
    """The differences that are meant: the reason by input and program."""
    found: dict[tuple[str, str], str] = {}
    for entry in json.loads(DIFFERENCES.read_text("utf-8")):
        for name in entry["tests"]:
            program, given = (name, "") if isinstance(name, str) else name
            assert (program, given) not in found, f"listed twice: {program}"
            found[program, given] = entry["reason"]
    return found


def reason(case: Case, listed: dict[tuple[str, str], str]) -> str | None:
    """Why a test is known to differ. An entry without an input is for all inputs."""
    return listed.get((case.program, case.input), listed.get((case.program, "")))


def page_section() -> str:
    """The table of the differences, as ``docs/jq.md`` has it."""
    rows = ["| why | tests |", "|---|---|"]
    for entry in json.loads(DIFFERENCES.read_text("utf-8")):
        names = [name if isinstance(name, str) else " on ".join(name) for name in entry["tests"]]
        names = [name.replace("|", "\\|") for name in names]
        rows.append(f"| {entry['reason']} | {', '.join(f'`{name}`' for name in names)} |")
    return "\n".join(rows) + "\n"


def compared(folder: Path, driver: Driver) -> list[tuple[Case, str]]:
    """Each test, and what differs."""
    all_cases = cases(folder)
    answers = driver([(case.program, case.input or "null") for case in all_cases])
    return [(case, difference(case, answer)) for case, answer in zip(all_cases, answers, strict=True)]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="the folder tests/ of jq's sources")
    parser.add_argument("--native", metavar="COMMAND", help="ask the native driver, not the module")
    options = parser.parse_args()
    driver = native(options.native) if options.native else module(options.folder / "modules")
    listed = known()
    found = compared(options.folder, driver)
    unlisted = 0
    for case, what in found:
        why = reason(case, listed)
        if bool(what) == (why is not None):
            continue
        unlisted += 1
        print(f"{case.file}:{case.line}: {case.program}\n  on {case.input}")
        print(f"  {what or 'agrees, and is listed as a difference'}")
    same = sum(not what for _, what in found)
    print(f"{same} of {len(found)} agree; {len(found) - same} differ, {unlisted} of all not as listed")
    return 1 if unlisted else 0


if __name__ == "__main__":
    sys.exit(main())
