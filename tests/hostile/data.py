"""Good transforms and hostile records: each bad one costs itself, and its neighbours are kept."""

from __future__ import annotations

import bz2
import gzip
import random
from collections.abc import Iterator

import wasmrecords as wr
from hostile.case import ANY, LEVELS, Act, Case, Stage, in_short

LIMITS = wr.Limits(time=5, record=1 * wr.MiB, output=4 * wr.MiB)
ONE = b'{"n":1}'


def between(
    name: str, tried: str, record: bytes, ends: str, program: str = ".", becomes: bytes | None = None
) -> Case:
    """A record between two good ones, as NDJSON. It comes out as it went in, or as what it ``becomes``."""

    def act(stage: Stage) -> str:
        records = [ONE, record, ONE]
        output = None if becomes is None else b"".join(text + b"\n" for text in (ONE, becomes, ONE))
        with stage.jq(program, LIMITS) as transform:
            return stage.fates(records, transform.run(b"\n".join(records)), output)

    return Case(name, tried, ends, act, LEVELS)


def source(
    name: str,
    tried: str,
    data: bytes,
    ends: str,
    output: bytes,
    form: str = "ndjson",
    levels: tuple[str, ...] = LEVELS,
) -> Case:
    """A whole input, as a stream cut into pieces of 7 bytes and at once: the same fates, with this output."""

    def act(stage: Stage) -> str:
        seen = set()
        with stage.jq(".", LIMITS) as transform:
            pieces = [data[at : at + 7] for at in range(0, len(data), 7)]
            for batches in ([transform.run(data, input=form)], list(transform.stream(pieces, input=form))):  # type: ignore[arg-type]
                assert b"".join(batch.output for batch in batches) == output, batches
                failures = {f.record: f for batch in batches for f in batch.failures}
                for batch in batches:
                    stage.said(batch)
                read = sum(batch.counts.read for batch in batches)
                seen.add(
                    in_short([failures[n].code if n in failures else "kept" for n in range(1, read + 1)])
                )
        return " / ".join(sorted(seen))

    return Case(name, tried, ends, act, levels)


def endless_line(form: str) -> Act:
    """A record of 64 MiB in a stream, where a record may have one."""

    def pieces() -> Iterator[bytes]:
        yield b'{"n":1}\n{"n":"'
        for _ in range(64):
            yield b"x" * wr.MiB
        yield b'"}\n{"n":1}\n'

    def act(stage: Stage) -> str:
        failures: list[wr.Failure] = []
        output, read = b"", 0
        with stage.jq(".", LIMITS) as transform:
            for batch in transform.stream(pieces(), input=form):  # type: ignore[arg-type]
                stage.said(batch)
                failures += batch.failures
                output += batch.output
                read += batch.counts.read
        (failure,) = failures
        assert failure.spooled is not None
        with failure.spooled as file:
            assert len(file.read()) == 64 * wr.MiB + 8
        assert output == (ONE + b"\n") * (read - 1)
        return in_short([failure.code if n == failure.record else "kept" for n in range(1, read + 1)])

    return act


def packed(content: bytes) -> Act:
    """A compressed file as the input of a run."""

    def act(stage: Stage) -> str:
        path = stage.folder / "in"
        path.write_bytes(content)
        with stage.jq(".", LIMITS) as transform:
            report = wr.run(path, transform, stage.folder / "out", errors=stage.folder / "errors")
        return f"{report.counts.read} read"

    return act


def wide(count: int) -> bytes:
    """An object of many members, whose names are made to be alike."""
    return b"{" + b",".join(b'"%s%d":0' % (b"Aa" if n % 2 else b"BB", n) for n in range(count)) + b"}"


CASES = [
    between(
        "1,000 levels", "Arrays a thousand levels deep", b"[" * 1_000 + b"]" * 1_000, "kept, nesting, kept"
    ),
    between(
        "a million levels",
        "Half a million brackets that are never closed",
        b"[" * 500_000,
        "kept, nesting, kept",
    ),
    between(
        "deep objects",
        "Objects 100,000 levels deep",
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "kept, nesting, kept",
    ),
    between(
        "deep in a program",
        "Arrays 128 levels deep, through a program that takes them apart",
        b"[" * 128 + b"]" * 128,
        "kept, jq, kept",
        program='if type == "array" then [paths] | error else . end',
    ),
    between("1e400", "A number over all doubles", b"1e400", "3 kept"),
    between("2^64", "A number over 64 bits", b"18446744073709551617", "3 kept"),
    between("long number", "A number of 500,000 digits", b"9" * 500_000, "3 kept"),
    between(
        "long number in a program",
        "A number of 100,000 digits, and arithmetic",
        b"9" * 100_000,
        "kept, jq, kept",
        program='if type == "number" then . * 3 | tostring | error else . end',
    ),
    between("minus zero", "-0, and an exponent of -400", b"[-0,-0.0,1e-400]", "3 kept"),
    between("not a number", "NaN", b"NaN", "kept, json, kept"),
    between("leading zero", "A number with a leading zero", b"01", "kept, json, kept"),
    between("same name twice", "An object with a name twice", b'{"a":1,"a":2}', "3 kept", becomes=b'{"a":2}'),
    between("names alike", "An object of 50,000 names that are alike", wide(50_000), "3 kept"),
    between("lone surrogate", "Half a surrogate pair in an escape", rb'"\ud800"', "kept, json, kept"),
    between(
        "swapped surrogates", "A surrogate pair the wrong way round", rb'"\udc00\ud800"', "kept, json, kept"
    ),
    between("not UTF-8", "A byte that is no UTF-8", b'"\xff"', "kept, utf8, kept"),
    between("overlong UTF-8", "A slash in two bytes", b'"\xc0\xaf"', "kept, utf8, kept"),
    between("surrogate in UTF-8", "A surrogate in three bytes", b'"\xed\xa0\x80"', "kept, utf8, kept"),
    between("over U+10FFFF", "A character that does not exist", b'"\xf4\x90\x80\x80"', "kept, utf8, kept"),
    between("NUL", "A NUL byte between two values", b'{"n":\x001}', "kept, json, kept"),
    between("raw control", "A raw ESC in a string", b'"\x1b[2J"', "kept, json, kept"),
    between(
        "escaped control",
        "An escape sequence, escaped as JSON asks for",
        rb'"\u001b[2J\u202e"',
        "3 kept",
        becomes='"\\u001b[2J\u202e"'.encode(),
    ),
    between(
        "name that steers",
        "A wrong value under a name of escape sequences",
        b'{"\\u001b[2J\\n\\u202e": tru}',
        "kept, json, kept",
    ),
    between(
        "other line ends", "U+2028, U+0085 and a form feed in a string", '"\u2028\u0085"'.encode(), "3 kept"
    ),
    between(
        "mark in the middle",
        "A byte order mark before the second record",
        b"\xef\xbb\xbf1",
        "kept, json, kept",
    ),
    between(
        "too large",
        "A record one byte over its limit",
        b'"' + b"x" * (wr.MiB - 1) + b'"',
        "kept, record_too_large, kept",
    ),
    between(
        "just large enough", "A record as large as its limit", b'"' + b"x" * (wr.MiB - 2) + b'"', "3 kept"
    ),
    between(
        "escapes",
        "A string of 150,000 escapes",
        b'"' + rb"\u0041" * 150_000 + b'"',
        "kept, jq, kept",
        program='if type == "string" then length | tostring | error else . end',
    ),
    between(
        "output of many",
        "A record that becomes gigabytes",
        b"2",
        "kept, output, kept",
        program="if . == 2 then repeat([range(1000)]) else . end",
    ),
    between(
        "no JSON at all",
        "64 KiB of random bytes",
        random.Random(2).randbytes(65536).replace(b"\n", b" "),
        "kept, utf8, kept | kept, json, kept",
    ),
    source("nothing", "An input of no bytes", b"", "no records", b""),
    source(
        "blank lines", "White space and line ends of all kinds", b"\r\n \t\n\n\r\n" * 20, "no records", b""
    ),
    source("CR LF", "Lines with CR LF, and a lone CR", b"1\r\n2\r\n\r3\r\n", "3 kept", b"1\n2\n3\n"),
    source("byte order mark", "A byte order mark at the start", b"\xef\xbb\xbf1\n2\n", "2 kept", b"1\n2\n"),
    source("UTF-16", "UTF-16 with its mark", '{"a":1}'.encode("utf-16"), "utf8", b""),
    source(
        "array not closed", "An array whose end is missing", b"[1,2,[3", "2 kept, json", b"1\n2\n", "json"
    ),
    source("brackets only", "Nothing but closing brackets", b"]]]}", "4 json", b"", "json"),
    source("commas only", "An array of nothing but commas", b"[,,,]", "4 json", b"", "json"),
    source(
        "values without space",
        "Values with nothing between them",
        b'1"a"[2]{}',
        "4 kept",
        b'1\n"a"\n2\n{}\n',
        "json",
    ),
    source(
        "string not closed",
        "A string that goes on to the end",
        b'1 "aaaaaaaaaaaaaaaaaaaaaa',
        "kept, json",
        b"1\n",
        "json",
    ),
    Case(
        "endless line",
        "A line of 64 MiB in a stream, where a record may have one",
        "kept, record_too_large, kept",
        endless_line("ndjson"),
        LEVELS,
        within=20,
    ),
    Case(
        "endless value",
        "The same as a stream of JSON values",
        "kept, record_too_large, kept",
        endless_line("json"),
        LEVELS,
        within=20,
    ),
    Case(
        "gzip bomb",
        "16 MiB of zeros in 16 KB, as a compressed input",
        "SourceError",
        packed(gzip.compress(bytes(16 * wr.MiB), mtime=0)),
        ANY,
        within=15,
    ),
    Case(
        "half a gzip",
        "A compressed input that is cut",
        "SourceError",
        packed(gzip.compress(random.Random(3).randbytes(5000), mtime=0)[:3000]),
        ANY,
    ),
    Case(
        "bzip2 bomb",
        "The same with bzip2",
        "SourceError",
        packed(bz2.compress(bytes(16 * wr.MiB))),
        ANY,
        within=15,
    ),
]
