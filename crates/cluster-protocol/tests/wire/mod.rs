//! Reads the packets of `compat-fixtures/heartbeat/wire` and their index.
#![allow(dead_code, reason = "each test program uses its own part")]
#![allow(clippy::disallowed_methods, reason = "the crate reads no files, but its tests read the recorded packets")]
#![allow(clippy::expect_used, clippy::panic, reason = "test helpers stop at the first surprise")]

use cluster_protocol::auth::{AuthKeys, Key, Method};
use cluster_protocol::framing;
use cluster_protocol::message::{Field, Message, Value};
use cluster_protocol::packet::Encoding;
use std::fmt::{self, Write};
use std::fs;
use std::path::Path;

/// One packet and its line in the index.
pub(crate) struct Fixture {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) key: Key,
    /// The message type, as the index has it.
    pub(crate) kind: String,
    /// The fields in the index's own notation.
    pub(crate) fields: String,
    encoding: Encoding,
}

impl fmt::Display for Fixture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Fixture {
    pub(crate) fn keys(&self) -> AuthKeys {
        AuthKeys { active: self.key.index, keys: vec![self.key.clone()] }
    }

    /// The form that the bytes have.
    pub(crate) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The message without regard to signatures and compression.
    pub(crate) fn decode(&self) -> Message {
        framing::decode(&self.bytes).unwrap_or_else(|error| panic!("{self}: {error}"))
    }
}

/// All 204 packets.
pub(crate) fn fixtures() -> Vec<Fixture> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../compat-fixtures/heartbeat/wire");
    let index = fs::read_to_string(directory.join("index.tsv")).expect("the index");
    let all: Vec<Fixture> = index.lines().skip(1).map(|line| fixture(&directory, line)).collect();
    assert_eq!(all.len(), 204);
    all
}

fn fixture(directory: &Path, line: &str) -> Fixture {
    let columns: Vec<&str> = line.split('\t').collect();
    let [name, encoding, method, index, secret, kind, length, _, fields, ..] = columns.as_slice() else {
        panic!("{line}: columns are missing")
    };
    let bytes = fs::read(directory.join(name)).expect(name);
    assert_eq!(bytes.len().to_string(), *length, "{name}");
    let method = match *method {
        "crc" => Method::Crc,
        "md5" => Method::Md5,
        "sha1" => Method::Sha1,
        other => panic!("{name}: {other}"),
    };
    let with_auth = bytes.windows(8).any(|window| window == b":(0)auth");
    let encoding = match *encoding {
        "classic" => Encoding::Classic,
        "classic_udp" => Encoding::ClassicNul,
        "netstring" if with_auth => Encoding::NetstringWithAuth,
        "netstring" | "netstring_noauthfield" => Encoding::Netstring,
        other => panic!("{name}: {other}"),
    };
    let key = Key { index: index.parse().expect("an index"), method, secret: secret.as_bytes().to_vec() };
    Fixture { name: (*name).into(), bytes, key, kind: (*kind).into(), fields: (*fields).into(), encoding }
}

/// The fields in the notation of the index.
pub(crate) fn describe(message: &Message) -> String {
    message.fields.iter().map(describe_field).collect::<Vec<_>>().join(" | ")
}

fn describe_field(field: &Field) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text").replace('\n', "\\n");
    let (kind, value) = match &field.value {
        Value::Text(value) => ("", text(value)),
        Value::Binary(value) => ("(1)", hex(value)),
        Value::Struct(value) => ("(2)", text(&framing::netstring::encode(value))),
        Value::List(items) => ("(3)", items.iter().map(|item| format!("{}:{},", item.len(), text(item))).collect()),
        Value::Compressed(value) => ("(4)", hex(value)),
    };
    format!("{kind}{}={value}", text(&field.name))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::from("hex:"), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
