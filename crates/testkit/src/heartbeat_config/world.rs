//! The machine on which the configurations were recorded: names, users, ports, interfaces. The recorder builds it in
//! namespaces, and tests give the same answers from these tables.

/// `/etc/hosts`.
pub const HOSTS: &str = "127.0.0.1 localhost\n::1 localhost6\n10.9.0.1 node1\n10.9.0.2 node2 peer.example\n\
    10.9.0.11 ping1.example ping1.linux-ha.org\n10.9.0.12 ping2.example ping2.linux-ha.org\n\
    2001:db8::2 peer6.example\n";

/// `/etc/services`.
pub const SERVICES: &str = "domain 53/tcp\ndomain 53/udp\nsyslog 514/udp\nshell 514/tcp\n";

/// `/etc/passwd`.
pub const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\nhacluster:x:103:106::/var/lib/pacemaker:/usr/sbin/nologin\n\
    nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n\
    a-user-with-a-very-long-name-that-takes-more-than-sixty-four-characters:x:999:106::/:/bin/false\n";

/// `/etc/group`.
pub const GROUP: &str = "root:x:0:\nhaclient:x:106:\nnogroup:x:65534:\n";

/// `/etc/nsswitch.conf`: names come from files only.
pub const NSSWITCH: &str = "passwd: files\ngroup: files\nhosts: files\nservices: files\n";

/// Every interface, with the commands that make it. Numbers follow the order.
pub const INTERFACES: &[&str] = &[
    "ip link set lo up",
    "ip link add eth0 index 10 address 02:00:00:00:00:01 type veth peer name peer0 index 11",
    "ip link add eth1 index 12 type veth peer name peer1 index 13",
    "ip addr add 10.9.0.1/24 brd + dev eth0",
    "ip link set eth0 up",
    "ip link set eth1 up",
    "ip link set peer0 up",
    "ip link set peer1 up",
    "ip -6 addr add 2001:db8::1/64 dev eth0 nodad",
];
