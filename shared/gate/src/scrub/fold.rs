//! One way of writing: however digits, dashes and hidden digits are written, they are ASCII afterwards.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The zero of every decimal digit (general category Nd) that compatibility normalisation leaves as it is; the other
/// nine follow it.
const ZEROS: [u32; 66] = [
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0, 0xF20,
    0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0,
    0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0x104A0, 0x10D30, 0x10D40, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0,
    0x11450, 0x114D0, 0x11650, 0x116C0, 0x116D0, 0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50, 0x11D50,
    0x11DA0, 0x11F50, 0x16A60, 0x16AC0, 0x16B50, 0x16D70, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950,
];

/// Compatibility forms (NFKC) character by character, digits of any script as ASCII, and without marks, without what
/// is not seen and without other line ends, so that nothing can stand unseen between two digits and no text can look
/// like two lines.
pub(super) fn fold(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| byte >= 0x7F) {
        return Cow::Borrowed(text);
    }
    let unseen = |char: &char| is_combining_mark(*char) || is_ignorable(*char);
    let seen = text.chars().filter(|char| !unseen(char));
    Cow::Owned(seen.flat_map(|char| char.nfkc()).filter(|char| !unseen(char)).map(plain).collect())
}

fn plain(char: char) -> char {
    if char.is_ascii() && char != '\x7F' {
        return char;
    }
    match char {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}' | '\u{2E3A}' | '\u{2E3B}' | '\u{30FC}' | '\u{58A}' => '-',
        '•' | '●' | '∙' | '⋅' | '·' | '×' | '✕' | '✖' | '✱' | '⚫' | '■' | '∗' | '\u{30FB}' => '*',
        '\u{2028}' | '\u{2029}' => ' ',
        char if char.is_control() => ' ',
        char => digit(char).unwrap_or(char),
    }
}

fn digit(char: char) -> Option<char> {
    let code = u32::from(char);
    let zero = ZEROS.get(ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?)?;
    char::from_digit(code - zero, 10)
}

/// What is invisible, or only says how its neighbours are shown.
const fn is_ignorable(char: char) -> bool {
    matches!(char,
        '\u{AD}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}' | '\u{115F}' | '\u{1160}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Decodes what stands for a space or ASCII punctuation in a URL. Nothing decoded can be part of another code.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..2).filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let char = code.and_then(|code| u8::from_str_radix(code, 16).ok()).map(char::from);
        match char.filter(|char| *char == ' ' || char.is_ascii_punctuation() && *char != '%') {
            Some(char) => {
                out.push(char);
                out.push_str(part.get(2..).unwrap_or_default());
            }
            None => {
                out.push('%');
                out.push_str(part);
            }
        }
    }
    Cow::Owned(out)
}
