"""What a guest gets when it asks for the world: an errno, and nothing else."""

from __future__ import annotations

import time
from typing import Any

import pytest
import wasmtime
from guests import OUTPUT, guest

import wasmrecords as wr
from wasmrecords._engine import engine
from wasmrecords._guard import scan
from wasmrecords._wasi import Shim

LIMITS = wr.Limits(time=0.3)
SUCCESS, BADF, FAULT, INVAL, NOSYS = 0, 8, 21, 28, 52

W, L = "i32", "i64"  # words, long ones
# All of WASI preview 1 but fd_write and proc_exit, which the guests import anyway.
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "args_get": (W, W),
    "args_sizes_get": (W, W),
    "clock_res_get": (W, W),
    "clock_time_get": (W, L, W),
    "environ_get": (W, W),
    "environ_sizes_get": (W, W),
    "fd_advise": (W, L, L, W),
    "fd_allocate": (W, L, L),
    "fd_close": (W,),
    "fd_datasync": (W,),
    "fd_fdstat_get": (W, W),
    "fd_fdstat_set_flags": (W, W),
    "fd_fdstat_set_rights": (W, L, L),
    "fd_filestat_get": (W, W),
    "fd_filestat_set_size": (W, L),
    "fd_filestat_set_times": (W, L, L, W),
    "fd_pread": (W, W, W, L, W),
    "fd_prestat_dir_name": (W, W, W),
    "fd_prestat_get": (W, W),
    "fd_pwrite": (W, W, W, L, W),
    "fd_read": (W, W, W, W),
    "fd_readdir": (W, W, W, L, W),
    "fd_renumber": (W, W),
    "fd_seek": (W, L, W, W),
    "fd_sync": (W,),
    "fd_tell": (W, W),
    "path_create_directory": (W, W, W),
    "path_filestat_get": (W, W, W, W, W),
    "path_filestat_set_times": (W, W, W, W, L, L, W),
    "path_link": (W, W, W, W, W, W, W),
    "path_open": (W, W, W, W, W, L, L, W, W),
    "path_readlink": (W, W, W, W, W, W),
    "path_remove_directory": (W, W, W),
    "path_rename": (W, W, W, W, W, W),
    "path_symlink": (W, W, W, W, W),
    "path_unlink_file": (W, W, W),
    "poll_oneoff": (W, W, W, W),
    "proc_raise": (W,),
    "random_get": (W, W),
    "sched_yield": (),
    "sock_accept": (W, W, W),
    "sock_recv": (W, W, W, W, W, W),
    "sock_send": (W, W, W, W, W),
    "sock_shutdown": (W, W),
}
ANSWERED = {"args_get", "args_sizes_get", "environ_get", "environ_sizes_get", "sched_yield"}


def errno(call: str, **changes: Any) -> int:
    """What a guest's call answers: the guest writes it over the first letter of its output."""
    tell = f"(i32.store8 (i32.const {OUTPUT}) (i32.add (i32.const 48) {call}))"
    with wr.load(guest(after=tell, **changes), limits=LIMITS) as transform:
        batch = transform.run(b"a1\n")
    assert batch.failures == ()
    return batch.output[0] - 48


def imported(name: str) -> str:
    params = " ".join(FUNCTIONS[name])
    return f'(import "wasi_snapshot_preview1" "{name}" (func $f (param {params}) (result i32)))'


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("value", [0, -1], ids=["zeros", "ones"])
def test_the_world_is_not_supported(name: str, value: int) -> None:
    call = "(call $f " + " ".join(f"({kind}.const {value})" for kind in FUNCTIONS[name]) + ")"
    expected = BADF if "prestat" in name else SUCCESS if name in ANSWERED else NOSYS
    if value == -1 and name.endswith("_sizes_get"):
        expected = FAULT
    assert errno(call, imports=imported(name)) == expected


@pytest.mark.parametrize("name", ["args_sizes_get", "environ_sizes_get"])
def test_there_are_no_arguments_and_no_environment(name: str) -> None:
    call = """(block (result i32)
        (i64.store (i32.const 512) (i64.const -1))
        (drop (call $f (i32.const 512) (i32.const 516)))
        (i64.eqz (i64.load (i32.const 512))))"""
    assert errno(call, imports=imported(name)) == 1


def test_a_guest_cannot_sleep_or_wait() -> None:
    started = time.monotonic()
    subscription = "(i64.store (i32.const 536) (i64.const 3600000000000))"
    call = f"""(block (result i32) {subscription}
        (call $f (i32.const 512) (i32.const 600) (i32.const 1) (i32.const 700)))"""
    assert errno(call, imports=imported("poll_oneoff")) == NOSYS
    assert time.monotonic() - started < 60


# --- proc_exit ------------------------------------------------------------------------------------

STATUSES = [0, 1, 3, 125, 126, 127, 134, 255, 256, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]


def signed(value: int) -> int:
    return value - (1 << 32) if value >= 1 << 31 else value


@pytest.mark.parametrize("status", STATUSES)
def test_leaving_costs_the_record_in_hand(status: int) -> None:
    with wr.load(guest(exit_status=signed(status)), limits=LIMITS) as transform:
        batch = transform.run(b"a1\ne2\na3\n")
    assert batch.output == b"a1\na3\n"
    assert [(f.record, f.code) for f in batch.failures] == [(2, "exit")]
    assert batch.failures[0].message == f"the module exited with status {status}"


@pytest.mark.parametrize(
    "behind", ["", "unreachable", "(loop $x (br $x))"], ids=["returns", "traps", "loops"]
)
def test_leaving_while_it_opens_is_a_guest_error(behind: str) -> None:
    leave = f"(call $exit (i32.const 7)) {behind} (i32.const 1024)"
    with pytest.raises(wr.GuestError, match="exited with status 7") as caught:
        wr.load(guest(open=leave), limits=LIMITS)
    assert caught.value.code == "exit"


def test_a_guest_that_says_exit_and_goes_on_is_not_used_again() -> None:
    leave = """
        (if (i32.load (i32.const 512)) (then unreachable))
        (i32.store (i32.const 512) (i32.const 1))
        (call $exit (i32.const 5))"""
    with wr.load(guest(after=leave), limits=LIMITS) as transform:
        for _ in range(2):
            batch = transform.run(b"a1\na2\n")
            assert (batch.output, batch.counts.read) == (b"a1\na2\n", 2)


# --- fd_write -------------------------------------------------------------------------------------

TEXT = 3 * wr.MiB
# An iovec at 512 for the text.
_VECTOR = f"(i32.store (i32.const 512) (i32.const {TEXT})) (i32.store (i32.const 516) (i32.const {{length}}))"
_WRITE = "(call $write (i32.const 2) (i32.const 512) (i32.const 1) (i32.const 508))"


def write(fd: int, vectors: int, count: int, written: int, setup: str = "") -> str:
    numbers = " ".join(f"(i32.const {signed(n)})" for n in (fd, vectors, count, written))
    return f"(block (result i32) {setup} (call $write {numbers}))"


@pytest.mark.parametrize("fd", [0, 3, 4, 0xFFFFFFFF])
def test_there_are_two_descriptors(fd: int) -> None:
    assert errno(write(fd, 512, 0, 508)) == BADF
    assert errno(write(1, 512, 0, 508)) == errno(write(2, 512, 0, 508)) == SUCCESS


_END = 64 * 65536


@pytest.mark.parametrize(
    ("vectors", "count", "written", "expected"),
    [
        (_END - 8, 1, 508, SUCCESS),
        (_END - 7, 1, 508, FAULT),
        (0xFFFFFFFF, 1, 508, FAULT),
        (0xFFFFFFF8, 1, 508, FAULT),
        (TEXT, 1024, 508, SUCCESS),
        (512, 1025, 508, INVAL),
        (512, 0xFFFFFFFF, 508, INVAL),
        (512, 0x20000000, 508, INVAL),  # times 8 it is 0 in 32 bits
        (512, 0, _END - 4, SUCCESS),
        (512, 0, _END - 3, FAULT),
        (512, 0, 0xFFFFFFFE, FAULT),
        (0x80000000, 1, 508, FAULT),
    ],
)
def test_vectors_out_of_range(vectors: int, count: int, written: int, expected: int) -> None:
    assert errno(write(2, vectors, count, written)) == expected


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        (0, _END, SUCCESS),
        (1, _END, FAULT),
        (_END, 0, SUCCESS),
        (_END, 1, FAULT),
        (0xFFFFFFFF, 2, FAULT),
        (0, 0xFFFFFFFF, FAULT),
        (0xFFFFFFFF, 0xFFFFFFFF, FAULT),
    ],
)
def test_texts_out_of_range(start: int, length: int, expected: int) -> None:
    setup = f"(i32.store (i32.const 512) (i32.const {signed(start)}))"
    setup += f"(i32.store (i32.const 516) (i32.const {signed(length)}))"
    assert errno(write(2, 512, 1, 508, setup)) == expected


def said(text: str, repeat: int = 1, behind: str = "unreachable") -> wr.Failure:
    """The failure of a record in which the guest writes a text and traps."""
    data = "".join(f"\\{byte:02x}" for byte in text.encode())
    trap = f"""
        (if (i32.eq (i32.load8_u (i32.const 65536)) (i32.const 113)) (then
          (call $set (i32.const 8) (i32.const 0))
          (call $set (i32.const 12) (i32.const 0))
          (call $set (i32.const 24) (i32.const 0))
          (i64.store offset=4 (i32.const 1104) (i64.const 0))
          {_VECTOR.format(length=len(text.encode()))}
          (local.set $at (i32.const {repeat}))
          (loop $again
            (drop {_WRITE})
            (br_if $again (local.tee $at (i32.sub (local.get $at) (i32.const 1)))))
          {behind}))"""
    with wr.load(guest(after=trap, extra=f'(data (i32.const {TEXT}) "{data}")'), limits=LIMITS) as transform:
        (failure,) = transform.run(b"q1\n").failures
    return failure


def test_the_last_words_of_a_guest_are_the_reason() -> None:
    failure = said("thread main panicked: no luck\n")
    assert (failure.code, failure.message) == ("trap", "the module trapped: thread main panicked: no luck")


def test_words_that_would_steer_a_terminal() -> None:
    message = said("\x1b[2Jred\x00\n\r\u202e\u2028").message
    assert message.isprintable()
    assert "red" in message


def test_words_that_are_no_text() -> None:
    assert said("ä" * 20).message == "the module trapped: " + "ä" * 20


def test_a_flood_is_cut() -> None:
    failure = said("flood " * 100, repeat=2000)
    assert failure.code in ("trap", "time")
    assert len(failure.message) < 5000


def test_an_endless_flood_is_out_of_time() -> None:
    assert said("flood", behind=f"(loop $x (drop {_WRITE}) (br $x))").code == "time"


def test_a_large_write_is_said_to_be_done() -> None:
    setup = _VECTOR.format(length=1_000_000)
    call = f"""(block (result i32) (drop {write(1, 512, 1, 508, setup)})
        (i32.eq (i32.load (i32.const 508)) (i32.const 1000000)))"""
    assert errno(call) == 1


# --- what the shipped module is granted -----------------------------------------------------------


def test_the_shipped_module_gets_the_same_bytes_each_time() -> None:
    """Hash tables of std, which named groups of a pattern and look-around need, ask for random keys."""
    outputs = set()
    for _ in range(3):
        with wr.jq('capture("(?<x>a)(?=b)")', schema={"pattern": "^(?=a)(?<name>.)b"}) as transform:
            batch = transform.run(b'"ab"\n"b"\n')
        assert [f.code for f in batch.failures] == ["pattern"]
        outputs.add(batch.output)
    assert outputs == {b'{"x":"a"}\n'}


def random(address: int, length: int) -> int:
    """What the shim answers to a granted module's wish for random bytes."""
    store = wasmtime.Store(engine())
    store.set_epoch_deadline(1_000_000)
    info = scan(RANDOM)
    linker = wasmtime.Linker(engine())
    Shim(store, ("random",)).link(linker, info)
    instance = linker.instantiate(store, wasmtime.Module(engine(), RANDOM))
    answer: Any = instance.exports(store)["f"]
    return int(answer(store, signed(address), signed(length)))


RANDOM = bytes(
    wasmtime.wat2wasm("""(module
      (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "f") (param i32 i32) (result i32) (call $random (local.get 0) (local.get 1))))""")
)


@pytest.mark.parametrize(
    ("address", "length", "expected"),
    [
        (0, 0, SUCCESS),
        (0, 4096, SUCCESS),
        (65536 - 16, 16, SUCCESS),
        (65536 - 15, 16, FAULT),
        (0xFFFFFFFF, 1, FAULT),
        (0, 4097, INVAL),
        (0, 0xFFFFFFFF, INVAL),
    ],
)
def test_random_bytes_out_of_range(address: int, length: int, expected: int) -> None:
    assert random(address, length) == expected


def test_a_function_may_be_imported_twice() -> None:
    twice = imported("sched_yield") + imported("sched_yield").replace("$f", "$g")
    assert errno("(i32.add (call $f) (call $g))", imports=twice) == SUCCESS
