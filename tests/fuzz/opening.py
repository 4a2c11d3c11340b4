"""jq programs and JSON Schemas, put together and changed, against the shipped module, and a few records
through what it accepts.

What must hold: making the transform and running it end with :class:`RecipeError`, :class:`LimitError` or
:class:`GuestError`, or well; the counts add up; nobody waits longer than the limit on time allows.

    python tests/fuzz/opening.py --runs 20000 --seed 1
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from fuzz.mutate import Finding, Mutator, loop, main

import wasmrecords as wr

CASES = Path(__file__).parent.parent / "cases"
LIMITS = wr.Limits(time=0.3, memory=32 * wr.MiB, output=wr.MiB)
LONGEST = 20.0
"""Seconds that opening and one batch may take: each record may use its time up, on a busy machine."""
RECORDS = b"""{"a":1,"b":[1,2.50,null],"c":{"d":"x"}}
[[],{},"\\u00e4",-0,1e400]
"text"
null
{"a":
12345678901234567890
"""
# Pieces of programs and schemas, so that a change makes sense now and then.
_PIECES = r"""
. .. .[] .a .["a"]? | , ; : // //= |= += $x $__loc__ as def reduce foreach if then elif else end try catch
label break and or not empty error range(9) recurse limit(3;.) map(.) select(.) path(..) paths getpath([])
env input now import include @base64 @json test("a+") gsub("a";"b") split("") tojson fromjson tonumber
ltrimstr("a") sort_by(.) group_by(.) to_entries add any all min max splits("(a|b)*") repeat(.) until(.;.) {}
[] () "\(.)" ?// -1 "type": "$ref": "#" "#/$defs/x" "properties": "items": "minimum": "pattern": "^a*$"
"allOf": "not": "enum": "const": "anyOf": "oneOf": "if": "then": "$defs": "required":
"additionalProperties": "uniqueItems": true "$schema": 1e999 "integer" "string" "object" "array" "$id":
"$dynamicRef": "multipleOf": 0.1 "format": "contains": "minItems": -1
"""
WORDS = _PIECES.split()
# Two recipes A and B in one, which is as valid as they are.
_PROGRAMS = r"""
(A) | (B)
[A] | B
(A), (B)
(A) // (B)
try (A) catch (B)
map(A) | (B)
reduce (A) as $x (0; B)
foreach (A) as $x (0; B; .)
if (A) then (B) else . end
path(A)
(A) |= (B)
[limit(5; A)]
def f: A; f | B
label $out | (A), break $out
"\(A) \(B)"
{a: (A), b: (B)}
[.. | (A)?]
[limit(9; recurse(A))]
until(A; B)
to_entries | A
sort_by(A) | unique_by(B)
(A) as [$a, {b: $c}] | B
paths(A)
. as $x | A
A | tojson | fromjson | B
"""
_SCHEMAS = r"""
{"allOf": [A, B]}
{"anyOf": [A, B]}
{"oneOf": [A, B]}
{"not": A}
{"if": A, "then": B}
{"properties": {"a": A, "b": B}}
{"items": A, "contains": B}
{"$defs": {"x": A}, "$ref": "#/$defs/x"}
{"properties": {"a": A}, "$ref": "#/properties/a"}
{"properties": {"a": {"$ref": "#"}}, "allOf": [A]}
{"unevaluatedProperties": A, "allOf": [B]}
{"unevaluatedItems": A, "anyOf": [B, true]}
{"prefixItems": [A], "items": B}
{"propertyNames": A, "additionalProperties": B}
{"patternProperties": {"^.": A}, "dependentSchemas": {"a": B}}
{"$schema": "http://json-schema.org/draft-07/schema#", "items": [A, B]}
"""
TOGETHER = [_PROGRAMS.strip().splitlines(), _SCHEMAS.strip().splitlines()]


@cache
def corpus() -> tuple[list[bytes], list[bytes]]:
    """Programs and schemas of the corpus of cases."""
    cases = [case for path in sorted(CASES.glob("*.json")) for case in json.loads(path.read_text("utf-8"))]
    programs = {case["jq"] for case in cases if case.get("jq")}
    schemas = {json.dumps(case["schema"]) for case in cases if case.get("schema") not in (None, True, False)}
    return [text.encode() for text in sorted(programs)], [text.encode() for text in sorted(schemas)]


def fuzz(first: int, runs: int, seed: int) -> Counter[str]:
    wr.jq(".").close()  # compiles the module, where the cache has none
    programs, schemas = corpus()
    pieces = [word.encode() + b" " for word in WORDS]
    mutators = [Mutator(programs, seed), Mutator(schemas, seed)]

    def once(run: int) -> str:
        mutator, together = mutators[run % 2], TOGETHER[run % 2]
        mutator.start(run)
        number = mutator.random.random
        content = bytearray(mutator.pick())
        while number() < 0.5:
            form = together[int(number() * len(together))]
            parts = {"A": content.decode("utf-8", "surrogateescape"), "B": mutator.pick().decode()}
            whole = "".join(parts.get(word, word) for word in re.split(r"\b([AB])\b", form))
            content = bytearray(whole.encode("utf-8", "surrogateescape"))
        while number() < 0.4:
            if number() < 0.5:
                mutator.change(content)
            else:
                at = int(number() * len(content))
                content[at:at] = pieces[int(number() * len(pieces))]
        return check(bytes(content), program=run % 2 == 0)

    return loop(mutators[0], first, runs, once)


def check(data: bytes, *, program: bool) -> str:
    what = "program" if program else "schema"
    started = time.monotonic()
    try:
        if program:
            transform = wr.jq(data.decode("utf-8", "surrogateescape"), limits=LIMITS)
        else:
            transform = wr.validate(data, limits=LIMITS)
        with transform:
            batch = transform.run(RECORDS)
        end = "runs"
    except wr.GuestError as error:
        # The module is ours: it may not trap, but a hostile recipe may make it stop in words.
        if error.code == "trap":
            raise Finding(f"the module trapped at a {what}: {error}", data) from error
        end = f"GuestError {error.code}"
    except (wr.RecipeError, wr.LimitError) as error:
        if not str(error).replace("\n", "").isprintable():
            raise Finding(f"an error that cannot be shown: {str(error)!r}", data) from error
        end = type(error).__name__
    except BaseException as error:
        raise Finding(f"a {what} raised {error!r}", data) from error
    if time.monotonic() - started > LONGEST:
        raise Finding(f"{time.monotonic() - started:.1f} s for a {what}", data)
    if end == "runs":
        codes = {failure.code for failure in batch.failures}
        counts = batch.counts
        whole = counts.read == counts.kept + counts.dropped + counts.failed == 6
        if not whole or counts.failed != len(batch.failures) or batch.output.count(b"\n") != counts.written:
            raise Finding(f"{counts} after a {what}", data)
        if codes & {"trap", "reply", "exit"}:
            raise Finding(f"{[f for f in batch.failures if f.code in ('trap', 'reply', 'exit')]}", data)
        if codes & {"time", "memory", "stack"}:
            end += f", not each record: {' '.join(sorted(codes & {'time', 'memory', 'stack'}))}"
    return f"{what}: {end}"


if __name__ == "__main__":
    main(fuzz, __doc__)
