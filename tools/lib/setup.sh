# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
#
# What every script of tools/ shares: where the tree is, how to speak, which packages are needed
# and how to build. Sourced, never run. The package lists of the whole project stand here and
# nowhere else.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
JOBS="${MST_JOBS:-2}"
# The packages below are what is used, not what a version manager has put before them: its python3
# takes up to ten times as long to start.
export PATH="/usr/sbin:/usr/bin:/sbin:/bin:$PATH"

# Debian 12 packages, by what they are for.
PACKAGES_BUILD=(gcc libc6-dev cmake ninja-build pkg-config re2c bison libsodium-dev
    libjansson-dev libsqlite3-dev libuv1-dev libmicrohttpd-dev libcurl4-openssl-dev scdoc)
PACKAGES_TEST=(g++ libcriterion-dev python3 minisign openssl)
PACKAGES_CLANG=(clang libclang-rt-14-dev llvm)
PACKAGES_CHECK=(clang-format clang-tidy abigail-tools)
PACKAGES_PORTABLE=(gcc-i686-linux-gnu libc6-dev-i386-cross qemu-user gcc-mingw-w64-x86-64 lld nodejs)
PACKAGES_FOREIGN=(libsodium-dev libjansson-dev libsqlite3-dev) # of each other machine
PACKAGES_BIG_ENDIAN=(gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-user)

# Of bench/ only: the contestants, and what counts instructions.
PACKAGES_BENCH=(g++ clang python3 libsimdjson-dev luajit libluajit-5.1-dev lua-cjson lua5.4
    liblua5.4-dev jq libsqlite3-dev)
PACKAGES_GATE=(valgrind python3)

# Colour on a terminal only, and not against NO_COLOR.
if [[ -t 1 && -z "${NO_COLOR:-}" ]]; then
    BOLD=$'\e[1m' RED=$'\e[31m' GREEN=$'\e[32m' PLAIN=$'\e[0m'
else
    BOLD='' RED='' GREEN='' PLAIN=''
fi

say() { printf '%s\n' "$*"; }
headline() { printf '\n%s%s%s\n' "$BOLD" "$*" "$PLAIN"; }
die() {
    printf '%serror:%s %s\n' "$RED" "$PLAIN" "$*" >&2
    exit 3
}

# as_root COMMAND...: as root, or through sudo without asking for a password.
as_root() {
    if [[ "$(id -u)" == 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 126
    fi
}

# need_packages PACKAGE...: installs those that are missing; asks nothing; dies with what to do
# instead.
need_packages() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "This is not Debian: please have the equivalents of these installed: $*"
        return 0
    fi
    local package missing=()
    for package in "$@"; do
        [[ "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null)" == "install ok installed" ]] ||
            missing+=("$package")
    done
    if ((${#missing[@]} == 0)); then
        return 0
    fi
    say "Installing: ${missing[*]}"
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=120)
    local log code=0
    log="$(mktemp)"
    {
        as_root "${apt[@]}" update &&
            as_root "${apt[@]}" install --no-install-recommends "${missing[@]}"
    } </dev/null >"$log" 2>&1 || code=$?
    if ((code == 126)); then
        rm -f "$log"
        die "these packages are missing and only root may install them; run this, then try again:
    sudo apt-get install --no-install-recommends ${missing[*]}"
    elif ((code != 0)); then
        tail -n 20 "$log" >&2
        rm -f "$log"
        die "apt-get could not install ${missing[*]} (exit $code); its last words are above"
    fi
    rm -f "$log"
}

# configure FOLDER OPTION...: quiet unless it fails. A folder configured for another compiler or
# another place is made anew, because CMake cannot change its mind about those.
configure() {
    local folder="$ROOT/$1" stamp before
    shift
    stamp="$ROOT $*"
    before="$(cat "$folder/configured-for" 2>/dev/null || true)"
    if [[ -f "$folder/CMakeCache.txt" && "$before" != "$stamp" ]]; then
        rm -rf "$folder/CMakeCache.txt" "$folder/CMakeFiles"
    fi
    cmake -S "$ROOT" -B "$folder" -G Ninja "$@" && printf '%s' "$stamp" >"$folder/configured-for"
}

# build FOLDER [TARGET]: at most JOBS compilers at a time.
build() {
    local folder="$ROOT/$1"
    cmake --build "$folder" -j "$JOBS" ${2:+--target "$2"}
}
