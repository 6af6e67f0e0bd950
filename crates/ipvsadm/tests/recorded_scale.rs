//! The recorded `scale-*` cases: how large counters are shortened. Their counters were injected into the original, no
//! kernel can be made to show them, so here they go straight into the printer.
#![allow(clippy::panic, reason = "a test stops at the first surprise, in its helpers too")]

use ipvs::model::{Info, ServiceEntry, Stats, Version};
use ipvsadm::args::{self, Invocation, Reading};
use ipvsadm::list::Printer;
use ipvsadm::names::Nothing;
use ipvsadm::output::Output;
use ipvsadm::text::Texts;
use testkit::cases;

fn parse(command: &str) -> Invocation {
    let words: Vec<&[u8]> = command.split(' ').skip(1).map(str::as_bytes).collect();
    args::parse(&words, Reading::default(), &Nothing).unwrap_or_else(|refusal| panic!("{command}: {refusal:?}"))
}

fn stats(values: &[u64]) -> Stats {
    let [connections, in_packets, out_packets, in_bytes, out_bytes, rates @ ..] = values else { panic!("{values:?}") };
    let [connection_rate, in_packet_rate, out_packet_rate, in_byte_rate, out_byte_rate] = rates else {
        panic!("{values:?}")
    };
    Stats {
        connections: *connections,
        in_packets: *in_packets,
        out_packets: *out_packets,
        in_bytes: *in_bytes,
        out_bytes: *out_bytes,
        connection_rate: *connection_rate,
        in_packet_rate: *in_packet_rate,
        out_packet_rate: *out_packet_rate,
        in_byte_rate: *in_byte_rate,
        out_byte_rate: *out_byte_rate,
    }
}

#[test]
fn injected_counters_are_printed_as_recorded() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../compat-fixtures/ipvsadm/scale.cases");
    let file = cases::load::file(path.as_ref(), cases::parse::Drafts::Refused).unwrap();
    assert!(file.cases.len() >= 10, "only {} cases in {path}", file.cases.len());
    for case in file.cases {
        let [setup] = case.setup.as_slice() else { panic!("{}: one setup expected", case.name) };
        let Invocation::Change(ipvs::Op::NewService(service)) = parse(setup) else { panic!("{setup}") };
        let Invocation::List(listing) = parse(&case.run) else { panic!("{}", case.run) };
        let entry = ServiceEntry { service, stats: stats(case.inject.as_ref().unwrap()), dest_count: None };
        let info = Info { version: Version { major: 1, minor: 2, patch: 1 }, connection_table_size: 4096 };
        let mut printer = Printer::new(listing, Texts::numeric());
        let mut out = Output::default();
        printer.version(out.buffer(), info);
        printer.title(out.buffer());
        printer.service(&mut out, &entry, &mut []).unwrap();
        assert_eq!(String::from_utf8_lossy(out.buffer()), case.recorded.stdout, "{}", case.name);
    }
}
