"""Dead letters: each failed record becomes one JSON line with its reason, its place and its whole text."""

from __future__ import annotations

import codecs
import re
from binascii import b2a_base64
from collections.abc import Iterator
from json.encoder import encode_basestring
from typing import BinaryIO

from .._errors import SourceError
from .._outcome import Failure, Reason
from .._text import as_text, shown
from ._sink import Sink
from ._source import reason

PIECE = 192 * 1024  # a multiple of three, so that pieces of base64 join without padding

# JSON lets these stand as they are, but on a terminal they move the cursor or turn the text around,
# and some readers split lines at U+2028: an escape says the same and does neither.
_UNSAFE = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")


class DeadLetters:
    """Writes failures to a sink, which is opened for the first of them unless it was before."""

    def __init__(self, sink: Sink, *, opened: bool) -> None:
        self._sink, self.opened = sink, opened

    @property
    def size(self) -> int:
        """Bytes written."""
        return self._sink.size

    @property
    def name(self) -> str:
        """What the sink is called."""
        return self._sink.name

    def write(self, source: str, failures: tuple[Failure, ...]) -> None:
        """One line for each. A spooled text is streamed from its file, which is at its start again afterwards
        and stays the caller's."""
        waiting: list[bytes] = []
        waiting_bytes = 0
        for failure in failures:
            if failure.spooled is not None:
                self._send(b"".join(waiting))
                waiting, waiting_bytes = [], 0
                for piece in _spooled_line(source, failure, failure.spooled):
                    self._send(piece)
                continue
            line = _line(source, failure)
            waiting.append(line)
            waiting_bytes += len(line)
            if waiting_bytes > PIECE:
                self._send(b"".join(waiting))
                waiting, waiting_bytes = [], 0
        self._send(b"".join(waiting))

    def _send(self, data: bytes) -> None:
        if not data:
            return
        if not self.opened:
            self._sink.open()
            self.opened = True
        try:
            self._sink.write(data)
        except BrokenPipeError as error:  # unlike output, dead letters are no one's to throw away
            raise SourceError(f"cannot write {shown(self.name)}: {reason(error)}") from error

    def finish(self) -> None:
        """The run is done."""
        if self.opened:
            self._sink.finish()


def escaped(text: str) -> str:
    """JSON text without characters that could steer a terminal; within its strings they say the same."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _quoted(text: str) -> str:
    quoted: str = encode_basestring(text)
    return escaped(quoted)


def _shown(text: str) -> str:
    # A name or message may hold what is no text: file names are bytes, and guests say what they like.
    return _quoted(as_text(text))


def _reason(one: Failure | Reason) -> str:
    rule = "" if one.schema_path is None else f'"schema_path": {_shown(one.schema_path)}, '
    return f'"code": {_shown(one.code)}, "path": {_shown(one.path)}, {rule}"message": {_shown(one.message)}'


def _head(source: str, failure: Failure) -> str:
    errors = ""
    if failure.errors:
        listed = ", ".join(f'{{"offset": {one.offset}, {_reason(one)}}}' for one in failure.errors)
        errors = f'"errors": [{listed}], '
    return (
        f'{{"source": {_shown(source)}, "record": {failure.record}, "line": {failure.line}, '
        f'"offset": {failure.offset}, {_reason(failure)}, {errors}'
    )


def _line(source: str, failure: Failure) -> bytes:
    try:
        field = f'"input": {_quoted(failure.input.decode("utf-8"))}'
    except UnicodeDecodeError:
        field = f'"input_base64": "{_base64(failure.input).decode("ascii")}"'
    return f"{_head(source, failure)}{field}}}\n".encode()


def _spooled_line(source: str, failure: Failure, text: BinaryIO) -> Iterator[bytes]:
    """The same line in pieces: the text may be larger than memory."""
    start = text.tell()
    is_text = _is_utf8(text)
    text.seek(start)
    yield f'{_head(source, failure)}"{"input" if is_text else "input_base64"}": "'.encode()
    decoder = codecs.getincrementaldecoder("utf-8")()
    while piece := text.read(PIECE):
        yield _quoted(decoder.decode(piece))[1:-1].encode() if is_text else _base64(piece)
    yield b'"}\n'
    text.seek(start)


def _base64(data: bytes) -> bytes:
    return b2a_base64(data, newline=False)


def _is_utf8(text: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := text.read(PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
