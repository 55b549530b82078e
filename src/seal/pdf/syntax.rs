//! The syntax of PDF objects as spans of the file: a value is the bytes it is written in.
//! Reading never fails loudly; what cannot be read is `None`, and the caller says what that means.

/// Deeper nesting than any paper has; a crafted file must not exhaust the stack.
const DEPTH: usize = 64;

/// A value as it is written, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw<'a> {
    pub at: usize,
    pub bytes: &'a [u8],
}

#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    pub at: usize,
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !b"()<>[]{}/%".contains(&byte)
}

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn while_true(&mut self, is: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let length = rest.iter().position(|byte| !is(*byte)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    pub fn skip_space(&mut self) {
        loop {
            self.while_true(is_space);
            if self.peek() != Some(b'%') {
                return;
            }
            self.while_true(|byte| byte != b'\n' && byte != b'\r');
        }
    }

    pub fn word(&mut self) -> &'a [u8] {
        self.skip_space();
        self.while_true(is_regular)
    }

    pub fn expect(&mut self, word: &[u8]) -> Option<()> {
        (self.word() == word).then_some(())
    }

    pub fn number(&mut self) -> Option<usize> {
        number(self.word())
    }

    fn eat(&mut self, prefix: &[u8]) -> bool {
        let found = self.rest().starts_with(prefix);
        if found {
            self.at += prefix.len();
        }
        found
    }

    pub fn value(&mut self) -> Option<Raw<'a>> {
        self.nested(DEPTH)
    }

    fn nested(&mut self, depth: usize) -> Option<Raw<'a>> {
        let depth = depth.checked_sub(1)?;
        self.skip_space();
        let start = self.at;
        match self.peek()? {
            b'<' if self.eat(b"<<") => loop {
                self.skip_space();
                if self.eat(b">>") {
                    break;
                }
                self.name()?;
                self.nested(depth)?;
            },
            b'<' => {
                self.while_true(|byte| byte != b'>');
                self.eat(b">").then_some(())?;
            }
            b'[' => {
                self.at += 1;
                loop {
                    self.skip_space();
                    if self.eat(b"]") {
                        break;
                    }
                    self.nested(depth)?;
                }
            }
            b'(' => self.literal()?,
            b'/' => drop(self.name()?),
            _ => self.scalar()?,
        }
        Some(Raw { at: start, bytes: self.bytes.get(start..self.at)? })
    }

    fn name(&mut self) -> Option<&'a [u8]> {
        self.eat(b"/").then(|| self.while_true(is_regular))
    }

    fn literal(&mut self) -> Option<()> {
        let mut open = 0_usize;
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'(' => open += 1,
                b')' => open -= 1,
                _ => {}
            }
            if open == 0 {
                return Some(());
            }
        }
    }

    /// A number, a keyword, or `12 0 R`.
    fn scalar(&mut self) -> Option<()> {
        let first = self.while_true(is_regular);
        if first.is_empty() {
            return None;
        }
        let mut ahead = *self;
        if number(first).is_some() && ahead.number().is_some() && ahead.word() == b"R" {
            self.at = ahead.at;
        }
        Some(())
    }
}

fn number(word: &[u8]) -> Option<usize> {
    if word.is_empty() || !word.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(word).ok()?.parse().ok()
}

impl<'a> Raw<'a> {
    fn cursor(self) -> Cursor<'a> {
        Cursor::new(self.bytes, 0)
    }

    pub fn number(self) -> Option<usize> {
        number(self.bytes)
    }

    /// The object number of `12 0 R`.
    pub fn reference(self) -> Option<usize> {
        let mut cursor = self.cursor();
        let found = cursor.number()?;
        cursor.number()?;
        cursor.expect(b"R")?;
        Some(found)
    }

    pub fn name(self) -> Option<&'a [u8]> {
        self.bytes.strip_prefix(b"/")
    }

    pub fn items(self) -> Option<Vec<Raw<'a>>> {
        let mut cursor = self.cursor();
        cursor.eat(b"[").then_some(())?;
        let mut items = vec![];
        loop {
            cursor.skip_space();
            if cursor.eat(b"]") {
                return Some(items);
            }
            let item = cursor.value()?;
            items.push(Raw { at: self.at + item.at, bytes: item.bytes });
        }
    }

    /// A key written twice is refused: two readers could take different values.
    pub fn dict(self) -> Option<Dict<'a>> {
        let mut cursor = self.cursor();
        cursor.eat(b"<<").then_some(())?;
        let mut dict = Dict::default();
        loop {
            cursor.skip_space();
            if cursor.eat(b">>") {
                return Some(dict);
            }
            let key = cursor.name()?;
            let value = cursor.value()?;
            if dict.get(key).is_some() {
                return None;
            }
            dict.0.push((key, Raw { at: self.at + value.at, bytes: value.bytes }));
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Dict<'a>(Vec<(&'a [u8], Raw<'a>)>);

impl<'a> Dict<'a> {
    pub fn get(&self, key: &[u8]) -> Option<Raw<'a>> {
        self.0.iter().find(|(known, _)| *known == key).map(|(_, value)| *value)
    }

    /// The dictionary as text, with other values for some keys, new keys last.
    pub fn with(&self, changes: &[(&[u8], Vec<u8>)]) -> Vec<u8> {
        let mut text = b"<<".to_vec();
        let mut write = |key: &[u8], value: &[u8]| {
            text.push(b'/');
            text.extend(key);
            text.push(b' ');
            text.extend(value);
        };
        for (key, value) in &self.0 {
            if !changes.iter().any(|(changed, _)| changed == key) {
                write(key, value.bytes);
            }
        }
        for (key, value) in changes {
            write(key, value);
        }
        text.extend(b">>");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dict(text: &str) -> Option<Dict<'_>> {
        Cursor::new(text.as_bytes(), 0).value()?.dict()
    }

    #[test]
    fn values_end_where_they_end() {
        let text = "<</A (a\\)(b)) /B<00ff>/C[1 2 R 3 0 R]% note\n/D/E/F true>>";
        let dict = dict(text).unwrap();
        assert_eq!(dict.get(b"A").unwrap().bytes, b"(a\\)(b))");
        assert_eq!(dict.get(b"D").unwrap().name(), Some(&b"E"[..]));
        let c = dict.get(b"C").unwrap();
        assert_eq!(&text.as_bytes()[c.at..c.at + c.bytes.len()], c.bytes);
        let references: Vec<_> = c.items().unwrap().iter().map(|item| item.reference()).collect();
        assert_eq!(references, [Some(1), Some(3)]);
        assert_eq!(dict.with(&[(b"F", b"false".to_vec())]).last_chunk::<10>().unwrap(), b"/F false>>");
    }

    #[test]
    fn what_is_no_value_is_refused() {
        for text in ["<</A 1/A 2>>", "<</A", "<</A (>>", "<<1 2>>", "<</A ]>>", &"[".repeat(5000), ""] {
            assert!(dict(text).is_none(), "{text}");
        }
    }
}
