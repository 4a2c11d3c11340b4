"""Dead letters say exactly what failed, whatever bytes it was made of, and never hold a large one whole."""

from __future__ import annotations

import base64
import io
import json
import re
import tempfile
import tracemalloc
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wasmrecords import Failure
from wasmrecords.pipeline._dead_letters import PIECE, DeadLetters
from wasmrecords.pipeline._sink import sink


def failure(text: bytes = b"", spooled: Any = None, **changes: Any) -> Failure:
    fields: dict[str, Any] = {
        "record": 3, "line": 4, "offset": 61, "code": "type", "path": "$.age", "message": "expected integer",
    }  # fmt: skip
    return Failure(**(fields | changes), input=text, spooled=spooled)


def written(*failures: Failure, source: str = "a.ndjson") -> bytes:
    buffer = io.BytesIO()
    DeadLetters(sink(buffer, "errors"), opened=True).write(source, failures)
    for file in (one.spooled for one in failures if one.spooled is not None):
        assert file.tell() == 0  # it is whose it was
        file.close()
    return buffer.getvalue()


def spooled(text: bytes) -> Any:
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed by whoever writes it
    file.write(text)
    file.seek(0)
    return file


def text_of(line: bytes) -> bytes:
    letter = json.loads(line)
    assert ("input" in letter) != ("input_base64" in letter)
    if "input" in letter:
        return letter["input"].encode()
    return base64.b64decode(letter["input_base64"], validate=True)


def test_fields_and_their_order():
    assert written(failure(b'{"age": "x"}')) == (
        b'{"source": "a.ndjson", "record": 3, "line": 4, "offset": 61, "code": "type", "path": "$.age", '
        b'"message": "expected integer", "input": "{\\"age\\": \\"x\\"}"}\n'
    )


def test_text_that_is_not_utf8_is_base64():
    assert written(failure(b"\xff\xfe{")).endswith(b'"input_base64": "//57"}\n')


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_come_back_and_stay_on_one_line(text):
    line = written(failure(text))
    assert line.count(b"\n") == 1
    assert text_of(line) == text
    assert written(failure(b"", spooled(text))) == line
    shown = line.decode()
    assert not re.search("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]", shown)  # nothing steers a terminal
    assert len(shown.splitlines()) == 1


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_name_and_message(name, message):
    letter = json.loads(written(failure(b"", message=message), source=name))
    assert (letter["source"], letter["message"]) == (name, message)


def test_names_and_messages_that_are_no_text():
    letter = json.loads(written(failure(b"", message="\udcff", path="$.\ud800"), source="\udcff.ndjson"))
    assert (letter["source"], letter["message"], letter["path"]) == ("\\udcff.ndjson", "\\udcff", "$.\\ud800")


def test_large_texts_are_split_anywhere():
    for shift in range(4):  # a character of four bytes lies across the pieces in every way
        text = b"x" * (PIECE - shift) + "\U0001f600".encode() * 9 + b'"\\\n' + b"y" * PIECE
        assert text_of(written(failure(b"", spooled(text)))) == text
    for text in (b"\xff" * (2 * PIECE + 1), b"x" * PIECE + b"\xf0\x9f"):  # wrong only at the very end
        line = written(failure(b"", spooled(text)))
        assert b'"input_base64"' in line
        assert text_of(line) == text


def test_a_large_text_is_never_held_whole():
    class Nothing:
        size = 0

        def write(self, data: bytes) -> None:
            self.size += len(data)

    size = 40_000_000
    sunk = Nothing()
    letters = DeadLetters(sink(sunk, "errors"), opened=True)
    with spooled(b"x" * size) as file:
        tracemalloc.start()
        letters.write("a", (failure(b"", file),))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert sunk.size > size
    assert peak < 10 * PIECE


def test_many_letters_keep_their_order_around_a_spooled_one():
    texts = [b"a" * 100_000, b"b" * 100_000, b"c", b"d" * 300_000, b"e"]
    failures = [failure(text) for text in texts]
    failures[2] = failure(b"", spooled(b"c"))
    assert [text_of(line) for line in written(*failures).splitlines()] == texts
