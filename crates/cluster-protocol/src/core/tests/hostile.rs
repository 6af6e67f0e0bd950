//! Peers that hold the key and say whatever comes to mind: nothing stops the engine, and nothing makes it say much.

use super::Net;
use super::peer::Peer;
use crate::fields::*;
use crate::input::Input;
use crate::message::{Message, Uuid, Value};
use crate::rng::Rng;
use crate::settings::MediumId;

const TYPES: [&str; 19] = [
    T_STATUS,
    T_NS_STATUS,
    T_ACK,
    T_REXMIT,
    T_NAK,
    T_REQNODES,
    T_REPNODES,
    T_STARTING,
    T_RESOURCES,
    T_ASKRESOURCES,
    T_SHUTDONE,
    T_STONITH,
    T_ADDNODE,
    T_DELNODE,
    T_SETWEIGHT,
    T_SETSITE,
    "NS_",
    "",
    "x",
];
const NAMES: [&str; 24] = [
    F_TYPE,
    F_ORIG,
    F_ORIG_UUID,
    F_TO,
    F_TO_UUID,
    F_SEQ,
    F_GENERATION,
    F_TIME,
    F_LOAD,
    F_TTL,
    F_STATUS,
    F_DEADTIME,
    F_PROTOCOL,
    F_ACK,
    F_FIRST,
    F_LAST,
    F_COMMENT,
    F_RESOURCES,
    F_RTYPE,
    F_ISSTABLE,
    F_NODE,
    F_NODELIST,
    F_WEIGHT,
    F_WANTED_KEY,
];
const WORDS: [&str; 24] = [
    "",
    " ",
    "0",
    "1",
    "2",
    "28",
    "29",
    "ffffffffffffffff",
    "18446744073709551615",
    "10000000000000000",
    "-1",
    "+1",
    "alfa",
    "brav",
    "alfa brav ",
    "BRAV",
    "active",
    "dead",
    "init",
    "all",
    "full",
    "me",
    "done",
    "\u{fffd}",
];

fn one<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[usize::try_from(rng.below(of.len() as u64)).unwrap()]
}

fn value(rng: &mut Rng) -> Value {
    match rng.below(12) {
        0 => Value::Binary(vec![one(rng, &[1, 0xbb, 0, 9]); one(rng, &[0, 15, 16, 17])]),
        1 => Value::List(vec![b"a".to_vec()]),
        2 => Value::Struct(Message::of_type("status")),
        3 => Value::Text((0..rng.below(20)).map(|_| rng.bits().to_be_bytes()[0] | 1).collect()),
        4 => Value::Text(rng.below(600).to_string().into()),
        5 => Value::Text(format!("{:x}", rng.below(600)).into()),
        _ => Value::Text(one(rng, &WORDS).into()),
    }
}

#[test]
fn whatever_a_peer_with_the_key_says_the_engine_goes_on_and_stays_small() {
    for seed in 0..30 {
        let mut rng = Rng::new(seed);
        let mut net = Net::alone(&["alfa", "brav"]);
        let mut peer = Peer::new("brav");
        if seed % 3 > 0 {
            peer.join(&mut net);
        }
        for _ in 0..400 {
            let mut message = Message::of_type(one(&mut rng, &TYPES));
            for _ in 0..rng.below(5) {
                message.push(one(&mut rng, &NAMES), value(&mut rng));
            }
            peer.seq = if rng.below(10) == 0 {
                rng.bits() >> rng.below(64)
            } else {
                peer.seq % (u64::MAX - 2000) + rng.below(3)
            };
            let mut message = if rng.below(4) == 0 { peer.unnumbered(message) } else { peer.numbered(message) };
            for _ in 0..rng.below(3) {
                message.set(one(&mut rng, &NAMES), value(&mut rng));
            }
            if rng.below(8) == 0 {
                peer.generation = rng.below(60);
                peer.uuid = Uuid([u8::try_from(rng.below(4)).unwrap(); 16]);
            }
            let bytes = peer.bytes(&net, &message);
            let before = net.out.len();
            let input = if rng.below(20) == 0 {
                Input::Local(message)
            } else {
                Input::Datagram { medium: MediumId(usize::try_from(rng.below(3)).unwrap()), bytes: &bytes, from: None }
            };
            net.feed(0, input);
            assert!(net.out.len() - before <= 120, "{} outputs", net.out.len() - before);
            net.out.clear();
            net.run(rng.below(300));
            if net.cores[0].is_none() {
                net.start(0);
            }
            let core = net.core(0);
            assert!(core.nodes().all(|node| node.missing() <= 500 && node.links.len() == 1));
        }
    }
}
