"""The examples: in the sandbox, and as WASI commands that do the same without us; by hand in C and Go."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import RunCli
from example import ROOT, example, wasmtime_host

import wasmrecords as wr

EXAMPLES = ROOT / "rust-wasm" / "examples"

ORDERS = b"""{"id":7,"customer":"Ann","lines":[{"sku":"a","count":3,"price":250},{"sku":"b","price":1}]}
{"id": 8, "customer": "Bob"}

{"id": 9, "customer": "C\\u00e9", "lines": [{"sku": "c", "count": 4294967296, "price": 1}]}
{"id": 9, "customer": "D", "lines": [{"sku": "c", "count": 2, "price": 18446744073709551615}]}
{"id": 9, "customer": "\xff"}
[1, 2
"""
SOLD = b"""{"order":7,"customer":"Ann","sku":"a","count":3,"total":750}
{"order":7,"customer":"Ann","sku":"b","count":1,"total":1}
"""
NAMED = b"""{"id": 1, "name": "Ann"}
{"more":[{}],"name":"A\\u00e9\\n","id":2}\r

{"id": 3}
{"id": 4294967296, "name": "x"}
{"id": "5", "name": "x"}
{"id": 6, "id": 7, "name": "x"}
{"id": 8, "name": "x"
{"id": 9, "name": "\xff"}
[1]
{"id": 10, "name": "last"}"""
# What is wrong stands in a place whose name does not print, or is too long to be shown.
PLACES = b"""{"tab\\t and line\\nfeed": {"\xe2\x80\xa8\xe3\x80\x80\xc2\xa0": x}}
{"\\u001b[2J\\u007f\\u009b\xee\x80\x80\xf3\xa0\x81\x81\xc3\xa9\xf0\x9f\x98\x80": {"a": x}}
{"%s": x}
{"%s": x}
""" % (b"long\xc2\xa0" * 600, b"\xc3\xa9" * 4096)
PAYMENTS = b"""{"id": 1, "card": "4000 1234", "cents": 250}
{"id": 2, "card": "4000 1234", "cents": 0}
{"id": 3, "card": "4000 1234", "cents": -1}
"""
EVENTS = b"""[{"at": 11, "key": "b", "value": 2}, {"at": 12, "key": "a"},
{"at": 75, "key": "b"}, {"at": 12, "key": "x"}]"""
SUMS = b"""{"from":0,"key":"a","events":1,"sum":1}
{"from":0,"key":"b","events":1,"sum":2}
{"from":60,"key":"b","events":1,"sum":1}
"""
PEOPLE = b"""{"id": 1, "name": "Ann", "age": 36}
{"id":[1, {"a":"\\u00e9"}],"name":"B\xc3\xa9","age":18, "x": 1e5}\r

{"id": 2, "name": "C", "age": 17}
{"id": 2, "name": "C"}
{"id": 2, "name": "C", "age": "x"}
{"id": 2, "name": "C", "age": 36
[1]
{"id": 2, "name": "\xff", "age": 36}
{"id": 3, "name": "last", "age": 99}"""


def test_a_record_and_a_function_are_a_small_module(run_cli: RunCli, tmp_path: Path) -> None:
    module = example("seed")
    (tmp_path / "seed.wasm").write_bytes(module)
    given = b'{"name": "A\\u00e9", "id": 1e0, "more": [1]}'
    ended = run_cli("run", "-m", "seed.wasm", "--output", "pretty", stdin=given)
    assert (ended.code, ended.out.decode()) == (0, '[\n  {\n    "id": 1,\n    "name": "Aé"\n  }\n]\n')
    with wr.functions(module) as functions:
        assert list(functions) == ["multiply"]
        assert functions.multiply(6, 7) == 42
    # What all modules carry, and hardly more. Whoever makes these larger says why.
    assert len(module) < 113_000
    assert len(example("order-lines")) < 173_500


def test_without_the_fast_engine_each_record_has_its_fate() -> None:
    with wr.load(example("seed")) as transform:
        batch = transform.run(NAMED, input="ndjson")
    assert batch.output.decode().splitlines() == [
        '{"id":1,"name":"Ann"}',
        '{"id":2,"name":"Aé\\n"}',
        '{"id":10,"name":"last"}',
    ]
    assert batch.counts == wr.Counts(10, 3, 0, 7, 3)
    assert [(f.record, f.line, f.code, f.path, f.message) for f in batch.failures] == [
        (3, 4, "required", "$", 'missing the required property "name"'),
        (4, 5, "maximum", "$.id", "expected at most 4294967295, found 4294967296"),
        (5, 6, "type", "$.id", "expected integer, found string"),
        (6, 7, "duplicate", "$.id", 'the property "id" stands there twice'),
        (7, 8, "json", "$", "expected `,` or `}` after a member, found end of record"),
        (8, 9, "utf8", "$.name", "expected UTF-8, found byte 0xff"),
        (9, 10, "type", "$", "expected object, found array"),
    ]


def test_the_lines_of_orders() -> None:
    with wr.load(example("order-lines")) as transform:
        batch = transform.run(ORDERS)
    assert batch.output == SOLD
    assert batch.counts == wr.Counts(6, 1, 1, 4, 2)
    assert [(f.record, f.line, f.code, f.path) for f in batch.failures] == [
        (3, 4, "maximum", "$.lines[0].count"),
        (4, 5, "total", "$.lines"),
        (5, 6, "utf8", "$.customer"),
        (6, 7, "json", "$"),
    ]


@pytest.mark.parametrize("isolation", ["shared", "process"])
def test_sums_over_windows(isolation: wr.Isolation) -> None:
    with wr.load(example("windows"), isolation=isolation) as transform:
        for _ in range(2):
            batch = transform.run(EVENTS, input="json")
            assert batch.output == SUMS
            # What is taken in is kept, whenever it comes out.
            assert batch.counts == wr.Counts(4, 3, 0, 1, 3)
            assert batch.failures[0].message == "the window that began at 0 is over: 60 has begun"
        pieces = [EVENTS[at : at + 7] for at in range(0, len(EVENTS), 7)]
        assert b"".join(b.output for b in transform.stream(pieces, input="json")) == SUMS


# --- as commands, without us ----------------------------------------------------------------------

NODE = """
const { readFileSync } = require("fs"), { WASI } = require("wasi");
const wasi = new WASI({ version: "preview1", args: process.argv.slice(1), returnOnExit: true });
WebAssembly.instantiate(readFileSync(process.argv[1]), wasi.getImportObject())
  .then(({ instance }) => process.exit(wasi.start(instance)));
"""


def node_host() -> list[str]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node here")
    version = subprocess.run([node, "-p", "process.versions.node"], capture_output=True, text=True).stdout
    if int(version.split(".")[0]) < 20:
        pytest.skip("the Node here is older than 20")
    return [node, "--no-warnings", "-e", NODE]


@pytest.mark.parametrize("host", [wasmtime_host, node_host])
@pytest.mark.parametrize(
    ("name", "data", "arguments"),
    [
        ("order-lines", ORDERS, []),
        ("order-lines", ORDERS + b" " * 300_000 + b"\n" + ORDERS, ["--output", "json"]),
        ("order-lines", b"\xef\xbb\xbf" + SOLD, ["--output=pretty"]),
        ("order-lines", b"", ["--output=pretty"]),
        ("payments", PAYMENTS, []),
        ("seed", PLACES, []),
        ("windows", EVENTS, []),
        ("windows", EVENTS, ["--config", '{"seconds": 3}']),
        ("windows", EVENTS.replace(b"\n", b""), ["--input", "ndjson"]),
        ("redact", PEOPLE, ["--config", '{"fields": ["name"]}', "--input", "json", "--output", "pretty"]),
    ],
)
def test_a_module_is_a_command(
    host: Callable[[], list[str]],
    name: str,
    data: bytes,
    arguments: list[str],
    run_cli: RunCli,
    tmp_path: Path,
) -> None:
    """What the module writes by itself is what we write: records, dead letters, exit status."""
    module = tmp_path / f"{name}.wasm"
    module.write_bytes(example(name))
    alone = subprocess.run([*host(), str(module), *arguments], input=data, capture_output=True)
    ours = run_cli("run", "--quiet", "-m", module, *arguments, stdin=data)
    assert alone.stdout == ours.out
    assert alone.stderr.decode() == ours.err
    assert alone.returncode == ours.code


@pytest.mark.parametrize("host", [wasmtime_host, node_host])
def test_a_command_writes_the_output_that_is_asked_for(host: Callable[[], list[str]], tmp_path: Path) -> None:
    module = tmp_path / "payments.wasm"
    module.write_bytes(example("payments"))
    with wr.load(module) as transform:
        batch = transform.run(PAYMENTS)
    for arguments, output in (
        ([], batch.output),
        (["--only", "main"], batch.output),
        (["--only=audit"], batch.outputs["audit"]),
        (
            ["--only=audit", "--output=json"],
            b"[\n" + batch.outputs["audit"].strip().replace(b"\n", b",\n") + b"\n]\n",
        ),
    ):
        ended = subprocess.run([*host(), str(module), *arguments], input=PAYMENTS, capture_output=True)
        assert (ended.returncode, ended.stdout) == (1, output)
        assert ended.stderr.count(b"\n") == 1  # the dead letter


def test_a_command_that_is_refused(tmp_path: Path) -> None:
    module = tmp_path / "windows.wasm"
    module.write_bytes(example("windows"))
    for arguments, message in (
        (["--config", '{"second": 3}'], 'unexpected property "second"; did you mean "seconds"?'),
        (["--config", "{"], "--config: not JSON"),
        (["--output", "xml"], "--output: expected ndjson, json or pretty, found xml"),
        (["--transform", "window"], "no transform is called window: there are windows"),
        (["--only", "audit"], "error: --only: no output is called `audit`\n"),
    ):
        ended = subprocess.run([*wasmtime_host(), str(module), *arguments], input=b"1", capture_output=True)
        assert (ended.returncode, ended.stdout) == (2, b"")
        assert message in ended.stderr.decode()


# --- by hand --------------------------------------------------------------------------------------


def in_c(out: Path) -> list[str]:
    bare = ["-O2", "-nostdlib", "-Wl,--no-entry", "-o", str(out), str(EXAMPLES / "c" / "adults.c")]
    if shutil.which("clang") and shutil.which("wasm-ld"):
        return ["clang", "--target=wasm32", *bare]
    if importlib.util.find_spec("ziglang"):
        return [sys.executable, "-m", "ziglang", "cc", "-target", "wasm32-freestanding", *bare]
    pytest.skip("neither clang with wasm-ld nor the package ziglang is here")


def in_go(out: Path) -> list[str]:
    if shutil.which("go") is None:
        pytest.skip("no Go here")
    targets = subprocess.run(["go", "tool", "dist", "list"], capture_output=True, text=True).stdout
    version = subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True).stdout
    if "wasip1/wasm" not in targets or tuple(map(int, version.strip()[2:].split(".")[:2])) < (1, 24):
        pytest.skip("the Go here is older than 1.24: it exports nothing from a wasip1 module")
    return ["go", "build", "-buildmode=c-shared", "-ldflags=-s -w", "-buildvcs=false", "-o", str(out), "."]


@pytest.mark.parametrize(("folder", "build", "allow"), [("c", in_c, []), ("go", in_go, ["clock", "random"])])
def test_by_hand(folder: str, build: Callable[[Path], list[str]], allow: list[str], tmp_path: Path) -> None:
    module = tmp_path / "adults.wasm"
    settings = {"GOOS": "wasip1", "GOARCH": "wasm", "GOTOOLCHAIN": "local", "GOCACHE": str(tmp_path / "go")}
    subprocess.run(build(module), cwd=EXAMPLES / folder, env=os.environ | settings, check=True)
    wr.attach_manifest(module, (EXAMPLES / folder / "manifest.json").read_bytes(), module)
    with wr.load(module, allow=allow) as transform:
        assert transform.name == "adults"
        batch = transform.run(PEOPLE, input="ndjson")
        assert batch.output.splitlines() == [
            b'{"id":1,"name":"Ann"}',
            b'{"id":[1, {"a":"\\u00e9"}],"name":"B\xc3\xa9"}',
            b'{"id":3,"name":"last"}',
        ]
        assert batch.counts == wr.Counts(9, 3, 1, 5, 3)
        failed = [(4, "required"), (5, "type"), (6, "json"), (7, "type"), (8, "json")]
        assert [(f.record, f.code) for f in batch.failures] == failed
        # Long records, many failures, and wherever the pieces end.
        longer = (PEOPLE.replace(b"last", b"l" * 300_000) + b"\n") * 9 + b"x\n" * 3000
        whole = transform.run(longer, input="ndjson")
        assert whole.counts == wr.Counts(3081, 27, 9, 3045, 27)
        pieces = (longer[at : at + 100_003] for at in range(0, len(longer), 100_003))
        assert b"".join(b.output for b in transform.stream(pieces, input="ndjson")) == whole.output
        assert transform.run(b"").counts == wr.Counts()


# --- their page -----------------------------------------------------------------------------------


def test_the_page_shows_what_is_there() -> None:
    page = (ROOT / "docs" / "examples.md").read_text()
    sources = "".join(path.read_text() for path in EXAMPLES.glob("*/src/lib.rs"))
    squeezed = " ".join(line for line in sources.split("\n") if not line.strip().startswith("///")).split()
    blocks = [block.split("```")[0] for block in page.split("```rust\n")[1:]]
    assert len(blocks) == 4
    for block in blocks:
        for part in block.split("\n\n"):
            words = " ".join(line for line in part.split("\n") if not line.strip().startswith("///")).split()
            assert " ".join(words) in " ".join(squeezed), part
    for line in (*ORDERS.decode("latin-1").splitlines()[:1], *SOLD.decode().splitlines()):
        assert line.replace(" ", "") in page.replace(" ", "")
    for folder in EXAMPLES.iterdir():
        assert folder.name in page
