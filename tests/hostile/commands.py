"""The command, with inputs and outputs that break, and signals in the middle of a run."""

from __future__ import annotations

import dataclasses
import os
import resource
import signal
from collections.abc import Callable

from hostile.case import ANY, Act, Case, Stage, wait_for
from hostile.modules import guests

QUIET = ("run", "--quiet", "--jq", ".")
LOOPS = ("run", "--quiet", "-m", "m.wasm", "--limit", "time=60", "-o", "out")


def running(
    *arguments: str,
    prepare: Callable[[Stage], None] = lambda stage: None,
    then: Callable[[Stage], None] = lambda stage: None,
    **settings: object,
) -> Act:
    def act(stage: Stage) -> str:
        prepare(stage)
        ended = stage.command(*arguments, **settings)
        then(stage)
        return ended

    return act


def writes(name: str, content: bytes) -> Callable[[Stage], None]:
    return lambda stage: (stage.folder / name).write_bytes(content) and None


def signalled(number: int) -> Act:
    """A signal while a guest loops, with an output that is already there and has to stay."""

    def act(stage: Stage) -> str:
        (stage.folder / "m.wasm").write_bytes(guests()())
        (stage.folder / "out").write_bytes(b"before\n")
        with stage.load(guests()()):  # compiled now
            pass
        with stage.started(*LOOPS) as process:
            assert process.stdin is not None
            process.stdin.write(b"a1\n" * 200_000 + b"l\n" * 10)
            process.stdin.close()
            wait_for(
                lambda: (
                    [path for path in stage.folder.glob("out.*.part") if path.stat().st_size]
                    or process.poll() is not None
                )
            )
            process.send_signal(number)
            assert wait_for(lambda: process.poll() is not None)
            assert process.stderr is not None
            said = process.stderr.read()
        assert (stage.folder / "out").read_bytes() == b"before\n"
        return stage.exit(process.returncode, said)

    return act


def waiting(*arguments: str, make: Callable[[Stage], None]) -> Act:
    """SIGINT while it waits for an input that never comes."""

    def act(stage: Stage) -> str:
        make(stage)
        with stage.started(*QUIET, *arguments) as process:
            assert not wait_for(lambda: process.poll() is not None, 1.5)
            process.send_signal(signal.SIGINT)
            assert wait_for(lambda: process.poll() is not None)
            assert process.stderr is not None
            said = process.stderr.read()
        return stage.exit(process.returncode, said)

    return act


def closed_pipe(stage: Stage) -> str:
    """Standard output is closed after the first record, as by ``head -n 1``."""
    (stage.folder / "in").write_bytes(b"1\n" * 500_000)
    with stage.started(*QUIET, "in") as process:
        assert process.stdout is not None
        assert process.stdout.read(2) == b"1\n"
        process.stdout.close()
        assert wait_for(lambda: process.poll() is not None)
        assert process.stderr is not None
        return stage.exit(process.returncode, process.stderr.read())


def small_disk() -> None:
    """For a child: no file may grow over 4 MiB."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, 4 << 20))


def no_errors() -> None:
    """For a child: standard error is closed."""
    os.close(2)


def fifo(stage: Stage) -> None:
    os.mkfifo(stage.folder / "pipe")


BAD = b"".join(b'{"n": %d}\nx\n' % n for n in range(500))

ATTACKS = [
    Case("SIGINT", "Ctrl-C while a guest loops", "exit 130", signalled(signal.SIGINT), ANY),
    Case("SIGTERM", "SIGTERM while a guest loops", "exit 143", signalled(signal.SIGTERM), ANY),
    Case(
        "SIGKILL",
        "SIGKILL while a guest loops: the output is as it was",
        "killed by SIGKILL",
        signalled(signal.SIGKILL),
        ANY,
    ),
    Case("closed pipe", "The reader of standard output leaves", "exit 0", closed_pipe, ANY),
    Case(
        "closed standard error",
        "Standard error is closed from the start",
        "exit 1",
        running(*QUIET, "in", prepare=writes("in", BAD), preexec_fn=no_errors),
        ANY,
    ),
    Case(
        "full device",
        "The output is a device that is full",
        "exit 3",
        running(*QUIET, "in", "-o", "/dev/full", prepare=writes("in", b"1\n")),
        ANY,
    ),
    Case(
        "full device for dead letters",
        "The dead letters go to a device that is full",
        "exit 3",
        running(*QUIET, "in", "-o", "out", "--errors", "/dev/full", prepare=writes("in", b"x\n")),
        ANY,
    ),
    Case(
        "full disk",
        "The output grows over what the disk has",
        "exit 3",
        running(
            *QUIET,
            "in",
            "-o",
            "out",
            prepare=writes("in", b'"aaaaaaaaaaaaaaaaaaaaaa"\n' * 300_000),
            preexec_fn=small_disk,
        ),
        ANY,
    ),
    Case(
        "endless input",
        "The input is /dev/zero, and the disk is finite",
        "exit 3",
        running(*QUIET, "/dev/zero", "-o", "out", preexec_fn=small_disk),
        ANY,
        because="temporary file",
    ),
    Case(
        "pipe without a writer",
        "Ctrl-C while it waits for a pipe on which nobody writes",
        "exit 130",
        waiting("pipe", make=fifo),
        ANY,
    ),
    Case("input is a folder", "The input is a folder", "exit 2", running(*QUIET, "."), ANY),
    Case(
        "input links to itself",
        "The input is a link to itself",
        "exit 2",
        running(*QUIET, "in", prepare=lambda stage: (stage.folder / "in").symlink_to("in")),
        ANY,
    ),
    Case(
        "output is the input",
        "The output is the input, by another name",
        "exit 2",
        running(
            *QUIET,
            "in",
            "-o",
            "link",
            prepare=lambda stage: (
                ((stage.folder / "in").write_bytes(b"1\n"), (stage.folder / "link").symlink_to("in"))[0]
                and None
            ),
        ),
        ANY,
    ),
    Case(
        "output in no folder",
        "The output's folder does not exist",
        "exit 2",
        running(*QUIET, "in", "-o", "no/out", prepare=writes("in", b"1\n")),
        ANY,
    ),
    Case(
        "name that steers",
        "An input whose name is escape sequences",
        "exit 2",
        running(*QUIET, "\x1b[2J\n\u202e"),
        ANY,
        because="\\x1b[2J",
    ),
    Case("option that steers", "An option of escape sequences", "exit 2", running("run", "--\x1b[2J"), ANY),
    Case(
        "module that is none",
        "A module that is text",
        "exit 2",
        running("run", "-m", "m.wasm", "in", prepare=writes("m.wasm", b"(module)")),
        ANY,
    ),
    Case(
        "failures over the limit",
        "More records fail than are allowed",
        "exit 3",
        running(*QUIET, "--max-failures", "10", "in", "-o", "out", prepare=writes("in", BAD)),
        ANY,
    ),
    Case(
        "config from /dev/zero",
        "A config that is /dev/zero",
        "exit 2",
        running(
            "run",
            "-m",
            "m.wasm",
            "--config",
            "@/dev/zero",
            "in",
            prepare=lambda stage: writes("m.wasm", guests()())(stage),
        ),
        ANY,
    ),
]
CASES = [dataclasses.replace(case, within=40, once=True) for case in ATTACKS]
