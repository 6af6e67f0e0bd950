//! Where the fields of the structures of `linux/ip_vs.h` lie.
//!
//! Only the 64-bit byte counters move anything: they are aligned to 8 bytes on 64-bit machines and to 4 on 32-bit x86.
//! The kernel compares lengths exactly, so the layout of the machine this is compiled for is the one that works.

/// `struct ip_vs_service_user`.
pub(super) const SERVICE: usize = 44;
/// `struct ip_vs_dest_user`.
pub(super) const DEST: usize = 24;
/// `struct ip_vs_getinfo`.
pub(super) const INFO: usize = 12;
/// `struct ip_vs_timeout_user`.
pub(super) const TIMEOUTS: usize = 12;
/// `struct ip_vs_daemon_user`.
pub(super) const DAEMON: usize = 24;
/// `num_dests` in `struct ip_vs_service_entry`.
pub(super) const SERVICE_ENTRY_COUNT: usize = SERVICE;
/// `activeconns`, `inactconns`, `persistconns` in `struct ip_vs_dest_entry`.
pub(super) const DEST_ENTRY_CONNECTIONS: usize = DEST;
/// `num_dests` in `struct ip_vs_get_dests`.
pub(super) const DESTS_COUNT: usize = 16;

/// What depends on the alignment of a u64.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Offsets {
    /// `inbytes` in `struct ip_vs_stats_user`, then `outbytes`.
    pub(super) stats_bytes: usize,
    /// `cps` there, then the other rates.
    pub(super) stats_rates: usize,
    /// `stats` in `struct ip_vs_service_entry`.
    pub(super) service_entry_stats: usize,
    /// Size of that structure.
    pub(super) service_entry: usize,
    /// `stats` in `struct ip_vs_dest_entry`.
    pub(super) dest_entry_stats: usize,
    /// Size of that structure.
    pub(super) dest_entry: usize,
    /// `entrytable` in `struct ip_vs_get_services`.
    pub(super) services_table: usize,
    /// `entrytable` in `struct ip_vs_get_dests`.
    pub(super) dests_table: usize,
}

impl Offsets {
    const fn new(align: usize) -> Self {
        let stats_bytes = 12usize.next_multiple_of(align);
        let stats_rates = stats_bytes + 16;
        let stats = (stats_rates + 20).next_multiple_of(align);
        let service_entry_stats = (SERVICE_ENTRY_COUNT + 4).next_multiple_of(align);
        let dest_entry_stats = (DEST_ENTRY_CONNECTIONS + 12).next_multiple_of(align);
        Self {
            stats_bytes,
            stats_rates,
            service_entry_stats,
            service_entry: service_entry_stats + stats,
            dest_entry_stats,
            dest_entry: dest_entry_stats + stats,
            services_table: 4usize.next_multiple_of(align),
            dests_table: (DESTS_COUNT + 4).next_multiple_of(align),
        }
    }
}

/// Those of this machine.
pub(super) const HERE: Offsets = Offsets::new(align_of::<u64>());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_those_of_the_c_compiler() {
        // sizeof and offsetof as compiled by gcc 12 with -m64 and -m32.
        let wide = Offsets {
            stats_bytes: 16,
            stats_rates: 32,
            service_entry_stats: 48,
            service_entry: 104,
            dest_entry_stats: 40,
            dest_entry: 96,
            services_table: 8,
            dests_table: 24,
        };
        let narrow = Offsets {
            stats_bytes: 12,
            stats_rates: 28,
            service_entry_stats: 48,
            service_entry: 96,
            dest_entry_stats: 36,
            dest_entry: 84,
            services_table: 4,
            dests_table: 20,
        };
        assert_eq!((Offsets::new(8), Offsets::new(4)), (wide, narrow));
    }
}
