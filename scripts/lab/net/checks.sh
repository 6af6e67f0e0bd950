# How the traffic tests (scripts/lab/net/traffic-*) say what they found. To be sourced after topology.sh.
# One line per check: `ok NAME` or `FAIL NAME: why`; tests/traffic.rs knows which names must come.
# shellcheck shell=bash disable=SC2154 # `share` and `answers` come from topology.sh

failures=0
pass() { printf 'ok %s\n' "$1"; }
miss() { printf 'FAIL %s: %s\n' "$1" "${2//$'\n'/ | }"; failures=$((failures + 1)); }

# equal NAME GOT WANTED
equal() {
  if [ "$2" = "$3" ]; then pass "$1"; else miss "$1" "got '$2', wanted '$3'"; fi
}

# like NAME GOT PATTERN...: all patterns occur in GOT; only * is special.
like() {
  local name=$1 got=$2 pattern
  shift 2
  for pattern; do
    pattern=${pattern//[/\\[}
    # shellcheck disable=SC2053 # it is a pattern
    [[ $got == *$pattern* ]] || { miss "$name" "no '$pattern' in '$got'"; return; }
  done
  pass "$name"
}

# eventually NAME PATTERN COMMAND...: the command's output matches within 15 s. The kernel adds up its counters every 2 s.
eventually() {
  local name=$1 pattern=${2//[/\\[} deadline=$((SECONDS + 15)) got=
  shift 2
  while [ $SECONDS -lt $deadline ]; do
    got=$("$@" 2>&1)
    # shellcheck disable=SC2053
    if [[ $got == *$pattern* ]]; then pass "$name"; return; fi
    sleep 0.2
  done
  miss "$name" "no '$pattern' in '$got'"
}

# Sets the director's table: rules on standard input.
rules() { on director ipvsadm -R || miss rules "ipvsadm -R ended with status $?"; }

# shares: what `ask` counted for the two servers, as "N:M"; anything else that answered follows.
shares() {
  local name other=
  for name in "${!share[@]}"; do
    case $name in rs1 | rs2) ;; *) other+=" $name" ;; esac
  done
  printf '%d:%d%s' "${share[rs1]:-0}" "${share[rs2]:-0}" "$other"
}

# order: the names that answered, in order.
order() {
  local all="${answers[*]#* }"
  printf '%s' "$all"
}

# loyal: true if each source always got the same server.
loyal() {
  local -A seen=()
  local answer source
  for answer in "${answers[@]}"; do
    source=${answer%% *} answer=${answer#* }
    [ "${seen[$source]:=$answer}" = "$answer" ] || return 1
  done
}

finish() { exit $((failures > 0)); }
