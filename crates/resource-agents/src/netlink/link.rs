//! Network interfaces: `struct ifinfomsg` and its attributes.

use super::Result;
use ipvs::wire::attr::{Attrs, Malformed};

/// Length of `struct ifinfomsg`.
const HEADER: usize = 16;

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The kernel's number, above 0.
    pub index: u32,
    /// `eth0`.
    pub name: String,
    /// Whether it is switched on (`IFF_UP`).
    pub up: bool,
    /// Whether it is a loopback interface.
    pub loopback: bool,
}

impl Link {
    /// Decodes the body of `RTM_NEWLINK`; `None` for one without a name.
    ///
    /// # Errors
    /// [`super::Error::Malformed`] if an attribute or the structure is too short.
    pub fn decode(body: &[u8]) -> Result<Option<Self>> {
        let Some(&[_, _, _, _, i0, i1, i2, i3, f0, f1, f2, f3, ..]) = body.first_chunk::<HEADER>() else {
            return Err(Malformed { what: "truncated link", offset: 0 }.into());
        };
        let flags = i32::from_ne_bytes([f0, f1, f2, f3]);
        for attribute in Attrs::new(body.get(HEADER..).unwrap_or_default(), HEADER) {
            let attribute = attribute?;
            if attribute.kind == libc::IFLA_IFNAME {
                return Ok(Some(Self {
                    index: u32::from_ne_bytes([i0, i1, i2, i3]),
                    name: text(attribute.payload),
                    up: flags & libc::IFF_UP != 0,
                    loopback: flags & libc::IFF_LOOPBACK != 0,
                }));
            }
        }
        Ok(None)
    }

    /// The body of the request that switches an interface on and leaves the rest as it is.
    #[must_use]
    pub fn switch_on(index: u32) -> Vec<u8> {
        let up = libc::IFF_UP.to_ne_bytes();
        let mut body = vec![0; 4];
        body.extend_from_slice(&index.to_ne_bytes());
        body.extend_from_slice(&up);
        body.extend_from_slice(&up);
        body
    }
}

/// A string of the kernel, without its closing NUL.
pub(super) fn text(payload: &[u8]) -> String {
    let end = payload.iter().position(|byte| *byte == 0).unwrap_or(payload.len());
    String::from_utf8_lossy(payload.get(..end).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_is_read_and_a_short_one_refused() {
        let mut body = Link::switch_on(3);
        body.extend_from_slice(&[9, 0, 3, 0, b'e', b't', b'h', b'7', 0, 0, 0, 0]);
        let expected = Link { index: 3, name: "eth7".into(), up: true, loopback: false };
        assert_eq!(Link::decode(&body).unwrap(), Some(expected));
        assert_eq!(Link::decode(&body[..16]).unwrap(), None);
        assert!(Link::decode(&body[..15]).is_err());
    }
}
