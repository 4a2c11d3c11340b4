"""The help of the commands for authors of modules."""

from __future__ import annotations

_NEW = """\
usage: wasmrecords new NAME [--template TEMPLATE]

Makes the folder NAME with a project for a module: a transform in Rust with its tests, cases, and the SDK's
sources. It never writes into a folder that is there. NAME may have folders in front of it.

templates:
  filter      (default) keeps some records, and of each some properties; with a config
  map         one record out for each record in, or an error
  flat-map    any number of records out for each record in
  aggregate   records in, results at the end
  functions   functions that Python calls

examples:
  wasmrecords new redact && cd redact && wasmrecords test && wasmrecords build
  wasmrecords run -m redact.wasm --config '{"min_age": 21}' people.ndjson
  wasmrecords new --template flat-map order-lines

exit status:
  0  the project is made        2  nothing was: a name that no package can have, a folder that is there
"""

_BUILD = """\
usage: wasmrecords build [-o FILE] [--debug] [--locked]

Builds the module of the project in this folder, or the nearest one above it, with the Rust toolchain that
is there; says the file, its size and its hash, and whether a host will run it. The first build fetches the
crates that it needs; from then on no network is needed. The same project gives the same bytes in any folder,
with the same version of Rust.

  -o FILE     where the module goes; NAME.wasm in the project's folder by itself
  --debug     quick to build, slow and large
  --locked    refuse to change Cargo.lock: for builds that have to be the same

examples:
  wasmrecords build
  wasmrecords build --locked -o dist/redact.wasm

exit status:
  0  built      1  the code does not compile, or no host would run the module
  2  nothing could be tried: no project, no toolchain, no crates and no network       3  could not write
"""

_TEST = """\
usage: wasmrecords test [CASE ...] [--update] [-m MODULE] [--folder FOLDER] [options]

Builds the project if something has changed, runs its cases through the sandbox, and shows what is not as
expected. A case is some files in the folder cases/:

  NAME.input          records, as `wasmrecords run` reads them
  NAME.expected       what comes out, a line each
  NAME.OUTPUT.expected
                      the same of a further output of the module
  NAME.failures       the dead letters, without their source; not there when no record should fail
  NAME.config.json    the config, if there is one
  NAME.transform      the name of the transform, for a module that has several
  NAME.function       the name of a function: each line of the input is the array of a call's arguments, and
                      the failures are the exceptions that Python gets

  --update            makes what came out the expected outcome, and says which files are changed by that
  -m, --module FILE   a module that is there, from any language: nothing is built
  --folder FOLDER     where the cases are
  --allow NAMES, --limit NAME=VALUE
                      as for run

examples:
  wasmrecords test
  wasmrecords test adults
  wasmrecords test --update && git diff cases
  wasmrecords test -m redact.wasm --folder cases

exit status:
  0  all as expected      1  some are not, or the code does not compile      2  nothing could be tried
"""

_CHECK = """\
usage: wasmrecords check [[-m] MODULE] [--config JSON] [--records FILE] [--json] [options]

Tries whether a module keeps to docs/abi.md, whatever language it was written in: batches that are empty,
blank, huge, of any bytes; the same input in pieces that end anywhere; odd configs; a reply block that stays
true when the module is stopped in the middle of a batch; the golden vectors, if it keeps objects as they are.
Each check has a name, and says what to do if it fails. Without MODULE the project in this folder is built.

  --config JSON      the config with which it is opened; @FILE: the JSON of a file
  --transform NAME   which transform of a module that has several; --function NAME: a function
  --records FILE     records that the module works on, besides those of the kit: the first 8 KiB
  --limit NAME=VALUE as for run
  --json             the same for a script: an array `checks` of name, status, message, and `counts`

examples:
  wasmrecords check redact.wasm
  wasmrecords check --config '{"fields": ["email"]}' --records people.ndjson redact.wasm

exit status:
  0  nothing is wrong (a warning is no fault)      1  something is      2  nothing could be tried
"""

_BENCH = """\
usage: wasmrecords bench [INPUT] [options]
       wasmrecords bench [-m] MODULE.wasm INPUT [options]

Runs the records of INPUT through a module, writes nothing, and says how fast that was: bytes and records a
second, time for one record, how much of it was spent in the module and how much in the host, memory, and the
ratio to the last time with the same input. Without MODULE the project in this folder is built and measured;
without INPUT the inputs of its cases are. The records, one a line, are repeated as needed; the best of five
rounds counts.

  --config JSON      the config with which it is opened; @FILE: the JSON of a file
  --transform NAME   which transform of a module that has several
  --function NAME    a function: each record is the array of a call's arguments
  --seconds S        how long it may take, about: 3 by default
  --limit NAME=VALUE as for run
  --json             the same for a script

examples:
  wasmrecords bench
  wasmrecords bench --config '{"min_age": 21}' people.ndjson
  wasmrecords bench redact.wasm people.ndjson

exit status:
  0  measured      1  the code does not compile      2  nothing could be tried, or the module cannot go on
"""

_COMPILE = """\
usage: wasmrecords compile MODULE ... [--limit NAME=VALUE]

Compiles modules and keeps the code, so that their first run does not wait for the compiler: see wasmrecords
cache. Nothing of them is run. MODULE is a file, or the name of a module that ships with wasmrecords: records.

examples:
  wasmrecords compile records redact.wasm
  wasmrecords compile --limit fuel=1000000 redact.wasm        # code that counts fuel is other code

exit status:
  0  all are in the cache      2  one is refused, or nothing is kept
"""

HELP = {"new": _NEW, "build": _BUILD, "test": _TEST, "check": _CHECK, "bench": _BENCH, "compile": _COMPILE}
"""By command."""
