"""Calls into a guest, and code into memory: the only file that touches wasmtime's private C binding.

:class:`NativeGuest` calls through ``wasmtime_func_call_unchecked`` with everything prepared, under 1 us
a call; :class:`PublicGuest` does the same with wasmtime's documented API, at 25 us, and the tests hold
one against the other. Both are used by one thread at a time; the caller sees to that.
"""

from __future__ import annotations

import ctypes
import functools
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import wasmtime

# wasmtime's numbers for the traps that mean a limit: C API, `wasmtime_trap_code_enum`.
STACK_OVERFLOW = 0
UNREACHABLE = 9
OUT_OF_FUEL = 11

# Two of wasmtime's raw values have 16 bytes each; an i32 stands in the first four, on any machine.
# A function that takes fewer than two looks at no more.
PAGE = 65536
_ARGUMENTS = struct.Struct("<I12xI")
_RESULT = struct.Struct("<I")


def deserialize(engine: wasmtime.Engine, code: memoryview) -> wasmtime.Module:
    """``Module.deserialize`` for memory that may be written, without its copy of it: compiled code is some
    20 MB, and a copy is a third of what loading costs. Raises :class:`wasmtime.WasmtimeError`."""
    import wasmtime
    from wasmtime import _ffi as ffi

    module = ctypes.POINTER(ffi.wasmtime_module_t)()
    place = (ctypes.c_uint8 * len(code)).from_buffer(code)
    error = ffi.wasmtime_module_deserialize(engine.ptr(), place, len(code), ctypes.byref(module))
    if error:
        raise wasmtime.WasmtimeError._from_ptr(error)
    return wasmtime.Module._from_ptr(module)


def epoch_function(engine: wasmtime.Engine) -> tuple[int, int]:
    """Addresses of the C function that moves an engine's epoch and of its argument: a handle to the engine
    that is never freed, since a timer may call once more when nobody expects it."""
    from wasmtime import _ffi as ffi

    function = ctypes.cast(ffi.dll.wasmtime_engine_increment_epoch, ctypes.c_void_p).value
    handle = ctypes.cast(ffi.wasmtime_engine_clone(engine.ptr()), ctypes.c_void_p).value
    return function or 0, handle or 0


def look_after(store: wasmtime.Store, look: Callable[[], int]) -> object:
    """Has ``look`` called when a guest's ticks are used up: it gives the ticks until the next time, 0 to stop
    the guest, which then ends with an error that is no trap. ``look`` must not raise.

    What is returned must live as long as the store.
    """
    from wasmtime import _ffi as ffi

    kind = ffi.dll.wasmtime_store_epoch_deadline_callback.argtypes
    word = ctypes.create_string_buffer(b"stopped")

    def called(_context: object, _data: object, delta: Any, _kind: object) -> int:
        if more := look():
            delta[0] = more
            return 0
        return int(ctypes.cast(ffi.wasmtime_error_new(word), ctypes.c_void_p).value or 0)

    callback = kind[1](called)
    ffi.wasmtime_store_epoch_deadline_callback(store.ptr(), callback, None, kind[3]())
    return callback


class GuestTrap(Exception):
    """The guest did not come back from a call. ``code`` is wasmtime's trap code, if it is a trap."""

    def __init__(self, message: str, code: int | None) -> None:
        super().__init__(message)
        self.code = code


class PublicGuest:
    """The plain way, through wasmtime's documented API."""

    def __init__(self, store: wasmtime.Store, instance: wasmtime.Instance) -> None:
        self._store = store
        self._exports: dict[str, Any] = dict(instance.exports(store))
        self._memory: wasmtime.Memory | None = self._exports["memory"]

    @property
    def memory(self) -> memoryview:
        if self._memory is None:
            return memoryview(b"")
        return memoryview(self._memory.get_buffer_ptr(self._store)).cast("B")

    def call(self, export: str, *arguments: int) -> int:
        import wasmtime

        signed = [a - (1 << 32) if a >= 1 << 31 else a for a in arguments]
        try:
            result = self._exports[export](self._store, *signed)
        except wasmtime.Trap as trap:
            code = trap.trap_code
            raise GuestTrap(trap.message, None if code is None else code.value) from None
        except wasmtime.WasmtimeError as error:
            raise GuestTrap(str(error), None) from None
        return (result or 0) & 0xFFFFFFFF

    def grow(self, size: int) -> None:
        import wasmtime

        assert self._memory is not None  # noqa: S101 for the type checker: it is not forgotten
        try:
            self._memory.grow(self._store, max(0, size - self._memory.data_len(self._store)) // PAGE)
        except wasmtime.WasmtimeError as error:
            raise GuestTrap(str(error), None) from None

    def fuel(self, given: int) -> None:
        self._store.set_fuel(given)

    def fuel_left(self) -> int:
        return self._store.get_fuel()

    def forget(self) -> None:
        self._memory = None


class _Raw(NamedTuple):
    """Functions of wasmtime's C API that take what was made for C, and convert nothing: types of arguments
    would cost a call as much again. ``size`` is done at once, so it keeps Python's lock; ``call`` lets go of
    it, and other threads work meanwhile."""

    call: Any
    size: Any


@functools.cache
def _raw() -> _Raw:
    from wasmtime import _ffi as ffi

    call = ffi.dll["wasmtime_func_call_unchecked"]  # an object of its own, as that of each lookup by key
    call.restype = ctypes.c_void_p
    size = ctypes.PyDLL(ffi.dll._name, handle=ffi.dll._handle)["wasmtime_memory_data_size"]
    size.restype = ctypes.c_size_t
    return _Raw(call, size)


class NativeGuest:
    """The fast way. Signatures were compared by the guard, so the unchecked call is sound.

    Where the memory lies is looked up again after each call that may have grown it.
    """

    def __init__(self, store: wasmtime.Store, instance: wasmtime.Instance) -> None:
        from wasmtime import _ffi as ffi

        self._ffi = ffi
        self._store = store  # keeps the context alive
        self._context = store._context()
        self._instance = instance._instance
        self._raw_call, self._raw_size = _raw()
        self._places: dict[str, tuple[Any, ...]] = {}  # by export, what it is called with
        self.memory = memoryview(b"")
        values = (ffi.wasmtime_val_raw_t * 2)()
        self._values = memoryview(values).cast("B")
        self._trap = ctypes.POINTER(ffi.wasm_trap_t)()
        item = self._export("memory", ffi.WASMTIME_EXTERN_MEMORY.value).of.memory
        # What the functions are given. A reference does not keep what it leads to alive: all of that is kept.
        self._kept: list[Any] = [item, values, self._context.contents]
        context = ctypes.byref(self._context.contents)
        self._memory_places = context, ctypes.byref(item)
        self._call_places = context, ctypes.byref(values), ctypes.c_size_t(2), ctypes.byref(self._trap)
        self._look()

    def _export(self, name: str, kind: int) -> Any:
        item: Any = self._ffi.wasmtime_extern_t()
        text = name.encode()
        found = self._ffi.wasmtime_instance_export_get(
            self._context,
            ctypes.byref(self._instance),
            ctypes.create_string_buffer(text),
            len(text),
            ctypes.byref(item),
        )
        if not found or item.kind != kind:
            raise GuestTrap(f"the export {name} is gone", None)
        return item

    def _find(self, name: str) -> tuple[Any, ...]:
        item = self._export(name, self._ffi.WASMTIME_EXTERN_FUNC.value)
        self._kept.append(item)
        context, *others = self._call_places
        self._places[name] = (context, ctypes.byref(item.of.func), *others)
        return self._places[name]

    def _look(self) -> None:
        size: int = self._raw_size(*self._memory_places)
        self._size = size
        if not size:
            self.memory = memoryview(b"")
            return
        data = self._ffi.wasmtime_memory_data(self._context, ctypes.byref(self._kept[0]))
        place: Any = (ctypes.c_ubyte * size).from_address(ctypes.addressof(data.contents))
        place.store = self._store  # who has a view of it has the memory
        self.memory = memoryview(place).cast("B")

    def call(self, export: str, first: int = 0, second: int = 0, /) -> int:
        try:
            places = self._places[export]
        except KeyError:
            places = self._find(export)
        _ARGUMENTS.pack_into(self._values, 0, first, second)  # also clears an old result
        error = self._raw_call(*places)
        if self._raw_size(*self._memory_places) != self._size:
            self._look()
        if error or self._trap:
            raise self._failed(error)
        result: int = _RESULT.unpack_from(self._values)[0]
        return result

    def grow(self, size: int) -> None:
        pages, before = max(0, size - self._size) // PAGE, ctypes.c_uint64()
        error = self._ffi.wasmtime_memory_grow(
            self._context, ctypes.byref(self._kept[0]), pages, ctypes.byref(before)
        )
        self._look()
        if error:
            self._ffi.wasmtime_error_delete(error)
            raise GuestTrap(f"the memory cannot become {size:,} bytes large", None)

    def _failed(self, error: int | None) -> GuestTrap:
        ffi = self._ffi
        text = ffi.wasm_byte_vec_t()
        code = None
        if error:
            failure = ctypes.cast(error, ctypes.POINTER(ffi.wasmtime_error_t))
            ffi.wasmtime_error_message(failure, ctypes.byref(text))
        else:
            ffi.wasm_trap_message(self._trap, ctypes.byref(text))
            number = ctypes.c_uint8()
            if ffi.wasmtime_trap_code(self._trap, ctypes.byref(number)):
                code = number.value
        message = ctypes.string_at(text.data, text.size).rstrip(b"\0").decode("utf-8", "replace")
        ffi.wasm_byte_vec_delete(ctypes.byref(text))
        if error:
            ffi.wasmtime_error_delete(failure)
        else:
            ffi.wasm_trap_delete(self._trap)
            ctypes.memset(ctypes.byref(self._trap), 0, ctypes.sizeof(self._trap))
        return GuestTrap(message, code)

    def fuel(self, given: int) -> None:
        self._store.set_fuel(given)

    def fuel_left(self) -> int:
        return self._store.get_fuel()

    def forget(self) -> None:
        self._size, self.memory = 0, memoryview(b"")
