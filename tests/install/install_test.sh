#!/usr/bin/env bash
# Installs the build into a scratch folder, moves that, and builds docs/example against it alone:
#   install_test.sh cmake build-folder source-folder compiler
set -euo pipefail

cmake=$1 build=$2 source=$3 compiler=$4
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
prefix=$scratch/moved
model=$source/tests/data/golden/v1.ockham

die() { echo "FAILED: $*"; exit 1; }

install_tree() {
  "$cmake" --install "$build" --prefix "$scratch/first" >"$scratch/log" || die "the installation"
  mv "$scratch/first" "$prefix"
  libdir=$(dirname "$(find "$prefix" -name libockham_deploy.a)")
  export PKG_CONFIG_PATH=$libdir/pkgconfig
}

check_files() {
  local file
  for file in bin/ockham share/man/man1/ockham.1 share/bash-completion/completions/ockham \
    include/ockham/deploy/engine.hpp include/ockham.h; do
    [[ -s "$prefix/$file" ]] || die "$file is not installed"
  done
  "$prefix/bin/ockham" --version >/dev/null || die "the installed program does not run"
  for file in imdb sst2 ag_news yelp_polarity; do
    "$prefix/share/ockham/fetch_$file" --help >/dev/null || die "fetch_$file does not run"
  done
  ! grep -rlF -e "$source" -e "$scratch" "$prefix/share" "$libdir/cmake" "$libdir/pkgconfig" ||
    die "these name folders of this machine"
}

# The headers need the standard library and themselves.
check_headers() {
  local foreign
  ! find "$prefix/include" -name '*-inl.hpp' | grep . || die "these headers are private"
  foreign=$(grep -rhoE '^ *# *include *[<"][^>"]+' "$prefix/include" | sed 's/.*[<"]//' | sort -u |
    grep -vE '^ockham/|^[a-z_]+$|^stddef.h$' || true)
  [[ -z "$foreign" ]] || die "installed headers include $foreign"
  (cd "$prefix/include" && find ockham -name '*.hpp' | sort -r | sed 's/.*/#include "&"/') \
    >"$scratch/all.cpp"
  "$compiler" -std=c++20 -fsyntax-only -I "$prefix/include" "$scratch/all.cpp" ||
    die "the headers do not stand together"
}

# quoted FILE: docs/deploying.md has the file as a block.
quoted() {
  local text block
  text=$(cat "$1")
  block=$(cat "$source/docs/deploying.md")
  [[ "$block" == *$'\n```'*$'\n'"$text"$'\n```'* ]] || die "docs/deploying.md does not show ${1##*/} as it is"
}

# The figures are those of tests/data/golden/v1.tsv.
check_answer() {
  local expected found
  expected=$(awk -F'\t' '$1 == "v1.ockham" && $2 == "Not good!" {
    for (i = 3; i <= NF; ++i) printf "%.4f\n", $i }' "$source/tests/data/golden/v1.tsv")
  found=$("$1" "$model" 'Not good!' | awk -F'\t' '{ printf "%.4f\n", $2 }')
  [[ -n "$expected" && "$found" == "$expected" ]] || die "$2: expected $expected, got $found"
}

by_find_package() {
  {
    "$cmake" -S "$source/docs/example" -B "$scratch/example" -DCMAKE_PREFIX_PATH="$prefix" \
      -DCMAKE_CXX_COMPILER="$compiler" && "$cmake" --build "$scratch/example"
  } >"$scratch/log" 2>&1 || { cat "$scratch/log"; die "find_package(ockham)"; }
  check_answer "$scratch/example/classify" "find_package"
}

by_pkg_config() {
  # shellcheck disable=SC2046 # flags are words
  "$compiler" -std=c++20 -O1 "$source/docs/example/classify.cpp" -o "$scratch/classify" \
    $(pkg-config --cflags --libs --static ockham) || die "pkg-config"
  check_answer "$scratch/classify" "pkg-config"
  # The example needs a part of the libraries only; this links all of them.
  # shellcheck disable=SC2046 # flags are words
  "$compiler" -std=c++20 "$source/docs/example/classify.cpp" -o "$scratch/classify" \
    $(pkg-config --cflags ockham) -Wl,--whole-archive $(pkg-config --libs ockham) \
    -Wl,--no-whole-archive $(pkg-config --libs --static ockham) >"$scratch/log" 2>&1 ||
    { grep -m 5 undefined "$scratch/log"; die "pkg-config lacks a library"; }
}

from_c() {
  # shellcheck disable=SC2046 # flags are words
  "${CC:-cc}" -std=c99 -Wall -Wextra -Wpedantic -Werror -c "$source/docs/example/classify.c" \
    -o "$scratch/classify.o" $(pkg-config --cflags ockham) || die "the example in C"
  # shellcheck disable=SC2046 # flags are words
  "$compiler" "$scratch/classify.o" -o "$scratch/classify" $(pkg-config --libs --static ockham) ||
    die "linking the example in C"
  check_answer "$scratch/classify" "the example in C"
  "$scratch/classify" "$scratch/none" x 2>"$scratch/log" && die "a missing model is classified with"
  grep -q "$scratch/none" "$scratch/log" || die "the example in C does not say what is missing"
}

refuses_other_versions() {
  mkdir "$scratch/other"
  printf '%s\n' 'cmake_minimum_required(VERSION 3.25)' 'project(other LANGUAGES CXX)' \
    'find_package(ockham 99 QUIET)' 'if(ockham_FOUND)' 'message(FATAL_ERROR "found")' 'endif()' \
    >"$scratch/other/CMakeLists.txt"
  "$cmake" -S "$scratch/other" -B "$scratch/other/build" -DCMAKE_PREFIX_PATH="$prefix" \
    >"$scratch/log" 2>&1 || { cat "$scratch/log"; die "version 99 is found"; }
}

install_tree
check_files
check_headers
quoted "$source/docs/example/classify.cpp"
quoted "$source/docs/example/CMakeLists.txt"
quoted "$source/docs/example/classify.c"
by_find_package
by_pkg_config
from_c
refuses_other_versions
echo "install: all tests passed"
