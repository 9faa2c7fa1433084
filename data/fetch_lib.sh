# shellcheck shell=bash
# shellcheck disable=SC2154 # the script that sources this sets the variables named below
# What the fetch_* scripts have in common: options, a download that is checked, and a result that is
# there as a whole or not at all.
#
# A script sets
#   url, sha256   where the archive is and what it is
#   output        the folder to write to; --output overrides it
#   what          what a line of the files is, in the plural
#   files         what is written, train.tsv last: where it stands, the others stand too
#   tools         the programs it needs beside curl and awk
# and defines
#   usage    prints the help
#   unpack   makes files from $work/archive in $work
#   convert  writes $work/FILE for every one of `files`
# and calls fetch "$@". Standard error of unpack's and convert's programs goes to $work/why.

export LC_ALL=C
program=$(basename "$0")
here=$(dirname "${BASH_SOURCE[0]}")
force=no

die() { echo "$program: $*" >&2; exit 1; }
misuse() { echo "$program: $*; $program --help lists the options" >&2; exit 2; }

common_options() {
  cat <<TEXT
Files that are already there are kept, unless --force says to fetch them again.
  --url URL      take the archive from here, file:// included
  --sha256 HEX   the archive's checksum
TEXT
}

parse() {
  while (($#)); do
    case "$1" in
      --output | --url | --sha256)
        [[ -n "${2-}" ]] || misuse "$1 needs a value"
        printf -v "${1#--}" '%s' "$2"
        shift 2
        ;;
      --force) force=yes; shift ;;
      --help | -h) usage; exit 0 ;;
      *) misuse "unknown argument \"$1\"" ;;
    esac
  done
  [[ "$sha256" =~ ^[0-9a-fA-F]{64}$ ]] || misuse "--sha256 takes 64 hexadecimal digits"
  sha256=$(tr A-F a-f <<<"$sha256")
}

need_tools() {
  local tool
  for tool in curl awk "${tools[@]}"; do
    command -v "$tool" >/dev/null || die "$tool is missing: install it, e.g. apt-get install $tool"
  done
}

why() { grep -m 1 . "$work/why"; }  # gzip begins with an empty line

# Everything is made in a folder beside the result, so that renaming is all that is left to do.
make_workspace() {
  mkdir -p "$output" 2>/dev/null || die "cannot make the folder $output: check its parent's rights"
  work=$(mktemp -d "$output/.fetching.XXXXXX" 2>/dev/null) ||
    die "cannot write to the folder $output: check its rights and the free space"
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

# A connection that is cut or stalls goes on from where it was; a server that cannot do that (33)
# starts anew. Of what the server answers, curl itself knows what to ask for again.
download() {
  echo "Downloading $url; this may take some minutes" >&2
  local attempt status
  for attempt in 1 2 3 4 5; do
    curl -fsSL --retry 3 --connect-timeout 30 --speed-limit 100 --speed-time 60 \
      -C - -o "$work/archive" "$url" 2>"$work/why" && return
    status=$?
    case "$status" in
      18 | 28 | 52 | 55 | 56 | 92) ;;
      33) rm -f "$work/archive" ;;
      *) break ;;
    esac
    ((attempt == 5)) || sleep "${OCKHAM_FETCH_PAUSE:-3}"
  done
  die "cannot download $url: $(why)"
}

checksum() {
  if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi |
    cut -c 1-64
}

verify() {
  local found
  found=$(checksum "$work/archive")
  [[ "$found" == "$sha256" ]] ||
    die "$url has the SHA-256 $found, expected $sha256:" \
      "a broken download or another file; run again"
}

# unpack_tar OPTION...: all of a tar.gz, with further options of tar.
unpack_tar() {
  tar -xzf "$work/archive" -C "$work" "$@" 2>"$work/why" || die "cannot unpack $url: $(why)"
}

# Both are for the archives of Zhang, Zhao & LeCun (2015): FOLDER/train.csv and FOLDER/test.csv.
unpack_csv() {
  local folder=$1 part
  unpack_tar --exclude='._*'
  for part in train test; do
    [[ -s "$work/$folder/$part.csv" ]] || die "$url holds no $folder/$part.csv: another archive?"
  done
}

# convert_csv FOLDER NAMES ESCAPES: csv_to_tsv.awk says what the latter two are.
convert_csv() {
  local folder=$1 names=$2 escapes=$3 part status
  for part in train test; do
    awk -v names="$names" -v escapes="$escapes" -f "$here/csv_to_tsv.awk" \
      <"$work/$folder/$part.csv" >"$work/$part.tsv" 2>"$work/why" && continue
    status=$?
    ((status != 3)) || die "$url: $folder/$part.csv, $(why): another archive?"
    die "cannot write to $output: $(why)"
  done
}

publish() {
  local file
  for file in "${files[@]}"; do
    mv -f "$work/$file" "$output/$file" || die "cannot write $output/$file: check its rights"
    echo "Wrote $output/$file: $(wc -l <"$output/$file" | tr -d ' ') $what" >&2
  done
}

is_there() {
  local file
  for file in "${files[@]}"; do [[ -f "$output/$file" ]] || return 1; done
}

# Names the command to train with; --valid where there is a file for it.
next_step() {
  local valid=
  [[ " ${files[*]} " == *" dev.tsv "* ]] && valid=" --valid $output/dev.tsv"
  echo "Train with: ockham train --train $output/train.tsv$valid" \
    "--model $(basename "$output")-model" >&2
}

fetch() {
  parse "$@"
  if [[ "$force" == no ]] && is_there; then
    echo "$output holds the $what already; --force fetches them again" >&2
  else
    need_tools
    make_workspace
    download
    verify
    unpack
    convert
    publish
  fi
  next_step
}
