//! One word of a group: which script it means and with which arguments.
//!
//! Resource specification, section 1.2. Arguments are passed literally: no globbing, no splitting at blanks.

use std::net::Ipv6Addr;

/// The script for words that are only an address.
const ADDRESS: &str = "IPaddr";
/// Scripts that take an IPv6 address, whose `::` is not what separates arguments.
const WITH_IPV6: [&str; 2] = ["IPv6addr", "IPaddr2"];
/// Scripts that hold an address, which may have to be announced again.
const WITH_ADDRESS: [&str; 3] = ["IPaddr", "IPaddr2", "IPv6addr"];
const SEPARATOR: &str = "::";

/// A resource word taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The word as it is in the file.
    pub word: String,
    /// The script's name.
    pub script: String,
    /// Its arguments, without the verb. None is empty: the original loses empty ones too.
    pub arguments: Vec<String>,
    /// The arguments as log lines show them: an empty one leaves two blanks.
    pub shown: String,
}

impl Resource {
    /// Takes a word apart. Whatever it is, it means something.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        let (first, rest) = word.split_once(SEPARATOR).unwrap_or((word, ""));
        let (script, rest) = match (is_address(first), word.contains(SEPARATOR)) {
            (true, true) => (ADDRESS, rest),
            (true, false) => (ADDRESS, first),
            (false, _) => (first, rest),
        };
        let whole = WITH_IPV6.contains(&script) && is_ipv6(rest);
        let arguments = if whole { vec![rest.to_owned()] } else { split(rest) };
        let shown = if whole { rest.to_owned() } else { rest.replace(SEPARATOR, " ") };
        Self { word: word.to_owned(), script: script.to_owned(), arguments, shown }
    }

    /// Whether the resource is an address that neighbours have to know about.
    #[must_use]
    pub fn holds_address(&self) -> bool {
        WITH_ADDRESS.contains(&self.script.as_str())
    }
}

fn split(rest: &str) -> Vec<String> {
    rest.split(SEPARATOR).filter(|argument| !argument.is_empty()).map(str::to_owned).collect()
}

/// `[0-9]*.[0-9]*.[0-9]*.[0-9]*`, where `*` is any text: the original does not look closer.
fn is_address(word: &str) -> bool {
    let starts_with_digit = |text: &str| text.starts_with(|char: char| char.is_ascii_digit());
    let mut rest = word;
    for _ in 0..3 {
        if !starts_with_digit(rest) {
            return false;
        }
        let found = rest.match_indices('.').map(|(at, _)| rest.get(at + 1..).unwrap_or_default());
        let Some(next) = found.into_iter().find(|after| starts_with_digit(after)) else { return false };
        rest = next;
    }
    true
}

/// Whether an argument begins with an IPv6 address, up to a `/`.
fn is_ipv6(rest: &str) -> bool {
    rest.split('/').next().is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(word: &str) -> String {
        let resource = Resource::parse(word);
        assert_eq!(resource.word, word);
        format!("{} {:?} [{}]", resource.script, resource.arguments, resource.shown)
    }

    #[test]
    fn words_become_calls_as_in_the_original() {
        assert_eq!(call("ipvsadm"), "ipvsadm [] []");
        assert_eq!(call("ldirectord::www"), r#"ldirectord ["www"] [www]"#);
        assert_eq!(call("Q::a::::b::"), r#"Q ["a", "b"] [a  b ]"#);
        assert_eq!(call("Q::*"), r#"Q ["*"] [*]"#);
        assert_eq!(call("192.168.7.110/24/eth0"), r#"IPaddr ["192.168.7.110/24/eth0"] [192.168.7.110/24/eth0]"#);
        assert_eq!(call("1a.2b.3c.4d"), r#"IPaddr ["1a.2b.3c.4d"] [1a.2b.3c.4d]"#);
        assert_eq!(call("1.2.3.4::x"), r#"IPaddr ["x"] [x]"#);
        assert_eq!(call("1.2.3"), "1.2.3 [] []");
        assert_eq!(call("1.2..3.4"), r#"IPaddr ["1.2..3.4"] [1.2..3.4]"#);
        assert_eq!(call("[2001:db8::1]/64"), r#"[2001:db8 ["1]/64"] [1]/64]"#);
    }

    #[test]
    fn a_short_ipv6_address_stays_whole_for_those_who_take_one() {
        assert_eq!(call("IPv6addr::2001:db8::1/64/eth0"), r#"IPv6addr ["2001:db8::1/64/eth0"] [2001:db8::1/64/eth0]"#);
        assert_eq!(call("IPaddr2::::1/128"), r#"IPaddr2 ["::1/128"] [::1/128]"#);
        assert_eq!(call("IPaddr2::10.0.0.1/24::x"), r#"IPaddr2 ["10.0.0.1/24", "x"] [10.0.0.1/24 x]"#);
        assert_eq!(call("Q::2001:db8::1/64"), r#"Q ["2001:db8", "1/64"] [2001:db8 1/64]"#);
    }

    #[test]
    fn addresses_are_known_by_their_script() {
        let held = ["10.0.0.1", "IPaddr2::10.0.0.1", "IPv6addr::::1", "IPaddr::x"];
        assert!(held.iter().all(|word| Resource::parse(word).holds_address()));
        assert!(!Resource::parse("IPsrcaddr::10.0.0.1").holds_address());
    }
}
