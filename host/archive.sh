#!/bin/sh
# Gets files out of Debian's archive with apt, checked by apt's signatures, without touching this machine's own apt set-up:
# own sources list, lists directory, package cache and (empty) status file, all under the user's cache directory.
#
#   archive.sh package RELEASE ARCH PACKAGE DIRECTORY   unpack a binary package into DIRECTORY
#   archive.sh source  RELEASE PACKAGE DIRECTORY        unpack a source package's tree as DIRECTORY
#
# DIRECTORY appears whole or not at all. When it is there already nothing is done, so a second run needs no network.
# The mirror is the one that this machine's own apt uses. Words go to stderr; the exit status says whether it worked.
set -eu

say() { printf 'pylon: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

cache=${XDG_CACHE_HOME:-$HOME/.cache}/tetrapylon
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# The first repository of this machine's apt sources that serves Debian's own release.
mirror() {
    # shellcheck disable=SC2016  # apt expands these, not the shell
    apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
        while read -r uri release; do
            case $release in
            "$own_release" | stable) printf '%s\n' "$uri"; break ;;
            esac
        done
}

# apt-get with the private set-up of one release and architecture; $1 is the set-up's directory.
private_apt() {
    setup=$1
    shift
    apt-get -q \
        -o Dir::Etc::sourcelist="$setup/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
        -o Dir::State="$setup/state" -o Dir::State::lists="$setup/lists" -o Dir::State::status="$setup/status" \
        -o Dir::Cache="$setup/cache" -o Dir::Cache::archives="$setup/archives" \
        -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" \
        -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none -o Acquire::Retries=3 \
        "$@"
}

# Writes the private set-up and reads the release's package lists into it.
prepare() {
    setup=$cache/apt/$release-$architecture
    mkdir -p "$setup/state" "$setup/lists/partial" "$setup/cache" "$setup/archives/partial"
    : >"$setup/status"
    # shellcheck source=/dev/null
    own_release=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
    uri=$(mirror)
    [ -n "$uri" ] || fail "no Debian repository in this machine's apt sources (./pylon doctor)"
    [ -r "$keyring" ] || fail "$keyring is missing: install debian-archive-keyring"
    printf '%s [signed-by=%s] %s %s main\n' "$1" "$keyring" "$uri" "$release" >"$setup/sources.list"
    private_apt "$setup" update >"$setup/update.log" 2>&1 ||
        { tail -n 5 "$setup/update.log" >&2; fail "cannot read Debian $release's package lists"; }
}

mode=${1:-}
case $mode in
package) [ $# -eq 5 ] || fail "usage: archive.sh package RELEASE ARCH PACKAGE DIRECTORY"
    release=$2 architecture=$3 package=$4 target=$5 kind=deb ;;
source) [ $# -eq 4 ] || fail "usage: archive.sh source RELEASE PACKAGE DIRECTORY"
    release=$2 architecture=amd64 package=$3 target=$4 kind=deb-src ;;
*) fail "usage: archive.sh package|source ..." ;;
esac

[ -d "$target" ] && exit 0
mkdir -p "$cache" "$(dirname "$target")"
exec 8>"$cache/archive.lock"
flock 8
[ -d "$target" ] && exit 0

say "fetching $package ($release $architecture $mode) from Debian's archive"
prepare "$kind"
work=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"
if [ "$mode" = package ]; then
    private_apt "$setup" download "$package" >fetch.log 2>&1 ||
        { tail -n 5 fetch.log >&2; fail "cannot fetch $package"; }
    mkdir tree
    for file in ./*.deb; do dpkg-deb -x "$file" tree; done
else
    private_apt "$setup" source --only-source "$package" >fetch.log 2>&1 ||
        { tail -n 5 fetch.log >&2; fail "cannot fetch the source of $package"; }
    for file in ./*/; do mv "$file" tree; break; done
fi
mv -T tree "$target"
