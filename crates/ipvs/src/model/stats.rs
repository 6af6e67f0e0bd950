//! Counters and rates of a service or destination.

/// Counters since creation or the last zeroing, and rates per second estimated by the kernel.
///
/// All are 64 bit; kernels before 4.1 and the socket options fill only the low 32 bits of all but the byte counters.
/// The kernel aggregates them about every two seconds, so values just after traffic may be stale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Connections scheduled.
    pub connections: u64,
    /// Packets from clients.
    pub in_packets: u64,
    /// Packets to clients, where they pass the director.
    pub out_packets: u64,
    /// Bytes from clients.
    pub in_bytes: u64,
    /// Bytes to clients, where they pass the director.
    pub out_bytes: u64,
    /// Connections per second.
    pub connection_rate: u64,
    /// Packets from clients per second.
    pub in_packet_rate: u64,
    /// Packets to clients per second.
    pub out_packet_rate: u64,
    /// Bytes from clients per second.
    pub in_byte_rate: u64,
    /// Bytes to clients per second.
    pub out_byte_rate: u64,
}
