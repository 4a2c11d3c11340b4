"""``wasmrecords help`` and the help of every command: taught by example."""

from __future__ import annotations

import wasmrecords as wr

from ._help_authors import HELP as AUTHORS
from ._parser import COMMANDS, UsageError, nearest
from ._terminal import Terminal, put

_OVERVIEW = """\
wasmrecords: runs transforms over JSON records in a WebAssembly sandbox.

  wasmrecords run      run records through a jq program, a JSON Schema or your own module
  wasmrecords explain  show which engine runs a program or schema, why, and how fast
  wasmrecords schema   infer a JSON Schema from existing records
  wasmrecords inspect  show what a module is, wants and exports, without running it
  wasmrecords manifest attach a manifest to a module built in any language
  wasmrecords cache    show or clear the compiled modules kept on disk

  wasmrecords new      create a project for your own module, in Rust
  wasmrecords build    build the module
  wasmrecords test     run the project's cases through the sandbox
  wasmrecords check    test whether a module, in any language, keeps to the ABI
  wasmrecords bench    measure a module, and compare with the last time
  wasmrecords compile  compile modules into the cache

  wasmrecords help     show this page, or the help of a command: wasmrecords help run

  wasmrecords run --jq 'select(.age >= 18) | {id, name}' people.ndjson -o adults.ndjson
  wasmrecords run --schema user.schema.json people.ndjson -o valid.ndjson

  wasmrecords --version
"""

_RUN = """\
usage: wasmrecords run [--jq PROGRAM | --jq-file FILE] [--schema FILE] [INPUT ...] [-o OUTPUT] [options]
       wasmrecords run -m MODULE.wasm [--transform NAME] [--config JSON|@FILE] [INPUT ...] [-o OUTPUT] [...]

Runs every record of the inputs through a transform. A record is kept when the program gives at least one
value (each is one output record) and dropped when it gives none. It fails when it is not JSON, does not match
the schema, or makes the program raise an error.

examples:
  wasmrecords run --jq 'select(.age >= 18) | {id, name}' people.ndjson -o adults.ndjson
  wasmrecords run --schema user.schema.json people.ndjson -o valid.ndjson      # only check
  wasmrecords run --schema user.schema.json --jq '.email' *.ndjson | sort -u   # check, then transform
  zcat logs.ndjson.gz | wasmrecords run --jq 'select(.level == "error")'       # from pipe to pipe
  wasmrecords run --input json --jq . --output pretty catalog.json             # a JSON array, made readable
  wasmrecords run --jq 'import "eu" as eu; eu::vat($rate)' -L lib --argjson rate 0.19 orders.ndjson
  wasmrecords run -m redact.wasm --config '{"fields": ["email"]}' --limit time=0.5 in.ndjson -o out.ndjson

what to run:
  --jq PROGRAM           a jq program
  --jq-file FILE         a jq program in a file
  --arg NAME TEXT        a variable of the program, $NAME, as a text; --argjson NAME JSON: any JSON
  -L, --library-path FOLDER
                         a folder from which the program may import modules and data, and from nowhere else;
                         may be repeated
  --schema FILE          a JSON Schema; records are checked before the program sees them
  --schema-dir DIR       the folder whose files the schema may refer to by `$ref`; nothing is ever fetched
  --assert-format        fail strings that do not match their `format`; by default `format` is not checked
  --all-errors           report everything that is wrong with a record, not only the first fault
  -m, --module MODULE    a .wasm module that implements the wasmrecords ABI; it need not be trusted
  --transform NAME       the transform to run, where a module has several
  --config JSON|@FILE    the module's config

input and output:
  INPUT                  files, one after the other, or a quoted pattern: 'in/*.ndjson'; none or -: standard
                         input
  -o OUTPUT              a file, replaced when the run is done; none or -: standard output
  --output-to NAME=FILE  the file for a further output of a module, as audit=audit.ndjson; may be repeated.
                         What goes to an output without a file is dropped, and counted
  --flush-every N        after every N records, ask a module that keeps state for what it has so far
  --input FORMAT         ndjson: one record a line. json: any values; the items of a top-level array are the
                         records. auto (default): by the first value of each input
  --output FORMAT        ndjson (default): one record a line. json: one array. pretty: the same, indented
  --errors FILE          where the dead letters go
  --report FILE          writes the summary as JSON
  -q, --quiet            no summary and no progress line

when records fail:
  They do not stop the run. Each becomes a dead letter: one JSON line with source, record, line, byte offset,
  code, path, message and the whole input. Dead letters go to --errors FILE, else to OUTPUT.errors.ndjson
  next to an output file (created when the first record fails), else to standard error.
  --fail-fast            stop after the batch (about 256 KiB) in which the first record fails
  --max-failures N|P%    stop once more than N records, or more than P % of them, have failed

the sandbox:
  --isolation shared     one instance of the module works on all batches (default)
  --isolation fresh      a new instance for each batch: nothing can pass from one to the next
  --isolation process    as shared, in a process without files, network or new processes (Linux)
  --require LOCKS        the locks that such a process must have: none, or a list with commas of rlimits,
                         no_new_privs, landlock, seccomp; all of them by default
  --allow NAMES          grants what the module wants beyond its records: log, random, clock (it counts
                         records), clock=real (the machine's); with commas, or repeated. A jq program needs
                         a clock for `now`
  --limit NAME=VALUE     a limit for the module; may be repeated:
{limits}

exit status:
  0  no record failed            2    refused, nothing written: usage, files, program, schema, config, module
  1  some records failed,        3    could not finish: input, output, --fail-fast, --max-failures, module
     everything else is done     130  interrupted
  An unfinished run leaves OUTPUT as it was, and its work so far in OUTPUT.<process id>.part.
"""

_EXPLAIN = """\
usage: wasmrecords explain [--jq PROGRAM | --jq-file FILE] [--schema FILE] [INPUT ...] [--json] [options]

Shows which engine runs a recipe. The fast engine works on the text of a record and makes no values; it knows
the part of jq and of JSON Schema that most recipes are made of, the fast subset. The general engine knows all
of both. The results are the same to the byte.

For each stage of the program it says which engine would run it, with the first token that leaves the fast
subset and how to write it otherwise; of the schema, which keywords leave it. It names what is legal in jq and
rarely meant. With inputs it also runs their records, writes nothing, and says how many took which road, why,
and how fast.

examples:
  wasmrecords explain --jq 'select(.age >= 18) | {id, name}'
  wasmrecords explain --jq 'select(.age >= 18) | to_entries' --schema user.schema.json people.ndjson
  zcat logs.ndjson.gz | head -100000 | wasmrecords explain --jq 'select(.level == "error")' -
  wasmrecords explain --jq-file report.jq --json | jq .program_leaves

options:
  INPUT                  files, or a quoted pattern: 'in/*.ndjson'; -: standard input; none: no records run
  --jq, --jq-file, --arg, --argjson, -L, --library-path, --schema, --schema-dir, --assert-format,
  --all-errors, --input, --allow, --limit
                         as for run
  --json                 the same for a script
  -q, --quiet            no progress line

A module of your own (-m, --module) is code and runs as it is: see wasmrecords inspect.

exit status:
  0  explained, whichever engine it is, and if records failed, too
  2  refused: usage, files, program, schema      3  could not finish      130  interrupted
"""

_SCHEMA = """\
usage: wasmrecords schema infer [INPUT ...] [-o OUTPUT] [options]

Writes a JSON Schema (2020-12) that all records of the inputs match: kinds of values, properties and which of
them every object has, formats, the range of numbers, texts that are few. Read it before you rely on it: it
knows what was there, not what was meant.

examples:
  wasmrecords schema infer events.ndjson -o events.schema.json
  wasmrecords run --schema events.schema.json more.ndjson -o valid.ndjson          # what is new there?
  wasmrecords schema infer --detail types --closed 'in/*.ndjson'                   # names and kinds alone
  wasmrecords run --jq .user in.ndjson | wasmrecords schema infer                  # of a program's output

options:
  INPUT                  files, one after the other, or a quoted pattern: 'in/*.ndjson'; none or -: standard
                         input
  -o OUTPUT              a file, replaced when all is read; none or -: standard output
  --input FORMAT         auto (default), ndjson or json: as for run
  --detail LEVEL         types: kinds, properties, formats. values (default): also the range of numbers, and
                         texts that are few as enum. all: also lengths of texts and arrays
  --closed               refuse properties that no record had
  --errors FILE          where the dead letters go, of records that are no JSON or over a limit: else to
                         OUTPUT.errors.ndjson beside an output file, else to standard error
  --report FILE          writes the summary as JSON
  --limit NAME=VALUE     a bound, as for run: record=64M, nesting=500
  -q, --quiet            no summary and no progress line

exit status: as for run. 1: some records are no JSON, and the schema describes the others.
"""

_INSPECT = """\
usage: wasmrecords inspect MODULE [--allow NAMES] [--json]

Shows what a module does, wants and exports, without running any of it: its transforms with their records
and configs, its functions, and what it is made of. MODULE is a .wasm file, or the name of a module that ships
with wasmrecords: records. With --allow, what it gets if `run` has the same --allow.

examples:
  wasmrecords inspect records                # the module that runs jq programs and JSON Schemas
  wasmrecords inspect redact.wasm            # a module from somebody else, before you run it
  wasmrecords inspect redact.wasm --json     # the same for a script

exit status:
  0  the module can be run        2  it is refused: the message says why and where
"""

_MANIFEST = """\
usage: wasmrecords manifest attach MODULE MANIFEST [-o OUTPUT]

Gives a module the manifest that is in a JSON file, or puts it in place of the one that it has. The manifest
is checked first; no other byte of the module is touched. Modules that are written with the Rust crate have
one. docs/abi.md tells what may be in it: names, schemas of config and records, what the module wants.

examples:
  wasmrecords manifest attach shout.wasm shout.json
  wasmrecords manifest attach shout.wasm shout.json -o dist/shout.wasm

options:
  -o OUTPUT    the file to write, whole or not at all; by default MODULE itself

exit status:
  0  done        2  nothing was written: what is wrong with the module or the manifest, and where
"""

_CACHE = """\
usage: wasmrecords cache [--clear] [--json]

Shows the compiled modules that are kept on disk, so that only the first run of a module waits for the
compiler. They lie in the user's folder for caches, or in $WASMRECORDS_CACHE; if that is set and empty nothing
is kept. What was not used for longest goes when there is no room left. Only code that this user's own key
signed is ever loaded.

  --clear   removes the compiled modules and the key: modules are compiled again when they are next used
  --json    the same for a script; with --clear, what was removed

exit status:
  0  the cache is in order, or cleared      2  it is of no use, or cannot be cleared: the message says why
"""

_TOPICS = {
    "run": _RUN,
    "explain": _EXPLAIN,
    "schema": _SCHEMA,
    "inspect": _INSPECT,
    "manifest": _MANIFEST,
    "cache": _CACHE,
    **AUTHORS,
}

_LIMITS = {
    "memory": "linear memory",
    "time": "seconds of work on one batch",
    "output": "output of one batch",
    "log": "debug and log text of one batch",
    "record": "text of one record",
    "nesting": "levels of arrays and objects in one record",
    "module": "size of the .wasm file",
    "compile": "seconds of the processor for compiling a module",
    "compile_memory": "memory for compiling a module",
    "fuel": "units of guest work on one batch, the same on each machine",
    "faults": "records in a row that a module may trap, loop or lie on",
    "table": "elements in the table of functions",
}


def size(value: float | None) -> str:
    """A limit as ``--limit`` reads it: ``64M``, ``64K``, ``128``; N for one that is not set."""
    if value is None:
        return "N"
    for unit, letter in ((wr.GiB, "G"), (wr.MiB, "M"), (wr.KiB, "K")):
        if value >= unit and value % unit == 0:
            return f"{value // unit:g}{letter}"
    return f"{value:g}"


def limit_lines(limits: wr.Limits, indent: str) -> str:
    """The limits, one a line, with what each bounds."""
    values = limits.as_dict()
    return "\n".join(
        f"{indent}{f'{name}={size(value)}':<17} {_LIMITS.get(name, '')}".rstrip()
        for name, value in values.items()
    )


def help_of(command: str) -> str:
    """The help of one command."""
    if command == "run":
        return _RUN.replace("{limits}", limit_lines(wr.Limits(), " " * 25))
    return _TOPICS[command]


def main(arguments: list[str], terminal: Terminal) -> int:
    """``wasmrecords help [COMMAND]``, ``wasmrecords --help`` and ``wasmrecords --version``."""
    if arguments and arguments[0] in ("-V", "--version"):
        put(f"wasmrecords {wr.__version__}\n")
        return 0
    for topic in [a for a in arguments if a not in ("-h", "--help", "help")]:
        if topic not in _TOPICS:
            raise UsageError(f"unknown command {topic!r}{nearest(topic, COMMANDS)}")
        put(help_of(topic))
        return 0
    put(_OVERVIEW)
    return 0
