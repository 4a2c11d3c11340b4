"""Within one process: the guest alone, what is spent outside of it, what the sandbox adds, threads, calls."""

from __future__ import annotations

from bench import Bench
from measure import MB, Row

HOST_PERCENT, ONE_MICROSECONDS = 2, 5
ARMOUR_PERCENT, APART_RATIO = 3, 1.3
CALL_MICROSECONDS, MAP_MILLIONS = 8, 3
TYPED_RECIPE, TYPED_SERDE = 0.8, 6
GUEST_MB, NATIVE_RATIO, THREADS_RATIO = 8, 1.2, 1.85


def engine(bench: Bench) -> list[Row]:
    """The guest alone, on records of many shapes."""
    size = ("--size", str(bench.size / MB), "--rounds", str(3 * bench.rounds))
    rows = []
    for name, case in bench.answer("engine.py", *size, *bench.engine).items():
        rows.append(Row(f"guest, {name}", case["speed"], "MB/CPU-s"))
        if case["ratio"] is not None:
            against = f"{name}: speed over {case['against']}"
            if case["bar"] is None:
                rows.append(Row(against, case["ratio"], "x"))
            else:
                rows.append(Row.at_least(against, case["ratio"], "x", case["bar"]))
        if case["guarded"] is not None:
            rows.append(Row(f"{name}: speed over the study's, compiled as ours", case["guarded"], "x"))
        if case["native"] is not None:
            rows.append(Row.at_most(f"{name}: time over native", 1 / case["native"], "x", NATIVE_RATIO))
    return rows


def host(bench: Bench) -> list[Row]:
    """What is spent outside of the guest."""
    source = bench.data()

    def ask(what: str, rounds: int) -> dict[str, float]:
        return bench.answer("in_process.py", what, source, "--rounds", str(rounds))

    def note(share: dict[str, float]) -> str:
        return f"{share['batch']:.0f} us a batch; the thread for deadlines takes {share['clock']:.1f} % more"

    shares = {what: ask(what, bench.rounds) for what in ("jq", "schema", "both")}
    own = f"{shares['both']['own_batch']:.1f} us a batch"
    one = min((ask("one", 2000) for _ in range(bench.rounds)), key=lambda one: sum(one.values()))
    return [
        Row("host share, --jq", shares["jq"]["host"], "%", note=note(shares["jq"])),
        Row("host share, --schema", shares["schema"]["host"], "%", note=note(shares["schema"])),
        Row("host share, both", shares["both"]["host"], "%", note=note(shares["both"])),
        Row.at_most("the same without the system's part", shares["both"]["own"], "%", HOST_PERCENT, own),
        Row.at_most("the guest's memory, both", shares["both"]["memory"], "MB", GUEST_MB),
        Row("one record, host, p50", one["outside"], "us"),
        Row.at_most("one record, host and guest, p50", sum(one.values()), "us", ONE_MICROSECONDS),
    ]


def threads(bench: Bench) -> list[Row]:
    """Two threads that share a transform."""
    found = bench.answer("in_process.py", "threads", bench.data(), "--rounds", str(bench.rounds))
    note = f"the best round; {found['typical']:.2f} in the median"
    return [Row.at_least("two threads over one", found["ratio"], "x", THREADS_RATIO, note)]


def armour(bench: Bench) -> list[Row]:
    """What the sandbox adds to the same module, called bare, and what a worker process adds to that."""
    source, rounds = bench.data(), ("--rounds", str(bench.rounds))
    cost = bench.answer("armour.py", source, *rounds)
    apart = bench.answer("in_process.py", "apart", source, *rounds)
    return [
        Row.at_most("armour, the host's part", cost["host"], "%", ARMOUR_PERCENT, "checks, copies, looks"),
        Row.at_most("armour, in the guest's code", cost["code"], "%", ARMOUR_PERCENT, "deadlines, NaN"),
        Row("armour, all", cost["all"], "%"),
        Row.at_most("a batch in a worker process", apart["ratio"], "x", APART_RATIO, "over shared"),
    ]


def typed(bench: Bench) -> list[Row]:
    """The whole job as functions of typed records."""
    found = bench.answer("typed.py", bench.data(), "--rounds", str(3 * bench.rounds))
    rows = [
        Row(f"typed records, {name}", found[name], "MB/CPU-s") for name in ("recipe", "typed", "few", "serde")
    ]
    return [
        *rows,
        Row.at_least("all members, over the recipe", found["typed over recipe"], "x", TYPED_RECIPE),
        Row("the three that are needed, over the recipe", found["few over recipe"], "x"),
        Row.at_least("all members, over serde", found["typed over serde"], "x", TYPED_SERDE),
        Row("the three that are needed, over serde", found["few over serde"], "x"),
    ]


def functions(bench: Bench) -> list[Row]:
    """Functions of a module called from Python."""
    found = bench.answer("functions.py", "--rounds", str(bench.rounds), "--pairs", str(bench.size))

    def over(name: str, other: str) -> str:
        return f"orjson writes and reads {found[other]:.1f}, {found[other] / found[name]:.1f} times as many"

    note = f"{found['one'] / found['one_orjson']:.0f} times what orjson takes to write and read the arguments"
    return [
        Row.at_most("one call of multiply(6, 7), p50", found["one"], "us", CALL_MICROSECONDS, note),
        Row("one call of repeated('abc', 3), p50", found["one_text"], "us"),
        Row.at_least(
            "map, pairs of integers", found["map"], "M/CPU-s", MAP_MILLIONS, over("map", "all_orjson")
        ),
        Row("the same, each pair by orjson", found["each_orjson"], "M/CPU-s"),
        Row("map, texts with a number", found["map_text"], "M/CPU-s"),
    ]
