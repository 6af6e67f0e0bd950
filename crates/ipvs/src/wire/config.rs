//! Facts about IPVS as a whole: `IPVS_CMD_GET_INFO` and the timeouts.

use super::Malformed;
use super::attr::{Attrs, Writer};
use crate::consts::*;
use crate::model::{Info, Timeouts, Version};

/// Writes timeouts, zeros included: the kernel leaves those unchanged.
pub fn encode_timeouts(writer: &mut Writer<'_>, timeouts: &Timeouts) {
    writer.u32(IPVS_CMD_ATTR_TIMEOUT_TCP, timeouts.tcp);
    writer.u32(IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, timeouts.tcp_fin);
    writer.u32(IPVS_CMD_ATTR_TIMEOUT_UDP, timeouts.udp);
}

/// Reads the payload of a timeout answer. A kernel built without TCP or UDP support leaves those out: then zero.
///
/// # Errors
/// [`Malformed`] if an attribute is broken.
pub fn decode_timeouts(attrs: Attrs<'_>) -> Result<Timeouts, Malformed> {
    let mut timeouts = Timeouts::default();
    for attr in attrs {
        let attr = attr?;
        match attr.kind {
            IPVS_CMD_ATTR_TIMEOUT_TCP => timeouts.tcp = attr.u32()?,
            IPVS_CMD_ATTR_TIMEOUT_TCP_FIN => timeouts.tcp_fin = attr.u32()?,
            IPVS_CMD_ATTR_TIMEOUT_UDP => timeouts.udp = attr.u32()?,
            _ => {}
        }
    }
    Ok(timeouts)
}

/// Reads the payload of an info answer.
///
/// # Errors
/// [`Malformed`] if an attribute is broken or one of the two is missing.
pub fn decode_info(attrs: Attrs<'_>) -> Result<Info, Malformed> {
    let version = attrs.clone().find(IPVS_INFO_ATTR_VERSION, "no version")?.u32()?;
    let connection_table_size = attrs.find(IPVS_INFO_ATTR_CONN_TAB_SIZE, "no connection table size")?.u32()?;
    Ok(Info { version: Version::from_code(version), connection_table_size })
}

/// Writes an info answer the way the kernel does. Nothing sends it; this is for scripted replies in tests.
pub fn encode_info(writer: &mut Writer<'_>, info: &Info) {
    let Version { major, minor, patch } = info.version;
    writer.u32(IPVS_INFO_ATTR_VERSION, u32::from_be_bytes([0, major, minor, patch]));
    writer.u32(IPVS_INFO_ATTR_CONN_TAB_SIZE, info.connection_table_size);
}
