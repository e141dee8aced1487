//! Forms in which two spellings of the same are equal.

use kernel::Secret;
use unicode_normalization::UnicodeNormalization as _;

/// How many digits of an account two messages of a bank agree to show.
const COMPARED: usize = 4;

/// A message without what varies between two deliveries of it: letter case, width, white space.
#[must_use]
pub fn same_message(text: &str) -> Secret<String> {
    let folded: String = text.nfkc().flat_map(char::to_lowercase).collect();
    Secret::new(folded.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A name without what varies between two spellings of it: letter case, width, punctuation.
#[must_use]
pub fn same_merchant(name: &str) -> Secret<String> {
    let folded: String = name.nfkc().flat_map(char::to_lowercase).collect();
    let words = folded.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    Secret::new(words.collect::<Vec<_>>().join(" "))
}

/// The end of an account number, which is all that every message shows.
#[must_use]
pub fn same_account(number: &str) -> Secret<String> {
    let digits: Vec<char> = number.nfkc().filter(char::is_ascii_digit).collect();
    Secret::new(digits.iter().skip(digits.len().saturating_sub(COMPARED)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_message_is_the_same_however_it_is_delivered() {
        let one = same_message("Rs.500 debited  from A/c XX1234\n at CAFE");
        assert_eq!(one.reveal(), same_message(" rs.５00 Debited from a/c xx1234 at cafe ").reveal());
        assert_ne!(one.reveal(), same_message("Rs.501 debited from A/c XX1234 at CAFE").reveal());
    }

    #[test]
    fn the_same_merchant_is_the_same_however_it_is_spelled() {
        assert_eq!(same_merchant("IND*Amazon.in -").reveal(), same_merchant("ind amazon IN").reveal());
        assert_ne!(same_merchant("Amazon").reveal(), same_merchant("Amazon Pay").reveal());
    }

    #[test]
    fn an_account_is_the_same_by_its_end() {
        assert_eq!(same_account("436715").reveal(), same_account("XX6715").reveal());
        assert_eq!(same_account("810").reveal(), "810");
    }
}
