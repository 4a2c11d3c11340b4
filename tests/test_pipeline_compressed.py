"""Compressed files that the caller opened: what is wrong with them is said as for any other source."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import json
import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

import wasmrecords as wr

COUNT = 20_000
LINES = b"".join(b'{"n":%d,"random":"%s"}\n' % (n, os.urandom(16).hex().encode()) for n in range(COUNT))
PLACE = r"^cannot read (?:in\.packed|member|<stream>): .+ \(at byte [1-9][0-9,]* of what it holds\)"


class Inflated:
    """What zlib itself reads: it has no file of its own."""

    def __init__(self, path: str) -> None:
        self._left, self._inflate = Path(path).read_bytes(), zlib.decompressobj()

    def read(self, size: int) -> bytes:
        given = self._inflate.decompress(self._left, size)
        self._left = self._inflate.unconsumed_tail
        return given


def member(path: str) -> Any:
    with zipfile.ZipFile(path) as archive:
        return archive.open("member")


def zipped(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("member", data)
    return file.getvalue()


def zstd() -> Any:
    return pytest.importorskip("compression.zstd")


KINDS: dict[str, tuple[Callable[[bytes], bytes], Callable[[str], Any]]] = {
    "gzip": (gzip.compress, gzip.open),
    "bzip2": (lambda data: bz2.compress(data, 1), bz2.open),
    "xz": (lzma.compress, lzma.open),
    "lzma": (lambda data: lzma.compress(data, lzma.FORMAT_ALONE), lzma.open),
    "zlib": (zlib.compress, lambda path: nullcontext(Inflated(path))),
    "zip": (zipped, member),
    "zstd": (lambda data: zstd().compress(data), lambda path: zstd().open(path)),
}


Opened = Callable[[], Any]


@pytest.fixture
def packed(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """``in.packed``, a file of this kind, and what opens it."""
    monkeypatch.chdir(tmp_path)
    compress, opened = KINDS[request.param]
    Path("in.packed").write_bytes(compress(LINES))
    return lambda: opened("in.packed")


def size() -> int:
    return os.stat("in.packed").st_size


def damage(at: int) -> None:
    with open("in.packed", "r+b") as file:
        file.seek(at)
        file.write(bytes(64))


def run(packed: Opened) -> wr.Report:
    with packed() as file, wr.jq(".n") as transform:
        return wr.run(file, transform, "out")


@pytest.mark.parametrize("packed", KINDS, indirect=True)
def test_what_is_wrong_within_is_said_with_its_place(packed: Opened, tmp_path: Path) -> None:
    assert run(packed).counts.kept == COUNT
    os.unlink("out")
    damage(size() // 2)
    with pytest.raises(wr.SourceError, match=PLACE) as caught:
        run(packed)
    [note, where] = caught.value.__notes__
    assert note.endswith(" records were done")
    [part] = tmp_path.glob("out.[0-9]*.part")
    assert str(part) in where
    assert part.read_bytes().startswith(b"0\n1\n2\n")


@pytest.mark.parametrize("packed", KINDS, indirect=True)
def test_what_is_wrong_at_the_start_is_said_before_anything_is_written(
    packed: Opened, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    start = {"gzip": 10, "zip": 36, "zlib": 2}
    damage(start.get(request.node.callspec.params["packed"], 12))
    with pytest.raises(wr.SourceError, match=r"^cannot read \S+: [^\n]+$"):
        run(packed)
    assert os.listdir(tmp_path) == ["in.packed"]


@pytest.mark.parametrize("packed", ["gzip", "bzip2", "xz", "lzma", "zstd"], indirect=True)
def test_what_is_cut(packed: Opened) -> None:
    os.truncate("in.packed", size() // 2)
    with pytest.raises(wr.SourceError, match="ended before") as caught:
        run(packed)
    assert re.match(PLACE, str(caught.value))


def test_a_compressed_output(tmp_path, monkeypatch):
    """The mode of such a file is a number."""
    monkeypatch.chdir(tmp_path)
    Path("in").write_bytes(b"1\nx\n2\n")
    with gzip.open("out.gz", "wb") as file, wr.jq(".") as transform:
        assert wr.run("in", transform, file, errors=os.devnull).counts.written == 2
    with gzip.open("out.gz") as file:
        assert file.read() == b"1\n2\n"


def test_a_compressed_stream_within_another_has_no_name():
    """The one that gzip gives it is empty, which nobody finds in what is said."""
    packed = io.BytesIO(gzip.compress(b"x\n"))
    letters = io.BytesIO()
    with wr.jq(".") as transform:
        report = wr.run(gzip.GzipFile(fileobj=packed), transform, io.BytesIO(), errors=letters)
        assert report.sources == ("<stream>",)
        assert json.loads(letters.getvalue())["source"] == "<stream>"
        with pytest.raises(wr.SourceError, match=r"^cannot read <stream>: Not a gzipped file"):
            wr.run(gzip.GzipFile(fileobj=io.BytesIO(b"text")), transform, io.BytesIO())
        packing = gzip.GzipFile(fileobj=io.BytesIO(), mode="wb")
        packing.write = full  # type: ignore[method-assign]
        with pytest.raises(wr.SourceError, match=r"^cannot write <output>: No space left"):
            wr.run(io.BytesIO(b"1"), transform, packing)
        packing.close()


def full(_data: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class Generous:
    """Gives what it has, however much was asked for, as files do that were written in Python."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)

    def read(self, size: int) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


def test_a_file_that_gives_more_than_it_was_asked_for(records_wasm: object, tmp_path: Path) -> None:
    with wr.jq(".n") as transform:
        report = wr.run(Generous(LINES, LINES[:1000], LINES[1000:]), transform, tmp_path / "out")
        whole = transform.run(LINES).output
    assert (tmp_path / "out").read_bytes() == whole * 2
    assert (report.counts.kept, report.bytes_in) == (2 * COUNT, 2 * len(LINES))
