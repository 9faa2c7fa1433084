#!/usr/bin/env bash
# Checks the Debian packages without installing them:  package_test.sh folder-of-the-packages
set -euo pipefail

source=$(dirname "$(readlink -f "$0")")/../..
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

die() { echo "FAILED: $*"; exit 1; }
field() { dpkg-deb --field "$1" "$2"; }

# the_package NAME: its one file.
the_package() {
  local found=("$folder/$1"_*.deb)
  [[ ${#found[@]} == 1 && -f "${found[0]}" ]] || die "no or several packages $1"
  echo "${found[0]}"
}

folder=$1
program=$(the_package ockham)
dev=$(the_package libockham-dev)

check_fields() {
  local library
  for library in libdnnl libhwy libboost-program-options libsentencepiece libutf8proc libgomp libc6 libstdc++6; do
    [[ "$(field "$program" Depends)" == *"$library"* ]] || die "ockham does not depend on $library"
  done
  [[ "$(field "$program" Depends)" != *-dev* ]] || die "ockham depends on headers"
  for library in g++ libdnnl-dev libhwy-dev libsentencepiece-dev libutf8proc-dev pkg-config; do
    [[ "$(field "$dev" Depends)" == *"$library"* ]] || die "libockham-dev does not depend on $library"
  done
  [[ "$(field "$program" Version)" == "$(field "$dev" Version)" ]] || die "versions differ"
}

check_contents() {
  local doubled foreign
  dpkg-deb --extract "$program" "$scratch/program"
  dpkg-deb --extract "$dev" "$scratch/dev"
  doubled=$(comm -12 <(cd "$scratch/program" && find . -type f | sort) \
    <(cd "$scratch/dev" && find . -type f | sort))
  [[ -z "$doubled" ]] || die "both packages hold $doubled"
  foreign=$(find "$scratch/program" "$scratch/dev" -type f -not -path "$scratch/*/usr/*")
  [[ -z "$foreign" ]] || die "outside of /usr: $foreign"
  gzip -dc "$scratch/program/usr/share/man/man1/ockham.1.gz" | grep -q '^\.TH OCKHAM' ||
    die "no manual page"
  [[ -s "$scratch/dev/usr/include/ockham/deploy/engine.hpp" ]] || die "no headers"
  [[ "$(stat -c %a "$scratch/program/usr/bin/ockham")" == 755 ]] || die "rights of the program"
  file "$scratch/program/usr/bin/ockham" | grep -q ', stripped' || die "the program has symbols"
  "$scratch/program/usr/bin/ockham" predict --model "$source/tests/data/golden/v1.ockham" \
    <<<'Not good!' | grep -q $'^[^\t]*\t0\.56' || die "the program does not classify"
}

check_fields
check_contents
dpkg --dry-run --force-depends --force-not-root -i "$program" "$dev" >"$scratch/log" 2>&1 ||
  { cat "$scratch/log"; die "dpkg refuses the packages"; }
echo "packages: all tests passed"
