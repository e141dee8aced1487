//! What a reader sees of HTML: no tags, no comments, no scripts and styles, and entities as what they stand for.
//!
//! Not a parser of HTML: what is malformed is read as text. Every byte is looked at a bounded number of times.

use super::text::Text;

/// The longest entity that is looked for, with its `&` and `;`.
const LONGEST_ENTITY: usize = 12;

/// The text that is seen.
pub(super) fn seen(text: &str) -> Text<'_> {
    let mut out = Text::empty(text.len());
    let mut at = 0;
    // Once a closing mark was sought in vain, it is not there for what follows either.
    let mut closable = true;
    while let Some(rest) = text.get(at..)
        && let Some(first) = rest.chars().next()
    {
        let tag = if first == '<' && closable { tag(rest) } else { Tag::None };
        let length = match tag {
            Tag::Some { length, written } => {
                out.push(written, &(at..at + length));
                length
            }
            Tag::Unclosed => {
                closable = false;
                out.push("<", &(at..at + 1));
                1
            }
            Tag::None => match entity(rest) {
                Some((length, character)) => {
                    out.push(character.encode_utf8(&mut [0; 4]), &(at..at + length));
                    length
                }
                None => {
                    let length = first.len_utf8();
                    out.push(first.encode_utf8(&mut [0; 4]), &(at..at + length));
                    length
                }
            },
        };
        at += length;
    }
    out
}

enum Tag {
    None,
    Unclosed,
    Some { length: usize, written: &'static str },
}

/// The tag that `rest` begins with; a script and a style are one with all they hold.
fn tag(rest: &str) -> Tag {
    if rest.starts_with("<!--") {
        return rest.find("-->").map_or(Tag::Unclosed, |end| Tag::Some { length: end + 3, written: "" });
    }
    let name = rest.get(1..).unwrap_or_default();
    let name = name.strip_prefix(['/', '!', '?']).unwrap_or(name);
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return Tag::None;
    }
    let Some(end) = rest.find('>') else { return Tag::Unclosed };
    let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let hidden = ["script", "style", "title"].into_iter().find(|hidden| name.eq_ignore_ascii_case(hidden));
    if let Some(hidden) = hidden
        && !rest.starts_with("</")
    {
        return Tag::Some { length: until_closed(rest, hidden), written: " " };
    }
    let is = |names: &[&str]| names.iter().any(|one| name.eq_ignore_ascii_case(one));
    let written = if is(&["b", "i", "u", "em", "strong", "span", "font", "a", "small"]) {
        ""
    } else if is(&["td", "th", "img", "input"]) {
        " "
    } else {
        "\n"
    };
    Tag::Some { length: end + 1, written }
}

/// The length of an element that is not shown, up to the end of the text if it is not closed.
fn until_closed(rest: &str, name: &str) -> usize {
    let mut from = 0;
    while let Some(found) = rest.get(from..).and_then(|rest| rest.find("</")) {
        let after = from + found + 2;
        let closes = rest.get(after..after + name.len()).is_some_and(|there| there.eq_ignore_ascii_case(name));
        if closes {
            return rest.get(after..).and_then(|rest| rest.find('>')).map_or(rest.len(), |end| after + end + 1);
        }
        from = after;
    }
    rest.len()
}

/// The entity that `rest` begins with: its length, and what it stands for.
fn entity(rest: &str) -> Option<(usize, char)> {
    let inner = rest.strip_prefix('&')?;
    let end = inner.bytes().take(LONGEST_ENTITY).position(|byte| byte == b';')?;
    let name = inner.get(..end)?;
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" | "rsquo" | "lsquo" => '\'',
        "nbsp" | "ensp" | "emsp" | "thinsp" => ' ',
        "ndash" | "mdash" | "minus" => '-',
        "bull" | "middot" => '*',
        "pound" => '£',
        "euro" => '€',
        "yen" => '¥',
        "dollar" => '$',
        "colon" => ':',
        "commat" => '@',
        "ast" => '*',
        _ => {
            let number = name.strip_prefix('#')?;
            let value = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(value.ok()?).filter(|character| *character != '\0')?
        }
    };
    Some((end + 2, character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_shown_is_read() {
        for (html, shown) in [
            ("<p>Rs.<b>500</b> debited</p>", "\nRs.500 debited\n"),
            ("<td>Amount</td><td>&#8377;&nbsp;20</td>", " Amount  ₹ 20 "),
            ("a<style>p > b {}</style>b<SCRIPT>if (a </ b) x</Script >c", "a b c"),
            ("a <!-- no <b> --> b", "a  b"),
            ("1 < 2 &amp;&lt;3 &unknown; & <b", "1 < 2 &<3 &unknown; & <b"),
            ("x <style>never closed", "x  "),
        ] {
            assert_eq!(seen(html).clean, shown, "{html}");
        }
    }

    #[test]
    fn what_is_shown_points_to_what_arrived() {
        let html = "<b>&#x20b9;</b>5";
        assert_eq!(html.get(seen(html).origin(&(0..4))), Some("&#x20b9;</b>5"));
        assert_eq!(html.get(seen(html).origin(&(0..3))), Some("&#x20b9;"));
    }
}
