"""Reads and writes archives. The same files in give the same wheel out, byte by byte."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

Files = dict[str, bytes]

EPOCH = "315532800"  # 1980-01-01, the first date that a zip file can say
_REGULAR_FILE = 0o100644 << 16


def package_files(package: Path) -> Files:
    """The package's own files. Modules of an editable install may lie there: they are not from this build."""
    kept = (p for p in package.rglob("*") if p.is_file() and p.suffix not in {".pyc", ".wasm"})
    return {p.relative_to(package.parent).as_posix(): p.read_bytes() for p in kept}


def read_wheel(path: Path) -> Files:
    """Every file of a wheel by its path inside."""
    with zipfile.ZipFile(path) as wheel:
        return {name: wheel.read(name) for name in wheel.namelist()}


def metadata_files(built: Files, scripts: Mapping[str, str], root: Path) -> Files:
    """The metadata of maturin's wheel, made true for ours."""
    folder = next(name for name in built if name.endswith(".dist-info/WHEEL")).rpartition("/")[0]
    # The bill of materials names the crates of the workspace by where they lie on the builder's disk.
    here, nowhere = str(root).encode(), b"/wasmrecords"
    files = {n: c.replace(here, nowhere) for n, c in built.items() if n.startswith(f"{folder}/")}
    del files[f"{folder}/RECORD"]
    files[f"{folder}/WHEEL"] = files[f"{folder}/WHEEL"].replace(b"Purelib: false", b"Purelib: true")
    lines = [f"{name} = {function}\n" for name, function in scripts.items()]
    files[f"{folder}/entry_points.txt"] = f"[console_scripts]\n{''.join(lines)}".encode()
    return files


def write_wheel(path: Path, files: Files) -> None:
    """A wheel of ``files`` and a RECORD of them, in a fixed order and with a fixed date."""
    record = f"{'-'.join(path.name.split('-')[:2])}.dist-info/RECORD"
    lines = [f"{name},sha256={_digest(files[name])},{len(files[name])}\n" for name in sorted(files)]
    text = f"{''.join(lines)}{record},,\n"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in [*sorted(files.items()), (record, text.encode())]:
            entry = zipfile.ZipInfo(name)  # dated 1980-01-01 unless told
            entry.external_attr = _REGULAR_FILE
            entry.compress_type = zipfile.ZIP_DEFLATED
            wheel.writestr(entry, content)


def replace_in_sdist(path: Path, name: str, content: bytes) -> None:
    """Gives one file of a source distribution, named as within the project, another content."""
    with tarfile.open(path) as archive:
        members = [(info, file.read()) for info in archive if (file := archive.extractfile(info))]
    with tarfile.open(path, "w:gz") as archive:
        for info, old in members:
            new = content if info.name.partition("/")[2] == name else old
            info.size = len(new)
            archive.addfile(info, io.BytesIO(new))


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
