#!/usr/bin/env bash
# Installs the Debian packages in a fresh system of the release they were built on, classifies a line
# there, builds docs/example, and removes them:  chroot_test.sh folder-of-the-packages
# Needs root, debootstrap and the network.
set -euo pipefail

packages=$(readlink -f "$1")
source=$(dirname "$(readlink -f "$0")")/../..
((EUID == 0)) || { echo "chroot_test.sh needs root"; exit 1; }
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root" "$root.log"' EXIT

die() { echo "FAILED: $*"; exit 1; }
inside() {
  chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root \
    DEBIAN_FRONTEND=noninteractive "$@"
}
get() { inside apt-get -y -qq --no-install-recommends "$@"; }

# quietly COMMAND...: shows what it says only where it fails.
quietly() { "$@" >"$root.log" 2>&1 || { cat "$root.log"; die "$*"; }; rm -f "$root.log"; }

release() { # shellcheck disable=SC1091 # of the machine
  (source /etc/os-release && echo "$VERSION_CODENAME")
}

make_system() {
  local components=main
  grep -q '^ID=ubuntu' /etc/os-release && components=main,universe
  echo "Making a fresh $(release)"
  quietly debootstrap --variant=minbase --components="$components" "$(release)" "$root"
  cp "$packages"/ockham_*.deb "$root/root/ockham.deb"
  cp "$packages"/libockham-dev_*.deb "$root/root/libockham-dev.deb"
  cp "$source/tests/data/golden/v1.ockham" "$source/docs/example/classify.cpp" "$root/root/"
}

check_program() {
  echo "Installing ockham"
  quietly get install /root/ockham.deb
  [[ "$(inside sh -c 'echo "Not good!" | ockham predict --model /root/v1.ockham')" == *$'\t'0.56* ]] ||
    die "the program does not classify"
}

check_library() {
  echo "Installing libockham-dev"
  quietly get install /root/libockham-dev.deb
  # shellcheck disable=SC2016 # for the shell inside
  quietly inside sh -c 'g++ -std=c++20 /root/classify.cpp -o /root/classify \
    $(pkg-config --cflags --libs --static ockham)'
  [[ "$(inside /root/classify /root/v1.ockham 'Not good!')" == *$'\t'0.56* ]] ||
    die "a program built in the fresh system does not classify"
}

check_removal() {
  quietly get purge ockham libockham-dev
  [[ -z "$(find "$root/usr" -name '*ockham*' -not -path '*/dpkg/*')" ]] || die "something is left"
}

make_system
check_program
check_library
check_removal
echo "packages in a fresh system: all tests passed"
