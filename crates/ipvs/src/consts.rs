//! Numbers of the kernel's user interface under their kernel names.
//!
//! Sources: `linux/ip_vs.h`, `linux/netlink.h`, `linux/genetlink.h` of the kernel's user API headers. Constants that the
//! `libc` crate already has (`NLM_F_*`, `NLMSG_*`, `AF_*`) are taken from there.

/// Name under which the kernel registers its generic netlink family.
pub const IPVS_GENL_NAME: &[u8] = b"IPVS";
/// Version of that family, sent in every request.
pub const IPVS_GENL_VERSION: u8 = 1;

/// Message type of the generic netlink controller.
pub const GENL_ID_CTRL: u16 = 0x10;
/// Controller command: look a family up by name.
pub const CTRL_CMD_GETFAMILY: u8 = 3;
/// Version of the controller's commands that this crate speaks.
pub const CTRL_VERSION: u8 = 1;
/// Controller attribute: the family's message type (u16).
pub const CTRL_ATTR_FAMILY_ID: u16 = 1;
/// Controller attribute: the family's name.
pub const CTRL_ATTR_FAMILY_NAME: u16 = 2;

/// Bit that marks an attribute as nested. The kernel takes it with or without and answers without.
pub const NLA_F_NESTED: u16 = 0x8000;
/// What is left of an attribute's type without its two flag bits.
pub const NLA_TYPE_MASK: u16 = 0x3fff;
/// Flag of a dump message: the table changed while it was read.
pub const NLM_F_DUMP_INTR: u16 = 0x10;

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $value:expr;)*) => {
        $($(#[$doc])* pub const $name: $type = $value;)*
    };
}

// Commands.
numbers! {
    /// Add a service; also the command of service answers.
    IPVS_CMD_NEW_SERVICE: u8 = 1;
    /// Replace a service's settings.
    IPVS_CMD_SET_SERVICE: u8 = 2;
    /// Delete a service.
    IPVS_CMD_DEL_SERVICE: u8 = 3;
    /// Read a service, or dump all.
    IPVS_CMD_GET_SERVICE: u8 = 4;
    /// Add a destination; also the command of destination answers.
    IPVS_CMD_NEW_DEST: u8 = 5;
    /// Replace a destination's settings.
    IPVS_CMD_SET_DEST: u8 = 6;
    /// Delete a destination.
    IPVS_CMD_DEL_DEST: u8 = 7;
    /// Dump the destinations of a service.
    IPVS_CMD_GET_DEST: u8 = 8;
    /// Start a sync daemon; also the command of daemon answers.
    IPVS_CMD_NEW_DAEMON: u8 = 9;
    /// Stop a sync daemon.
    IPVS_CMD_DEL_DAEMON: u8 = 10;
    /// Dump the sync daemons.
    IPVS_CMD_GET_DAEMON: u8 = 11;
    /// Set connection timeouts; also the command of timeout answers, as the kernel answers with the name SET.
    IPVS_CMD_SET_CONFIG: u8 = 12;
    /// Read the connection timeouts.
    IPVS_CMD_GET_CONFIG: u8 = 13;
    /// Command of the answer to [`IPVS_CMD_GET_INFO`].
    IPVS_CMD_SET_INFO: u8 = 14;
    /// Read version and table size.
    IPVS_CMD_GET_INFO: u8 = 15;
    /// Zero counters.
    IPVS_CMD_ZERO: u8 = 16;
    /// Delete everything.
    IPVS_CMD_FLUSH: u8 = 17;
}

// Top-level attributes.
numbers! {
    /// Nested service.
    IPVS_CMD_ATTR_SERVICE: u16 = 1;
    /// Nested destination.
    IPVS_CMD_ATTR_DEST: u16 = 2;
    /// Nested sync daemon.
    IPVS_CMD_ATTR_DAEMON: u16 = 3;
    /// u32 seconds.
    IPVS_CMD_ATTR_TIMEOUT_TCP: u16 = 4;
    /// u32 seconds.
    IPVS_CMD_ATTR_TIMEOUT_TCP_FIN: u16 = 5;
    /// u32 seconds.
    IPVS_CMD_ATTR_TIMEOUT_UDP: u16 = 6;
    /// u32, see [`crate::model::Version::from_code`].
    IPVS_INFO_ATTR_VERSION: u16 = 1;
    /// u32, buckets.
    IPVS_INFO_ATTR_CONN_TAB_SIZE: u16 = 2;
}

// Attributes of a service.
numbers! {
    /// u16, 2 or 10.
    IPVS_SVC_ATTR_AF: u16 = 1;
    /// u16.
    IPVS_SVC_ATTR_PROTOCOL: u16 = 2;
    /// 16 bytes, network order.
    IPVS_SVC_ATTR_ADDR: u16 = 3;
    /// u16, network order.
    IPVS_SVC_ATTR_PORT: u16 = 4;
    /// u32.
    IPVS_SVC_ATTR_FWMARK: u16 = 5;
    /// String.
    IPVS_SVC_ATTR_SCHED_NAME: u16 = 6;
    /// u32 flags and u32 mask.
    IPVS_SVC_ATTR_FLAGS: u16 = 7;
    /// u32 seconds.
    IPVS_SVC_ATTR_TIMEOUT: u16 = 8;
    /// u32: IPv4 mask in network order, IPv6 prefix length in host order.
    IPVS_SVC_ATTR_NETMASK: u16 = 9;
    /// Nested counters, 32 bit.
    IPVS_SVC_ATTR_STATS: u16 = 10;
    /// String.
    IPVS_SVC_ATTR_PE_NAME: u16 = 11;
    /// Nested counters, 64 bit.
    IPVS_SVC_ATTR_STATS64: u16 = 12;
}

// Attributes of a destination.
numbers! {
    /// 16 bytes, network order.
    IPVS_DEST_ATTR_ADDR: u16 = 1;
    /// u16, network order.
    IPVS_DEST_ATTR_PORT: u16 = 2;
    /// u32, the method in the low three bits.
    IPVS_DEST_ATTR_FWD_METHOD: u16 = 3;
    /// u32, signed in the kernel.
    IPVS_DEST_ATTR_WEIGHT: u16 = 4;
    /// u32.
    IPVS_DEST_ATTR_U_THRESH: u16 = 5;
    /// u32.
    IPVS_DEST_ATTR_L_THRESH: u16 = 6;
    /// u32.
    IPVS_DEST_ATTR_ACTIVE_CONNS: u16 = 7;
    /// u32.
    IPVS_DEST_ATTR_INACT_CONNS: u16 = 8;
    /// u32.
    IPVS_DEST_ATTR_PERSIST_CONNS: u16 = 9;
    /// Nested counters, 32 bit.
    IPVS_DEST_ATTR_STATS: u16 = 10;
    /// u16, 2 or 10.
    IPVS_DEST_ATTR_ADDR_FAMILY: u16 = 11;
    /// Nested counters, 64 bit.
    IPVS_DEST_ATTR_STATS64: u16 = 12;
    /// u8.
    IPVS_DEST_ATTR_TUN_TYPE: u16 = 13;
    /// u16, network order.
    IPVS_DEST_ATTR_TUN_PORT: u16 = 14;
    /// u16.
    IPVS_DEST_ATTR_TUN_FLAGS: u16 = 15;
}

// Forwarding methods and tunnels.
numbers! {
    /// The bits of a connection flag word that hold the forwarding method.
    IP_VS_CONN_F_FWD_MASK: u32 = 7;
    /// Network address translation.
    IP_VS_CONN_F_MASQ: u32 = 0;
    /// The local machine.
    IP_VS_CONN_F_LOCALNODE: u32 = 1;
    /// Tunnel.
    IP_VS_CONN_F_TUNNEL: u32 = 2;
    /// Direct routing.
    IP_VS_CONN_F_DROUTE: u32 = 3;
    /// IP in IP.
    IP_VS_CONN_F_TUNNEL_TYPE_IPIP: u8 = 0;
    /// Generic UDP encapsulation.
    IP_VS_CONN_F_TUNNEL_TYPE_GUE: u8 = 1;
    /// GRE.
    IP_VS_CONN_F_TUNNEL_TYPE_GRE: u8 = 2;
    /// No outer checksum.
    IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM: u16 = 0;
    /// Outer checksum.
    IP_VS_TUNNEL_ENCAP_FLAG_CSUM: u16 = 1;
    /// Remote checksum offload.
    IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM: u16 = 2;
}

// Attributes of counters, 32 and 64 bit alike.
numbers! {
    /// Connections.
    IPVS_STATS_ATTR_CONNS: u16 = 1;
    /// Packets in.
    IPVS_STATS_ATTR_INPKTS: u16 = 2;
    /// Packets out.
    IPVS_STATS_ATTR_OUTPKTS: u16 = 3;
    /// Bytes in, always u64.
    IPVS_STATS_ATTR_INBYTES: u16 = 4;
    /// Bytes out, always u64.
    IPVS_STATS_ATTR_OUTBYTES: u16 = 5;
    /// Connections per second.
    IPVS_STATS_ATTR_CPS: u16 = 6;
    /// Packets in per second.
    IPVS_STATS_ATTR_INPPS: u16 = 7;
    /// Packets out per second.
    IPVS_STATS_ATTR_OUTPPS: u16 = 8;
    /// Bytes in per second.
    IPVS_STATS_ATTR_INBPS: u16 = 9;
    /// Bytes out per second.
    IPVS_STATS_ATTR_OUTBPS: u16 = 10;
}

// Attributes of a sync daemon.
numbers! {
    /// u32, [`IP_VS_STATE_MASTER`] or [`IP_VS_STATE_BACKUP`].
    IPVS_DAEMON_ATTR_STATE: u16 = 1;
    /// String.
    IPVS_DAEMON_ATTR_MCAST_IFN: u16 = 2;
    /// u32.
    IPVS_DAEMON_ATTR_SYNC_ID: u16 = 3;
    /// u16.
    IPVS_DAEMON_ATTR_SYNC_MAXLEN: u16 = 4;
    /// u32, network order.
    IPVS_DAEMON_ATTR_MCAST_GROUP: u16 = 5;
    /// 16 bytes, network order.
    IPVS_DAEMON_ATTR_MCAST_GROUP6: u16 = 6;
    /// u16, host order.
    IPVS_DAEMON_ATTR_MCAST_PORT: u16 = 7;
    /// u8.
    IPVS_DAEMON_ATTR_MCAST_TTL: u16 = 8;
    /// The daemon that sends.
    IP_VS_STATE_MASTER: u32 = 1;
    /// The daemon that receives.
    IP_VS_STATE_BACKUP: u32 = 2;
}

// Socket options, level `IPPROTO_IP`.
numbers! {
    /// Set: add a service.
    IP_VS_SO_SET_ADD: i32 = 1154;
    /// Set: replace a service's settings.
    IP_VS_SO_SET_EDIT: i32 = 1155;
    /// Set: delete a service.
    IP_VS_SO_SET_DEL: i32 = 1156;
    /// Set: delete everything.
    IP_VS_SO_SET_FLUSH: i32 = 1157;
    /// Set: add a destination.
    IP_VS_SO_SET_ADDDEST: i32 = 1159;
    /// Set: delete a destination.
    IP_VS_SO_SET_DELDEST: i32 = 1160;
    /// Set: replace a destination's settings.
    IP_VS_SO_SET_EDITDEST: i32 = 1161;
    /// Set: connection timeouts.
    IP_VS_SO_SET_TIMEOUT: i32 = 1162;
    /// Set: start a sync daemon.
    IP_VS_SO_SET_STARTDAEMON: i32 = 1163;
    /// Set: stop a sync daemon.
    IP_VS_SO_SET_STOPDAEMON: i32 = 1164;
    /// Set: zero counters.
    IP_VS_SO_SET_ZERO: i32 = 1167;
    /// Get: version, table size, number of services.
    IP_VS_SO_GET_INFO: i32 = 1153;
    /// Get: all services.
    IP_VS_SO_GET_SERVICES: i32 = 1154;
    /// Get: one service.
    IP_VS_SO_GET_SERVICE: i32 = 1155;
    /// Get: the destinations of a service.
    IP_VS_SO_GET_DESTS: i32 = 1156;
    /// Get: connection timeouts.
    IP_VS_SO_GET_TIMEOUT: i32 = 1158;
    /// Get: the sync daemons.
    IP_VS_SO_GET_DAEMON: i32 = 1159;
}
