//! The argument of IPaddr, IPaddr2 and IPv6addr: `IP[/MASK[/NIC_OR_BROADCAST[/BROADCAST]]]`.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The parts as they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// The address.
    pub ip: String,
    /// Bits of the network part, or a dotted netmask.
    pub mask: Option<String>,
    /// The interface, without a label.
    pub nic: Option<String>,
    /// What stood behind the interface and a colon.
    pub label: Option<String>,
    /// The broadcast address.
    pub broadcast: Option<String>,
}

/// Why a netmask is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a netmask")]
pub struct MaskError;

impl Argument {
    /// Splits an argument. Empty parts vanish; a third part that begins with a digit is the broadcast address (resource
    /// specification, section 11.2, observed); what comes after the broadcast address does not count.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut parts = text.split('/').filter(|part| !part.is_empty()).map(str::to_owned);
        let ip = parts.next().unwrap_or_default();
        let mask = parts.next();
        let (mut nic, mut broadcast) = (None, None);
        match parts.next() {
            Some(third) if third.starts_with(|first: char| first.is_ascii_digit()) => broadcast = Some(third),
            Some(third) => {
                nic = Some(third);
                broadcast = parts.next();
            }
            None => {}
        }
        let label = nic.as_ref().and_then(|nic| nic.split_once(':')).map(|(_, label)| label.to_owned());
        let nic = nic.map(|nic| nic.split(':').next().unwrap_or_default().to_owned());
        Self { ip, mask, nic, label, broadcast }
    }

    /// The prefix length that was written, if one was.
    ///
    /// # Errors
    /// [`MaskError`] if what was written is none.
    pub fn prefix(&self) -> Result<Option<u8>, MaskError> {
        self.mask.as_deref().map(parse_mask).transpose()
    }
}

/// `24` or `255.255.255.0`, at least one bit.
///
/// # Errors
/// [`MaskError`] for anything else.
pub fn parse_mask(text: &str) -> Result<u8, MaskError> {
    if let Ok(quad) = text.parse::<Ipv4Addr>() {
        let ones = quad.to_bits().leading_ones();
        let contiguous = ones > 0 && quad.to_bits().count_ones() == ones;
        return u8::try_from(ones).ok().filter(|_| contiguous).ok_or(MaskError);
    }
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse::<u8>().ok().filter(|bits| digits && (1..=32).contains(bits)).ok_or(MaskError)
}

/// A compressed IPv6 address that heartbeat has split at `::` put together again.
///
/// In `haresources` `::` separates arguments, so `IPv6addr::2001:db8::1/64` arrives as two. The original always refuses
/// that; joining them is safe, because one argument is all that the script takes.
#[must_use]
pub fn join_ipv6(arguments: &[String]) -> Option<String> {
    let joined = arguments.join("::");
    joined.split('/').next()?.parse::<Ipv6Addr>().ok().map(|_| joined.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> String {
        let found = Argument::parse(text);
        let show = |part: Option<String>| part.unwrap_or_else(|| "-".into());
        format!("{} {} {} {} {}", found.ip, show(found.mask), show(found.nic), show(found.label), show(found.broadcast))
    }

    #[test]
    fn the_third_part_is_a_broadcast_address_if_it_begins_with_a_digit() {
        for (text, expected) in [
            ("192.168.7.110", "192.168.7.110 - - - -"),
            ("192.168.7.110/24", "192.168.7.110 24 - - -"),
            ("192.168.7.110/24/192.168.7.255", "192.168.7.110 24 - - 192.168.7.255"),
            ("192.168.7.110/24/eth0", "192.168.7.110 24 eth0 - -"),
            ("192.168.7.110/24/eth0:5/192.168.7.255", "192.168.7.110 24 eth0 5 192.168.7.255"),
            ("192.168.7.110/24/192.168.7.255/eth0", "192.168.7.110 24 - - 192.168.7.255"),
            ("192.168.7.110/24/eth0/192.168.7.255/x", "192.168.7.110 24 eth0 - 192.168.7.255"),
            ("192.168.7.110//eth0", "192.168.7.110 eth0 - - -"),
            ("192.168.7.110/24//", "192.168.7.110 24 - - -"),
            ("fd00:7::1/64/eth0", "fd00:7::1 64 eth0 - -"),
            ("", " - - - -"),
        ] {
            assert_eq!(parts(text), expected, "{text}");
        }
    }

    #[test]
    fn masks_are_bits_or_contiguous_quads() {
        for (text, bits) in [("1", 1), ("32", 32), ("255.255.255.0", 24), ("255.255.255.255", 32), ("128.0.0.0", 1)] {
            assert_eq!(parse_mask(text), Ok(bits), "{text}");
        }
        for text in ["0", "33", "", "x", "+24", "255.0.255.0", "0.0.0.0", "eth0", "-1"] {
            assert_eq!(parse_mask(text), Err(MaskError), "{text}");
        }
    }

    #[test]
    fn a_split_ipv6_address_is_joined_and_nothing_else() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(join_ipv6(&words("2001:db8 1/64/eth0")).unwrap(), "2001:db8::1/64/eth0");
        assert_eq!(join_ipv6(&words("192.0.2.1/24 x")), None);
        assert_eq!(join_ipv6(&words("2001:db8:0:0:0:0:0:1/64")).unwrap(), "2001:db8:0:0:0:0:0:1/64");
    }
}
