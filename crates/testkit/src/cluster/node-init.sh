#!/bin/bash
# Process 1 of a node of a test cluster: gives the node places of its own, says "ready" with its number on the host, then
# waits for the end of its input, which is the end of the node. Bash collects the orphans of daemons meanwhile.
#
# node-init NAME DIRECTORY PROGRAM [DEVICE TARGET]...   PROGRAM is empty for the original heartbeat
#
# Each line of DIRECTORY/binds names a place below DIRECTORY and the place of the system that it is seen at.
set -eu
# The host's /proc is still mounted here, so this is the number that the host knows.
read -r host_number _ </proc/self/stat
name=$1 dir=$2 program=$3
shift 3
mount --make-rprivate /
hostname "$name"
mount -t proc proc /proc

# Devices: the harmless ones, a place for the system log, and serial lines under the names that the node knows.
mkdir -p "$dir/dev"
mount -t tmpfs -o mode=755 dev "$dir/dev"
for device in null zero full random urandom tty ptmx; do
  : >"$dir/dev/$device"
  mount --bind "/dev/$device" "$dir/dev/$device"
done
mkdir -p "$dir/dev/pts" "$dir/dev/shm"
mount --bind /dev/pts "$dir/dev/pts"
mount -t tmpfs shm "$dir/dev/shm"
ln -s "$dir/syslog.socket" "$dir/dev/log"
while [ $# -ge 2 ]; do
  : >"$dir/dev/${2#/dev/}"
  mount --bind "$1" "$dir/dev/${2#/dev/}"
  shift 2
done
mount --move "$dir/dev" /dev

mount --bind "$dir/ha.d" /etc/ha.d
mount --bind "$dir/lib" /var/lib/heartbeat
mount -t tmpfs run /run
mkdir -p /run/lock /run/resource-agents /run/heartbeat/{ccm,crm,dopd,rsctmp} /var/lib/heartbeat/cores/{root,hacluster,nobody}
chown -R hacluster:haclient /run/heartbeat
chown hacluster:haclient /var/lib/heartbeat/cores/hacluster
while read -r own seen; do
  mount --bind "$dir/$own" "$seen"
done <"$dir/binds"
if [ -n "$program" ]; then
  # The daemon looks for its tools beside itself, where the original has no file of that name to mount over.
  tools=${program%/*}/ha-tools
  if [ -e "$tools" ]; then
    [ -d "$dir/libexec" ] || cp -a /usr/libexec/heartbeat "$dir/libexec"
    : >>"$dir/libexec/ha-tools"
    mount --bind "$dir/libexec" /usr/libexec/heartbeat
    mount --bind "$tools" /usr/libexec/heartbeat/ha-tools
  fi
  mount --bind "$program" /usr/libexec/heartbeat/heartbeat
fi
printf 'ready %s\n' "$host_number"
while read -r _; do :; done
