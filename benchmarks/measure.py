"""Processes and what they cost: processor time, memory, and a row of the table for each comparison."""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

MB = 1_000_000
BATCH = 256 * 1024
"""What ``run`` and ``stream`` hand to the guest at once."""


@dataclass(frozen=True)
class Row:
    """One measured number. ``met`` is None where there is no target, or nothing could be measured."""

    name: str
    value: float | None
    unit: str
    target: str = ""
    met: bool | None = None
    note: str = ""

    @classmethod
    def at_least(cls, name: str, value: float, unit: str, target: float, note: str = "") -> Row:
        """More is better."""
        return cls(name, value, unit, f">= {target:g}", value >= target, note)

    @classmethod
    def at_most(cls, name: str, value: float, unit: str, target: float, note: str = "") -> Row:
        """Less is better."""
        return cls(name, value, unit, f"<= {target:g}", value <= target, note)

    @classmethod
    def missing(cls, name: str, why: str) -> Row:
        """What this machine cannot measure."""
        return cls(name, None, "", note=f"not measured: {why}")


@dataclass(frozen=True)
class Cost:
    """What one process took: seconds of processor time, bytes of memory at its largest."""

    cpu: float
    memory: int


Command = Sequence[str | os.PathLike[str]]


class Processes:
    """Starts processes that find their bytecode compiled, as those of an installed package do."""

    def __init__(self, folder: Path) -> None:
        self.environment = {
            name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
        } | {"PYTHONPYCACHEPREFIX": str(folder / "bytecode")}

    def cost(self, command: Command, output: Path | None = None, *, accept: Sequence[int] = (0,)) -> Cost:
        """Runs one to its end. The memory is only sound while that of this process is smaller."""
        with open(output or os.devnull, "wb") as out:
            process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, env=self.environment)
            assert process.stderr is not None  # noqa: S101 for the type checker: it is a pipe
            with process.stderr as errors:
                said = errors.read()
            _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in accept:
            raise SystemExit(f"{os.fspath(command[0])} failed: {said.decode(errors='replace').strip()}")
        kilo = 1 if sys.platform == "darwin" else 1024
        return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss * kilo)

    def interleaved(self, commands: dict[str, Callable[[], Cost]], rounds: int) -> dict[str, list[Cost]]:
        """All of them in turn, again and again, so that a slow minute of the machine meets them alike."""
        costs: dict[str, list[Cost]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                costs[name].append(command())
        return costs


def batches(text: bytes) -> list[bytes]:
    """Whole lines, as many at a time as :data:`BATCH` takes; a longer line by itself."""
    found, at = [], 0
    while at < len(text):
        end = text.rfind(b"\n", at, at + BATCH) + 1 or text.find(b"\n", at) + 1 or len(text)
        found.append(text[at:end])
        at = end
    return found


def ratio(peer: list[Cost], ours: list[Cost]) -> float:
    """Our speed as a multiple of the peer's: the median over the rounds."""
    return statistics.median(theirs.cpu / mine.cpu for theirs, mine in zip(peer, ours, strict=True))


def typical(costs: list[Cost]) -> float:
    """Seconds of processor time: the median."""
    return statistics.median(cost.cpu for cost in costs)


def wasmrecords() -> list[str]:
    """The command, as it is installed beside this Python."""
    script = shutil.which("wasmrecords", path=str(Path(sys.executable).parent))
    return [script] if script else [sys.executable, "-m", "wasmrecords"]


def machine() -> dict[str, str]:
    """What the numbers depend on; nothing that says whose machine it is."""
    facts = {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
    for package in ("wasmrecords", "wasmtime", "duckdb", "polars", "msgspec", "orjson", "pysimdjson"):
        try:
            facts[package] = version(package)
        except PackageNotFoundError:
            facts[package] = "not installed"
    for command in ("jq", "node"):
        facts[command] = "not installed"
        if found := shutil.which(command):
            said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
            facts[command] = said.stdout.strip().removeprefix("jq-").removeprefix("v")
    return facts


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return platform.processor() or platform.machine()
    for line in text.splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
