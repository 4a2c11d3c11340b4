"""Record transforms in a WebAssembly sandbox.

>>> import wasmrecords as wr
>>> schema = {"properties": {"age": {"type": "integer"}}}
>>> adults = wr.jq("select(.age >= 18) | {id, name}", schema=schema)
>>> batch = adults.run(b'{"id": 1, "name": "Ada", "age": 36}\\n{"id": 2, "age": 7}\\n{"id": 3, "age": "x"}')
>>> batch.output
b'{"id":1,"name":"Ada"}\\n'
>>> batch.counts
Counts(read=3, kept=1, dropped=1, failed=1, written=1)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._errors import (
    CallError,
    CompileLimit,
    FailureLimit,
    FaultLimit,
    FuelLimit,
    GuestError,
    LimitError,
    MemoryLimit,
    ModuleError,
    ModuleLimit,
    NestingLimit,
    OutputLimit,
    RecipeError,
    RecordError,
    RecordLimit,
    SourceError,
    StackLimit,
    TableLimit,
    TimeLimit,
    WasmRecordsError,
)
from ._limits import GiB, KiB, Limits, MiB
from ._outcome import Batch, Counts, Failure, Reason

if TYPE_CHECKING:
    from ._cache_info import CachedModule, CacheInfo, cache_info, clear_cache
    from ._explanation import Explanation, Leaving, Stage
    from ._functions import Function, Functions, functions
    from ._inspect import Inspection, inspect
    from ._manifest import FunctionInfo, OptionInfo, ParameterInfo, TransformInfo
    from ._recipe import jq, load, validate
    from ._transform import Transform
    from .pipeline import Report, Written, run
    from .pipeline._attach import attach_manifest
    from .pipeline._explain import explain
    from .pipeline._infer import infer_schema, write_schema

__all__ = [
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

# What needs more than the standard library's cheap parts is loaded when it is first used.
_LAZY = {
    "CacheInfo": "_cache_info",
    "CachedModule": "_cache_info",
    "cache_info": "_cache_info",
    "clear_cache": "_cache_info",
    "Explanation": "_explanation",
    "Leaving": "_explanation",
    "Stage": "_explanation",
    "Inspection": "_inspect",
    "inspect": "_inspect",
    "FunctionInfo": "_manifest",
    "Function": "_functions",
    "Functions": "_functions",
    "functions": "_functions",
    "OptionInfo": "_manifest",
    "ParameterInfo": "_manifest",
    "TransformInfo": "_manifest",
    "jq": "_recipe",
    "load": "_recipe",
    "validate": "_recipe",
    "Transform": "_transform",
    "Report": "pipeline",
    "Written": "pipeline",
    "run": "pipeline",
    "attach_manifest": "pipeline._attach",
    "explain": "pipeline._explain",
    "infer_schema": "pipeline._infer",
    "write_schema": "pipeline._infer",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        value: Any
        try:
            value = version("wasmrecords")
        except PackageNotFoundError:  # it was copied to where it is, and not installed
            value = "unknown"
    elif name in _LAZY:
        from importlib import import_module

        value = getattr(import_module(f".{_LAZY[name]}", __name__), name)
    else:
        raise AttributeError(f"module 'wasmrecords' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
