//! What has many digits and is nobody's: what an operator looks things up by.

use super::{prefix, word};

/// How many bytes of `text` from `at`, where the word `first` begins, are one of the shapes that are left as they are.
pub(super) fn spared(text: &[u8], at: usize, first: &[u8]) -> usize {
    let (before, rest) = text.split_at_checked(at).unwrap_or_default();
    let length = first.len();
    let joint = rest.get(length);
    let shape = match (length, joint) {
        (1..=4, Some(b'.')) => address(rest).or_else(|| duration(rest)),
        (2, Some(b'-')) => trace(rest),
        (4, Some(b'-')) => time(rest),
        (8, Some(b'-')) => uuid(rest),
        (26, _) if is_ulid(first) => rest.get(26..),
        (32 | 40 | 64, _) if is_hex(first) => rest.get(length..),
        (52, _) if is_aws_request(first) => rest.get(52..),
        _ => None,
    };
    // A part of something longer is none of them.
    let goes_on =
        |after: &[u8]| matches!(after, [next, b'0'..=b'9', ..] if Some(next) == joint && joint != Some(&b' '));
    let began = matches!(before, [.., b'0'..=b'9', last] if Some(last) == joint && matches!(last, b'-' | b'.'));
    let end = shape.filter(|after| word(after).is_empty() && (length > 8 || !began && !goes_on(after)));
    end.map_or(0, |after| rest.len() - after.len())
}

/// A ULID of the years 2004 to 2039.
fn is_ulid(word: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_uppercase() && !b"ILOU".contains(byte);
    word.starts_with(b"01") && word.iter().all(allowed) && has_letter(word)
}

/// A digest or the id of a trace, in lower case as we write them.
fn is_hex(word: &[u8]) -> bool {
    word.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) && has_letter(word)
}

/// What DynamoDB calls a request.
fn is_aws_request(word: &[u8]) -> bool {
    word.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()) && has_letter(word)
}

/// What follows a UUID.
fn uuid(rest: &[u8]) -> Option<&[u8]> {
    after(rest, "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh").filter(|_| rest.get(..36).is_some_and(has_letter))
}

/// What follows a traceparent, unless one of its ids has no letter: a number could be written so.
fn trace(rest: &[u8]) -> Option<&[u8]> {
    let ids = [rest.get(3..35)?, rest.get(36..52)?];
    after(rest, "hh-hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh-hhhhhhhhhhhhhhhh-hh").filter(|_| ids.into_iter().all(has_letter))
}

/// What follows a date, or a date and a time (RFC 3339).
fn time(rest: &[u8]) -> Option<&[u8]> {
    let date = after(rest, "dddd-dd-dd")?;
    let is_date = matches!(rest, [b'1', b'9', ..] | [b'2', b'0', ..])
        && matches!(rest.get(5..7)?, [b'0', b'1'..=b'9'] | [b'1', b'0'..=b'2'])
        && matches!(rest.get(8..10)?, [b'0', b'1'..=b'9'] | [b'1' | b'2', _] | [b'3', b'0' | b'1']);
    let date = is_date.then_some(date)?;
    let clock = after(date, "Tdd:dd").or_else(|| after(date, " dd:dd"));
    let clock =
        clock.map(|minutes| after(minutes, ":dd").map_or(minutes, |seconds| fraction(seconds).unwrap_or(seconds)));
    let zoned = |clock| ["Z", "+dd:dd", "-dd:dd"].into_iter().find_map(|zone| after(clock, zone)).unwrap_or(clock);
    clock.map(zoned).filter(|end| word(end).is_empty()).or(Some(date))
}

/// What follows a duration as Rust prints it.
fn duration(rest: &[u8]) -> Option<&[u8]> {
    let whole = rest.get(digits(rest).filter(|length| *length <= 4)?..)?;
    let unit = fraction(whole)?;
    ["s", "ms", "us", "μs", "ns"].into_iter().find_map(|name| unit.strip_prefix(name.as_bytes()))
}

/// What follows an address of IPv4.
fn address(rest: &[u8]) -> Option<&[u8]> {
    let mut rest = rest;
    for part in 0..4 {
        rest = if part == 0 { rest } else { rest.strip_prefix(b".")? };
        let (number, after) = rest.split_at_checked(digits(rest).filter(|length| *length <= 3)?)?;
        let value = number.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
        if value > 255 || number.len() > 1 && number.starts_with(b"0") {
            return None;
        }
        rest = after;
    }
    Some(rest)
}

/// What follows up to nine decimals.
fn fraction(rest: &[u8]) -> Option<&[u8]> {
    let decimals = rest.strip_prefix(b".")?;
    decimals.get(digits(decimals).filter(|length| *length <= 9)?..)
}

fn digits(rest: &[u8]) -> Option<usize> {
    Some(prefix(rest, u8::is_ascii_digit).len()).filter(|length| *length > 0)
}

fn has_letter(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_alphabetic)
}

/// What follows `pattern`, in which `d` is a digit and `h` a hexadecimal one.
fn after<'a>(rest: &'a [u8], pattern: &str) -> Option<&'a [u8]> {
    let (start, end) = rest.split_at_checked(pattern.len())?;
    let fits = |(byte, kind): (&u8, u8)| match kind {
        b'd' => byte.is_ascii_digit(),
        b'h' => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        literal => *byte == literal,
    };
    start.iter().zip(pattern.bytes()).all(fits).then_some(end)
}
