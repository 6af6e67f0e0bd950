//! A cluster message: an ordered list of typed `name=value` fields. Duplicates are kept, order is kept, both are signed.
//!
//! Source of the facts: the wire specification, section 2.1; field type numbers are those on the wire.

use std::fmt;

/// The value of one field, by its type on the wire (0 string, 1 binary, 2 struct, 3 list, 4 compress).
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// Type 0: bytes without NUL, usually text.
    Text(Vec<u8>),
    /// Type 1: any bytes.
    Binary(Vec<u8>),
    /// Type 2: a nested message.
    Struct(Message),
    /// Type 3: a list of strings.
    List(Vec<Vec<u8>>),
    /// Type 4: a compressed nested message, as received; opened only by who needs it.
    Compressed(Vec<u8>),
}

/// One field.
#[derive(Clone, PartialEq, Eq)]
pub struct Field {
    /// The name: any bytes but `=` and line feed, never empty.
    pub name: Vec<u8>,
    /// The value.
    pub value: Value,
}

/// An ordered list of fields. Looking a name up finds the first of that name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// The fields in message order.
    pub fields: Vec<Field>,
}

impl Message {
    /// A message without fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A message whose first field is its type, `t`.
    #[must_use]
    pub fn of_type(kind: &str) -> Self {
        Self::new().with("t", kind)
    }

    /// This message with one more text field at its end.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.push(name, Value::Text(value.as_ref().to_vec()));
        self
    }

    /// Adds a field at the end.
    pub fn push(&mut self, name: &str, value: Value) {
        self.fields.push(Field { name: name.as_bytes().to_vec(), value });
    }

    /// Overwrites the first field of that name in its place, or adds one at the end.
    pub fn set(&mut self, name: &str, value: Value) {
        match self.fields.iter_mut().find(|field| field.name == name.as_bytes()) {
            Some(field) => field.value = value,
            None => self.push(name, value),
        }
    }

    /// [`set`](Self::set) for a text value.
    pub fn set_text(&mut self, name: &str, value: impl AsRef<[u8]>) {
        self.set(name, Value::Text(value.as_ref().to_vec()));
    }

    /// Removes every field of that name.
    pub fn remove(&mut self, name: &str) {
        self.fields.retain(|field| field.name != name.as_bytes());
    }

    /// The first value of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|field| field.name == name.as_bytes()).map(|field| &field.value)
    }

    /// The first value of that name, if it is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&[u8]> {
        match self.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// As [`text`](Self::text), and only if it is UTF-8.
    #[must_use]
    pub fn str(&self, name: &str) -> Option<&str> {
        self.text(name).and_then(|text| std::str::from_utf8(text).ok())
    }

    /// The first value of that name as an unsigned number without sign, blanks or prefix, in radix 10 or 16.
    #[must_use]
    pub fn number(&self, name: &str, radix: u32) -> Option<u64> {
        let text = self.str(name)?;
        if text.starts_with('+') {
            return None;
        }
        u64::from_str_radix(text, radix).ok()
    }

    /// The first value of that name, if it is 16 binary bytes.
    #[must_use]
    pub fn uuid(&self, name: &str) -> Option<Uuid> {
        match self.get(name) {
            Some(Value::Binary(bytes)) => <[u8; 16]>::try_from(bytes.as_slice()).ok().map(Uuid),
            _ => None,
        }
    }

    /// One line of text per field, for logs: `name=value`, with what is no plain text escaped.
    #[must_use]
    pub fn dump(&self) -> Vec<String> {
        let line = |field: &Field| match &field.value {
            Value::Text(text) => format!("{}={}", field.name.escape_ascii(), text.escape_ascii()),
            other => format!("{}={other:?}", field.name.escape_ascii()),
        };
        self.fields.iter().map(line).collect()
    }

    /// The message type, `t`; empty if there is none.
    #[must_use]
    pub fn kind(&self) -> &[u8] {
        self.text("t").unwrap_or_default()
    }
}

/// A node's identity of 16 bytes, in network order.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub [u8; 16]);

impl Uuid {
    /// All zero: "not known".
    pub const NIL: Self = Self([0; 16]);
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "\"{}\"", text.escape_ascii()),
            Self::Binary(bytes) => write!(f, "binary \"{}\"", bytes.escape_ascii()),
            Self::Compressed(bytes) => write!(f, "compressed, {} bytes", bytes.len()),
            Self::Struct(message) => message.fmt(f),
            Self::List(items) => {
                f.debug_list().entries(items.iter().map(|item| item.escape_ascii().to_string())).finish()
            }
        }
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={:?}", self.name.escape_ascii(), self.value)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.fields).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_two_equal_names_is_found_and_overwritten_and_both_are_kept() {
        let mut message = Message::of_type("x").with("a", "1").with("a", "2");
        assert_eq!(message.str("a"), Some("1"));
        message.set_text("a", "3");
        assert_eq!(message, Message::of_type("x").with("a", "3").with("a", "2"));
    }

    #[test]
    fn numbers_have_no_sign_and_no_blanks() {
        let message = Message::new().with("a", "1f").with("b", "+1").with("c", " 1").with("d", "");
        assert_eq!(message.number("a", 16), Some(31));
        assert_eq!(message.number("a", 10), None);
        assert!(["b", "c", "d", "e"].iter().all(|name| message.number(name, 16).is_none()));
    }

    #[test]
    fn a_uuid_is_sixteen_binary_bytes_and_nothing_else() {
        let mut message = Message::new().with("text", "0123456789abcdef");
        message.push("short", Value::Binary(vec![1; 15]));
        message.push("good", Value::Binary(vec![0xab; 16]));
        assert_eq!((message.uuid("text"), message.uuid("short")), (None, None));
        assert_eq!(
            message.uuid("good").map(|uuid| uuid.to_string()),
            Some("abababab-abab-abab-abab-abababababab".into())
        );
    }
}
