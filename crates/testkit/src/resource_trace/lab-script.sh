#!/bin/bash
# A resource that only remembers whether it runs, once for each list of arguments, and writes down how it was called:
#
#   SCRIPT [ARG]... status|start|stop
#
# /etc/ha.d/lab/state/NAME.ARG.ARG is there while it runs. /etc/ha.d/lab/faults/NAME.ARG.ARG.VERB says in the language
# of the shell how a call is to go wrong: rc=N ends it with that status and no effect, sleep=N lets it take so many
# seconds, and hang=yes lets it wait until the file is gone.
lab=/etc/ha.d/lab
begin=$EPOCHREALTIME
path=${0//\/\//\/}
verb=${!#}
args=("${@:1:$#-1}")
key=${0##*/}
for arg in "${args[@]}"; do key+=.${arg//\//_}; done
rc='' sleep='' hang=''
fault=$lab/faults/$key.$verb
if [ -e "$fault" ]; then
  # shellcheck disable=SC1090
  . "$fault"
  printf '%s\tbegin\t%s\t%s\t%s\t\n' "$begin" "$path" "${args[*]}" "$verb" >>$lab/calls
  [ -z "$sleep" ] || sleep "$sleep"
  while [ -n "$hang" ] && [ -e "$fault" ]; do sleep 0.1; done
fi
out=''
if [ -z "$rc" ]; then
  rc=0
  case $verb in
    start) : >"$lab/state/$key" ;;
    stop) rm -f "$lab/state/$key" ;;
    status)
      if [ -e "$lab/state/$key" ]; then out=running; else out=stopped rc=3; fi
      echo $out
      ;;
    *) rc=1 ;;
  esac
fi
if [ -e $lab/environment ]; then
  env | sort | sed "s/^/$key $verb /" >>$lab/environment
fi
printf '%s\tscript\t%s\t%s\t%s\trc=%s%s\t%s\n' \
  "$EPOCHREALTIME" "$path" "${args[*]}" "$verb" "$rc" "${out:+ out=$out}" "$begin" >>$lab/calls
exit "$rc"
