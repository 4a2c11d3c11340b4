"""The functions of a module, to be called from Python: the object that users hold."""

from __future__ import annotations

import contextlib
import inspect
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, Protocol, Self

from ._calls import Calls
from ._instance import OpenOptions
from ._limits import Limits, require_limits
from ._manifest import FunctionInfo, Manifest
from ._recipe import read_module_file
from ._runner import Isolation, Runner
from ._text import clean_repr, closest

_MOST_IDLE = 32
"""Functions that keep idle instances; when there are more, some give theirs back."""


class Function(Protocol):
    """What an attribute of :class:`Functions` is: a function of Python, with ``map`` beside it."""

    __name__: str

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """One call."""

    def map(self, calls: Iterable[Sequence[Any]]) -> Iterator[Any]:
        """The results of many calls, each given as a tuple of its arguments; lazily and in bounded memory, as
        hundreds or thousands of calls cross together. The error of a call is raised in its place, and names
        its number, from 1."""


class Functions:
    """The functions of one module, as attributes: ``math.multiply(6, 7)``. Made by
    :func:`wasmrecords.functions`.

    Each has a signature, a docstring, and ``map`` for many calls: ``math.multiply.map([(6, 7), (8, 9)])``. A
    function whose name this class has itself, or that is no Python identifier, is ``math["close"]``. Safe to
    share between threads; ``close``, or a ``with`` block, frees the memory of idle instances.
    """

    def __init__(self, runner: Runner, manifest: Manifest) -> None:
        self._runner, self._version = runner, manifest.version
        self._functions = {info.name: _function(runner, info) for info in manifest.functions}
        # What help() of an object shows is its class.
        self.__class__ = type(
            Functions.__name__, (Functions,), {"__doc__": self._page(), "__module__": __name__}
        )

    def __getattr__(self, name: str) -> Function:
        found = self.__dict__.get("_functions", {}).get(name)
        if found is None or name.startswith("__"):
            # Without the object: a traceback would add a hint of its own behind ours.
            raise AttributeError(self._none(name), name=name)
        setattr(self, name, found)  # found at once next time
        return found  # type: ignore[no-any-return]

    def __getitem__(self, name: str) -> Function:
        found = self._functions.get(name)
        if found is None:
            raise KeyError(self._none(name))
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._functions)

    def __len__(self) -> int:
        return len(self._functions)

    def __contains__(self, name: object) -> bool:
        return name in self._functions

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._functions})

    def __repr__(self) -> str:
        names = list(self._functions)
        listed = ", ".join(names[:10]) + (f", ... ({len(names)})" if len(names) > 10 else "")
        title = " ".join(filter(None, (self._runner.name, self._version)))
        return f"<functions of {title}: {listed}>"

    def close(self) -> None:
        """Frees the idle instances. Calling a function afterwards raises :class:`ValueError`."""
        self._runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _page(self) -> str:
        title = " ".join(filter(None, (self._runner.name, self._version)))
        lines = [f"Functions of the module {title}:", ""]
        for name, function in self._functions.items():
            lines.append(f"    {name}{inspect.signature(function)}")
            lines += [f"        {line}" for line in (function.__doc__ or "").splitlines()]
        return "\n".join([*lines, "", inspect.cleandoc(Functions.__doc__ or "")])

    def _none(self, name: str) -> str:
        names = list(self.__dict__.get("_functions", ()))
        near = closest(str(name), names)
        hint = f"; did you mean {near!r}?" if near else f"; it has {', '.join(names[:20])}"
        return f"the module has no function {clean_repr(name)}{hint}"


class _FunctionRunner(Runner):
    _noun = "module"

    def _give_back(self, options: OpenOptions, instance: Any) -> None:
        super()._give_back(options, instance)
        if len(self._idle) > _MOST_IDLE:
            for other in list(self._idle):
                if other != options:
                    # One by one: another thread may take of them at the same time.
                    idle = self._idle.pop(other, [])
                    with contextlib.suppress(IndexError):
                        while True:
                            idle.pop().close()
                    break


def _function(runner: Runner, info: FunctionInfo) -> Function:
    calls = Calls(runner, info)
    call: Any = calls.one()

    def many(calls_: Iterable[Sequence[Any]]) -> Iterator[Any]:
        return calls.many(calls_)

    call.__name__ = call.__qualname__ = info.name
    call.__module__ = runner.name
    call.__doc__ = info.description
    call.__signature__ = calls.signature
    many.__name__, many.__qualname__, many.__doc__ = "map", f"{info.name}.map", Function.map.__doc__
    call.map = many
    return call  # type: ignore[no-any-return]


def functions(
    module: str | os.PathLike[str] | bytes,
    *,
    allow: Iterable[str] = (),
    limits: Limits = Limits(),
    isolation: Isolation = "shared",
    require: str | Iterable[str] | None = None,
    notify: Callable[[str], None] | None = None,
) -> Functions:
    """The functions of a module, given as a path or as bytes: those that its manifest describes, in Rust
    those with ``#[function]``. The other arguments are as for :func:`wasmrecords.load`. ``limits.time`` is
    for one call, or for the calls of ``map`` that cross together.

    A call raises :class:`TypeError`, :class:`ValueError` or :class:`OverflowError` for an argument that does
    not fit its parameter; :class:`CallError` if the function returns an error; :class:`GuestError` with the
    message of a panic; :class:`LimitError` if a limit is exceeded. After any of these the functions can be
    called again.

    Raises :class:`ModuleError` if the module is refused or has no functions.
    """
    require_limits(limits)
    runner = _FunctionRunner(
        read_module_file(module, limits.module),
        b"null",
        limits=limits,
        isolation=isolation,
        allow=allow,
        require=require,
        trusted=False,
        notify=notify,
        select=Manifest.of_functions,
        check=None,
    )
    return Functions(runner, runner._manifest)
