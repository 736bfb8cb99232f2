#!/bin/sh
# build.sh PRESET...: brings build/PRESET up to date, and says so on stderr only when there is something to do.
# Concurrent calls wait for each other. The whole log of a build is build/PRESET/build.log.
# With PYLON_BUILD=no it does nothing: the tests build once, before they begin.
set -eu

# As many jobs as cores: ninja would take two more.
export CMAKE_BUILD_PARALLEL_LEVEL="${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}"

[ "${PYLON_BUILD:-}" != no ] || exit 0

top=$(dirname "$(dirname "$(readlink -f "$0")")")
cd "$top"

# The folders whose change means that a preset has to be built again.
inputs_of() {
    case $1 in
    host) printf '%s' "cmake host tests/xv6fs" ;;
    host*) printf '%s' "cmake host kernel tests/unit tests/fuzz tests/xv6fs" ;;
    *) printf '%s' "cmake kernel" ;;
    esac
    [ "$1" = host ] || [ ! -d programs ] || printf ' programs'
}

# True when nothing in the inputs is newer than the last good build. A removed file makes its folder newer.
fresh() {
    stamp=build/$1/.built
    [ -e "$stamp" ] || return 1
    # shellcheck disable=SC2046  # a list of folders
    [ -z "$(find CMakeLists.txt CMakePresets.json $(inputs_of "$1") -newer "$stamp" -print -quit)" ]
}

# What to build of a preset. `host` is for the pylon program alone; the tests are built by host-debug.
targets_of() {
    case $1 in
    host) printf '%s' "pylon xv6image" ;;
    *) printf '%s' "all" ;;
    esac
}

build() {
    [ -t 2 ] && words="building $1 ..." || words="building $1"
    printf 'pylon: %s\n' "$words" >&2
    log=build/$1/build.log
    touch "build/$1/.building"
    # shellcheck disable=SC2046  # a list of targets
    if { [ -e "build/$1/build.ninja" ] || cmake --preset "$1"; } >"$log" 2>&1 &&
        cmake --build --preset "$1" --target $(targets_of "$1") >>"$log" 2>&1; then
        # As old as the build's beginning: a file changed while it ran is built again.
        mv "build/$1/.building" "build/$1/.built"
    else
        grep -E ': (fatal )?error: |^FAILED: |ld\.lld: error|undefined symbol|CMake Error|ninja: error' "$log" | head -n 20 >&2 || true
        printf 'pylon: building %s failed; see %s\n' "$1" "$top/$log" >&2
        exit 1
    fi
}

# In braces, so that the shell has read all of this file before a build that may change it begins.
{
    for preset in "$@"; do
        fresh "$preset" && continue
        mkdir -p "build/$preset"
        exec 9>"build/$preset/.lock"
        flock 9
        fresh "$preset" || build "$preset"
        exec 9>&-
    done
    exit
}
