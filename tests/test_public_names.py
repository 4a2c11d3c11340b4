"""What users may rely on: the names, how they are called, and that importing them costs little."""

from __future__ import annotations

import dataclasses
import inspect
import subprocess
import sys
import types
import typing
from pathlib import Path
from typing import Any

import pytest

import wasmrecords as wr

NAMES = [
    "Batch",
    "CacheInfo",
    "CachedModule",
    "CallError",
    "CompileLimit",
    "Counts",
    "Explanation",
    "Failure",
    "FailureLimit",
    "FaultLimit",
    "FuelLimit",
    "Function",
    "FunctionInfo",
    "Functions",
    "GiB",
    "GuestError",
    "Inspection",
    "KiB",
    "Leaving",
    "LimitError",
    "Limits",
    "MemoryLimit",
    "MiB",
    "ModuleError",
    "ModuleLimit",
    "NestingLimit",
    "OptionInfo",
    "OutputLimit",
    "ParameterInfo",
    "Reason",
    "RecipeError",
    "RecordError",
    "RecordLimit",
    "Report",
    "SourceError",
    "StackLimit",
    "Stage",
    "TableLimit",
    "TimeLimit",
    "Transform",
    "TransformInfo",
    "WasmRecordsError",
    "Written",
    "__version__",
    "attach_manifest",
    "cache_info",
    "clear_cache",
    "explain",
    "functions",
    "infer_schema",
    "inspect",
    "jq",
    "load",
    "run",
    "validate",
    "write_schema",
]

_OPTIONS = (
    "limits: 'Limits' = Limits(), isolation: 'Isolation' = 'shared', "
    "require: 'str | Iterable[str] | None' = None, notify: '_Notify' = None"
)

_OF_SCHEMAS = (
    "schema_dir: 'str | os.PathLike[str] | None' = None, schemas: 'Mapping[str, Any] | None' = None, "
    "assert_format: 'bool' = False, all_errors: 'bool' = False"
)
SIGNATURES = {
    "attach_manifest": "(module: 'str | os.PathLike[str] | bytes', "
    "manifest: 'Mapping[str, Any] | str | bytes', "
    "output: 'str | os.PathLike[str] | None' = None) -> 'bytes'",
    "cache_info": "() -> 'CacheInfo'",
    "clear_cache": "() -> 'CacheInfo'",
    "jq": "(program: 'str', *, schema: 'Any' = None, "
    f"{_OF_SCHEMAS}, args: 'Mapping[str, Any] | None' = None, "
    "libraries: 'str | os.PathLike[str] | Iterable[str | os.PathLike[str]]' = (), "
    f"allow: 'Iterable[str]' = (), {_OPTIONS}) -> 'Transform'",
    "validate": f"(schema: 'Any', *, {_OF_SCHEMAS}, {_OPTIONS}) -> 'Transform'",
    "load": "(module: 'str | os.PathLike[str] | bytes', *, config: 'Any' = None, "
    f"transform: 'str | None' = None, allow: 'Iterable[str]' = (), {_OPTIONS}) -> 'Transform'",
    "functions": "(module: 'str | os.PathLike[str] | bytes', *, allow: 'Iterable[str]' = (), "
    "limits: 'Limits' = Limits(), isolation: 'Isolation' = 'shared', "
    "require: 'str | Iterable[str] | None' = None, notify: 'Callable[[str], None] | None' = None) "
    "-> 'Functions'",
    "Functions.close": "(self) -> 'None'",
    "run": "(inputs: 'Any', transform: 'Transform', output: 'Any' = None, *, "
    "outputs: 'Mapping[str, Any] | None' = None, errors: 'Any' = None, "
    "input: 'Input' = 'auto', output_format: 'str' = 'ndjson', fail_fast: 'bool' = False, "
    "max_failures: 'int | str | None' = None, flush_every: 'int | None' = None, "
    "progress: 'Callable[[Report], None] | None' = None, "
    "report: 'Any' = None, stderr: 'Any' = None) -> 'Report'",
    "explain": "(inputs: 'Any', transform: 'Transform', *, input: 'Input' = 'auto', "
    "progress: 'Callable[[Report], None] | None' = None) -> 'Explanation'",
    "infer_schema": "(source: 'Any', *, input: 'Input' = 'auto', detail: 'Detail' = 'values', "
    "closed: 'bool' = False, limits: 'Limits' = Limits(), "
    "failures: 'Callable[[Failure], object] | None' = None) -> 'dict[str, Any]'",
    "write_schema": "(inputs: 'Any', output: 'Any' = None, *, errors: 'Any' = None, "
    "input: 'Input' = 'auto', detail: 'Detail' = 'values', closed: 'bool' = False, "
    "limits: 'Limits' = Limits(), progress: 'Callable[[Report], None] | None' = None, "
    "report: 'Any' = None, stderr: 'Any' = None, notify: 'Callable[[str], None] | None' = None) -> 'Report'",
    "Transform.run": "(self, data: 'bytes | bytearray | memoryview', *, input: 'Input' = 'ndjson', "
    "raise_on_failure: 'bool' = False) -> 'Batch'",
    "Transform.stream": "(self, source: 'Source', *, input: 'Input' = 'auto', name: 'str | None' = None, "
    "flush_every: 'int | None' = None) -> 'Iterator[Batch]'",
    "Transform.map": "(self, records: 'Iterable[Any]', *, "
    "failures: 'Callable[[Failure], object] | None' = None, "
    "outputs: 'Mapping[str, Callable[[Any], object]] | None' = None) -> 'Iterator[Any]'",
    "Transform.amap": "(self, records: 'AsyncIterable[Any] | Iterable[Any]', *, "
    "failures: 'Callable[[Failure], object] | None' = None, "
    "outputs: 'Mapping[str, Callable[[Any], object]] | None' = None) -> 'AsyncIterator[Any]'",
    "Transform.explain": "(self, source: 'bytes | bytearray | memoryview | Source | None' = None, *, "
    "input: 'Input' = 'auto') -> 'Explanation'",
    "Transform.close": "(self) -> 'None'",
    "Limits.parse": "(settings: 'Iterable[str]') -> 'Limits'",
    "Limits.as_dict": "(self) -> 'dict[str, float | None]'",
    "Counts.plus": "(self, other: 'Counts') -> 'Counts'",
}

FIELDS = {
    "FunctionInfo": ["name", "description", "parameters", "result"],
    "OptionInfo": ["name", "type", "default", "required", "description"],
    "ParameterInfo": ["name", "schema"],
    "TransformInfo": [
        "name",
        "description",
        "config_schema",
        "input_schema",
        "output_schema",
        "capabilities",
        "stateful",
        "outputs",
    ],
    "CacheInfo": ["folder", "problem", "key", "modules", "size", "room"],
    "CachedModule": ["name", "size", "used"],
    "Explanation": [
        "program",
        "schema",
        "stages",
        "program_leaves",
        "schema_leaves",
        "doubts",
        "counts",
        "codes",
        "learned",
        "exact",
        "general",
        "unknown",
        "reasons",
        "shapes",
        "bytes_in",
        "seconds",
    ],
    "Leaving": ["token", "hint", "offset", "path"],
    "Stage": ["engine", "text", "offset"],
    "Batch": ["output", "counts", "failures", "log", "fuel", "outputs"],
    "Failure": [
        "record",
        "line",
        "offset",
        "code",
        "path",
        "message",
        "input",
        "spooled",
        "schema_path",
        "errors",
    ],
    "Reason": ["offset", "code", "path", "schema_path", "message"],
    "Limits": [
        "memory",
        "time",
        "output",
        "log",
        "record",
        "nesting",
        "module",
        "compile",
        "compile_memory",
        "fuel",
        "faults",
        "table",
    ],
}


def test_the_names() -> None:
    assert sorted(wr.__all__) == sorted(NAMES)
    assert list(wr.__all__) == sorted(wr.__all__)
    assert sorted(dir(wr)) == sorted(NAMES)


def test_each_name_is_there_and_says_what_it_is() -> None:
    for name in NAMES:
        value = getattr(wr, name)
        if isinstance(value, (type, types.FunctionType)):
            assert value.__doc__, name


def test_a_name_that_is_none() -> None:
    with pytest.raises(AttributeError, match="module 'wasmrecords' has no attribute 'jp'"):
        wr.jp  # noqa: B018


@pytest.mark.parametrize("name", SIGNATURES)
def test_how_they_are_called(name: str) -> None:
    value: Any = wr
    for part in name.split("."):
        value = getattr(value, part)
    text = str(inspect.signature(value))
    default = str(wr.Limits())
    assert text.replace(default, "Limits()") == SIGNATURES[name]


def test_every_public_function_is_pinned() -> None:
    functions = {name for name in NAMES if isinstance(getattr(wr, name), types.FunctionType)}
    assert functions - {"inspect"} <= set(SIGNATURES)
    for kind in (wr.Transform, wr.Functions, wr.Limits, wr.Counts):
        own = {n for base in kind.__mro__ if base.__module__.startswith("wasmrecords") for n in vars(base)}
        public = {n for n in own if not n.startswith("_") and callable(getattr(kind, n))}
        pinned = {n.partition(".")[2] for n in SIGNATURES if n.startswith(f"{kind.__name__}.")}
        assert public == pinned, kind


def test_inspect_takes_what_load_takes() -> None:
    first = next(iter(inspect.signature(wr.inspect).parameters.values()))
    assert first.name == "module"
    assert first.default is inspect.Parameter.empty


@pytest.mark.parametrize("name", FIELDS)
def test_data_is_frozen_and_has_these_fields(name: str) -> None:
    kind = getattr(wr, name)
    assert [field.name for field in dataclasses.fields(kind)] == FIELDS[name]
    assert kind.__dataclass_params__.frozen


def test_what_is_public_is_typed() -> None:
    assert (Path(wr.__file__).parent / "py.typed").exists()
    for kind in (wr.Batch, wr.Failure, wr.Counts, wr.Limits):
        assert typing.get_type_hints(kind)


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(Path(wr.__file__).parent.parent)}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=True
    )


@pytest.mark.parametrize(
    "program",
    [
        "import wasmrecords",
        "from wasmrecords import Limits, TimeLimit, Batch",
        "import wasmrecords; wasmrecords.Limits.parse(['time=1']); dir(wasmrecords)",
    ],
)
def test_importing_loads_nothing_heavy(program: str) -> None:
    heavy = (
        "wasmtime",
        "orjson",
        "asyncio",
        "json",
        "pydantic",
        "msgspec",
        "ctypes",
        "tempfile",
        "subprocess",
    )
    done = python("-c", f"{program}\nimport sys\nprint([name for name in {heavy!r} if name in sys.modules])")
    assert done.stdout == "[]\n"


def test_the_command_line_starts_light() -> None:
    done = python(
        "-c", "import wasmrecords.cli, sys\nprint('wasmtime' in sys.modules, 'orjson' in sys.modules)"
    )
    assert done.stdout == "False False\n"


def test_report_what_the_import_costs(record_property: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Reported and not judged: times are another machine's business. The promise is 30 ms."""
    lines = python("-X", "importtime", "-c", "import wasmrecords").stderr.splitlines()
    micros = next(int(line.split("|")[1]) for line in lines if line.split("|")[-1].strip() == "wasmrecords")
    record_property("import_milliseconds", micros / 1000)
    with capsys.disabled():
        sys.stdout.write(f"\n    import wasmrecords: {micros / 1000:.1f} ms\n")
