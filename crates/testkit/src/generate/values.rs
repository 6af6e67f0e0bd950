//! Values of options other than addresses: mostly good, sometimes at or over an edge.

use crate::rng::Rng;

/// Texts that some reader of numbers takes for a number, and some that none does.
const STRANGE_NUMBERS: &[&str] = &[
    "",
    " ",
    "0",
    "-1",
    "-0",
    "+0",
    "00",
    "+5",
    " 5",
    " +5",
    "5 ",
    "\t7",
    "\n7",
    "\u{b}7",
    "5\n",
    "0x10",
    "010",
    "1e3",
    "3.0",
    "five",
    "5five",
    "--5",
    "+-5",
    "+",
    "-",
    "255",
    "256",
    "65507",
    "65508",
    "65535",
    "65536",
    "2678400",
    "2678401",
    "2147483646",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "4294967297",
    "-4294967295",
    "-2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "18446744073709551617",
    "99999999999999999999999",
    "00000000000000000000000005",
    "5,",
    "5:",
    "1_000",
    "\u{661}",
    "nan",
    "inf",
];

/// A number of the range, or now and then something strange.
pub fn number(rng: &mut Rng, low: u64, high: u64) -> String {
    match rng.below(100) {
        0..=2 => rng.word(STRANGE_NUMBERS),
        3..=4 => low.to_string(),
        5..=6 => high.to_string(),
        7 => high.saturating_add(1).to_string(),
        8 => low.saturating_sub(1).to_string(),
        9 => format!("{}{}", rng.word(&["+", "0", "00", " "]), small(rng, low, high)),
        10..=19 => (low + rng.next() % (high - low + 1)).to_string(),
        _ => small(rng, low, high).to_string(),
    }
}

/// A number near the lower end, as people use them.
fn small(rng: &mut Rng, low: u64, high: u64) -> u64 {
    low + rng.next() % (high - low).min(20).saturating_add(1)
}

/// The schedulers that the kernel has, and `none`, which it accepts.
pub const SCHEDULERS: &[&str] =
    &["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh", "none"];

/// A scheduler's name.
pub fn scheduler(rng: &mut Rng) -> String {
    match rng.below(60) {
        0 => String::new(),
        // The kernel looks for a module of that name, which is slow here: seldom.
        1 => rng.word(&["nosuch", "RR", "wlc ", "a-name-of-16-chr", "rr,", "longer-than-any-scheduler-is", "."]),
        _ => rng.word(SCHEDULERS),
    }
}

/// Scheduler flags, most of them fit to the scheduler.
pub fn scheduler_flags(rng: &mut Rng, scheduler: &str) -> String {
    let own: &[&str] = match scheduler {
        "sh" => &["sh-fallback", "sh-port", "flag-1", "flag-2", "flag-3"],
        "mh" => &["mh-fallback", "mh-port", "flag-1", "flag-2", "flag-3"],
        _ => &["flag-1", "flag-2", "flag-3"],
    };
    const ALL: &[&str] = &[
        "sh-fallback",
        "sh-port",
        "mh-fallback",
        "mh-port",
        "flag-1",
        "flag-2",
        "flag-3",
        "flag-4",
        "",
        "flag-",
        "SH-PORT",
        "flag-1 ",
        " flag-1",
        "0",
        "sh-port;",
        "none",
        "ops",
        "persistent",
        "hashed",
    ];
    let mut flags: Vec<String> = (0..rng.between(1, 3)).map(|_| rng.word(own)).collect();
    if rng.chance(12) {
        flags.push(rng.word(ALL));
    }
    if rng.chance(3) {
        flags.extend((0..20).map(|_| rng.word(own)));
    }
    rng.shuffle(&mut flags);
    let mut text = flags.join(",");
    if rng.chance(4) {
        text.push(',');
    }
    if rng.chance(4) {
        text.insert(0, ',');
    }
    text
}

/// A persistence engine's name.
pub fn engine(rng: &mut Rng) -> String {
    match rng.below(30) {
        0 => rng.word(&["nosuch", "SIP", "sip-with-a-name-that-is-long", "a-name-of-16-chr"]),
        1..=2 => String::new(),
        _ => "sip".to_owned(),
    }
}

/// A persistence timeout in seconds.
pub fn persistence(rng: &mut Rng) -> String {
    if rng.chance(40) { rng.word(&["360", "600", "60", "1", "300"]) } else { number(rng, 1, 2_678_400) }
}

/// A persistence mask for one of the families.
pub fn netmask(rng: &mut Rng, v6: bool) -> String {
    const V4: &[&str] = &["255.255.255.0", "255.255.255.255", "255.255.0.0", "255.0.0.0", "255.255.255.252"];
    const ODD: &[&str] = &[
        "0.0.0.0",
        "24",
        "0",
        "32",
        "64",
        "128",
        "129",
        "255.255.0.255",
        "255.255.255",
        "0xffffff00",
        "localhost",
        "rs1.example",
        "nosuch.example",
        "",
        "-1",
        "64abc",
        "abc",
        "255.255.255.256",
        "/24",
        "ffff::",
        " 64",
        "+64",
        "1",
    ];
    match (rng.chance(15), v6) {
        (true, _) => rng.word(ODD),
        (false, true) => rng.word(&["64", "128", "1", "48", "127", "96"]),
        (false, false) => rng.word(V4),
    }
}

/// The weight of a server.
pub fn weight(rng: &mut Rng) -> String {
    if rng.chance(70) { rng.word(&["1", "2", "3", "5", "10", "100", "0"]) } else { number(rng, 0, 65_535) }
}

/// A threshold of a server.
pub fn threshold(rng: &mut Rng) -> String {
    if rng.chance(60) { rng.word(&["0", "5", "10", "100", "1000"]) } else { number(rng, 0, 2_147_483_647) }
}

/// One of the three timeouts.
pub fn timeout(rng: &mut Rng) -> String {
    if rng.chance(50) { rng.word(&["0", "900", "120", "300", "10"]) } else { number(rng, 0, 2_678_400) }
}

/// A multicast group, seldom something else.
pub fn group(rng: &mut Rng) -> String {
    match rng.below(10) {
        0 => rng.word(&[
            "10.0.0.1",
            "2001:db8::1",
            "",
            "224.0.0",
            "ff02::zz",
            "239.255.255.256",
            "rs1.example",
            ":",
            "240.0.0.1",
        ]),
        1..=2 => rng.word(&["ff02::5", "FF02::0090", "ff05::81", "ff0e::1:2"]),
        _ => rng.word(&["224.0.0.81", "224.0.0.90", "239.1.2.3", "224.1", "239.255.255.255"]),
    }
}

/// A network interface; `lo` is the one that can carry a daemon in the lab.
pub fn interface(rng: &mut Rng) -> String {
    match rng.below(12) {
        0 => rng.word(&["eth0", "nosuch0", "", "an-interface-name-that-is-too-long", "lo0"]),
        1..=3 => "lab0".to_owned(),
        _ => "lo".to_owned(),
    }
}
