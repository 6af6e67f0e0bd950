//! Packets of strangers: recorded ones damaged in many ways, with and without a right signature. The decoders do not
//! panic, accept nothing that was not signed, and keep what they accept.
#![cfg(test)]

mod wire;

use cluster_protocol::auth::{AuthKeys, Key, Method};
use cluster_protocol::compress::{self, Algorithm, Compression};
use cluster_protocol::framing::stream::{Limits, TextReader};
use cluster_protocol::framing::{self, MAX_DEPTH, MAX_MESSAGE, classic, netstring};
use cluster_protocol::message::{Field, Message, Value};
use cluster_protocol::packet::{Encoding, Opened, Rejected, open, seal};
use proptest::prelude::*;
use wire::{Fixture, fixtures};

const ALL: [Encoding; 4] = [Encoding::Classic, Encoding::ClassicNul, Encoding::NetstringWithAuth, Encoding::Netstring];

/// A generator of numbers that is the same everywhere (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit.max(1)).unwrap_or(1)).unwrap_or_default()
    }
}

/// Pieces that mean something to a decoder.
const WORDS: [&[u8]; 24] = [
    b"###\n",
    b"%%%\n",
    b">>>\n",
    b"<<<\n",
    b"\n",
    b"\0",
    b",",
    b":",
    b"=",
    b"(0)",
    b"(1)",
    b"(2)",
    b"(3)",
    b"(4)",
    b"(5)",
    b"(7)",
    b"(x)",
    b"0",
    b"99999999",
    b"262144",
    b"-1",
    b"auth=1 0",
    b"\x13",
    b"\x14",
];

/// The bytes with one thing changed.
fn damaged(bytes: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = if bytes.is_empty() { b"\n".to_vec() } else { bytes.to_vec() };
    let at = numbers.below(bytes.len());
    let to = at + numbers.below((bytes.len() - at).min(40) + 1);
    let word = WORDS[numbers.below(WORDS.len())];
    match numbers.below(8) {
        0 => bytes[at] ^= 1 << numbers.below(8),
        1 => bytes.truncate(at),
        2 => drop(bytes.drain(at..to)),
        3 => drop(bytes.splice(at..at, word.iter().copied())),
        4 => drop(bytes.splice(at..(at + word.len()).min(bytes.len()), word.iter().copied())),
        5 => {
            let copy = bytes[at..to].to_vec();
            drop(bytes.splice(at..at, copy));
        }
        6 => {
            let digits: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at].is_ascii_digit()).collect();
            if let Some(at) = digits.get(numbers.below(digits.len())) {
                bytes[*at] = b'0' + u8::try_from(numbers.below(10)).unwrap_or_default();
            }
        }
        _ => drop(bytes.splice(at..at, std::iter::repeat_n(word.iter().copied(), 300).flatten())),
    }
    bytes
}

/// The part of a fixture that its signature covers.
fn signed_part(fixture: &Fixture) -> Vec<u8> {
    let message = fixture.decode();
    match fixture.encoding() {
        Encoding::Classic | Encoding::ClassicNul => classic::signed_body(&message),
        _ => netstring::encode(&message),
    }
}

/// A packet with a right signature over these bytes, whatever they are.
fn signed(part: &[u8], encoding: Encoding, key: &Key) -> Vec<u8> {
    let token = key.token(&[part]);
    match encoding {
        Encoding::Classic | Encoding::ClassicNul => [b">>>\n", part, b"auth=", token.as_bytes(), b"\n<<<\n"].concat(),
        _ => [part, format!("{}:{token},", token.len()).as_bytes()].concat(),
    }
}

/// What must hold for everything that a decoder accepts.
fn check(message: &Message, input: usize) {
    assert!(weight(message) <= input, "{} bytes out of {input}", weight(message));
    let again = netstring::decode(&netstring::encode(message));
    assert_eq!(again.as_ref(), Ok(message), "what was accepted must be writable");
    // Classic text cannot hold every byte, but reading it back gives the same text again.
    let text = classic::encode(message);
    if let Ok(again) = classic::decode(&text) {
        assert_eq!(classic::encode(&again), text);
    }
}

/// All bytes of names and values.
fn weight(message: &Message) -> usize {
    let value = |value: &Value| match value {
        Value::Text(bytes) | Value::Binary(bytes) | Value::Compressed(bytes) => bytes.len(),
        Value::Struct(message) => weight(message),
        Value::List(items) => items.iter().map(Vec::len).sum(),
    };
    message.fields.iter().map(|field| field.name.len() + value(&field.value)).sum()
}

#[test]
fn no_damaged_fixture_is_accepted_without_a_new_signature() {
    let mut numbers = Numbers(1);
    for fixture in fixtures() {
        let keys = fixture.keys();
        let original = open(&fixture.bytes, &keys).map(|opened| opened.message);
        for _ in 0..200 {
            let once = damaged(&fixture.bytes, &mut numbers);
            let bytes = if numbers.below(2) == 0 { once } else { damaged(&once, &mut numbers) };
            // Harmless damage is left: junk behind the packet, a blank line, a zero in front of a length.
            if let Ok(opened) = open(&bytes, &keys) {
                assert_eq!(Ok(opened.message), original, "{fixture}: {}", bytes.escape_ascii());
            }
        }
    }
}

#[test]
fn damaged_fixtures_with_a_right_signature_are_decoded_or_rejected() {
    let mut numbers = Numbers(2);
    let (mut accepted, mut rejected) = (0, 0);
    for fixture in fixtures() {
        let part = signed_part(&fixture);
        for _ in 0..200 {
            let bytes = signed(&damaged(&part, &mut numbers), fixture.encoding(), &fixture.key);
            match open(&bytes, &fixture.keys()) {
                Ok(Opened { message, .. }) => {
                    check(&message, if fixture.kind == "compressed" { compress::MAX_INFLATED } else { bytes.len() });
                    accepted += 1;
                }
                Err(_) => rejected += 1,
            }
        }
    }
    // Both happen often, or the test tests nothing.
    assert!(accepted > 4000 && rejected > 4000, "{accepted} accepted, {rejected} rejected");
}

fn key() -> Key {
    Key { index: 1, method: Method::Crc, secret: Vec::new() }
}

fn keys() -> AuthKeys {
    AuthKeys { active: 1, keys: vec![key()] }
}

#[test]
fn the_datagram_of_22_bytes_that_ends_an_original_is_dropped() {
    let killer = b"###\n10:(7)t=xxxxx,%%%\n";
    assert_eq!(killer.len(), 22);
    assert_eq!(open(killer, &keys()), Err(Rejected::NoSignature));
    assert_eq!(open(&signed(killer, Encoding::Netstring, &key()), &keys()), Err(Rejected::MalformedField));
    assert!(framing::decode(killer).is_err());
}

#[test]
fn only_the_five_known_types_pass_in_either_form() {
    for kind in 0..=u8::MAX {
        let known = |known: &[u8]| if known.contains(&kind) { Ok(()) } else { Err(Rejected::MalformedField) };
        let part = [b"###\n5:(", &[kind][..], b")a=,%%%\n"].concat();
        let opened = open(&signed(&part, Encoding::Netstring, &key()), &keys()).map(drop);
        // An empty struct is no message.
        assert_eq!(opened, known(b"0134"), "netstring {kind}");
        let part = [b"(", &[kind][..], b")a=\n"].concat();
        let opened = open(&signed(&part, Encoding::Classic, &key()), &keys()).map(drop);
        // These two split the line, and `(` alone is a type without end.
        assert_eq!(opened, known(b"134"), "classic {kind}");
    }
}

#[test]
fn lengths_that_lie_are_rejected_before_and_after_signing() {
    for length in [
        "",
        "0",
        "4",
        "6",
        "7",
        "12",
        "13",
        "262144",
        "9999999",
        "99999999",
        "18446744073709551620",
        "-5",
        "+5",
        " 5",
        "5 ",
        "0x5",
    ] {
        let part = [b"###\n", length.as_bytes(), b":(0)a=,%%%\n"].concat();
        assert!(framing::decode(&part).is_err(), "{length}");
        let packet = signed(&part, Encoding::Netstring, &key());
        assert_eq!(open(&packet, &keys()), Err(Rejected::BrokenFrame), "{length}");
    }
    let part = b"###\n5:(0)a=,%%%\n";
    let token = key().token(&[part]);
    for length in ["", "0", "9", "11", "9999999", "99999999", "-1"] {
        let packet = [&part[..], length.as_bytes(), b":", token.as_bytes(), b","].concat();
        assert_eq!(open(&packet, &keys()), Err(Rejected::NoSignature), "{length}");
    }
}

#[test]
fn a_tower_of_thousands_of_structs_is_rejected_without_using_up_the_stack() {
    let tower = (0..3000).fold(b"###\n%%%\n".to_vec(), |inner, _| {
        [b"###\n", (inner.len() + 5).to_string().as_bytes(), b":(2)s=", &inner, b",%%%\n"].concat()
    });
    assert!(tower.len() < MAX_MESSAGE);
    assert_eq!(open(&signed(&tower, Encoding::Netstring, &key()), &keys()), Err(Rejected::MalformedField));
    let line = [b"(2)s=".as_slice(), &b">>>\x14(2)s=".repeat(20_000), b"\n"].concat();
    assert_eq!(open(&signed(&line, Encoding::Classic, &key()), &keys()), Err(Rejected::MalformedField));
}

#[test]
fn a_packet_full_of_tiny_fields_is_read_and_a_longer_one_is_not() {
    let fields = |count| [b"###\n", b"5:(0)a=,".repeat(count).as_slice(), b"%%%\n"].concat();
    let most = (MAX_MESSAGE - 30) / 8;
    let opened = open(&signed(&fields(most), Encoding::Netstring, &key()), &keys()).expect("rightly signed");
    assert_eq!(opened.message.fields.len(), most);
    assert_eq!(open(&signed(&fields(most + 4), Encoding::Netstring, &key()), &keys()), Err(Rejected::TooLong));
}

#[test]
fn a_compression_bomb_ends_at_two_mebibytes() {
    for algorithm in [Algorithm::Zlib, Algorithm::Bz2] {
        let bomb = compress::wrap(algorithm, &vec![b'a'; 8 * compress::MAX_INFLATED]);
        let packet = seal(&bomb, &keys(), 1, Encoding::Netstring, &Compression::default());
        assert!(packet.len() < 20_000);
        assert_eq!(open(&packet, &keys()), Err(Rejected::BadCompression));
        // The same in a single field costs nothing until somebody opens it.
        let mut message = Message::of_type("x").with(compress::ALGORITHM, algorithm.name());
        message.push("xml", Value::Compressed(compress::deflate(algorithm, &vec![b'a'; 8 * compress::MAX_INFLATED])));
        let packet = seal(&message, &keys(), 1, Encoding::Netstring, &Compression::default());
        let opened = open(&packet, &keys()).expect("rightly signed");
        assert_eq!(compress::open_field(&opened.message, "xml"), Err(compress::CompressError::TooLong));
    }
    let unknown = Message::new().with(compress::ALGORITHM, "lzma");
    let mut unknown_first = unknown;
    unknown_first.push(compress::PAYLOAD, Value::Binary(vec![1, 2, 3]));
    let packet = seal(&unknown_first, &keys(), 1, Encoding::Netstring, &Compression::default());
    assert_eq!(open(&packet, &keys()), Err(Rejected::BadCompression));
}

#[test]
fn an_endless_stream_without_messages_is_held_only_up_to_the_limits() {
    let limits = Limits { line: 1000, block: 2000, suspended: 2, netstrings: true };
    for piece in [
        &b"x"[..],
        b"x\n",
        b">>>\n",
        b">>>\nt=x\n",
        b">>>\nt=x\na=b",
        b"###\n1999:",
        b"###\n9999999:",
        b"###\n5:(0)a=,",
        b"\0",
    ] {
        let mut reader = TextReader::new(limits);
        let blocks: usize = (0..20_000)
            .map(|_| {
                let blocks = reader.feed(piece).len();
                assert!(reader.held() <= limits.line + 3 * limits.block, "{}", piece.escape_ascii());
                blocks
            })
            .sum();
        assert_eq!(blocks, 0, "{}", piece.escape_ascii());
    }
}

/// Fields of names and values made of the bytes given, structs included.
fn fields(bytes: fn() -> BoxedStrategy<u8>) -> impl Strategy<Value = Vec<Field>> {
    let name = move || {
        prop::collection::vec(bytes(), 1..8).prop_filter_map("a name", |mut name| {
            name.retain(|byte| !matches!(byte, b'=' | b'\n' | b'(' | 0));
            (!name.is_empty() && name != b"auth").then_some(name)
        })
    };
    let text = move || {
        prop::collection::vec(bytes(), 0..40).prop_map(|mut text| {
            text.retain(|byte| *byte != 0);
            text
        })
    };
    let leaf = prop_oneof![
        text().prop_map(Value::Text),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Value::Binary),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Value::Compressed),
        prop::collection::vec(text(), 0..5).prop_map(Value::List),
    ];
    let value = leaf.prop_recursive(4, 24, 4, move |inner| {
        prop::collection::vec((name(), inner), 0..4).prop_map(|fields| {
            let fields = fields.into_iter().map(|(name, value)| Field { name, value }).collect();
            Value::Struct(Message { fields })
        })
    });
    prop::collection::vec((name(), value).prop_map(|(name, value)| Field { name, value }), 0..6)
}

fn all_bytes() -> BoxedStrategy<u8> {
    any::<u8>().boxed()
}

/// What classic text can hold: all but the symbols that stand for line feeds.
fn text_bytes() -> BoxedStrategy<u8> {
    any::<u8>().prop_filter("no symbol", |byte| !matches!(byte, 15..=31)).boxed()
}

proptest! {
    #[test]
    fn netstrings_keep_every_message(fields in fields(all_bytes)) {
        let message = Message { fields };
        let bytes = netstring::encode(&message);
        prop_assert_eq!(netstring::span(&bytes), Ok(bytes.len()));
        prop_assert_eq!(netstring::decode(&bytes), Ok(message));
    }

    #[test]
    fn classic_text_keeps_every_message_without_its_symbols(fields in fields(text_bytes)) {
        let message = Message { fields };
        prop_assert_eq!(classic::decode(&classic::encode(&message)), Ok(message));
    }

    #[test]
    fn what_is_sealed_opens_unchanged_in_every_encoding(fields in fields(text_bytes), compressed in any::<bool>()) {
        let message = Message { fields };
        let compression = Compression { threshold: 100, traditional: compressed, ..Compression::default() };
        for encoding in ALL {
            let packet = seal(&message, &keys(), 1, encoding, &compression);
            let mut opened = open(&packet, &keys()).map_err(|error| TestCaseError::fail(error.to_string()))?.message;
            opened.remove("auth");
            prop_assert_eq!(&opened, &message);
        }
    }

    #[test]
    fn any_bytes_behind_a_right_signature_are_decoded_or_rejected(
        words in prop::collection::vec(prop_oneof![
            prop::sample::select(WORDS.to_vec()).prop_map(<[u8]>::to_vec),
            prop::collection::vec(any::<u8>(), 0..4),
        ], 0..20),
    ) {
        let part = words.concat();
        for (encoding, part) in [
            (Encoding::Classic, part.clone()),
            (Encoding::Netstring, part.clone()),
            (Encoding::Netstring, [b"###\n", &part[..], b"%%%\n"].concat()),
            (Encoding::Netstring, format!("###\n{}:", part.len()).bytes().chain(part).chain(*b",%%%\n").collect()),
        ] {
            let packet = signed(&part, encoding, &key());
            if let Ok(opened) = open(&packet, &keys()) {
                check(&opened.message, packet.len());
            }
            let _ = framing::decode(&part);
        }
    }

    #[test]
    fn a_stream_gives_the_same_messages_however_it_is_cut(
        words in prop::collection::vec(prop::sample::select(vec![
            &b">>>\n"[..], b"<<<\n", b"t=x\n", b"a=b\n", b"###\n", b"5:(0)a=,", b"%%%\n", b"\n", b"x", b"\0", b"9:", b"a=123456789\n",
        ]), 0..60),
        cuts in prop::collection::vec(0_usize..400, 0..10),
        suspended in 0_usize..4,
    ) {
        let limits = Limits { line: 15, block: 40, suspended, netstrings: true };
        let stream = words.concat();
        let mut whole = TextReader::new(limits);
        let expected = whole.feed(&stream);
        for block in &expected {
            prop_assert!(block.len() <= limits.block);
            prop_assert!(block.starts_with(b">>>\n") && block.ends_with(b"\n<<<\n") || netstring::span(block) == Ok(block.len()));
        }
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(stream.len())).chain([stream.len()]).collect();
        cuts.sort_unstable();
        let (mut pieces, mut blocks, mut start) = (TextReader::new(limits), Vec::new(), 0);
        for cut in cuts {
            blocks.extend(pieces.feed(&stream[start..cut]));
            start = cut;
        }
        prop_assert_eq!(blocks, expected);
        prop_assert_eq!((pieces.dropped(), pieces.held()), (whole.dropped(), whole.held()));
    }
}

#[test]
fn the_deepest_message_that_is_allowed_survives_both_encodings() {
    let message = (0..MAX_DEPTH).fold(Message::new().with("k", "line\nfeed"), |inner, _| {
        let mut outer = Message::of_type("x");
        outer.push("s", Value::Struct(inner));
        outer
    });
    for encoding in ALL {
        let packet = seal(&message, &keys(), 1, encoding, &Compression::default());
        let mut opened = open(&packet, &keys()).expect("rightly signed").message;
        opened.remove("auth");
        assert_eq!(opened, message);
    }
}
