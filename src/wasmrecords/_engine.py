"""The engines of a process, with the one configuration that was tried against hostile modules.

A setting of wasmtime that a user could change would be a sandbox that nobody has tested.
"""

from __future__ import annotations

import atexit
import os
import threading
from typing import TYPE_CHECKING, Any

from . import _trap_signals
from ._errors import WasmRecordsError

if TYPE_CHECKING:
    import wasmtime

VERSIONS = (50, 51)
"""The wasmtime releases that this was tested with: from the first, below the second. Those before
47.0.4 have published holes that a guest could use."""

# The language: WebAssembly 2.0 (SIMD, bulk memory, multi-value, reference types) and tail calls. What else
# wasmtime knows no module for records needs; each of these was a way to abort or to bypass a limit.
_SETTINGS: dict[str, Any] = {
    "wasm_gc": False,
    "gc_support": False,
    "wasm_function_references": False,
    "wasm_exceptions": False,
    "wasm_stack_switching": False,
    "wasm_memory64": False,
    "wasm_multi_memory": False,
    "wasm_threads": False,
    "shared_memory": False,
    "wasm_custom_page_sizes": False,
    "wasm_relaxed_simd": False,
    "wasm_wide_arithmetic": False,
    "wasm_component_model": False,
    # Deadlines, and the same results on each machine.
    "epoch_interruption": True,
    "cranelift_nan_canonicalization": True,
    # Compiling in a forked child would wait for ever for threads that only the parent has. The exception
    # is compiling_engine.
    "parallel_compilation": False,
    # For debuggers and profilers alone: a twentieth of the code that is kept.
    "native_unwind_info": False,
    # The deepest jq recursion that the shipped module promises was measured with this one.
    "max_wasm_stack": 512 * 1024,
}

_engines: dict[bool, wasmtime.Engine] = {}
_making = threading.Lock()
_forked = False
# A child must not free what its parent's engine holds: it is kept, and never used again.
_of_parents: list[wasmtime.Engine] = []


def settings(fuel: bool) -> dict[str, Any]:
    """What an engine is made with: that counts the guest's work, or does not."""
    return _SETTINGS | {"consume_fuel": fuel}


def settings_key(fuel: bool) -> str:
    """All settings as text: compiled code is of use to engines with the same ones only."""
    return repr(sorted(settings(fuel).items()))


def engine(fuel: bool = False) -> wasmtime.Engine:
    """The engine of this process, made when it is first asked for; a forked child makes its own. Those
    guests whose work is counted have another, since counting is compiled into their code.

    Raises :class:`WasmRecordsError` if the installed wasmtime lacks one of the settings.
    """
    found = _engines.get(fuel)
    if found is None:
        with _making:
            found = _engines.get(fuel) or _engines.setdefault(fuel, _make(fuel))
    return found


def compiling_engine(fuel: bool) -> wasmtime.Engine:
    """An engine whose code is for :func:`engine`, and which compiles on all cores. A forked child may lack
    the threads for that: it gets one that compiles alone."""
    return _make(fuel, parallel_compilation=not _forked)


def _make(fuel: bool, **more: bool) -> wasmtime.Engine:
    import wasmtime

    config = wasmtime.Config()
    for name, value in (settings(fuel) | more).items():
        # An unknown name would become a plain attribute, and the sandbox would have a hole.
        if not isinstance(getattr(wasmtime.Config, name, None), property):
            raise WasmRecordsError(f"the installed wasmtime has no setting {name}: {_advice()}")
        setattr(config, name, value)
    made = wasmtime.Engine(config)
    _trap_signals.remember()
    return made


def check_version() -> None:
    """Refuses a wasmtime that was not tested. Asked before anything is compiled, since it takes a while.

    Raises :class:`WasmRecordsError`.
    """
    from importlib.metadata import version

    found = version("wasmtime")
    major = found.partition(".")[0]
    if not (major.isdecimal() and VERSIONS[0] <= int(major) < VERSIONS[1]):
        raise WasmRecordsError(f"wasmtime {found} is installed: {_advice()}")


def _advice() -> str:
    low, high = VERSIONS
    return f"wasmrecords needs a version from {low} and below {high}: pip install 'wasmtime>={low},<{high}'"


def _forget() -> None:
    global _making, _forked
    _forked = True
    _of_parents.extend(_engines.values())
    _engines.clear()
    _making = threading.Lock()


# What wasmtime frees has to be freed while its own modules are still there.
atexit.register(_engines.clear)

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
