# Runs one command in a mount namespace with a configuration, a pipe and resource scripts of its own, and leaves what it
# did in $W. Called with SIDE=ours or SIDE=original, W, SETUP, RUNNING, PROGRAM, SHIPPED and the command as arguments.
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /var/lib/heartbeat
mkfifo -m 600 /var/lib/heartbeat/fifo
mkdir -p "$W/ha.d"
cp -a /etc/ha.d/. "$W/ha.d"
if [ "$SIDE" = ours ]; then
	mount -t tmpfs tmpfs /usr/libexec/heartbeat
	mount -t tmpfs tmpfs /usr/share/heartbeat
	cp "$PROGRAM" /usr/libexec/heartbeat/ha-tools
	for name in hb_standby hb_takeover hb_addnode hb_delnode hb_setweight hb_setsite ha_propagate ResourceManager \
		req_resource mach_down; do
		ln -s /usr/libexec/heartbeat/ha-tools /usr/share/heartbeat/$name
	done
	cp -a "$SHIPPED/." "$W/ha.d"
fi
mount --bind "$W/ha.d" /etc/ha.d
printf 'alpha Q::a\nbeta R::b S\n' >/etc/ha.d/haresources
cat >/etc/ha.d/resource.d/Q <<'SCRIPT'
#!/bin/sh
name=${0##*/}
echo "$name $*" >>"$W/calls"
for verb in "$@"; do :; done
case "$verb" in
status) if [ -e "$W/running.$name" ]; then echo running; else echo stopped; fi ;;
start) : >"$W/running.$name" ;;
stop) rm -f "$W/running.$name" ;;
esac
SCRIPT
chmod 755 /etc/ha.d/resource.d/Q
cp /etc/ha.d/resource.d/Q /etc/ha.d/resource.d/R
cp /etc/ha.d/resource.d/Q /etc/ha.d/resource.d/S
for name in $RUNNING; do
	: >"$W/running.$name"
done
eval "$SETUP"
exec 9<>/var/lib/heartbeat/fifo
set +e
timeout 20 "$@" >"$W/stdout" 2>"$W/stderr" </dev/null 9>&-
echo $? >"$W/status"
dd if=/var/lib/heartbeat/fifo of="$W/message" iflag=nonblock bs=65536 count=1 2>/dev/null
exit 0
