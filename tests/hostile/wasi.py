"""A module that asks the system for more than there is: it gets an error number, and nothing else happens."""

from __future__ import annotations

from guests import OUTPUT

import wasmrecords as wr
from hostile.case import LEVELS, Act, Case, Stage, records
from hostile.modules import at_x, guests, wasi

NOT_SUPPORTED, BAD_FILE, FAULT, INVALID, DONE = 52, 8, 21, 28, 0
END = 64 * 65536
ALL_ONES = -1


def asking(
    name: str,
    tried: str,
    function: str,
    kinds: str,
    arguments: str,
    setup: str = "",
    expected: int = NOT_SUPPORTED,
) -> Case:
    """A call of WASI at one record, which traps unless the answer is what is expected."""
    imports, called = ("", "$write") if function == "fd_write" else (wasi(function, kinds), f"${function}")
    call = f"(if (i32.ne (call {called} {arguments}) (i32.const {expected})) (then unreachable))"
    return Case(name, tried, "3 kept", records(at_x(setup + call, imports=imports)), LEVELS)


def numbers(*values: int) -> str:
    return " ".join(f"(i32.const {value})" for value in values)


def words(*values: int, at: int = 512) -> str:
    return "".join(
        f"(i32.store (i32.const {at + 4 * n}) (i32.const {value}))" for n, value in enumerate(values)
    )


def writing(name: str, tried: str, expected: int, arguments: tuple[int, ...], *vector: int) -> Case:
    return asking(name, tried, "fd_write", "iiii", numbers(*arguments), words(*vector), expected)


def exiting(status: int) -> Case:
    return Case(
        f"exit {status & 0xFFFFFFFF}",
        f"It ends the process with status {status & 0xFFFFFFFF}",
        "kept, exit, kept",
        records(at_x(f"(call $exit (i32.const {status}))")),
        LEVELS,
        because=f"status {status & 0xFFFFFFFF}",
    )


def flood(stage: Stage) -> str:
    """Megabytes on standard error before a trap: a little of it is the reason."""
    code = (
        words(OUTPUT, 1 << 20)
        + "(local.set $row (i32.const 64)) (loop $l"
        + (
            "(drop (call $write (i32.const 2) (i32.const 512) (i32.const 1) (i32.const 508)))"
            "(br_if $l (local.tee $row (i32.sub (local.get $row) (i32.const 1)))))"
        )
        + "unreachable"
    )
    return records(at_x(code, extra=rf'(data (i32.const {OUTPUT + 4096}) "\1b[31m")'))(stage)


def not_granted(capability: str) -> Act:
    def act(stage: Stage) -> str:
        with stage.load(guests(manifest=f'{{"abi": 1, "capabilities": ["{capability}"]}}')()):
            return "loaded"

    return act


def log_flood(stage: Stage) -> str:
    """A granted log of many times its limit: it is cut, and the records are kept."""
    code = (
        words(OUTPUT, 1 << 20)
        + "(drop (call $write (i32.const 2) (i32.const 512) (i32.const 1) (i32.const 508)))"
    )
    module = guests(after=code, manifest='{"abi": 1, "capabilities": ["log"]}')()
    with stage.load(module, wr.Limits(log=1000, time=1), allow=["log"]) as transform:
        batch = transform.run(b"a1\na2\n")
    assert 0 < len(batch.log) <= 1000
    return stage.fates([b"a1", b"a2"], batch)


CASES = [
    asking(
        "open a file",
        "It opens `/etc/passwd`",
        "path_open",
        "iiiiiIIii",
        numbers(3, 0, 640, 11, 0) + "(i64.const -1) (i64.const -1)" + numbers(0, 512),
        "(i64.store (i32.const 640) (i64.const 0x7361702f6374652f))",
    ),
    asking(
        "look for folders",
        "It asks which folders are open",
        "fd_prestat_get",
        "ii",
        numbers(3, 512),
        expected=8,
    ),
    asking("make a link", "It makes a symbolic link", "path_symlink", "iiiii", numbers(0, 4, 3, 4, 4)),
    asking("read standard input", "It reads standard input", "fd_read", "iiii", numbers(0, 512, 1, 508)),
    asking("close descriptors", "It closes standard error of the host", "fd_close", "i", numbers(2)),
    asking("renumber", "It moves a descriptor over another", "fd_renumber", "ii", numbers(1, 2)),
    asking("network", "It sends something to a socket", "sock_send", "iiiii", numbers(3, 512, 1, 0, 508)),
    asking("accept", "It waits for a connection", "sock_accept", "iii", numbers(3, 0, 512)),
    asking("signal", "It raises SIGKILL", "proc_raise", "i", numbers(9)),
    asking(
        "clock",
        "It asks for the time, which was not granted",
        "clock_time_get",
        "iIi",
        "(i32.const 0) (i64.const 0) (i32.const 512)",
    ),
    asking(
        "randomness",
        "It asks for 64 MiB of random bytes, which were not granted",
        "random_get",
        "ii",
        numbers(0, 64 << 20),
    ),
    asking(
        "environment",
        "It asks for the environment, to be written at -1",
        "environ_sizes_get",
        "ii",
        numbers(-1, -1),
        expected=FAULT,
    ),
    asking(
        "arguments",
        "It asks for the arguments, to be written at -1",
        "args_sizes_get",
        "ii",
        numbers(-1, -4),
        expected=FAULT,
    ),
    writing("wrong descriptor", "It writes to descriptor 3", BAD_FILE, (3, 512, 1, 508), 640, 4),
    writing("descriptor -1", "It writes to descriptor 2^32 - 1", BAD_FILE, (-1, 512, 1, 508), 640, 4),
    writing("vectors outside", "Its vectors are behind the memory", FAULT, (1, END - 4, 1, 508)),
    writing(
        "vectors that wrap",
        "2^29 vectors, whose table has no bytes in 32 bits",
        INVALID,
        (1, 512, 1 << 29, 508),
    ),
    writing("four billion vectors", "2^32 - 1 vectors", INVALID, (1, 512, -1, 508)),
    writing("text outside", "It writes text from behind the memory", FAULT, (1, 512, 1, 508), END - 1, 2),
    writing("text that wraps", "Address and length of its text add up to 1", FAULT, (2, 512, 1, 508), -1, 2),
    writing("all of memory", "It writes its whole memory to standard error", DONE, (2, 512, 1, 508), 0, END),
    writing(
        "answer outside",
        "The number of written bytes is to be stored behind the memory",
        FAULT,
        (1, 512, 1, END - 2),
        640,
        4,
    ),
    Case(
        "flood",
        "It writes 64 MiB with escape sequences to standard error, and traps",
        "kept, trap, kept",
        flood,
        LEVELS,
    ),
    Case(
        "log flood",
        "It writes a MiB a batch to its log, of which it may have 1,000 bytes",
        "2 kept",
        log_flood,
        LEVELS,
    ),
    Case(
        "wants the clock",
        "It wants the clock and does not get it",
        "ModuleError",
        not_granted("clock"),
        ("shared",),
        because="clock",
    ),
    Case(
        "wants random bytes",
        "It wants random bytes and does not get them",
        "ModuleError",
        not_granted("random"),
        ("shared",),
        because="random",
    ),
    *[exiting(status) for status in (1, 125, 126, 134, 255, 256, 1 << 30, -1 << 31, -1)],
]
