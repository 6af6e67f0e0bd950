# What the scripts of this directory share. To be sourced; the caller has said `set -euo pipefail`.
# shellcheck shell=bash

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
target=${CARGO_TARGET_DIR:-$project/target}

# Those of tests/Cargo.toml that need no lab: scripts/check runs them.
# shellcheck disable=SC2034
tests_without_lab="layout manpages heartbeat_config"

# A progress line, on standard error so that it never mixes with results.
say() { printf '%s\n' "$*" >&2; }

# Ends with a reason. 69: something this machine lacks; 64: wrong words.
fail() {
  local status=$1
  shift
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit "$status"
}

# Builds the programs that the lab runs and sets LAB_IPVSADM and LAB_LABNET for it. A caller may have set LAB_IPVSADM to
# another ipvsadm, for instance the original.
build_lab_programs() {
  say "Building ipvsadm (the first time takes a minute) ..."
  # Apart, as the tests build them: together they would get other features and be compiled once more.
  (cd "$project" &&
    cargo build --release --locked --quiet -p ipvsadm --bin ipvsadm &&
    cargo build --release --locked --quiet -p lvs-ha-tests --bin labnet) || return
  export LAB_IPVSADM=${LAB_IPVSADM:-$target/release/ipvsadm}
  export LAB_LABNET=$target/release/labnet
}

# Builds the daemon that live clusters run, with its tools beside it, and sets LAB_HEARTBEAT for it. A caller may have set
# it to another heartbeat.
build_heartbeat() {
  say "Building heartbeat (the first time takes a minute) ..."
  (cd "$project" &&
    cargo build --release --locked --quiet -p ha-tools --bin ha-tools &&
    cargo build --release --locked --quiet -p heartbeat --bin heartbeat) || return
  export LAB_HEARTBEAT=${LAB_HEARTBEAT:-$target/release/heartbeat}
}

# Stages: named parts of a long run, each timed. `stage NAME COMMAND...` runs one and remembers how it ended; a failure does
# not stop the others, so that one run shows all that is wrong. `stages_end` prints the list and ends the script.
stage_names=() stage_lines=() stage_failures=0
stage() {
  local name=$1 start=$SECONDS status=0
  shift
  say "== $name"
  "$@" || status=$?
  stage_note "$name" "$status" $((SECONDS - start))
}

# stage_note NAME STATUS SECONDS: remembers how a stage ended.
stage_note() {
  stage_names+=("$1")
  if [ "$2" -eq 0 ]; then
    stage_lines+=("$(printf 'ok      %5d s  %s' "$3" "$1")")
  else
    stage_lines+=("$(printf 'FAILED  %5d s  %s (status %d)' "$3" "$1" "$2")")
    stage_failures=$((stage_failures + 1))
    say "== FAILED: $1 (status $2)"
  fi
}

stages_end() {
  printf '\n'
  printf '%s\n' "${stage_lines[@]}"
  [ $stage_failures -eq 0 ]
}
