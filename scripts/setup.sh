#!/usr/bin/env bash
# Builds .venv: a Python >= 3.12, everything pinned in requirements/dev.txt (by hash), and this project, editable.
#
# Needs git, make, bash and any Python; takes uv from the PATH, or installs it into .venv-uv, a private environment.
# Does nothing when .venv is up to date. `PYTHON=/path/to/python make setup` chooses the interpreter.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly VENV=.venv UV_VENV=.venv-uv STAMP=.venv/.ready
readonly OLDEST="3, 12"                  # mitmproxy 12 needs 3.12; older ones silently get mitmproxy 11
readonly PREFERRED="3.13 3.12 3.14"      # what the tests run on first

# Trust what the machine trusts: many networks speak TLS with a certificate authority of their own. uv's newer and older
# name for it; whoever sets them keeps their setting.
export UV_SYSTEM_CERTS=${UV_SYSTEM_CERTS:-1} UV_NATIVE_TLS=${UV_NATIVE_TLS:-1}

say() { printf 'setup: %s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

# What the environment was built from; a change of any of these builds it again.
fingerprint() { cat requirements/dev.txt requirements/uv.txt pyproject.toml scripts/setup.sh | cksum; }

up_to_date() {
    [ -f "$STAMP" ] && [ "$(cat "$STAMP")" = "$(fingerprint)" ] && "$VENV/bin/python" -c '' 2>/dev/null
}

# Where pyenv keeps its interpreters. Its shims on the PATH all fail when it lacks the version that .python-version
# names, whatever else it has: they tell where to look, no more.
pyenv_roots() {
    printf '%s\n' "${PYENV_ROOT:-$HOME/.pyenv}"
    printf '%s\n' "$PATH" | tr ':' '\n' | sed -n 's#/shims/*$##p'
}

# Every interpreter worth asking, best first; all places of a name, for the first one may not run.
candidates() {
    local version root
    if [ -n "${PYTHON:-}" ]; then
        printf '%s\n' "$PYTHON"
        return
    fi
    for version in $PREFERRED; do
        type -ap "python$version" || true
        while read -r root; do
            ls -d "$root"/versions/"$version".*/bin/python 2>/dev/null || true
        done < <(pyenv_roots)
    done
    type -ap python3 python || true
}

# The real path of an interpreter that runs, is new enough and has the standard library's parts that are needed.
probe() {
    "$1" -c "import ssl, sys; sys.version_info >= ($2) or sys.exit(1); print(sys.executable)" 2>/dev/null
}

first_python() {
    local candidate
    while read -r candidate; do
        probe "$candidate" "$1" && return
    done < <(candidates)
    return 1
}

# uv, installed by pip into an environment of its own. Debian's python3 comes without ensurepip, hence the next one.
install_uv() {
    local candidate python
    while read -r candidate; do
        python=$(probe "$candidate" "3, 8") || continue
        rm -rf "$UV_VENV"
        "$python" -m venv "$UV_VENV" >/dev/null 2>&1 || continue
        say "no uv on the PATH; installing it into $UV_VENV"
        "$UV_VENV/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt ||
            die "pip could not install uv (see above). Install uv yourself and run make setup again."
        return
    done < <(candidates)
    rm -rf "$UV_VENV"
    die "no uv on the PATH, and no Python (3.8 or newer) here can make a virtual environment." \
        "Install uv, or on Debian and Ubuntu: apt-get install python3-venv. Then run make setup again."
}

find_uv() {
    UV=$(type -p uv || true)
    if [ -n "$UV" ] && "$UV" --version >/dev/null 2>&1; then return; fi
    UV=$PWD/$UV_VENV/bin/uv
    "$UV" --version >/dev/null 2>&1 || install_uv
}

make_venv() {
    local python
    if [ -z "${PYTHON:-}" ] && probe "$VENV/bin/python" "$OLDEST" >/dev/null; then return; fi
    if ! python=$(first_python "$OLDEST"); then
        [ -z "${PYTHON:-}" ] || die "PYTHON=$PYTHON is not a Python 3.12 or newer that runs. Name one that is, or unset it."
        say "no Python 3.12 or newer found here; asking uv to fetch 3.13"
        "$UV" python install --quiet 3.13 && python=$("$UV" python find 3.13) ||
            die "no Python 3.12 or newer can be had: none is on the PATH or in pyenv, and uv could not fetch one." \
                "Install Python 3.13 (or name one: PYTHON=/path/to/python make setup) and run make setup again."
    fi
    rm -rf "$VENV"
    "$UV" venv --quiet --python "$python" "$VENV"
}

up_to_date && exit 0
find_uv
make_venv
rm -f "$STAMP"
say "installing the pinned packages into $VENV"
"$UV" pip sync --quiet --require-hashes --python "$VENV/bin/python" requirements/dev.txt
"$UV" pip install --quiet --no-deps --no-build-isolation --python "$VENV/bin/python" --editable .
fingerprint >"$STAMP"
say "ready: $("$VENV/bin/python" --version)"
