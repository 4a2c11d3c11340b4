"""Writing a reply block, for a host in another process: what :mod:`_reply` reads."""

from __future__ import annotations

from ._reply import BLOCK, MAGIC, OUTPUT, PAIR, ROW, Reply

Part = bytes | memoryview


def write(reply: Reply) -> list[Part]:
    """The same reply as a block at address 0 with all that it leads to, in parts that follow each other:
    ``read`` of them gives it back, with ``texts=WRITTEN_TEXT``. The outputs are not copied."""
    count = 1 + len(reply.further)
    parts: list[Part] = [b"", b""]
    at = BLOCK.size + OUTPUT.size * count
    places: dict[str, tuple[int, int]] = {}  # many failures say the same

    def add(data: Part) -> int:
        nonlocal at
        parts.append(data)
        at += len(data)
        return at - len(data)

    def text(words: str) -> tuple[int, int]:
        if words not in places:
            data = words.encode("utf-8", "replace")
            places[words] = add(data), len(data)
        return places[words]

    table = [
        ROW.pack(
            row.record, row.start, row.end - row.start, row.offset,
            *text(row.code), *text(f"{row.path}\n{row.rule}" if row.rule else row.path), *text(row.message),
        )
        for row in reply.rows
    ]  # fmt: skip
    rows = add(b"".join(table))
    lineage = add(b"".join(PAIR.pack(*pair) for pair in reply.lineage))
    log = add(reply.log)
    outputs = [(reply.output, reply.written), *reply.further]
    parts[1] = b"".join(OUTPUT.pack(add(data), len(data), records) for data, records in outputs)
    written = sum(records for _, records in outputs)
    parts[0] = BLOCK.pack(
        MAGIC, BLOCK.size, reply.finished, written, reply.dropped, reply.failed, reply.consumed,
        reply.state, BLOCK.size, count, rows, len(reply.rows), lineage, len(reply.lineage),
        log, len(reply.log), 0, 0,
    )  # fmt: skip
    return parts
