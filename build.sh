#!/usr/bin/env bash
set -euo pipefail

help() {
    cat <<'END'
Builds wasmrecords: the WebAssembly modules, and the Python package around them, into .venv.

usage: ./build.sh COMMAND

  build    find or install a Rust toolchain, build the modules, install the package into .venv
  demo     build, then run a jq program and a JSON Schema over 200,000 made records
  test     build, then every test: cargo test, pytest, and the checks
  check    only the checks: rustfmt, clippy, ruff, mypy
  clean    remove all that these commands made
  help     show this text

PYTHON=/path/to/python chooses the Python (3.11 or newer). As root on Debian, what is missing is
installed with apt-get; anywhere else one line says what to install.
END
}

say() { printf '==> %s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# --- what the machine has to have -----------------------------------------------------------------

can_install() { have apt-get && [ "$(id -u)" = 0 ]; }

debian_install() {
    say "apt-get install $*"
    # An index that cannot be refreshed may still be good enough.
    { apt-get update -qq || true; } >/dev/null 2>&1
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
}

usable_python() {
    "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

choose_python() {
    local candidate
    if [ -n "${PYTHON:-}" ]; then
        usable_python "$PYTHON" || fail "PYTHON=$PYTHON is no Python 3.11 or newer with the venv module"
        python=$PYTHON
        return
    fi
    for candidate in python3 python3.13 python3.12 python3.11; do
        if usable_python "$candidate"; then python=$candidate; return; fi
    done
    return 1
}

need_python() {
    choose_python && return
    # The package has the venv module too, which Debian splits off Python's own.
    can_install && debian_install python3-venv && choose_python && return
    fail "Python 3.11 or newer with the venv module is needed: install it (Debian: python3-venv), or set PYTHON"
}

toolchain() { "$python" build_backend/toolchain.py "$@"; }
has_toolchain() { toolchain >/dev/null 2>&1; }

need_rust() {
    if ! have cc; then
        # cargo links the programs that run during a build with it.
        can_install && debian_install gcc libc6-dev ||
            fail "a C compiler is needed as cargo's linker: install one (Debian: gcc libc6-dev)"
    fi
    if ! has_toolchain && have rustup; then
        say "rustup target add wasm32-wasip1"
        rustup target add wasm32-wasip1 >/dev/null 2>&1 || true
    fi
    if ! has_toolchain && can_install; then
        # Names of packages, one word each.
        # shellcheck disable=SC2046
        debian_install $(toolchain packages) || true
    fi
    local name
    name=$(toolchain) || exit 1
    say "$name"
}

need_rust_linters() {
    cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 && return
    if have rustup; then
        say "rustup component add rustfmt clippy"
        rustup component add rustfmt clippy >/dev/null 2>&1 && return
    elif can_install; then
        debian_install rustfmt-web rust-web-clippy && return
    fi
    fail "rustfmt and clippy are needed for the checks: run \`rustup component add rustfmt clippy\`"
}

# --- the package in .venv -------------------------------------------------------------------------

# All that the wheel is made of, and what makes it, as one line.
sources() {
    {
        "$python" --version
        toolchain
        find build_backend src rust-wasm pyproject.toml README.md LICENSE \
            -name target -prune -o -name __pycache__ -prune -o -type f ! -name '*.wasm' -exec cksum {} + | sort
    } | cksum
}

need_venv() {
    local which='import sys; print(sys.base_prefix, sys.version)'
    if [ "$(.venv/bin/python -c "$which" 2>/dev/null)" != "$("$python" -c "$which")" ]; then
        say "making .venv with $("$python" --version)"
        "$python" -m venv --clear .venv
    fi
}

# $1: nothing, or extras as "[test]".
install_package() {
    local extras=${1:-} now
    need_python
    need_rust
    need_venv
    now=$(sources)
    if [ -x .venv/bin/wasmrecords ] && [ "$(cat ".venv/installed$extras" 2>/dev/null)" = "$now" ]; then
        say "the package in .venv is up to date"
        return
    fi
    say "building the modules and installing the package into .venv (the first time takes minutes)"
    # Whatever fails from here on, the next run does not take the package for installed.
    rm -f .venv/installed*
    .venv/bin/python -m pip install --quiet --disable-pip-version-check ".$extras" || fail "the build failed: see above"
    echo "$now" >.venv/installed
    echo "$now" >".venv/installed$extras"
}

# --- commands -------------------------------------------------------------------------------------

build() {
    install_package
    say "ready: .venv/bin/wasmrecords"
}

demo() {
    local status=0 program='select(.score >= 50) | {id, name, score}'
    install_package
    mkdir -p demo
    say "making 200,000 records, some of them broken: demo/events.ndjson"
    .venv/bin/python benchmarks/generate.py --records 200000 --broken 0.001 demo/events.ndjson
    say "wasmrecords run --schema benchmarks/demo.schema.json --jq '$program' demo/events.ndjson" \
        "-o demo/out.ndjson --errors demo/errors.ndjson"
    .venv/bin/wasmrecords run --schema benchmarks/demo.schema.json --jq "$program" demo/events.ndjson \
        -o demo/out.ndjson --errors demo/errors.ndjson || status=$?
    # 1 says that some records failed: here they are meant to.
    [ "$status" -le 1 ] || fail "the run ended with exit status $status"
    say "the first records of demo/out.ndjson"
    head -n 3 demo/out.ndjson
    say "the first dead letters of demo/errors.ndjson"
    head -n 3 demo/errors.ndjson
    say "exit status $status; all files are in demo/"
}

# Runs a step; a failure is remembered, so that one run shows all of them.
failed=()
step() {
    local name=$1
    shift
    say "$name"
    "$@" || { failed+=("$name"); printf '    failed: %s\n' "$name" >&2; }
}

end_of_steps() {
    if [ ${#failed[@]} -gt 0 ]; then
        fail "these failed:$(printf ' [%s]' "${failed[@]}")"
    fi
}

check_steps() {
    local rust=(--manifest-path rust-wasm/Cargo.toml) python_files=(src tests build_backend benchmarks)
    step "rustfmt" cargo fmt "${rust[@]}" --all --check
    step "clippy, native" cargo clippy "${rust[@]}" --quiet --locked --workspace --all-targets -- -D warnings
    step "clippy, the fuzzer" cargo clippy --manifest-path rust-wasm/fuzz/Cargo.toml --quiet --locked \
        --no-default-features --target-dir rust-wasm/target -- -D warnings
    # What only exists in a module, as its exports, is seen only here.
    # Modules of authors have the SDK's allocator, and records.wasm its own: not both at once.
    local shipped=wasmrecords-modules
    step "clippy, wasm32-wasip1" \
        toolchain cargo clippy "${rust[@]}" --quiet --locked --workspace --exclude "$shipped" -- -D warnings
    step "clippy, wasm32-wasip1, records" \
        toolchain cargo clippy "${rust[@]}" --quiet --locked --package "$shipped" -- -D warnings
    step "ruff check" .venv/bin/ruff check --quiet "${python_files[@]}"
    step "ruff format" .venv/bin/ruff format --quiet --check "${python_files[@]}"
    step "mypy --strict" .venv/bin/mypy
}

check() {
    install_package "[test]"
    need_rust_linters
    check_steps
    end_of_steps
    say "all checks passed"
}

# The commands' output goes to the terminal and to a log, from which the counts at the end come.
cargo_tests() {
    cargo test --manifest-path rust-wasm/Cargo.toml --locked --workspace 2>&1 | tee "$logs/cargo"
}

python_tests() {
    # Side by side: most of the time goes into processes that are started one after the other.
    .venv/bin/python -m pytest -n auto --dist worksteal 2>&1 | tee "$logs/pytest"
}

run_tests() {
    install_package "[test]"
    need_rust_linters
    logs=$(mktemp -d)
    trap 'rm -rf "$logs"' EXIT
    step "cargo test" cargo_tests
    step "pytest" python_tests
    check_steps
    say "Rust: $(awk '/^test result:/ { p += $4; f += $6; i += $8 }
        END { printf "%d passed, %d failed, %d ignored", p, f, i }' "$logs/cargo")"
    say "Python: $(tail -n 1 "$logs/pytest" | sed 's/\x1b\[[0-9;]*m//g; s/^=* *//; s/ *=*$//')"
    end_of_steps
    say "everything passed"
}

clean() {
    say "removing .venv, demo, dist, rust-wasm/target, caches"
    rm -rf .venv demo dist rust-wasm/target .pytest_cache .mypy_cache .ruff_cache .hypothesis
    rm -f src/wasmrecords/modules/*.wasm
    find src tests build_backend benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
}

cd "$(dirname "${BASH_SOURCE[0]}")"
[ $# -le 1 ] || fail "one command at a time, found: $* (./build.sh help lists them)"
case ${1:-help} in
    build | demo | check | clean) "$1" ;;
    test) run_tests ;;
    help | -h | --help) help ;;
    *) fail "unknown command: $1 (./build.sh help lists them)" ;;
esac
