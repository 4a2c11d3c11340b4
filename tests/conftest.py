"""What several test files need: the built module, the real command, real files."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from tiers import LAUNCHED, MODES, set_tiers

import wasmrecords

PACKAGE = Path(wasmrecords.__file__).parent
ROOT = Path(__file__).parent.parent

# How long an example takes is this machine's business, and no property that is tried here.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--tiers", choices=MODES, default="all", help="what of the fast engine recipes use in all tests"
    )


def pytest_configure(config: pytest.Config) -> None:
    set_tiers(config.getoption("tiers"))


@pytest.fixture(scope="session")
def records_wasm() -> Path:
    """The shipped module, as built."""
    path = PACKAGE / "modules" / "records.wasm"
    if not path.exists():
        pytest.fail(f"{path} is missing: build it with ./build.sh build")
    return path


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real files that lie beside the repository, on machines that have them."""
    path = ROOT.parent / "shared" / "data"
    if not path.is_dir():
        pytest.skip(f"{path} is not there: real files are not tried")
    return path


Once = Callable[[str, Callable[[Path], object]], Path]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Fills a folder once for all test processes of a run: the others wait for the first, and find it."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def filled(name: str, fill: Callable[[Path], object]) -> Path:
        folder, done = base / name, base / f"{name}.done"
        with open(base / f"{name}.lock", "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)  # of one that failed
                folder.mkdir(mode=0o700)
                fill(folder)
                done.touch()
        return folder

    return filled


@pytest.fixture(scope="session", autouse=True)
def cache(once: Once) -> Path:
    """One cache of compiled modules for all tests and the commands that they start, filled once."""

    def fill(folder: Path) -> None:
        os.environ["WASMRECORDS_CACHE"] = str(folder)
        if (PACKAGE / "modules" / "records.wasm").exists():
            wasmrecords.jq(".").close()

    folder = once("cache", fill)
    os.environ["WASMRECORDS_CACHE"] = str(folder)
    return folder


@pytest.fixture(scope="session")
def cli_environment(cache: Path, pytestconfig: pytest.Config) -> dict[str, str]:
    """The environment for ``python -m wasmrecords``: this package, that cache, no colours and no width by
    accident, the tiers of ``--tiers``."""
    keep = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("WASMRECORDS_", "NO_COLOR", "COLUMNS"))
    }
    paths = [str(PACKAGE.parent), keep.get("PYTHONPATH", "")]
    if (mode := pytestconfig.getoption("tiers")) != "all":
        keep["TIERS_OF_TESTS"] = mode
        paths.insert(0, str(LAUNCHED))
    return keep | {"WASMRECORDS_CACHE": str(cache), "PYTHONPATH": os.pathsep.join(filter(None, paths))}


class Ended:
    """How a command ended."""

    def __init__(self, done: subprocess.CompletedProcess[bytes]) -> None:
        self.code = done.returncode
        self.out = done.stdout or b""
        self.err = (done.stderr or b"").decode("utf-8", "backslashreplace")

    def __repr__(self) -> str:
        return f"<exit {self.code}, out {self.out[:500]!r}, err {self.err[:2000]!r}>"


RunCli = Callable[..., Ended]


@pytest.fixture
def command() -> list[str]:
    """The start of a command line."""
    return [sys.executable, "-m", "wasmrecords"]


@pytest.fixture
def run_cli(
    records_wasm: Path, command: list[str], cli_environment: dict[str, str], tmp_path: Path
) -> RunCli:
    """Runs ``wasmrecords ARGUMENTS`` in ``tmp_path`` as a process of its own, as users do.

    ``stdin`` is bytes or an open file; ``env`` is added to the environment. No traceback may ever show.
    """

    def run(
        *arguments: Any,
        stdin: Any = b"",
        env: dict[str, str] | None = None,
        command: list[str] = command,
        **settings: Any,
    ) -> Ended:
        given = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin}
        settings = {
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "cwd": tmp_path,
            "timeout": 120,
        } | settings
        done = subprocess.run(
            [*command, *map(os.fspath, arguments)], env=cli_environment | (env or {}), **given, **settings
        )
        ended = Ended(done)
        assert "Traceback" not in ended.err, ended.err
        assert "bug in wasmrecords" not in ended.err, ended.err
        return ended

    return run


@pytest.fixture
def nobody(tmp_path: Path, cache: Path) -> dict[str, Any]:
    """Settings for ``run_cli`` under which permissions count: the root user may do everything."""
    if os.geteuid() != 0:
        return {}
    for folder in (tmp_path, *tmp_path.parents):
        if not folder.stat().st_mode & 0o001 and folder.is_relative_to(tmp_path.parents[1]):
            folder.chmod(0o755)
    probe = [sys.executable, "-c", "import wasmrecords"]
    settings: dict[str, Any] = {"user": 65534, "group": 65534}
    paths = os.environ | {"PYTHONPATH": str(PACKAGE.parent)}
    try:
        subprocess.run(probe, env=paths, cwd=tmp_path, capture_output=True, check=True, **settings)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(
            "root runs these tests, and another user cannot reach this Python: permissions cannot be tried"
        )
    own_cache = shutil.copytree(cache, tmp_path.with_name(f"{tmp_path.name}-cache"))
    for path in (own_cache, *own_cache.rglob("*")):
        os.chown(path, 65534, 65534)
    return settings | {"env": {"WASMRECORDS_CACHE": str(own_cache)}}
