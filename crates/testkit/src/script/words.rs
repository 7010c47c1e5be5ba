//! A line as words, taken one after the other.

/// The words of a line. `<...>` is one word, whatever is in it.
#[derive(Debug)]
pub(super) struct Words<'a> {
    words: std::vec::IntoIter<&'a str>,
}

impl<'a> Words<'a> {
    pub(super) fn of(line: &'a str) -> Result<Self, String> {
        let mut words = Vec::new();
        let mut rest = line.trim();
        while !rest.is_empty() {
            // `>` alone is the arrow; `<` begins the options.
            let end = if rest.starts_with('<') {
                rest.find('>').ok_or("expected `>` at the end of the options")? + 1
            } else {
                rest.find(char::is_whitespace).unwrap_or(rest.len())
            };
            let (word, after) = rest.split_at(end);
            words.push(word);
            rest = after.trim_start();
        }
        Ok(Self { words: words.into_iter() })
    }

    pub(super) fn next(&mut self) -> Option<&'a str> {
        self.words.next()
    }

    pub(super) fn peek(&self) -> Option<&'a str> {
        self.words.as_slice().first().copied()
    }

    /// The next word, which must be there; `what` says what it is.
    pub(super) fn expect(&mut self, what: &str) -> Result<&'a str, String> {
        self.next().ok_or_else(|| format!("expected {what} at the end of the line"))
    }

    /// The next word, which must be `word`.
    pub(super) fn exactly(&mut self, word: &str) -> Result<(), String> {
        match self.expect(&format!("`{word}`"))? {
            found if found == word => Ok(()),
            found => Err(format!("expected `{word}`, found `{found}`")),
        }
    }

    /// The next word as a number of the type asked for.
    pub(super) fn integer<T: std::str::FromStr>(&mut self, what: &str) -> Result<T, String> {
        let text = self.expect(what)?;
        text.parse().map_err(|_| format!("expected {what}, found `{text}`"))
    }

    pub(super) fn end(&mut self) -> Result<(), String> {
        match self.next() {
            None => Ok(()),
            Some(word) => Err(format!("expected the end of the line, found `{word}`")),
        }
    }
}

/// Nanoseconds: decimal digits, and a unit after them if it isn't seconds.
pub(super) fn duration(text: &str) -> Result<i64, String> {
    let wrong = || format!("expected a duration such as 0.01, 10ms, 5us or 3ns, found `{text}`");
    let unit = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (amount, unit) = text.split_at(unit);
    let places = match unit {
        "" | "s" => 9,
        "ms" => 6,
        "us" => 3,
        "ns" => 0,
        _ => return Err(wrong()),
    };
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let decimal = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !decimal(whole) || !decimal(fraction) || fraction.len() > places {
        return Err(wrong());
    }
    format!("{whole}{fraction:0<places$}").parse().map_err(|_| wrong())
}

/// The bytes behind hexadecimal digits.
pub(super) fn hex(text: &str) -> Result<Vec<u8>, String> {
    let wrong = || format!("expected pairs of hexadecimal digits, found `{text}`");
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| {
            let pair = std::str::from_utf8(pair).map_err(|_| wrong())?;
            let digits = pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit());
            digits.then(|| u8::from_str_radix(pair, 16).ok()).flatten().ok_or_else(wrong)
        })
        .collect()
}
