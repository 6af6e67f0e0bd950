//! The frame around most scripts: how many arguments, which verbs, and what is printed at the end.

use super::{alarm, apache, delay, filesystem, mailto, portblock, winpopup, xinetd};
use crate::address::{ipaddr, ipaddr2, ipsrcaddr, ipv6addr, join_ipv6, sendarp};
use crate::agent::{Call, Outcome, Verb};
use crate::output::{print, report};

/// The verbs as every usage line ends.
const VERBS: &str = "(start|stop|status|usage|meta-data)";

/// A script in the common frame.
#[derive(Clone, Copy, Debug)]
pub struct Wrapped {
    name: &'static str,
    /// `usage:` or `Usage:`, as the original spells it.
    usage: &'static str,
    arguments: &'static str,
    /// How many words, the verb included.
    least: usize,
    most: usize,
    /// Words that are printed before the usage line if there are too few.
    too_few: &'static str,
    /// How the limit is called if there are too many; empty: nothing is said.
    too_many: &'static str,
    /// Whether the usage line goes to standard error.
    usage_on_stderr: bool,
    /// Whether `usage` counts as success.
    usage_succeeds: bool,
    /// How many of the arguments make the name of the instance, before the first slash.
    instance: usize,
    act: fn(&Call, &[String], Verb) -> Outcome,
}

const PLAIN: Wrapped = Wrapped {
    name: "",
    usage: "usage:",
    arguments: "<ip-address>",
    least: 2,
    most: 2,
    too_few: "",
    too_many: "",
    usage_on_stderr: false,
    usage_succeeds: false,
    instance: 1,
    act: |_, _, _| Outcome::Generic,
};

/// Observed on resource-agents 4.12: the texts, the counts, and what `usage` returns.
const ALL: &[Wrapped] = &[
    Wrapped { name: "IPaddr", act: |call, words, verb| ipaddr::act(call, first(words), verb), ..PLAIN },
    Wrapped {
        name: "IPaddr2",
        arguments: "ip-address[/netmaskbits[/interface[:label][/broadcast]]]",
        usage_succeeds: true,
        act: |call, words, verb| ipaddr2::act(call, first(words), verb),
        ..PLAIN
    },
    Wrapped { name: "IPv6addr", act: |call, words, verb| ipv6addr::act(call, first(words), verb), ..PLAIN },
    Wrapped {
        name: "IPsrcaddr",
        usage_on_stderr: true,
        instance: 0,
        act: |call, words, verb| ipsrcaddr::act(call, first(words), verb),
        ..PLAIN
    },
    Wrapped {
        name: "SendArp",
        arguments: "ip-address/interface",
        usage_succeeds: true,
        act: |call, words, verb| sendarp::act(call, first(words), verb),
        ..PLAIN
    },
    Wrapped {
        name: "MailTo",
        usage: "Usage:",
        arguments: "<email> [<subject>]",
        most: 3,
        too_few: "At least 1 Email address has to be given!",
        too_many: "max. 3",
        instance: 0,
        act: mailto::act,
        ..PLAIN
    },
    Wrapped {
        name: "Filesystem",
        arguments: "<device> <directory> [<fstype> [<options>]]",
        least: 3,
        most: 5,
        act: filesystem::act,
        ..PLAIN
    },
    Wrapped { name: "Delay", arguments: "[delay [stopdelay]]", least: 1, most: 3, act: delay::act, ..PLAIN },
    Wrapped {
        name: "Xinetd",
        usage: "Usage:",
        arguments: "<xinetd-service-name>",
        instance: 0,
        act: |call, words, verb| xinetd::act(call, first(words), verb),
        ..PLAIN
    },
    Wrapped {
        name: "portblock",
        arguments: "{udp|tcp} portno,portno {block|unblock}",
        least: 4,
        most: 4,
        instance: 3,
        act: portblock::act,
        ..PLAIN
    },
    Wrapped {
        name: "AudibleAlarm",
        usage: "Usage:",
        arguments: "[node1 node2 ... ]",
        least: 1,
        most: usize::MAX,
        too_few: "ERROR: No action specfied.",
        usage_succeeds: true,
        instance: 0,
        act: alarm::act,
        ..PLAIN
    },
    Wrapped {
        name: "WinPopup",
        usage: "Usage:",
        arguments: "[workstationfile]",
        least: 1,
        too_few: "ERROR: No action specfied.",
        too_many: "only 2",
        instance: 0,
        act: winpopup::act,
        ..PLAIN
    },
    Wrapped { name: "apache", arguments: "[config-file-pathname]", least: 1, act: apache::act, ..PLAIN },
];

fn first(words: &[String]) -> &str {
    words.first().map_or("", String::as_str)
}

/// The script of this name, if it is one in the common frame.
#[must_use]
pub fn wrapped(name: &str) -> Option<&'static Wrapped> {
    ALL.iter().find(|wrapped| wrapped.name == name)
}

/// The arguments with an IPv6 address that heartbeat has split put together again; for scripts that take one.
#[must_use]
pub fn joined(name: &str, arguments: Vec<String>) -> Vec<String> {
    let takes_ipv6 = matches!(name, "IPv6addr" | "IPaddr2") && arguments.len() > 1;
    match join_ipv6(&arguments).filter(|_| takes_ipv6) {
        Some(address) => vec![address],
        None => arguments,
    }
}

impl Wrapped {
    /// Runs the script with the words after its name, the verb last; returns its exit status.
    #[must_use]
    pub fn run(&self, words: &[String]) -> i32 {
        let Some((verb, arguments)) = words.split_last() else {
            self.print_complaint(0);
            return 1;
        };
        let arguments = joined(self.name, arguments.to_vec());
        let count = arguments.len() + 1;
        if count < self.least || count > self.most {
            self.print_complaint(count);
            return 1;
        }
        let call = Call::new(self.name, &self.instance(&arguments));
        let verb = match verb.as_str() {
            "start" => Verb::Start,
            "stop" => Verb::Stop,
            // The original runs the same check for both.
            "status" | "monitor" => Verb::Status,
            "usage" => {
                self.print_usage();
                return if self.usage_succeeds { call.finish(Verb::Start, Outcome::Success) } else { 1 };
            }
            "meta-data" => {
                print(&self.metadata());
                return 0;
            }
            other => {
                print(&format!("ERROR: Unknown operation: {other}"));
                call.error(&format!("Unknown operation: {other}"));
                self.print_usage();
                return 1;
            }
        };
        let outcome = (self.act)(&call, &arguments, verb);
        if self.name == "SendArp" && verb == Verb::Status && outcome == Outcome::Stopped {
            // QUIRK: the original says nothing here, see resource specification, section 11.5.
            return outcome.code();
        }
        call.finish(verb, outcome)
    }

    /// `IPaddr_192.0.2.1`, as log lines and state files name it.
    fn instance(&self, arguments: &[String]) -> String {
        let parts = arguments.iter().take(self.instance).map(|word| match self.name {
            "IPaddr" | "IPaddr2" | "SendArp" => word.split('/').next().unwrap_or_default(),
            _ => word.as_str(),
        });
        let mut name = self.name.to_owned();
        for part in parts {
            name.push('_');
            name.push_str(part);
        }
        name
    }

    fn usage_line(&self) -> String {
        let own = std::env::args_os().next().map(|own| own.to_string_lossy().into_owned()).unwrap_or_default();
        // Called through a link of that name, its path is what the caller knows; else only the name is of use.
        let own = if own.rsplit('/').next() == Some(self.name) { own } else { self.name.to_owned() };
        format!("{} {own} {} {VERBS}", self.usage, self.arguments)
    }

    fn print_usage(&self) {
        if self.usage_on_stderr {
            report(&self.usage_line());
        } else {
            print(&self.usage_line());
        }
    }

    fn print_complaint(&self, count: usize) {
        if count < self.least && !self.too_few.is_empty() {
            print(self.too_few);
        }
        if count > self.most && !self.too_many.is_empty() {
            print(&format!("Additional parameters found: {count} but {} are allowed!", self.too_many));
        }
        self.print_usage();
    }

    fn metadata(&self) -> String {
        let name = self.name;
        let actions: String = ["start", "stop", "status", "monitor", "usage", "meta-data"]
            .iter()
            .map(|action| format!("    <action name=\"{action}\"/>\n"))
            .collect();
        let arguments = self.arguments.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        format!(
            "<?xml version=\"1.0\"?>\n<resource-agent name=\"{name}\" version=\"1.0\">\n  \
             <shortdesc lang=\"en\">{name} {arguments}</shortdesc>\n  <actions>\n{actions}  \
             </actions>\n</resource-agent>"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_lines_are_the_originals() {
        let line = |name: &str| wrapped(name).unwrap().usage_line();
        assert_eq!(line("IPaddr"), "usage: IPaddr <ip-address> (start|stop|status|usage|meta-data)");
        let expected = "Usage: MailTo <email> [<subject>] (start|stop|status|usage|meta-data)";
        assert_eq!(line("MailTo"), expected);
        let expected = "usage: portblock {udp|tcp} portno,portno {block|unblock} (start|stop|status|usage|meta-data)";
        assert_eq!(line("portblock"), expected);
    }

    #[test]
    fn instances_are_named_after_what_tells_them_apart() {
        let instance = |name: &str, words: &str| {
            let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
            wrapped(name).unwrap().instance(&words)
        };
        assert_eq!(instance("IPaddr", "192.0.2.1/24/eth0"), "IPaddr_192.0.2.1");
        assert_eq!(instance("portblock", "tcp 80 block"), "portblock_tcp_80_block");
        assert_eq!(instance("Filesystem", "/dev/sda1 /mnt"), "Filesystem_/dev/sda1");
        assert_eq!((instance("MailTo", "root x"), instance("Delay", "")), ("MailTo".into(), "Delay".into()));
    }

    #[test]
    fn wrong_counts_and_verbs_exit_with_1() {
        let run = |name: &str, words: &str| {
            let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
            wrapped(name).unwrap().run(&words)
        };
        for (name, words) in [
            ("IPaddr", ""),
            ("IPaddr", "start"),
            ("IPaddr", "a b start"),
            ("IPaddr", "192.0.2.1 restart"),
            ("IPaddr", "192.0.2.1 usage"),
            ("IPv6addr", "x y start"),
            ("portblock", "tcp 80 start"),
            ("MailTo", "a b c start"),
            ("WinPopup", "a b start"),
            ("Delay", "1 2 3 start"),
            ("Filesystem", "/dev/x start"),
            ("Filesystem", "a b c d e start"),
        ] {
            assert_eq!(run(name, words), 1, "{name} {words}");
        }
        assert_eq!((run("IPaddr2", "192.0.2.1 usage"), run("IPaddr", "192.0.2.1 meta-data")), (0, 0));
    }

    #[test]
    fn only_one_split_ipv6_address_is_joined() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(joined("IPv6addr", words("2001:db8 1/64")), ["2001:db8::1/64"]);
        assert_eq!(joined("IPaddr2", words("2001:db8 1/64")), ["2001:db8::1/64"]);
        assert_eq!(joined("IPaddr", words("2001:db8 1/64")).len(), 2);
        assert_eq!(joined("IPv6addr", words("a b c")).len(), 3);
    }
}
