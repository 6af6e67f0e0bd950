//! What the three targets of the cluster protocol share: keys, signatures, promises, seeds.

use cluster_protocol::auth::{AuthKeys, Key, Method};
use cluster_protocol::framing::{classic, netstring};
use cluster_protocol::message::{Message, Value};
use cluster_protocol::{compress, packet};
use std::path::Path;
use std::{fs, io};

/// The key that signs what a target makes of its input.
#[must_use]
pub fn key() -> Key {
    Key { index: 2, method: Method::Crc, secret: Vec::new() }
}

/// The keys of the recorded packets, which are the seeds.
#[must_use]
pub fn keys() -> AuthKeys {
    let secret = |index, method, secret: &str| Key { index, method, secret: secret.into() };
    AuthKeys { active: 2, keys: vec![secret(1, Method::Sha1, "SecretKey1"), key(), secret(3, Method::Md5, "Hello")] }
}

/// Opens a packet; if it is accepted, its message must keep what the decoders promise.
///
/// # Panics
/// If it does not.
pub fn open(bytes: &[u8]) {
    let Ok(opened) = packet::open(bytes, &keys()) else { return };
    check(&opened.message);
    // What is sealed again opens again, unless it got too long by that.
    let again = packet::seal(&opened.message, &keys(), opened.key, opened.encoding, &compress::Compression::default());
    match packet::open(&again, &keys()) {
        Ok(again) => assert_eq!(again.key, opened.key),
        Err(error) => assert_eq!(error, packet::Rejected::TooLong),
    }
}

/// The promises.
///
/// # Panics
/// If one is broken.
pub fn check(message: &Message) {
    let bytes = netstring::encode(message);
    assert_eq!(netstring::decode(&bytes).as_ref(), Ok(message), "what was accepted must be writable");
    let text = classic::encode(message);
    if let Ok(again) = classic::decode(&text) {
        assert_eq!(classic::encode(&again), text);
    }
    for field in &message.fields {
        let name = String::from_utf8_lossy(&field.name);
        if let (Value::Compressed(_), Ok(inner)) = (&field.value, compress::open_field(message, &name)) {
            assert_eq!(netstring::decode(&netstring::encode(&inner)), Ok(inner));
        }
    }
}

/// The seeds: target, name, bytes. From the packets in `compat-fixtures`.
///
/// # Errors
/// If they cannot be read.
pub fn seeds() -> io::Result<Vec<(&'static str, String, Vec<u8>)>> {
    let mut seeds = Vec::new();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../compat-fixtures/heartbeat/wire");
    let read = |name: &str| fs::read(directory.join(format!("{name}.bin")));
    for name in ["mystruct", "mylist", "compressed", "repnodes", "NS_rexmit", "status-active"] {
        let bytes = read(&format!("netstring-sha1-{name}"))?;
        let message = netstring::decode(&bytes).map_err(io::Error::other)?;
        // As the fields that the target puts lengths to.
        let mut fields = Vec::new();
        for field in &message.fields {
            let alone = netstring::encode(&Message { fields: vec![field.clone()] });
            let content = alone.splitn(2, |byte| *byte == b':').nth(1).unwrap_or_default();
            fields.extend_from_slice(content.strip_suffix(b",%%%\n").unwrap_or_default());
            fields.push(crate::cluster_netstring::SEPARATOR);
        }
        seeds.push(("cluster_netstring", format!("{name}-fields"), fields));
        seeds.push(("cluster_netstring", name.to_owned(), bytes));
        seeds.push(("cluster_classic", name.to_owned(), classic::encode(&message)));
    }
    for name in ["netstring-crc-starting", "netstring_noauthfield-md5-starting"] {
        seeds.push(("cluster_netstring", name.to_owned(), read(name)?));
    }
    for name in ["classic-crc-starting", "classic-md5-starting", "classic-sha1-mylist", "classic_udp-crc-status-active"]
    {
        seeds.push(("cluster_classic", name.to_owned(), read(name)?));
    }
    let (first, second) = (read("classic-crc-starting")?, read("classic-crc-repnodes")?);
    let netstring = read("netstring-sha1-mystruct")?;
    let length = netstring::span(&netstring).map_err(io::Error::other)?;
    let unsigned = netstring.get(..length).unwrap_or_default();
    for medium in 0..4_u8 {
        let stream = [&[medium][..], b"noise\n", &first[..], &second, unsigned, &first].concat();
        seeds.push(("cluster_stream", format!("one-after-another-{medium}"), stream));
        let mixed = [&[medium][..], b">>>\n>>>\nt=a\ni=1\nt=b\nj=2\n<<<\n<<<\n>>>\n", &first, b"\0"].concat();
        seeds.push(("cluster_stream", format!("mixed-{medium}"), mixed));
    }
    Ok(seeds)
}
