//! Netlink attributes: a bounds-checked reader over borrowed bytes, and a writer that appends.
//!
//! An attribute is a u16 length (header included), a u16 type, the payload, and padding to four bytes.

use crate::consts::{NLA_F_NESTED, NLA_TYPE_MASK};

/// What is wrong with bytes from the kernel, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {offset}")]
pub struct Malformed {
    /// What is wrong or missing.
    pub what: &'static str,
    /// Where, counted from the start of the outermost block of bytes being decoded.
    pub offset: usize,
}

/// One attribute of a reply.
#[derive(Clone, Copy, Debug)]
pub struct Attr<'a> {
    /// Its type, flag bits removed.
    pub kind: u16,
    /// Its payload, padding removed.
    pub payload: &'a [u8],
    /// Where its payload starts.
    pub offset: usize,
}

impl<'a> Attr<'a> {
    /// The first `N` bytes of the payload. A newer kernel may append to a value, so a longer one is fine.
    ///
    /// # Errors
    /// [`Malformed`] if there are fewer.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], Malformed> {
        match self.payload.first_chunk() {
            Some(bytes) => Ok(*bytes),
            None => Err(Malformed { what: "attribute too short for its value", offset: self.offset }),
        }
    }

    /// A byte.
    ///
    /// # Errors
    /// [`Malformed`] if the payload is too short.
    pub fn u8(&self) -> Result<u8, Malformed> {
        self.bytes().map(u8::from_ne_bytes)
    }

    /// A u16 in host order.
    ///
    /// # Errors
    /// [`Malformed`] if the payload is too short.
    pub fn u16(&self) -> Result<u16, Malformed> {
        self.bytes().map(u16::from_ne_bytes)
    }

    /// A u16 in network order.
    ///
    /// # Errors
    /// [`Malformed`] if the payload is too short.
    pub fn be16(&self) -> Result<u16, Malformed> {
        self.bytes().map(u16::from_be_bytes)
    }

    /// A u32 in host order.
    ///
    /// # Errors
    /// [`Malformed`] if the payload is too short.
    pub fn u32(&self) -> Result<u32, Malformed> {
        self.bytes().map(u32::from_ne_bytes)
    }

    /// A u64 in host order.
    ///
    /// # Errors
    /// [`Malformed`] if the payload is too short.
    pub fn u64(&self) -> Result<u64, Malformed> {
        self.bytes().map(u64::from_ne_bytes)
    }

    /// The attributes inside.
    #[must_use]
    pub fn nested(&self) -> Attrs<'a> {
        Attrs { rest: self.payload, offset: self.offset }
    }
}

/// The attributes of a block, in order. Ends after the first that is malformed.
#[derive(Clone, Debug)]
pub struct Attrs<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Attrs<'a> {
    /// Reads `block`, which starts at `offset` of what the caller was given.
    #[must_use]
    pub fn new(block: &'a [u8], offset: usize) -> Self {
        Self { rest: block, offset }
    }

    /// The first attribute of a type.
    ///
    /// # Errors
    /// [`Malformed`] if a broken attribute comes before it, or there is none; then `missing` says so.
    pub fn find(self, kind: u16, missing: &'static str) -> Result<Attr<'a>, Malformed> {
        let offset = self.offset;
        for attr in self {
            let attr = attr?;
            if attr.kind == kind {
                return Ok(attr);
            }
        }
        Err(Malformed { what: missing, offset })
    }
}

impl<'a> Iterator for Attrs<'a> {
    type Item = Result<Attr<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        let (whole, offset) = (self.rest, self.offset);
        if whole.is_empty() {
            return None;
        }
        // Whatever goes wrong below, the iteration is over.
        self.rest = &[];
        let Some(&[l0, l1, k0, k1]) = whole.first_chunk() else {
            return Some(Err(Malformed { what: "truncated attribute header", offset }));
        };
        let length = usize::from(u16::from_ne_bytes([l0, l1]));
        let Some(payload) = whole.get(4..length) else {
            return Some(Err(Malformed { what: "attribute length outside its block", offset }));
        };
        // The padding of the last attribute may be missing.
        let next = length.next_multiple_of(4);
        self.rest = whole.get(next..).unwrap_or(&[]);
        self.offset = offset + next;
        Some(Ok(Attr { kind: u16::from_ne_bytes([k0, k1]) & NLA_TYPE_MASK, payload, offset: offset + 4 }))
    }
}

/// Appends attributes to a buffer.
///
/// Everything this crate sends is far below the 65535 bytes an attribute can hold: the values come from the bounded types
/// of [`crate::model`].
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Writer<'a> {
    /// Appends to `out`.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out }
    }

    /// An attribute with these payload bytes, padded.
    pub fn bytes(&mut self, kind: u16, payload: &[u8]) {
        self.out.extend_from_slice(&attribute_length(payload.len() + 4).to_ne_bytes());
        self.out.extend_from_slice(&kind.to_ne_bytes());
        self.out.extend_from_slice(payload);
        self.pad();
    }

    /// A byte.
    pub fn u8(&mut self, kind: u16, value: u8) {
        self.bytes(kind, &value.to_ne_bytes());
    }

    /// A u16 in host order.
    pub fn u16(&mut self, kind: u16, value: u16) {
        self.bytes(kind, &value.to_ne_bytes());
    }

    /// A u16 in network order.
    pub fn be16(&mut self, kind: u16, value: u16) {
        self.bytes(kind, &value.to_be_bytes());
    }

    /// A u32 in host order.
    pub fn u32(&mut self, kind: u16, value: u32) {
        self.bytes(kind, &value.to_ne_bytes());
    }

    /// A u64 in host order.
    pub fn u64(&mut self, kind: u16, value: u64) {
        self.bytes(kind, &value.to_ne_bytes());
    }

    /// A string with its closing NUL.
    pub fn string(&mut self, kind: u16, value: &[u8]) {
        self.out.extend_from_slice(&attribute_length(value.len() + 5).to_ne_bytes());
        self.out.extend_from_slice(&kind.to_ne_bytes());
        self.out.extend_from_slice(value);
        self.out.push(0);
        self.pad();
    }

    /// An attribute holding the attributes that `fill` writes.
    pub fn nested(&mut self, kind: u16, fill: impl FnOnce(&mut Self)) {
        let start = self.out.len();
        self.out.extend_from_slice(&[0; 2]);
        self.out.extend_from_slice(&(kind | NLA_F_NESTED).to_ne_bytes());
        fill(self);
        let length = attribute_length(self.out.len() - start).to_ne_bytes();
        if let Some(field) = self.out.get_mut(start..).and_then(<[u8]>::first_chunk_mut) {
            *field = length;
        }
    }

    fn pad(&mut self) {
        self.out.resize(self.out.len().next_multiple_of(4), 0);
    }
}

fn attribute_length(length: usize) -> u16 {
    debug_assert!(length <= usize::from(u16::MAX), "attribute of {length} bytes");
    u16::try_from(length).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_writer_wrote_the_reader_reads() {
        let mut out = Vec::new();
        let mut writer = Writer::new(&mut out);
        writer.u8(1, 7);
        writer.nested(2, |inner| {
            inner.be16(3, 0x1234);
            inner.string(4, b"abc");
        });
        writer.u64(5, u64::MAX - 1);
        let attrs: Vec<_> = Attrs::new(&out, 100).map(Result::unwrap).collect();
        assert_eq!(attrs.iter().map(|attr| attr.kind).collect::<Vec<_>>(), [1, 2, 5]);
        assert_eq!(attrs[0].u8(), Ok(7));
        assert_eq!(attrs[0].offset, 104);
        let inner: Vec<_> = attrs[1].nested().map(Result::unwrap).collect();
        assert_eq!((inner[0].be16(), inner[1].payload), (Ok(0x1234), &b"abc\0"[..]));
        assert_eq!(attrs[2].u64(), Ok(u64::MAX - 1));
    }

    #[test]
    fn a_short_value_is_malformed_and_a_long_one_is_cut() {
        let attr = Attr { kind: 1, payload: &[1, 0, 0], offset: 8 };
        assert_eq!(attr.u32().unwrap_err().offset, 8);
        assert_eq!(attr.u16(), Ok(u16::from_ne_bytes([1, 0])));
    }

    #[test]
    fn lengths_that_lie_end_the_iteration_with_one_error() {
        for block in [&[0, 0, 1, 0][..], &[3, 0, 1, 0], &[9, 0, 1, 0, 0, 0, 0, 0], &[4, 0, 1], &[255, 255, 1, 0]] {
            let attrs: Vec<_> = Attrs::new(block, 0).collect();
            assert_eq!(attrs.len(), 1, "{block:?}");
            assert_eq!(attrs[0].as_ref().unwrap_err().offset, 0);
        }
    }

    #[test]
    fn missing_padding_of_the_last_attribute_is_fine() {
        let attrs: Vec<_> = Attrs::new(&[5, 0, 1, 0, 9], 0).collect();
        assert_eq!(attrs.len(), 1);
        assert_eq!(attrs[0].unwrap().payload, [9]);
    }
}
