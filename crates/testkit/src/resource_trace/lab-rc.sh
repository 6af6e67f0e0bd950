#!/bin/bash
# Takes the place of a script in /etc/ha.d/rc.d: writes down what it was called with, then becomes the script itself,
# which was moved to /etc/ha.d/lab/rc.d.
lab=/etc/ha.d/lab
name=${0##*/}
detail=''
for field in st src dest ipaddr ok weown rsc_hold info; do
  variable=HA_$field
  [ -z "${!variable-}" ] || detail+="$field=${!variable} "
done
detail+="ost=${HA_OSTATUS-}"
[ -z "${HA_NICEFAILBACK-}" ] || detail+=" nice=$HA_NICEFAILBACK"
if [ -e $lab/environment ]; then
  env | sort | sed "s/^/rc.d-$name $1 /" >>$lab/environment
fi
printf '%s\trc-script\trc.d/%s\t%s\t\t%s\t\n' "$EPOCHREALTIME" "$name" "$*" "$detail" >>$lab/calls
exec $lab/rc.d/"$name" "$@"
