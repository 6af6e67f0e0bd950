# Test networks made of network namespaces, for scripts that run inside the lab kernel (scripts/lab/boot). To be sourced.
#
# A "machine" is a network namespace; its cables are pairs of virtual network cards whose far ends hang on a bridge in the
# namespace `switch`. Each machine has its own IPVS table. The addresses are the article's that everything here is measured
# against. A process costs 20 ms and more inside this kernel, so a network is first written down, then built by few
# processes (`build`).
#
# Wanted from the caller: LAB_IPVSADM, the ipvsadm to install, and LAB_LABNET, the web server and client (tests/lab/labnet).
# shellcheck shell=bash

CLIENT=10.10.10.10
VIP_NAT=10.10.10.1 VIP_DIRECT=192.168.77.250
RS1=192.168.77.221 RS2=192.168.77.225

# Puts the programs where commands "word for word" find them, and loads IPVS.
lab_install() {
  [ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd
  [ "$LAB_IPVSADM" = /usr/sbin/ipvsadm ] || install -m 755 "$LAB_IPVSADM" /usr/sbin/ipvsadm
  install -m 755 "$LAB_LABNET" /usr/sbin/labnet
  modprobe -a ip_vs veth bridge "$@"
}

# on MACHINE COMMAND...: runs a command on a machine.
on() {
  local machine=$1
  shift
  nsenter --net="/run/netns/$machine" -- "$@"
}

# What `build` will do: lines for `ip -batch`, per machine; settings below /proc/sys/net, per machine.
declare -A lines=() settings=()
machines=() created='' wired='' servers=()

# machine NAME [PATH=VALUE]...: a machine; PATH is below /proc/sys/net.
machine() {
  local name=$1
  shift
  machines+=("$name")
  created+="netns add $name"$'\n'
  lines[$name]=$'link set lo up\n'
  settings[$name]="$*"
}

# network NAME: a bridge to put cables on.
network() {
  lines[switch]+="link add $1 type bridge"$'\n'"link set $1 up"$'\n'
}

# cable MACHINE DEVICE NETWORK ADDRESS/LENGTH...: a network card for MACHINE, with addresses.
cable() {
  local machine=$1 device=$2 network=$3 address
  shift 3
  wired+="link add $device netns $machine type veth peer name $machine-$device netns switch"$'\n'
  lines[switch]+="link set $machine-$device master $network up"$'\n'
  for address; do
    case $address in
      *:*) lines[$machine]+="address add $address dev $device nodad"$'\n' ;;
      *) lines[$machine]+="address add $address dev $device"$'\n' ;;
    esac
  done
  lines[$machine]+="link set $device up"$'\n'
}

# setup MACHINE LINE...: more for `ip` to do on MACHINE.
setup() {
  local machine=$1 line
  shift
  for line; do lines[$machine]+="$line"$'\n'; done
}

# Builds what was written down.
build() {
  local name
  ip -batch - <<<"netns add switch"$'\n'"$created$wired" || return
  for name in switch "${machines[@]}"; do
    if [ -n "${settings[$name]:-}" ]; then
      # shellcheck disable=SC2016,SC2086 # for the inner shell; settings are words
      on "$name" bash -c 'for setting; do echo "${setting#*=}" >"/proc/sys/net/${setting%%=*}" || exit; done
        exec ip -batch - <<<"$0"' "${lines[$name]}" ${settings[$name]} || return
    else
      ip -n "$name" -batch - <<<"${lines[$name]}" || return
    fi
  done
}

# Takes the network down, so that the next one can be built in the same kernel.
topology_down() {
  local name
  [ ${#servers[@]} -eq 0 ] || { kill "${servers[@]}"; wait "${servers[@]}"; } 2>/dev/null
  for name in switch "${machines[@]}"; do echo "netns delete $name"; done | ip -batch -
  lines=() settings=() machines=() created='' wired='' servers=()
}

# web MACHINE NAME ENDPOINT...: starts a server that answers everything with NAME; returns when it is ready.
web() {
  local machine=$1 ready
  shift
  exec {ready}< <(exec nsenter --net="/run/netns/$machine" -- labnet serve "$@")
  servers+=($!)
  read -r -u "$ready" _ || { echo "no web server on $machine"; return 1; }
  exec {ready}<&-
}

# ask COUNT ENDPOINT [OPTION]...: the client asks. The answers are left in `answers` (lines "SOURCE NAME"), and
# `share[NAME]` says how often each server answered.
declare -A share=()
ask() {
  local answer
  mapfile -t answers < <(on client labnet ask --count "$1" "${@:2}")
  share=()
  for answer in "${answers[@]}"; do
    answer=${answer#* }
    share[$answer]=$((${share[$answer]:-0} + 1))
  done
}

# The article's first network: two networks, joined by the director. The real servers answer through it.
topology_nat() {
  network outside
  network inside
  machine client
  machine director ipv4/ip_forward=1
  cable client eth0 outside "$CLIENT/24"
  cable director eth1 outside "$VIP_NAT/24"
  cable director eth0 inside 192.168.77.222/24
  setup client "route add default via $VIP_NAT"
  local index=0 address
  for address in "$RS1" "$RS2"; do
    index=$((index + 1))
    machine "rs$index"
    cable "rs$index" eth0 inside "$address/24"
    setup "rs$index" "route add default via 192.168.77.222"
  done
}

# One network for all. The real servers own the virtual address, too, but tell nobody: director and servers share it.
# $1 is the real servers' device for it: lo (direct routing) or tunl0 (tunnel); more words are settings of theirs.
topology_flat() {
  local device=$1 index=0 address
  shift
  network inside
  machine client
  machine director ipv4/ip_forward=1
  cable client eth0 inside 192.168.77.10/24
  cable director eth0 inside 192.168.77.222/24 "$VIP_DIRECT/32"
  for address in "$RS1" "$RS2"; do
    index=$((index + 1))
    machine "rs$index" ipv4/conf/{lo,all}/arp_ignore=1 ipv4/conf/{lo,all}/arp_announce=2 "$@"
    cable "rs$index" eth0 inside "$address/24"
    setup "rs$index" "link set $device up" "address add $VIP_DIRECT/32 brd $VIP_DIRECT dev $device" \
      "route add $VIP_DIRECT/32 dev $device"
  done
}

# Direct routing: the director passes packets on as they are, the real servers answer the client themselves.
topology_dr() { topology_flat lo; }

# Tunnels: the director wraps packets into IP-in-IP, so the real servers may be anywhere. The inner packet comes out of
# tunl0 although the way back to the client is eth0: rp_filter must not take that for a forgery. Needs the module ipip.
topology_tun() { topology_flat tunl0 ipv4/conf/{all,default,tunl0}/rp_filter=0; }
