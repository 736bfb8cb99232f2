#!/bin/sh
# prepare.sh: what the tests in a browser need, installed when it is missing: Debian's chromium, node with npm, and npm's
# playwright-core in the cache folder. Prints that folder. Concurrent calls wait for each other.
set -eu

here=$(dirname "$(readlink -f "$0")")
folder=${XDG_CACHE_HOME:-$HOME/.cache}/tetrapylon/browser
mkdir -p "$folder"
exec 9>"$folder/.lock"
flock 9

packages=
command -v chromium >/dev/null || packages="chromium"
command -v node >/dev/null || packages="$packages nodejs"
command -v npm >/dev/null || packages="$packages npm"
if [ -n "$packages" ]; then
    root=
    [ "$(id -u)" -eq 0 ] || root=sudo
    $root apt-get -q update >&2
    # shellcheck disable=SC2086  # a list of words
    $root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $packages >&2
fi
if ! cmp -s "$here/package.json" "$folder/package.json" || [ ! -d "$folder/node_modules/playwright-core" ]; then
    cp "$here/package.json" "$folder/"
    npm install --prefix "$folder" --no-audit --no-fund --ignore-scripts --loglevel=error >&2
fi
printf '%s\n' "$folder"
