"""Locks that a process of ours puts on itself, once it has loaded all that it needs: Linux, by the kernel.

A process in the jail computes, reads and writes what is open already, and ends. It opens no file, starts
no program and no thread, speaks to nobody new, and has a bound on processor time and memory. Nothing
takes a lock off again, whatever code runs inside later.

rlimits        bounds on memory and processor time; no new descriptors, files, processes and core dumps
no_new_privs   no program that it could start would have more rights than it has
landlock       no file, no TCP port, and no signal or abstract socket to anybody outside
seccomp        a list of system calls; every other one fails with EPERM
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import math
import os
import signal
import struct
import sys
import time
from collections.abc import Collection, Iterable

from ._errors import WasmRecordsError
from ._text import closest

if sys.platform != "win32":
    import resource  # here: in the jail nothing is imported any more

LOCKS = ("rlimits", "no_new_privs", "landlock", "seccomp")
"""The names of all locks."""

# Numbers of the kernel: include/uapi/linux/{prctl,seccomp,landlock,audit}.h and the syscall tables.
_SET_NO_NEW_PRIVS, _GET_NO_NEW_PRIVS, _SET_PDEATHSIG = 38, 39, 1
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT, _LANDLOCK_VERSION = 444, 446, 1
_SECCOMP_FILTER, _SECCOMP_AVAILABLE, _SECCOMP_TSYNC = 1, 2, 1
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_EPERM, _ENOSYS = 1, 38
_PROT_EXEC = 4
_CLONE3 = 435
# By machine: its number in the kernel's audit, and that of the call seccomp.
_MACHINES = {"x86_64": (0xC000003E, 317), "aarch64": (0xC00000B7, 277)}
# Landlock's rights by the version that brought them, as (version, how many there are since).
_RIGHTS = ((1, 13), (2, 14), (3, 15), (5, 16))

# The instructions of BPF that the filter is made of: load a word, return, and jumps.
_LOAD, _RETURN, _EQUAL, _AT_LEAST, _ANY_BIT = 0x20, 0x06, 0x15, 0x35, 0x45

# What is allowed, with its number on x86_64 and on aarch64; None where a machine has no such call.
_CALLS: dict[str, tuple[int, int | None]] = {
    "read": (0, 63),
    "write": (1, 64),
    "readv": (19, 65),
    "writev": (20, 66),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "brk": (12, 214),
    "membarrier": (324, 283),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "futex": (202, 98),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "gettimeofday": (96, 169),
    "getrusage": (98, 165),
    "getrandom": (318, 278),
    "poll": (7, None),
    "ppoll": (271, 73),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
_MMAP, _MPROTECT, _TGKILL = (9, 222), (10, 226), (234, 131)


@functools.cache
def available() -> frozenset[str]:
    """The locks that this kernel has. Asking changes nothing."""
    if sys.platform != "linux" or os.uname().machine not in _MACHINES or struct.calcsize("P") != 8:
        return frozenset()
    found = {"rlimits"}
    if _libc().prctl(_GET_NO_NEW_PRIVS, *_longs(0, 0, 0, 0)) >= 0:
        found.add("no_new_privs")
    if _landlock_version() > 0:
        found.add("landlock")
    action = ctypes.c_uint32(_ERRNO)
    if _syscall(_machine()[1], _SECCOMP_AVAILABLE, 0, ctypes.addressof(action)) == 0:
        found.add("seccomp")
    return frozenset(found)


def required(require: str | Iterable[str] | None) -> tuple[str, ...]:
    """The locks that are put on worker processes here: all that this system has. ``require`` names those that
    must be among them (an iterable, or one text with commas; ``"none"`` for none), None for all.

    Raises :class:`ValueError` for a name that is none, :class:`WasmRecordsError` if one is missing.
    """
    if isinstance(require, str):
        require = [name.strip() for name in require.split(",") if name.strip() not in ("", "none")]
    elif not isinstance(require, (Iterable, type(None))):
        raise TypeError(f"require: expected names of locks, found {type(require).__name__}")
    wanted = LOCKS if require is None else tuple(dict.fromkeys(require))
    for name in wanted:
        if name not in LOCKS:
            near = closest(str(name), LOCKS)
            hint = f"did you mean {near!r}?" if near else f"known are {', '.join(LOCKS)}"
            raise ValueError(f"require: {name!r} is no lock; {hint}")
    if sys.platform == "win32":
        raise WasmRecordsError("isolation='process' is made for Linux, and does not run on Windows at all")
    found = tuple(name for name in LOCKS if name in available())
    missing = [name for name in wanted if name not in found]
    if missing:
        rest = ",".join(name for name in wanted if name in found) or "none"
        raise WasmRecordsError(
            f"isolation='process' has no {' and no '.join(missing)} on this system: to do without, require "
            f"{rest!r} (require={rest!r}, --require {rest})"
        )
    return found


def enter(
    locks: Collection[str],
    *,
    memory: int | None,
    cpu: float | None,
    executable: bool,
    data: int | None = None,
) -> None:
    """Puts locks on this process; those of the kernel's that are for one thread on this thread.

    ``memory`` bytes of addresses are all that the process may have, counting what it has, and ``data`` bytes
    those of memory that is its own to write; ``cpu`` is seconds of processor time from now, after which
    SIGPROF or SIGXCPU ends it. Memory that is executable is refused from now on, unless ``executable``.

    Raises :class:`OSError` if a lock does not hold; the process should end then.
    """
    if cpu is not None and "rlimits" in locks:
        # The clock of setitimer has parts of a second; that of the resource limit cannot be stopped.
        for number in (signal.SIGPROF, signal.SIGXCPU):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGPROF, signal.SIGXCPU})
        signal.setitimer(signal.ITIMER_PROF, cpu)
    if "no_new_privs" in locks:
        _check(_libc().prctl(_SET_NO_NEW_PRIVS, *_longs(1, 0, 0, 0)), "no_new_privs")
    if "landlock" in locks:
        _landlock()  # before the limits: it needs a descriptor for a moment
    if "rlimits" in locks:
        _limit(memory, data, cpu)
    if "seccomp" in locks:
        _seccomp(executable)


def end_with_parent() -> None:
    """This process is killed when the thread that started it ends, where the system can do that."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            _libc().prctl(_SET_PDEATHSIG, *_longs(signal.SIGKILL, 0, 0, 0))


def _limit(memory: int | None, data: int | None, cpu: float | None) -> None:
    bounds = {"NOFILE": 0, "FSIZE": 0, "NPROC": 0, "CORE": 0}
    if memory is not None:
        bounds["AS"] = memory
    if data is not None:
        bounds["DATA"] = data
    for name, bound in bounds.items():
        _bound(getattr(resource, f"RLIMIT_{name}"), bound, bound)
    if cpu is not None:
        seconds = math.ceil(time.process_time() + cpu)
        _bound(resource.RLIMIT_CPU, seconds, seconds + 1)


def _bound(kind: int, soft: int, hard: int) -> None:
    """Never more than there was."""
    highest = resource.getrlimit(kind)[1]
    if highest != resource.RLIM_INFINITY:
        soft, hard = min(soft, highest), min(hard, highest)
    resource.setrlimit(kind, (soft, hard))


def _landlock() -> None:
    """A set of rules that handles everything and allows nothing."""
    version = _landlock_version()
    rights = max(count for since, count in _RIGHTS if since <= max(version, 1))
    attributes = struct.pack("<Q", (1 << rights) - 1)
    if version >= 4:
        attributes += struct.pack("<Q", 3)  # to bind and to connect TCP
    if version >= 6:
        attributes += struct.pack("<Q", 3)  # abstract sockets and signals
    place = ctypes.create_string_buffer(attributes, len(attributes))
    rules = _check(_syscall(_LANDLOCK_CREATE, ctypes.addressof(place), len(attributes), 0), "landlock")
    try:
        _check(_syscall(_LANDLOCK_RESTRICT, rules, 0), "landlock")
    finally:
        os.close(rules)


def _landlock_version() -> int:
    return _syscall(_LANDLOCK_CREATE, 0, 0, _LANDLOCK_VERSION)


def _seccomp(executable: bool) -> None:
    """The list of system calls, for all threads of the process."""
    program = _program(executable)
    instructions = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: how many instructions, and where they are
    place = ctypes.create_string_buffer(struct.pack("@HP", len(program) // 8, ctypes.addressof(instructions)))
    _check(_syscall(_machine()[1], _SECCOMP_FILTER, _SECCOMP_TSYNC, ctypes.addressof(place)), "seccomp")


def _program(executable: bool) -> bytes:
    """The filter in the kernel's BPF. Its input is struct seccomp_data: the number of the call at byte 0,
    the machine at 4, the arguments from 16 on, 8 bytes each."""
    arm = os.uname().machine == "aarch64"
    allow, refuse = (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _ERRNO | _EPERM)
    lines = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, _machine()[0]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
        # Calls of another binary interface of x86_64 have numbers from here on.
        (_AT_LEAST, 0, 1, 0x40000000),
        refuse,
        # The C library asks for clone where there is no clone3, and is refused that.
        (_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _ERRNO | _ENOSYS),
    ]
    for numbers in _CALLS.values():
        if numbers[arm] is not None:
            lines += [(_EQUAL, 0, 1, int(numbers[arm] or 0)), allow]
    for numbers in (_MMAP, _MPROTECT):
        if executable:
            lines += [(_EQUAL, 0, 1, numbers[arm]), allow]
        else:
            lines += [(_EQUAL, 0, 4, numbers[arm]), (_LOAD, 0, 0, 32), (_ANY_BIT, 0, 1, _PROT_EXEC)]
            lines += [refuse, allow]
    # A process may end itself with a signal, as abort() does.
    lines += [(_EQUAL, 0, 3, _TGKILL[arm]), (_LOAD, 0, 0, 16), (_EQUAL, 0, 1, os.getpid()), allow]
    lines.append(refuse)
    return b"".join(struct.pack("<HBBI", *line) for line in lines)


def _machine() -> tuple[int, int]:
    return _MACHINES[os.uname().machine]


@functools.cache
def _libc() -> ctypes.CDLL:
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library


def _longs(*values: int) -> list[ctypes.c_long]:
    """Arguments of a C function that takes any number of them, which is not told how large they are."""
    return [ctypes.c_long(value) for value in values]


def _syscall(*values: int) -> int:
    return int(_libc().syscall(*_longs(*values)))


def _check(result: int, lock: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"the lock {lock} does not hold: {os.strerror(number)}")
    return result
