//! What the encoders write, the decoders read; and decoders survive anything.

use crate::strategies;
use ipvs::Op;
use ipvs::model::*;
use ipvs::wire::attr::{Attrs, Writer};
use ipvs::wire::genl::{Message, Messages};
use ipvs::wire::{config, daemon, dest, request, service};
use proptest::collection::vec;
use proptest::prelude::*;

fn written(fill: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut out = Vec::new();
    fill(&mut Writer::new(&mut out));
    out
}

/// Runs every decoder on these bytes, as a block of attributes and as a datagram.
fn decode_everything(bytes: &[u8]) {
    decode_attributes(Attrs::new(bytes, 0));
    for message in Messages::new(bytes) {
        let Ok(message) = message else { return };
        let _ = message.errno();
        if let Ok((_, attrs)) = message.generic() {
            decode_attributes(attrs);
        }
    }
}

fn decode_attributes(attrs: Attrs<'_>) {
    let _ = service::decode(attrs.clone());
    let _ = dest::decode(attrs.clone(), Family::V4);
    let _ = dest::decode(attrs.clone(), Family::V6);
    let _ = daemon::decode(attrs.clone());
    let _ = config::decode_info(attrs.clone());
    let _ = config::decode_timeouts(attrs);
}

proptest! {
    #[test]
    fn services_survive_the_wire(service in strategies::service(), stats in strategies::stats()) {
        let entry = ServiceEntry { service, stats, dest_count: None };
        let bytes = written(|writer| service::encode_entry(writer, &entry));
        prop_assert_eq!(service::decode(Attrs::new(&bytes, 0)), Ok(entry));
    }

    #[test]
    fn destinations_survive_the_wire(entry in strategies::dest_entry(), service in strategies::family()) {
        let bytes = written(|writer| dest::encode_entry(writer, &entry));
        prop_assert_eq!(dest::decode(Attrs::new(&bytes, 0), service), Ok(entry));
    }

    #[test]
    fn daemons_survive_the_wire(entry in strategies::daemon()) {
        let bytes = written(|writer| daemon::encode(writer, &entry));
        prop_assert_eq!(daemon::decode(Attrs::new(&bytes, 0)), Ok(entry));
    }

    #[test]
    fn timeouts_survive_the_wire(values in any::<[u32; 3]>()) {
        let timeouts = Timeouts { tcp: values[0], tcp_fin: values[1], udp: values[2] };
        let bytes = written(|writer| config::encode_timeouts(writer, &timeouts));
        prop_assert_eq!(config::decode_timeouts(Attrs::new(&bytes, 0)), Ok(timeouts));
    }

    #[test]
    fn requests_of_a_batch_keep_their_bounds_and_numbers(ops in vec(strategies::op(), 1..8)) {
        let mut out = Vec::new();
        for (sequence, op) in (100..).zip(&ops) {
            request::encode_op(&mut out, 0x1c, sequence, 0, op);
        }
        let messages: Vec<Message<'_>> = Messages::new(&out).map(Result::unwrap).collect();
        prop_assert_eq!(messages.len(), ops.len());
        for ((sequence, op), message) in (100..).zip(&ops).zip(messages) {
            prop_assert_eq!((message.sequence, message.kind), (sequence, 0x1c));
            let (command, attrs) = message.generic().unwrap();
            prop_assert_eq!(command, request::number(op.command()));
            if let Op::NewService(new) = op {
                prop_assert_eq!(service::decode(attrs).unwrap().service, *new);
            }
        }
    }

    #[test]
    fn no_bytes_make_a_decoder_panic(bytes in vec(any::<u8>(), 0..600)) {
        decode_everything(&bytes);
    }

    #[test]
    fn no_change_to_an_answer_makes_a_decoder_panic(
        entry in strategies::dest_entry(),
        service in strategies::service(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = crate::replies::dest_part(1, &entry);
        let entry = ServiceEntry { service, stats: Stats::default(), dest_count: None };
        bytes.extend(crate::replies::service_part(1, &entry));
        for (index, byte) in changes {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        decode_everything(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        decode_everything(&bytes);
    }
}

#[test]
fn unknown_attributes_and_flag_bits_are_ignored() {
    let entry = crate::replies::some_dest(1);
    let mut bytes = written(|writer| {
        writer.u32(77, 1);
        dest::encode_entry(writer, &entry);
        writer.bytes(2000, b"more");
    });
    assert_eq!(dest::decode(Attrs::new(&bytes, 0), Family::V4), Ok(entry));
    // Our own encoder marks nested attributes; the kernel does not.
    bytes[8 + 3] &= 0x3f;
    assert_eq!(dest::decode(Attrs::new(&bytes, 0), Family::V4), Ok(entry));
    bytes[8 + 3] |= 0x40;
    assert_eq!(dest::decode(Attrs::new(&bytes, 0), Family::V4), Ok(entry));
}

#[test]
fn every_required_attribute_is_missed() {
    let service = crate::replies::some_service(1);
    let dest = crate::replies::some_dest(1);
    let whole_service = written(|writer| service::encode_entry(writer, &service));
    let whole_dest = written(|writer| dest::encode_entry(writer, &dest));
    // Kind and how many other kinds must be present.
    for (whole, required) in
        [(whole_service, &[1, 2, 3, 4, 6, 7, 8, 9][..]), (whole_dest, &[1, 2, 3, 4, 5, 6, 7, 8, 9])]
    {
        let outer = Attrs::new(&whole, 0).next().unwrap().unwrap();
        for left_out in 1..=15u16 {
            let mut bytes = Vec::new();
            Writer::new(&mut bytes).nested(outer.kind, |writer| {
                for attr in outer.nested().map(Result::unwrap).filter(|attr| attr.kind != left_out) {
                    writer.bytes(attr.kind, attr.payload);
                }
            });
            let missed = match outer.kind {
                1 => service::decode(Attrs::new(&bytes, 0)).is_err(),
                _ => dest::decode(Attrs::new(&bytes, 0), Family::V4).is_err(),
            };
            assert_eq!(missed, required.contains(&left_out), "attribute {left_out} of {}", outer.kind);
        }
    }
}

#[test]
fn old_kernels_counters_are_read_and_the_newer_ones_preferred() {
    use ipvs::consts::{IPVS_CMD_ATTR_DEST, IPVS_DEST_ATTR_STATS, IPVS_DEST_ATTR_STATS64};
    let mut entry = crate::replies::some_dest(1);
    entry.stats.connections = (1 << 32) + 5;
    entry.stats.in_bytes = 1 << 40;
    let whole = written(|writer| dest::encode_entry(writer, &entry));
    let without = |kinds: &[u16]| {
        let mut bytes = Vec::new();
        Writer::new(&mut bytes).nested(IPVS_CMD_ATTR_DEST, |writer| {
            for attr in Attrs::new(&whole, 0).next().unwrap().unwrap().nested().map(Result::unwrap) {
                if !kinds.contains(&attr.kind) {
                    writer.bytes(attr.kind, attr.payload);
                }
            }
        });
        dest::decode(Attrs::new(&bytes, 0), Family::V4).unwrap().stats
    };
    assert_eq!(without(&[]).connections, (1 << 32) + 5);
    let narrow = without(&[IPVS_DEST_ATTR_STATS64]);
    assert_eq!((narrow.connections, narrow.in_bytes), (5, 1 << 40));
    assert_eq!(without(&[IPVS_DEST_ATTR_STATS64, IPVS_DEST_ATTR_STATS]), Stats::default());
}
