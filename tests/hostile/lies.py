"""Replies that cannot be true: each field of the reply block and its tables, with values made to hurt.

The guests do their work, and tell the lie only at the end of a batch that has the second record, in both
encodings. That record pays, as soon as it stands alone; the others are kept.
"""

from __future__ import annotations

from guests import ARENA, BLOCK, OUTPUT, OUTPUTS, ROWS, TEXTS

import wasmrecords as wr
from hostile.case import LEVELS, Case, Stage, records
from hostile.modules import FIND_X, at_x, guests, lying

LIE, HARMLESS = "kept, reply, kept", "3 kept"
END = 64 * 65536
ALL_ONES, TOP_BIT = 0xFFFFFFFF, 0x80000000


def word(address: int, value: int | str) -> str:
    """Puts a word into the guest's memory; a text is WebAssembly that computes it."""
    if isinstance(value, int):
        value = f"(i32.const {value - (1 << 32) if value >= TOP_BIT else value})"
    return f"(i32.store (i32.const {address}) {value})"


def off(address: int, by: int) -> str:
    """What is there, and something more or less."""
    return word(address, f"(i32.add (i32.load (i32.const {address})) (i32.const {by}))")


def field(offset: int) -> int:
    return BLOCK + offset


FINISHED, WRITTEN, DROPPED, FAILED, CONSUMED, STATE = map(field, (8, 12, 16, 20, 24, 28))
LOG = word(field(56), ARENA)
OUT, LENGTH, COUNT = OUTPUTS, OUTPUTS + 4, OUTPUTS + 8

BLOCKS = {
    "magic of zeros": ("The magic is 0", word(field(0), 0)),
    "magic of ones": ("The magic is all ones", word(field(0), ALL_ONES)),
    "another magic": (
        "The magic is that of another version",
        word(field(0), int.from_bytes(b"WRB2", "little")),
    ),
    "no size": ("The block says that it has no bytes", word(field(4), 0)),
    "size too small": ("The block says that it has 71 bytes", word(field(4), 71)),
    "nothing finished": ("No record is finished, though all bytes are consumed", word(FINISHED, 0)),
    "one more finished": ("One record more is finished than there was", off(FINISHED, 1)),
    "one less finished": ("One record less is finished than was consumed", off(FINISHED, -1)),
    "two billion finished": ("2^31 records are finished", word(FINISHED, TOP_BIT)),
    "four billion finished": ("2^32 - 1 records are finished", word(FINISHED, ALL_ONES)),
    "nothing written": ("Nothing is written, and there is output", word(WRITTEN, 0)),
    "one more written": ("One record more is written than there is output", off(WRITTEN, 1)),
    "four billion written": ("2^32 - 1 records are written", word(WRITTEN, ALL_ONES) + word(COUNT, ALL_ONES)),
    "all dropped": (
        "All records are dropped, and there is output",
        word(DROPPED, f"(i32.load (i32.const {FINISHED}))"),
    ),
    "four billion dropped": (
        "2^32 - 1 records are dropped: more than were finished",
        word(DROPPED, ALL_ONES),
    ),
    "a failure without a row": ("A record failed without a reason", off(FAILED, 1)),
    "sums that wrap": (
        "Dropped and failed add up to 0 in 32 bits",
        word(DROPPED, 1) + word(FAILED, ALL_ONES) + word(field(44), ALL_ONES),
    ),
    "four billion failed": ("2^32 - 1 records failed", word(FAILED, ALL_ONES)),
    "nothing consumed": ("Nothing is consumed, and everything finished", word(CONSUMED, 0)),
    "one byte more": ("One byte more is consumed than was given", off(CONSUMED, 1)),
    "one byte less": ("A record is consumed but for its last byte", off(CONSUMED, -2)),
    "four billion consumed": ("2^32 - 1 bytes are consumed", word(CONSUMED, ALL_ONES)),
    "wrong state": ("It goes on behind the bracket of an array that there is not", word(STATE, 1)),
    "no such state": ("A state that does not exist", word(STATE, 4)),
    "state of ones": ("A state of 2^32 - 1", word(STATE, ALL_ONES)),
    "answer of one": ("`wr_batch` answers 1", "(return (i32.const 1))"),
    "answer of ones": ("`wr_batch` answers -1", "(return (i32.const -1))"),
}

TABLES = {
    "outputs at -1": ("The table of outputs is at 2^32 - 1", word(field(32), ALL_ONES)),
    "outputs at the end": ("It reaches over the end of the memory", word(field(32), END - 8)),
    "outputs at 0": ("It is at 0, where there are zeros", word(field(32), 0)),
    "outputs in the input": ("It is within the input", word(field(32), ARENA)),
    "outputs in the block": ("It is the reply block itself", word(field(32), BLOCK)),
    "no outputs": ("There are no outputs", word(field(36), 0)),
    "two outputs": ("There are two outputs", word(field(36), 2)),
    "four billion outputs": ("There are 2^32 - 1 outputs", word(field(36), ALL_ONES)),
    "output at -1": ("The output is at 2^32 - 1", word(OUT, ALL_ONES)),
    "output that wraps": (
        "Address and length of the output add up to 16 in 32 bits",
        word(OUT, 0xFFFFFFF0) + word(LENGTH, 32),
    ),
    "output over the end": ("The output's last byte is behind the memory", word(OUT, END - 2)),
    "output of 4 GiB": ("The output has 2^32 - 1 bytes", word(LENGTH, ALL_ONES)),
    "output over the limit": ("The output is larger than its limit", word(LENGTH, 17 * wr.MiB)),
    "no length": ("Records were written in no bytes", word(LENGTH, 0)),
    "another count": ("The row of the output says another number of records", off(COUNT, 1)),
    "no line feed": (
        "The output's last byte is no line feed",
        f"(i32.store8 (i32.sub (i32.add (i32.load (i32.const {OUT})) (i32.load (i32.const {LENGTH})))"
        " (i32.const 1)) (i32.const 48))",
    ),
    "two lines": (
        "One record became two lines, and says that it is one",
        f"(i32.store8 (i32.load (i32.const {OUT})) (i32.const 10))",
    ),
    "output of zeros": ("The output is the memory's first bytes", word(OUT, 0)),
}

LOG_LIES = {
    "log at -1": ("The log is at 2^32 - 1", word(field(56), ALL_ONES) + word(field(60), 1)),
    "log that wraps": (
        "Address and length of the log add up to 1 in 32 bits",
        word(field(56), 0xFFFFFFF1) + word(field(60), 16),
    ),
    "log over the limit": ("The log is one byte over its limit", LOG + word(field(60), 65537)),
    "log of 4 GiB": ("The log has 2^32 - 1 bytes", LOG + word(field(60), ALL_ONES)),
}

ROW_LIES = {
    "rows at -1": ("The table of failures is at 2^32 - 1", word(field(40), ALL_ONES)),
    "rows over the end": ("It reaches over the end of the memory", word(field(40), END - 36)),
    "rows in the input": ("It is within the input", word(field(40), ARENA)),
    "rows that wrap": (
        "Its length is 0 in 32 bits",
        word(FAILED, TOP_BIT >> 3) + word(field(44), TOP_BIT >> 3) + word(FINISHED, TOP_BIT >> 3),
    ),
    "another number of rows": ("It has one row more than records failed", off(field(44), 1)),
    "record that does not exist": ("The record of a failure is 2^32 - 1", word(ROWS, ALL_ONES)),
    "record behind": (
        "It is the record behind the last one",
        word(ROWS, f"(i32.load (i32.const {FINISHED}))"),
    ),
    "another's text": ("Its text begins a byte later", off(ROWS + 4, 1)),
    "shorter text": ("Its text is a byte shorter", off(ROWS + 8, -1)),
    "longer text": ("Its text is a byte longer", off(ROWS + 8, 1)),
    "text of 4 GiB": ("Its text is 2^32 - 1 bytes long", word(ROWS + 8, ALL_ONES)),
    "fault elsewhere": ("Its fault is behind its text", off(ROWS + 12, 100)),
    "fault at -1": ("Its fault is at 2^32 - 1", word(ROWS + 12, ALL_ONES)),
    "code at -1": ("Its code is at 2^32 - 1", word(ROWS + 16, ALL_ONES)),
    "no code": ("Its code is empty", word(ROWS + 20, 0)),
    "long code": ("Its code is longer than 64 letters", word(ROWS + 20, 65)),
    "code that steers": (
        "Its code has an escape sequence",
        f"(i32.store8 (i32.const {TEXTS}) (i32.const 27))",
    ),
    "path at -1": ("Its path is at 2^32 - 1", word(ROWS + 24, ALL_ONES)),
    "message that wraps": (
        "Address and length of its message add up to 1",
        word(ROWS + 32, 0xFFFFFFF1) + word(ROWS + 36, 16),
    ),
    "message over the end": ("Its message reaches over the end of the memory", word(ROWS + 32, END - 4)),
}

# What is odd and can yet be true, or hurts nobody.
ODD = {
    "larger block": ("The block says that it is larger", "a1 x2 a3", word(field(4), ALL_ONES), HARMLESS),
    "output is the input": ("The output is the input, where it lies", "a1 x2 a3", word(OUT, ARENA), HARMLESS),
    "output in new memory": (
        "It grows its memory and moves the output there",
        "a1 x2 a3",
        "(drop (memory.grow (i32.const 16)))"
        f"(memory.copy (i32.const {END}) (i32.const {OUTPUT}) (i32.const 64)) {word(OUT, END)}",
        HARMLESS,
    ),
    "lineage that nobody asked for": (
        "It has a lineage at -1, unasked",
        "a1 x2 a3",
        word(field(48), ALL_ONES) + word(field(52), ALL_ONES),
        HARMLESS,
    ),
    "log that nobody granted": (
        "It has a log of 4 GiB, which was not granted",
        "a1 x2 a3",
        LOG + word(field(60), ALL_ONES),
        HARMLESS,
    ),
    "panic that was none": (
        "It has last words at -1, and did not trap",
        "a1 x2 a3",
        word(field(64), ALL_ONES) + word(field(68), 9),
        HARMLESS,
    ),
    "path that steers": (
        "Its path is escape sequences and no UTF-8",
        "a1 fx a3",
        "(i64.store (i32.const 640) (i64.const 0x0aff5b1bff0d071b))"
        + word(ROWS + 24, 640)
        + word(ROWS + 28, 8),
        "kept, odd, kept",
    ),
    "message that steers": (
        "Its message is 100,000 bytes from anywhere",
        "a1 fx a3",
        word(ROWS + 32, 0) + word(ROWS + 36, 100_000),
        "kept, odd, kept",
    ),
}


def backwards(stage: Stage) -> str:
    """Counts that go back to 0 before a trap: nothing is finished then, and the record in hand, as far as
    anybody can tell, is the first one."""
    back = (
        "".join(word(field(at), 0) for at in (8, 12, 24)) + word(LENGTH, 0) + word(COUNT, 0) + "unreachable"
    )
    return records(at_x(back))(stage)


LINEAGE = """
  (call $set (i32.const 48) (i32.const 512)) (call $set (i32.const 52) (call $get (i32.const 12)))
  (local.set $at (i32.const 0))
  (block $done (loop $next
    (br_if $done (i32.ge_u (local.get $at) (call $get (i32.const 12))))
    (i32.store (i32.add (i32.const 512) (i32.mul (local.get $at) (i32.const 8))) (local.get $at))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (br $next)))
"""


def objects(name: str, tried: str, lie: str, ends: str = LIE) -> Case:
    """Python objects through a guest that tells of each output from which record it came."""

    def act(stage: Stage) -> str:
        failures: list[wr.Failure] = []
        with stage.load(traced(lie)) as transform:
            made = list(transform.map(["a1", "x2", "a3"], failures=failures.append))
        stage.messages += [failure.message for failure in failures]
        words = {failure.record: failure.code for failure in failures}
        assert made == [text for n, text in enumerate(["a1", "x2", "a3"], 1) if n not in words], made
        return ", ".join(words.get(n, "kept") for n in (1, 2, 3))

    return Case(name, tried, ends, act, LEVELS)


def traced(lie: str) -> bytes:
    return guests(after=f"{LINEAGE} (if (call $has_x (local.get $len)) (then {lie}))", extra=FIND_X)()


def lie(
    name: str, tried: str, code: str, text: str = "a1 x2 a3", ends: str = LIE, allow: tuple[str, ...] = ()
) -> Case:
    return Case(name, tried, ends, records(lying(code), text, allow), LEVELS)


CASES = [
    *[lie(name, tried, code) for name, (tried, code) in BLOCKS.items()],
    *[lie(name, tried, code) for name, (tried, code) in TABLES.items()],
    *[lie(name, tried, code, allow=("log",)) for name, (tried, code) in LOG_LIES.items()],
    *[lie(name, tried, code, "a1 fx a3") for name, (tried, code) in ROW_LIES.items()],
    *[lie(name, tried, code, text, ends) for name, (tried, text, code, ends) in ODD.items()],
    Case(
        "counts that go back",
        "All counts go back to 0 before it traps: the first two records pay",
        "2 trap, kept",
        backwards,
        LEVELS,
    ),
    Case(
        "each third lies",
        "Each third record makes a batch a lie",
        "reply, 2 kept, reply, 2 kept, reply",
        records(lying(word(FINISHED, ALL_ONES)), "x1 a2 a3 x4 a5 a6 x7"),
        LEVELS,
    ),
    Case(
        "always lies",
        "Each batch is a lie",
        "8 reply",
        records(lying(word(FINISHED, ALL_ONES)), "x1 x2 x3 x4 x5 x6 x7 x8"),
        LEVELS,
    ),
    objects("true lineage", "A lineage that is true, to compare with", "", "kept, kept, kept"),
    objects("lineage at -1", "The lineage is at 2^32 - 1", word(field(48), ALL_ONES)),
    objects("lineage of too many", "The lineage has more pairs than there are outputs", off(field(52), 1)),
    objects("lineage of strangers", "The lineage names a record that does not exist", word(512, 9)),
    objects("lineage of another output", "The lineage names a second output", word(516, 1)),
]
