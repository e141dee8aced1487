//! What stays the same of a merchant's name from one message to the next.

use unicode_normalization::UnicodeNormalization;

/// Endings that a business has in some messages and not in others.
const ENDINGS: [&str; 12] =
    ["co", "com", "company", "corp", "in", "inc", "limited", "llp", "ltd", "private", "pvt", "www"];

/// The letters and digits of a name in lower case, without the words at its end that are references (those with a digit)
/// or say what kind of company it is; nothing when it has none.
pub(super) fn key(name: &str) -> Option<String> {
    let folded: String = name.nfkc().flat_map(char::to_lowercase).collect();
    let words: Vec<&str> =
        folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let idle = |word: &&&str| ENDINGS.contains(word) || word.chars().any(char::is_numeric);
    let ending = words.iter().rev().take_while(idle).count();
    // A name that is nothing else is kept whole.
    let kept = if ending == words.len() { words.len() } else { words.len() - ending };
    let key: String = words.into_iter().take(kept).collect();
    (!key.is_empty()).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_merchant_has_the_same_key_however_it_is_written() {
        for (name, expected) in [
            ("Netflix", Some("netflix")),
            ("NETFLIX.COM", Some("netflix")),
            ("netflix com 8862*44", Some("netflix")),
            ("ACME Software Pvt. Ltd.", Some("acmesoftware")),
            ("Ｎｅｔｆｌｉｘ", Some("netflix")),
            ("7-Eleven 0042", Some("7eleven")),
            ("24x7", Some("24x7")),
            ("दूध वाला", Some("दूधवाला")),
            (" -- ", None),
        ] {
            assert_eq!(key(name).as_deref(), expected, "{name}");
        }
    }
}
