"""Where the instances of one transform come from: made here, or in worker processes."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from ._instance import Instance, OpenOptions
from ._limits import Limits
from ._module import LoadedModule, ReadModule, Select, load_code, load_module
from ._one import FunctionInstance
from ._stretch import BelievedInstance

if TYPE_CHECKING:
    from ._process import Workers


class Opener:
    """One module with its ``config``, loaded when it is first asked for, and again in a forked child.

    ``apart``: the instances live in processes of their own, and the module's code never comes into this one.
    ``select`` says what of the module's manifest counts.
    """

    def __init__(
        self,
        module: bytes,
        config: bytes,
        limits: Limits,
        *,
        allow: tuple[str, ...],
        trusted: bool,
        notify: Callable[[str], None] | None,
        apart: bool,
        select: Select,
    ) -> None:
        self._module, self._limits, self._apart = module, limits, apart
        self.config = config
        self._allow, self._trusted, self._notify, self._select = allow, trusted, notify, select
        self.forked()

    def with_config(self, config: bytes) -> Opener:
        """The same module with another config. What is loaded is shared: one of them is to be closed."""
        other = copy.copy(self)
        other.config = config
        return other

    def forked(self) -> None:
        """In a forked child: engine, workers and locks are the parent's."""
        self._loading = threading.Lock()
        self._loaded: LoadedModule | None = None
        self._remote: tuple[ReadModule, Workers] | None = None

    def read(self) -> LoadedModule | ReadModule:
        """What is known of the module. Raises what :func:`load_module` does."""
        return self._workers()[0] if self._apart else self._here()

    def open(self, options: OpenOptions) -> Instance:
        """A new instance. Raises :class:`Fault` if it does not open."""
        if not self._apart:
            kind = BelievedInstance if self._trusted else Instance
            if options.function is not None:
                kind = FunctionInstance
            return kind(self._here(), self.config, options, self._limits)
        from ._process import RemoteInstance

        read, workers = self._workers()
        log = "log" in read.capabilities
        # It can what an instance can, and is one to everybody else.
        return cast(Instance, RemoteInstance(workers, self.config, options, self._limits, log))

    def close(self) -> None:
        """Ends idle workers, and each other one when its instance is closed."""
        if self._remote is not None:
            self._remote[1].close()

    def _here(self) -> LoadedModule:
        if self._loaded is None:
            with self._loading:
                if self._loaded is None:
                    self._loaded = load_module(
                        self._module,
                        self._limits,
                        allow=self._allow,
                        trusted=self._trusted,
                        notify=self._notify,
                        select=self._select,
                    )
        return self._loaded

    def _workers(self) -> tuple[ReadModule, Workers]:
        if self._remote is None:
            from ._process import Workers

            with self._loading:
                if self._remote is None:
                    read, code = load_code(
                        self._module,
                        self._limits,
                        allow=self._allow,
                        trusted=self._trusted,
                        notify=self._notify,
                        select=self._select,
                    )
                    self._remote = read, Workers(read, code, self._limits)
        return self._remote
