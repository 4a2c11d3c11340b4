"""The raw call path against its twin through wasmtime's public API."""

from __future__ import annotations

from typing import Any

import pytest
from guests import BLOCK, guest

import wasmrecords as wr
from wasmrecords._instance import Fault, Instance, OpenOptions
from wasmrecords._module import load_module
from wasmrecords._native import GuestTrap, NativeGuest, PublicGuest

TWINS = [NativeGuest, PublicGuest]


def instance(twin: Any, **changes: Any) -> Instance:
    limits = wr.Limits(time=0.05)
    return Instance(load_module(guest(**changes), limits), b"null", OpenOptions(), limits, twin)


def outcome(twin: Any, data: bytes, **changes: Any) -> Any:
    try:
        return instance(twin, **changes).batch(data, True, 0)
    except Fault as fault:
        return fault.code, fault.message, fault.reply


@pytest.mark.parametrize("letter", "atlsozenrcpbdf")
def test_both_say_the_same(letter: str) -> None:
    data = f"a1\n{letter}2\na3\n".encode()
    assert outcome(NativeGuest, data) == outcome(PublicGuest, data)


@pytest.mark.parametrize("twin", TWINS)
def test_results_are_unsigned(twin: Any) -> None:
    assert instance(twin)._guest.call("wr_arena", 1) == 65536
    live = instance(twin, arena="(i32.or (local.get 0) (i32.const 65536))")
    assert live._guest.call("wr_arena", 0xFFFF0000) == 0xFFFF0000
    assert live._guest.call("wr_arena", 0x80000000) == 0x80010000


@pytest.mark.parametrize("twin", TWINS)
def test_memory_is_followed_when_it_grows(twin: Any) -> None:
    live = instance(twin, arena="(drop (memory.grow (i32.const 1))) (i32.const 65536)")
    guest_ = live._guest
    before = len(guest_.memory)
    guest_.call("wr_arena", 1)
    assert len(guest_.memory) == before + 65536
    guest_.memory[before : before + 8] = b"new page"
    assert guest_.memory[before : before + 8] == b"new page"
    assert guest_.memory[BLOCK : BLOCK + 4] == b"WRB1"
    guest_.forget()
    assert guest_.memory == b""


@pytest.mark.parametrize("twin", TWINS)
def test_its_host_makes_the_memory_larger(twin: Any) -> None:
    live = instance(twin)
    guest_, before = live._guest, live.size
    guest_.grow(before - 65536)  # it is as large
    assert live.size == before
    guest_.grow(before + 2 * 65536)
    assert live.size == before + 2 * 65536
    guest_.memory[live.size - 1 :] = b"!"
    with pytest.raises(GuestTrap):
        guest_.grow(wr.Limits().memory + 65536)
    assert live.size == before + 2 * 65536
    assert guest_.call("wr_arena", 1) == 65536


@pytest.mark.parametrize("twin", TWINS)
def test_a_guest_that_trapped_can_still_be_read(twin: Any) -> None:
    live = instance(twin)
    with pytest.raises(Fault) as caught:
        live.batch(b"a1\nt2\n", True, 0)
    assert caught.value.reply is not None
    assert caught.value.reply.output == b"a1\n"
