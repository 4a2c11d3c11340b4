"""What the host asks of one live guest, whichever way it is called: see _native."""

from __future__ import annotations

import struct
from typing import Any, Protocol


class Memory(Protocol):
    """Bytes that a guest wrote. Addresses and lengths are the caller's to check."""

    def size(self) -> int:
        """Bytes of it now."""

    def read(self, address: int, length: int) -> bytes:
        """A copy of some of them."""

    def unpack(self, layout: struct.Struct, address: int) -> tuple[Any, ...]:
        """What lies there in this layout."""


class Guest(Memory, Protocol):
    """One instance's exports and memory."""

    def call(self, export: str, *arguments: int) -> int:
        """Calls an export of up to two i32 parameters; its i32 result, unsigned (0 if it has none).

        Raises :class:`GuestTrap`."""

    def fuel(self, given: int) -> None:
        """Gives the guest so much fuel, in an engine that counts it."""

    def fuel_left(self) -> int:
        """What is left of it."""

    def lend(self, address: int, length: int) -> memoryview:
        """The memory itself, until the next call or ``forget``: nobody may look at it later."""

    def write(self, address: int, data: bytes | bytearray | memoryview) -> None:
        """Copies into the memory."""

    def forget(self) -> None:
        """The memory is about to be freed: there is none from now on."""
