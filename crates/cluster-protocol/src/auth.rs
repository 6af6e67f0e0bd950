//! Signing and checking with the shared keys: `crc`, HMAC-MD5 and HMAC-SHA1 over bytes (wire specification, section 3).

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use md5::Md5;
use sha1::Sha1;
use std::fmt;
use subtle::ConstantTimeEq;

/// How a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// CRC-32/CKSUM without the length step; no key. Protects against noise, not against people.
    Crc,
    /// HMAC-MD5.
    Md5,
    /// HMAC-SHA1.
    Sha1,
}

/// One key of the `authkeys` file.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// 0 to 15, unique in the file.
    pub index: u8,
    /// How it signs.
    pub method: Method,
    /// Its bytes as they stand in the file; empty for `crc`.
    pub secret: Vec<u8>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({} {:?})", self.index, self.method)
    }
}

/// All keys; each is accepted for what comes in, one signs what goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthKeys {
    /// The index of the `auth` line. Always one of `keys`.
    pub active: u8,
    /// The keys.
    pub keys: Vec<Key>,
}

impl Key {
    /// The digest of the parts, one after the other, as the wire has it.
    ///
    /// `md5` and `sha1`: 32 and 40 lower-case hex digits of RFC 2104's HMAC. `crc`: CRC-32 with polynomial 0x04C11DB7,
    /// most significant bit first, start 0, complemented at the end, length not appended; lower-case hex without leading
    /// zeros; "123456789" gives `765e7680`. Source: the wire specification, section 3.2, from captured packets.
    #[must_use]
    pub fn digest(&self, parts: &[&[u8]]) -> String {
        match self.method {
            Method::Crc => format!("{:x}", crc(parts)),
            Method::Md5 => mac::<Hmac<Md5>>(&self.secret, parts),
            Method::Sha1 => mac::<Hmac<Sha1>>(&self.secret, parts),
        }
    }

    /// What a signature says: the key's index, a blank, the digest.
    #[must_use]
    pub fn token(&self, parts: &[&[u8]]) -> String {
        format!("{} {}", self.index, self.digest(parts))
    }

    /// Whether this is the digest of the parts. Takes the same time for every wrong digest of the right length. A `crc`
    /// is compared as a number: leading zeros up to 8 digits do not matter.
    #[must_use]
    pub fn verifies(&self, parts: &[&[u8]], digest: &[u8]) -> bool {
        match self.method {
            Method::Crc => lower_hex(digest).is_some_and(|number| number.ct_eq(&crc(parts)).into()),
            Method::Md5 | Method::Sha1 => self.digest(parts).as_bytes().ct_eq(digest).into(),
        }
    }
}

impl AuthKeys {
    /// The key of that index.
    #[must_use]
    pub fn key(&self, index: u32) -> Option<&Key> {
        self.keys.iter().find(|key| u32::from(key.index) == index)
    }

    /// The key that signs what goes out when `index` is wanted: that one, else the active one. `None` only without any
    /// of the two.
    #[must_use]
    pub fn signing(&self, index: u8) -> Option<&Key> {
        self.key(index.into()).or_else(|| self.key(self.active.into()))
    }
}

/// A signature as it stands in a packet: which key, and the digest, neither checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// The key's index, as the sender claims.
    pub index: u32,
    /// The digest.
    pub digest: &'a [u8],
}

impl<'a> Token<'a> {
    /// Reads `index digest`, with exactly one blank; `None` if it is anything else.
    #[must_use]
    pub fn parse(text: &'a [u8]) -> Option<Self> {
        let at = text.iter().position(|byte| *byte == b' ')?;
        let (index, digest) = text.split_at_checked(at)?;
        let digest = digest.get(1..).filter(|digest| !digest.is_empty())?;
        if !index.iter().all(u8::is_ascii_digit) {
            return None;
        }
        Some(Self { index: std::str::from_utf8(index).ok()?.parse().ok()?, digest })
    }
}

fn mac<M: Mac + KeyInit>(secret: &[u8], parts: &[&[u8]]) -> String {
    // HMAC takes keys of every length.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(secret) else { return String::new() };
    for part in parts {
        mac.update(part);
    }
    let bytes = mac.finalize().into_bytes();
    let mut hex = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            hex.push(char::from(if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble }));
        }
    }
    hex
}

/// The checksum by `crc32fast`, which computes the reflected one: of mirrored bytes, and mirrored in the end. Its register
/// holds the complement, so that a start of `u32::MAX` means 0.
fn crc(parts: &[&[u8]]) -> u32 {
    const CHUNK: usize = 256;
    let mut hasher = crc32fast::Hasher::new_with_initial(u32::MAX);
    let mut mirrored = [0_u8; CHUNK];
    for chunk in parts.iter().flat_map(|part| part.chunks(CHUNK)) {
        for (to, from) in mirrored.iter_mut().zip(chunk) {
            *to = from.reverse_bits();
        }
        hasher.update(mirrored.get(..chunk.len()).unwrap_or_default());
    }
    hasher.finalize().reverse_bits()
}

/// One to eight lower-case hex digits.
fn lower_hex(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 8 || !text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(text).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(method: Method, secret: &str) -> Key {
        Key { index: 3, method, secret: secret.into() }
    }

    #[test]
    fn the_check_values_of_the_three_methods_hold() {
        assert_eq!(key(Method::Crc, "").digest(&[b"123456789"]), "765e7680");
        assert_eq!(key(Method::Crc, "").digest(&[]), "ffffffff");
        assert_eq!(key(Method::Md5, "Hello").digest(&[b"abc"]), "bccfa51141e038c26c65accfecd2c1cf");
        assert_eq!(key(Method::Sha1, "SecretKey1").digest(&[b"abc"]), "d3f90e7982277a4473905fa670618955caac497c");
        // RFC 2202, cases 6: keys of 80 bytes are hashed first.
        let long = Key { index: 0, method: Method::Sha1, secret: vec![0xaa; 80] };
        let data: &[u8] = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(long.digest(&[data]), "aa4ae5e15272d00e95705637ce8a3b55ed402112");
        let long = Key { method: Method::Md5, ..long };
        assert_eq!(long.digest(&[data]), "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
    }

    #[test]
    fn a_crc_agrees_with_the_definition_bit_by_bit() {
        let slow = |bytes: &[u8]| {
            !bytes.iter().fold(0_u32, |register, byte| {
                (0..8).fold(register ^ u32::from(*byte) << 24, |register, _| {
                    if register >> 31 == 1 { register << 1 ^ 0x04C1_1DB7 } else { register << 1 }
                })
            })
        };
        let bytes: Vec<u8> = (0..1000_u32).map(|index| index.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
        for length in [0, 1, 7, 255, 256, 257, 512, 1000] {
            assert_eq!(crc(&[&bytes[..length]]), slow(&bytes[..length]), "{length} bytes");
            assert_eq!(crc(&[&bytes[..length / 3], &bytes[length / 3..length]]), slow(&bytes[..length]));
        }
    }

    #[test]
    fn a_crc_is_written_without_and_read_with_leading_zeros() {
        let crc = key(Method::Crc, "");
        let body =
            (0..100_000_u32).map(|number| number.to_string()).find(|body| crc.digest(&[body.as_bytes()]).len() == 6);
        let body = body.expect("one in 256");
        let digest = crc.digest(&[body.as_bytes()]);
        for (text, right) in [
            (digest.clone(), true),
            (format!("0{digest}"), true),
            (format!("00{digest}"), true),
            (format!("000{digest}"), false),
            (format!("+{digest}"), false),
            (digest.to_uppercase(), digest.bytes().all(|byte| byte.is_ascii_digit())),
            (digest[1..].to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(crc.verifies(&[body.as_bytes()], text.as_bytes()), right, "{text}");
        }
    }

    #[test]
    fn an_hmac_is_verified_in_full_and_in_lower_case_only() {
        let key = key(Method::Sha1, "SecretKey1");
        let digest = "d3f90e7982277a4473905fa670618955caac497c";
        assert!(key.verifies(&[b"a", b"bc"], digest.as_bytes()));
        assert!(!key.verifies(&[b"abd"], digest.as_bytes()));
        for wrong in ["", "d3f9", &digest.to_uppercase(), &format!("{digest}0"), &format!("e{}", &digest[1..])] {
            assert!(!key.verifies(&[b"abc"], wrong.as_bytes()), "{wrong}");
        }
    }

    #[test]
    fn a_token_is_a_number_one_blank_and_a_digest() {
        assert_eq!(key(Method::Crc, "").token(&[b"123456789"]), "3 765e7680");
        assert_eq!(Token::parse(b"15 ab"), Some(Token { index: 15, digest: b"ab" }));
        assert_eq!(Token::parse(b"1  ab"), Some(Token { index: 1, digest: b" ab" }));
        for bad in ["", " ", "1", "1 ", " ab", "+1 ab", "-1 ab", "x ab", "4294967296 ab", "1\tab"] {
            assert_eq!(Token::parse(bad.as_bytes()), None, "{bad:?}");
        }
    }

    #[test]
    fn the_wanted_key_signs_and_else_the_active_one() {
        let keys = [1, 2].map(|index| Key { index, method: Method::Crc, secret: Vec::new() });
        let keys = AuthKeys { active: 2, keys: keys.to_vec() };
        assert_eq!([1, 2, 3].map(|wanted| keys.signing(wanted).map(|key| key.index)), [Some(1), Some(2), Some(2)]);
        assert_eq!(keys.key(257), None);
        assert_eq!(AuthKeys { active: 0, keys: Vec::new() }.signing(0), None);
    }
}
