"""What a hostile case is, and the words for how it ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import wasmrecords as wr

LEVELS = tuple(os.environ.get("HOSTILE_LEVELS", "shared fresh").split())
"""Isolation levels that a case about a module's work is tried at. ``HOSTILE_LEVELS=process`` is for who has
five minutes: each transform of each case then starts a process."""
ANY = LEVELS[:1]
"""For cases to which the level makes no difference: nothing runs, or it is about one level."""

LIMITS = wr.Limits(time=10)
SHORT = wr.Limits(time=0.1)
"""For guests that do not end. All others have time enough on the busiest machine."""


@dataclass
class Stage:
    """Where a case is tried: once for each level. ``messages`` is all text that came out of it."""

    isolation: Any
    folder: Path
    messages: list[str] = field(default_factory=list)

    def load(self, module: bytes, limits: wr.Limits = LIMITS, **settings: Any) -> wr.Transform:
        return wr.load(module, limits=limits, isolation=self.isolation, **settings)

    def jq(self, program: str, limits: wr.Limits = LIMITS, **settings: Any) -> wr.Transform:
        return wr.jq(program, limits=limits, isolation=self.isolation, **settings)

    def said(self, batch: wr.Batch) -> None:
        for failure in batch.failures:
            self.messages += [failure.message, failure.path, failure.code]

    def fates(self, records: list[bytes], batch: wr.Batch, output: bytes | None = None) -> str:
        """What became of the records, once it is sure that each had one fate, in order.

        ``output`` is what they should have become; without it, those that were kept are unchanged.
        """
        self.said(batch)
        counts, failures = batch.counts, batch.failures
        assert counts.read == counts.kept + counts.dropped + counts.failed == len(records), counts
        assert counts.failed == len(failures), counts
        numbers = [failure.record for failure in failures]
        assert numbers == sorted(set(numbers)), numbers
        words = ["kept"] * len(records)
        for failure in failures:
            assert failure.input == records[failure.record - 1], failure
            words[failure.record - 1] = failure.code
        if output is None:
            assert not counts.dropped, counts
            output = b"".join(r + b"\n" for r, word in zip(records, words, strict=True) if word == "kept")
        assert batch.output == output, batch.output[:200]
        return in_short(words)

    def command(self, *arguments: str, **settings: Any) -> str:
        """``wasmrecords ARGUMENTS`` in the stage's folder: its exit status."""
        settings = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "timeout": 60} | settings
        line = [sys.executable, "-m", "wasmrecords", *arguments]
        done = subprocess.run(line, cwd=self.folder, stderr=subprocess.PIPE, **settings)
        return self.exit(done.returncode, done.stderr)

    @contextlib.contextmanager
    def started(self, *arguments: str, **settings: Any) -> Iterator[subprocess.Popen[bytes]]:
        """The command while it runs; whatever happens, it does not outlive the block."""
        settings = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE} | settings
        line = [sys.executable, "-m", "wasmrecords", *arguments]
        with subprocess.Popen(line, cwd=self.folder, stderr=subprocess.PIPE, **settings) as process:
            try:
                yield process
            finally:
                process.kill()

    def exit(self, status: int, said: bytes) -> str:
        """An exit status in words."""
        text = said.decode("utf-8", "backslashreplace")
        assert "Traceback" not in text, text
        assert "bug in wasmrecords" not in text, text
        self.messages += text.splitlines()
        return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit {status}"


Act = Callable[[Stage], str]


@dataclass(frozen=True)
class Case:
    """One attack.

    ``tried`` is a sentence for docs/threat-model.md, and so is ``ends``: an error's class (with its code or
    kind), the fates of the records in order (``kept`` or the failure's code), or an exit status; ``A | B``
    where both are right. ``act`` does it and says how it ended, within so many seconds at one level.
    ``because`` stands in one of the messages: it ended like that for this reason. ``once``: it happens in
    other processes, so that nothing in this one is measured.
    """

    name: str
    tried: str
    ends: str
    act: Act
    levels: tuple[str, ...] = LEVELS
    within: float = 5.0
    once: bool = False
    because: str = ""


def in_short(words: list[str]) -> str:
    """``2 kept, time, kept``."""
    runs = [(word, len(list(run))) for word, run in groupby(words)]
    return ", ".join(word if count == 1 else f"{count:,} {word}" for word, count in runs) or "no records"


def name_of(error: Exception) -> str:
    """``RecipeError (schema)``, ``GuestError (trap)``, ``TimeLimit``."""
    more = getattr(error, "kind", None) or getattr(error, "code", None)
    return type(error).__name__ + (f" ({more})" if more else "")


def ending(act: Act, stage: Stage) -> str:
    """How it ends, also where that is an error of ours or the caller's. Others are not caught."""
    try:
        return act(stage)
    except (wr.WasmRecordsError, ValueError, TypeError) as error:
        stage.messages += str(error).splitlines() if isinstance(error, wr.RecipeError) else [str(error)]
        return name_of(error)


# --- what most cases do ---------------------------------------------------------------------------

Module = bytes | Callable[[], bytes]


def made(module: Module) -> bytes:
    return module if isinstance(module, bytes) else module()


def loading(module: Module, limits: wr.Limits = LIMITS, **settings: Any) -> Act:
    """A module is loaded and, if it can be, given a record."""

    def act(stage: Stage) -> str:
        with stage.load(made(module), limits, **settings) as transform:
            return stage.fates([b"a1"], transform.run(b"a1\n"))

    return act


FORMS: tuple[Any, Any] = ("ndjson", "json")


def records(
    module: Callable[[str], bytes],
    text: str = "a1 x2 a3",
    allow: tuple[str, ...] = (),
    limits: wr.Limits = LIMITS,
) -> Act:
    """Records (words of ``text``) through a module, in both encodings. ``module`` is given its manifest, in
    which it wants what is allowed."""
    lines = text.encode().split()

    def act(stage: Stage) -> str:
        manifest = {"abi": 1, "input": FORMS, "capabilities": allow}
        with stage.load(module(json.dumps(manifest)), limits, allow=allow) as transform:
            data = b"".join(line + b"\n" for line in lines)
            words = {stage.fates(lines, transform.run(data, input=form)) for form in FORMS}
        return " / ".join(sorted(words))

    return act


def wait_for(condition: Callable[[], Any], seconds: float = 20) -> bool:
    """Whether it comes true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
