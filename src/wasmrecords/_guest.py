"""What the host asks of one live guest, whichever way it is called: see _native."""

from __future__ import annotations

from typing import Protocol


class Guest(Protocol):
    """One instance's exports and memory."""

    @property
    def memory(self) -> memoryview:
        """All of its memory, to read and to write, until the next call or ``forget``: nobody may look at it
        later. Addresses and lengths are the caller's to check."""

    def call(self, export: str, first: int = 0, second: int = 0, /) -> int:
        """Calls an export with as many i32 as it takes, up to two; its i32 result, unsigned (0 if it has
        none).

        Raises :class:`GuestTrap`."""

    def grow(self, size: int) -> None:
        """Makes the memory that large, in whole pages, if it is smaller.

        Raises :class:`GuestTrap` where it may not be."""

    def fuel(self, given: int) -> None:
        """Gives the guest so much fuel, in an engine that counts it."""

    def fuel_left(self) -> int:
        """What is left of it."""

    def forget(self) -> None:
        """The memory is about to be freed: there is none from now on."""
