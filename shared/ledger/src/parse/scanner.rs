//! How a text is cut into tokens: one pass, with a bounded look ahead; a token is never looked for again.

use super::{
    clock,
    token::{Kind, Token},
    words::{Word, meaning},
};

/// Cuts a text.
pub(super) struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    list: Vec<Token>,
}

/// The longest masked number.
const LONGEST_MASKED: usize = 40;

/// Codes of currencies that messages write; those that are English words too are left out.
const CURRENCIES: &[u8] =
    b"INRUSDEURGBPAEDSGDMYRJPYAUDCADCHFCNYHKDNZDSEKNOKDKKTHBIDRPHPVNDKRWTWDSARQARKWDBHDOMRJODEGPZARKESNGNGHS\
TZSUGXBRLMXNARSCLPCOPPENPLNCZKHUFRONBGNTRYRUBUAHILSPKRBDTLKRNPRMVRBTNMMKKHRLAKMOPISKGELAMDAZNKZTUZSMAD";

fn currency(word: &str) -> Option<[u8; 3]> {
    if word.len() > 6 {
        return None;
    }
    let code = <[u8; 3]>::try_from(word.as_bytes()).ok();
    if let Some(code) = code
        && CURRENCIES.chunks_exact(3).any(|one| one == code)
    {
        return Some(code);
    }
    Some(match word {
        "Rs" | "rs" | "RS" | "Re" | "INRs" | "Inr" | "inr" | "Rupees" | "rupees" | "RUPEES" | "Rupee" => *b"INR",
        "Usd" | "usd" => *b"USD",
        "Eur" | "eur" | "euros" | "Euros" => *b"EUR",
        "Gbp" | "gbp" => *b"GBP",
        "Dhs" | "DHS" | "dhs" | "aed" => *b"AED",
        "RM" => *b"MYR",
        _ => return None,
    })
}

const fn symbol(character: char) -> Option<[u8; 3]> {
    Some(match character {
        '₹' => *b"INR",
        '$' => *b"USD",
        '£' => *b"GBP",
        '€' => *b"EUR",
        '¥' => *b"JPY",
        '฿' => *b"THB",
        '₩' => *b"KRW",
        '₱' => *b"PHP",
        '₫' => *b"VND",
        '₺' => *b"TRY",
        '₽' => *b"RUB",
        '₪' => *b"ILS",
        '₦' => *b"NGN",
        _ => return None,
    })
}

fn in_word(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || !character.is_ascii() && !character.is_whitespace() && symbol(character).is_none()
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0, list: Vec::with_capacity(text.len() / 4 + 4) }
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn part(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The tokens of the text.
    pub(super) fn run(mut self) -> Vec<Token> {
        let (mut spaced, mut line) = (false, true);
        while let Some(first) = self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            if first.is_whitespace() || first.is_ascii_control() {
                spaced = true;
                line |= first == '\n';
                self.at += first.len_utf8();
                continue;
            }
            let start = self.at;
            let count = self.list.len();
            self.token(first, start);
            // A token that was merged with those before it has their place.
            if self.list.len() > count
                && let Some(token) = self.list.get_mut(count)
            {
                (token.spaced, token.line) = (spaced, line);
            }
            (spaced, line) = (false, false);
        }
        self.list
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        self.list.push(Token { kind, start, end, spaced: false, line: false });
        self.at = end;
    }

    fn token(&mut self, first: char, start: usize) {
        if let Some(code) = symbol(first) {
            return self.push(Kind::Currency(code), start, start + first.len_utf8());
        }
        if let Some(end) = self.masked(start) {
            return self.push(Kind::Masked, start, end);
        }
        if first.is_ascii_digit() {
            return self.digits(start);
        }
        if in_word(first) {
            return self.word(start);
        }
        match first {
            '@' if self.address(start) => {}
            '/' if self.link(start) => {}
            _ => {
                let mark = if first.is_ascii() { self.byte(start) } else { 0 };
                self.push(Kind::Mark(mark), start, start + first.len_utf8());
            }
        }
    }

    /// The end of the masked number at `start`: what hides, then at least two digits; blocks may be apart.
    fn masked(&self, start: usize) -> Option<usize> {
        let first = self.byte(start);
        if !matches!(first, b'x' | b'X' | b'*' | b'#' | b'.' | b'0'..=b'9') {
            return None;
        }
        let (mut hidden, mut digits, mut at) = (0_usize, 0_usize, start);
        let limit = start + LONGEST_MASKED;
        while at < limit {
            match self.byte(at) {
                b'x' | b'X' | b'*' | b'#' => {
                    hidden += 1;
                    digits = 0;
                }
                b'.' if first == b'.' && digits == 0 && hidden < 12 => hidden += 1,
                b'0'..=b'9' => digits += 1,
                b'-' if hidden > 0 && digits == 0 || digits > 0 && self.hides(at + 1) => digits = 0,
                b' ' if hidden > 1 && digits == 0 && self.digit_or_hidden(at + 1) => {}
                b' ' if hidden > 1 && digits == 4 && self.digit_or_hidden(at + 1) && at < start + 16 => digits = 0,
                _ => break,
            }
            at += 1;
        }
        let next = self.byte(at);
        let least = if first == b'.' { 2 } else { 1 };
        let ends = !next.is_ascii_alphanumeric() && next != b'@';
        (hidden >= least && digits >= 2 && ends && !self.amount_like(start, at)).then_some(at)
    }

    fn hides(&self, at: usize) -> bool {
        matches!(self.byte(at), b'x' | b'X' | b'*' | b'#')
            || self.byte(at).is_ascii_digit() && (at..at + 4).any(|at| matches!(self.byte(at), b'x' | b'X' | b'*'))
    }

    fn digit_or_hidden(&self, at: usize) -> bool {
        self.byte(at).is_ascii_digit() || self.hides(at)
    }

    /// Whether dots that seem to hide digits belong to an amount, as in `Rs..500.00`.
    fn amount_like(&self, start: usize, end: usize) -> bool {
        let money = matches!(self.list.last().map(|token| token.kind), Some(Kind::Currency(_)));
        money && self.byte(start) == b'.' || self.byte(end) == b'.' && self.byte(end + 1).is_ascii_digit()
    }

    /// A date, a time, a number, or letters that begin with a digit.
    fn digits(&mut self, start: usize) {
        if let Some((day, end)) = clock::day(self.bytes, start) {
            self.push(Kind::Date(day), start, end);
            self.at += usize::from(self.byte(end) == b'T' && self.byte(end + 1).is_ascii_digit());
            return;
        }
        if let Some((time, end)) = clock::time(self.bytes, start) {
            return self.push(Kind::Time(time), start, end);
        }
        let at = self.end_of_number(start);
        let grouped = self.part(start, at).bytes().any(|byte| !byte.is_ascii_digit());
        let mut end = at;
        while self.byte(end).is_ascii_alphanumeric() {
            end += 1;
        }
        let tail = self.part(at, end);
        let letters = !tail.is_empty() && tail.bytes().all(|byte| byte.is_ascii_alphabetic());
        let known = letters && (meaning(tail) != Word::None || currency(tail).is_some());
        if end == at || grouped || known {
            self.push(Kind::Number, start, at);
        } else {
            self.push(Kind::Code, start, end);
        }
    }

    /// The end of the number at `start`. Only blocks of three digits are followed by more, but for the Indian blocks
    /// of two after commas; a day may follow a comma.
    fn end_of_number(&self, start: usize) -> usize {
        let (mut at, mut block, mut last) = (start, start, b',');
        loop {
            while self.byte(at).is_ascii_digit() {
                at += 1;
            }
            let mark = self.byte(at);
            let more = matches!(mark, b'.' | b',' | b'\'') && self.byte(at + 1).is_ascii_digit();
            let blocks = last == b',' || at - block == 3;
            if !more || !blocks || mark == b',' && clock::day(self.bytes, at + 1).is_some() {
                return at;
            }
            (last, block) = (mark, at + 1);
            at += 1;
        }
    }

    fn word(&mut self, start: usize) {
        // `A/c`, and `A\c`.
        if self.byte(start).eq_ignore_ascii_case(&b'a')
            && matches!(self.byte(start + 1), b'/' | b'\\')
            && self.byte(start + 2).eq_ignore_ascii_case(&b'c')
        {
            let end = start + if self.part(start + 3, start + 5).eq_ignore_ascii_case("ct") { 5 } else { 3 };
            return self.push(Kind::Word(Word::Account), start, end);
        }
        let mut end = start;
        let mut first_digit = None;
        for character in self.text.get(start..).unwrap_or_default().chars() {
            let apostrophe = character == '\'' && self.byte(end + 1).is_ascii_alphabetic();
            if !in_word(character) && !apostrophe {
                break;
            }
            if character.is_ascii_digit() {
                first_digit = first_digit.or(Some(end));
            }
            end += character.len_utf8();
        }
        let text = self.part(start, end);
        if let Some(digit) = first_digit {
            let prefix = self.part(start, digit);
            let rest = self.part(digit, end);
            let hidden = prefix.trim_end_matches(['x', 'X']);
            if let Some(code) = currency(prefix) {
                return self.push(Kind::Currency(code), start, digit);
            }
            let numeric = rest.bytes().all(|byte| byte.is_ascii_digit());
            if numeric && meaning(prefix) != Word::None && prefix.len() > 1 {
                return self.push(Kind::Word(meaning(prefix)), start, digit);
            }
            if numeric && hidden.len() >= 2 && hidden.len() < prefix.len() && meaning(hidden) != Word::None {
                let end = start + hidden.len();
                return self.push(Kind::Word(meaning(hidden)), start, end);
            }
            let kind = if meaning(text) == Word::None { Kind::Code } else { Kind::Word(meaning(text)) };
            return self.push(kind, start, end);
        }
        // `InfoACH`, as one bank writes it.
        if text.starts_with("Info") && self.byte(start + 4).is_ascii_uppercase() {
            return self.push(Kind::Word(Word::Info), start, start + 4);
        }
        if let Some((day, end)) = clock::month_first(self.bytes, start, end) {
            return self.push(Kind::Date(day), start, end);
        }
        if let Some(code) = currency(text) {
            return self.push(Kind::Currency(code), start, end);
        }
        let web = text.eq_ignore_ascii_case("http") || text.eq_ignore_ascii_case("https");
        if web && self.part(end, end + 3) == "://" || text.eq_ignore_ascii_case("www") && self.byte(end) == b'.' {
            let end = self.end_of_link(end);
            return self.push(Kind::Link, start, end);
        }
        self.push(Kind::Word(meaning(text)), start, end);
    }

    fn end_of_link(&self, from: usize) -> usize {
        let rest = self.text.get(from..).unwrap_or_default();
        let length = rest.find(|c: char| c.is_whitespace() || matches!(c, ')' | ']' | '"' | '<' | '(' | '['));
        from + length.unwrap_or(rest.len())
    }

    /// Makes an address of the tokens that end at the `@` at `at`, and of what follows it.
    fn address(&mut self, at: usize) -> bool {
        if !self.byte(at + 1).is_ascii_alphabetic() || at.checked_sub(1).is_none_or(|at| self.byte(at) <= b' ') {
            return false;
        }
        let mut start = at;
        let mut keep = self.list.len();
        while let Some(token) = keep.checked_sub(1).and_then(|last| self.list.get(last)) {
            let part = matches!(
                token.kind,
                Kind::Word(_)
                    | Kind::Number
                    | Kind::Code
                    | Kind::Masked
                    | Kind::Currency(_)
                    | Kind::Date(_)
                    | Kind::Mark(b'.' | b'-' | b'_')
            );
            // The number of a payment before its address: `UPI-601234567890-name@bank`.
            let number = token.kind == Kind::Number && token.end - token.start == 12 && self.byte(start) == b'-';
            if token.end != start || !part || number && start + 1 < at {
                break;
            }
            start = token.start;
            keep -= 1;
            if token.spaced || token.line {
                break;
            }
        }
        let first = self.list.get(keep).copied();
        let Some(first) = first.filter(|_| start < at) else { return false };
        let mut end = at + 1;
        while self.byte(end).is_ascii_alphanumeric()
            || matches!(self.byte(end), b'.' | b'-') && self.byte(end + 1).is_ascii_lowercase()
        {
            end += 1;
        }
        self.list.truncate(keep);
        self.push(Kind::Address, start, end);
        if let Some(token) = self.list.last_mut() {
            (token.spaced, token.line) = (first.spaced, first.line);
        }
        true
    }

    /// Makes a link of the host that ends at the `/` at `at`, and of what follows it.
    fn link(&mut self, at: usize) -> bool {
        let count = self.list.len();
        let (Some(from), Some(last)) = (count.checked_sub(3), self.list.last()) else { return false };
        let host = [
            "com", "in", "io", "ly", "co", "me", "net", "org", "fi", "pw", "ltd", "to", "bank", "cc", "live", "app",
            "link", "xyz",
        ];
        let ends = last.end == at && host.contains(&self.part(last.start, last.end));
        let dotted = ends && self.list.get(count - 2).is_some_and(|dot| dot.kind == Kind::Mark(b'.') && !dot.spaced);
        let Some(first) = self.list.get(from).copied().filter(|_| dotted && !last.spaced) else { return false };
        let end = self.end_of_link(at);
        self.list.truncate(from);
        self.push(Kind::Link, first.start, end);
        if let Some(token) = self.list.last_mut() {
            (token.spaced, token.line) = (first.spaced, first.line);
        }
        true
    }
}
