//! Counters: `IPVS_SVC_ATTR_STATS` and `_STATS64`, the same for services and destinations.

use super::Malformed;
use super::attr::{Attr, Writer};
use crate::consts::*;
use crate::model::Stats;

/// Width of the counters in a nested attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// `STATS`: u32, but u64 for bytes. All kernels.
    Mixed,
    /// `STATS64`: u64 throughout. Kernels since 4.1.
    Wide,
}

/// Reads a nested attribute of counters; those absent are zero.
///
/// # Errors
/// [`Malformed`] if an attribute inside is broken.
pub fn decode(attr: &Attr<'_>, width: Width) -> Result<Stats, Malformed> {
    let mut stats = Stats::default();
    for attr in attr.nested() {
        let attr = attr?;
        let field = match attr.kind {
            IPVS_STATS_ATTR_CONNS => &mut stats.connections,
            IPVS_STATS_ATTR_INPKTS => &mut stats.in_packets,
            IPVS_STATS_ATTR_OUTPKTS => &mut stats.out_packets,
            IPVS_STATS_ATTR_INBYTES => &mut stats.in_bytes,
            IPVS_STATS_ATTR_OUTBYTES => &mut stats.out_bytes,
            IPVS_STATS_ATTR_CPS => &mut stats.connection_rate,
            IPVS_STATS_ATTR_INPPS => &mut stats.in_packet_rate,
            IPVS_STATS_ATTR_OUTPPS => &mut stats.out_packet_rate,
            IPVS_STATS_ATTR_INBPS => &mut stats.in_byte_rate,
            IPVS_STATS_ATTR_OUTBPS => &mut stats.out_byte_rate,
            _ => continue,
        };
        let bytes = matches!(attr.kind, IPVS_STATS_ATTR_INBYTES | IPVS_STATS_ATTR_OUTBYTES);
        *field = if bytes || width == Width::Wide { attr.u64()? } else { u64::from(attr.u32()?) };
    }
    Ok(stats)
}

/// Writes counters the way the kernel answers. Nothing sends them; this is for scripted replies in tests.
pub fn encode(writer: &mut Writer<'_>, kind: u16, width: Width, stats: &Stats) {
    writer.nested(kind, |writer| {
        for (kind, value) in [
            (IPVS_STATS_ATTR_CONNS, stats.connections),
            (IPVS_STATS_ATTR_INPKTS, stats.in_packets),
            (IPVS_STATS_ATTR_OUTPKTS, stats.out_packets),
            (IPVS_STATS_ATTR_INBYTES, stats.in_bytes),
            (IPVS_STATS_ATTR_OUTBYTES, stats.out_bytes),
            (IPVS_STATS_ATTR_CPS, stats.connection_rate),
            (IPVS_STATS_ATTR_INPPS, stats.in_packet_rate),
            (IPVS_STATS_ATTR_OUTPPS, stats.out_packet_rate),
            (IPVS_STATS_ATTR_INBPS, stats.in_byte_rate),
            (IPVS_STATS_ATTR_OUTBPS, stats.out_byte_rate),
        ] {
            let bytes = matches!(kind, IPVS_STATS_ATTR_INBYTES | IPVS_STATS_ATTR_OUTBYTES);
            if bytes || width == Width::Wide {
                writer.u64(kind, value);
            } else {
                // As the kernel does: the low half.
                writer.u32(kind, u32::try_from(value & u64::from(u32::MAX)).unwrap_or(u32::MAX));
            }
        }
    });
}
