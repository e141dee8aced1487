//! What may be shown of personal values.

/// How many characters of a number are shown.
const SHOWN: usize = 4;
/// Shorter runs of digits in a name are part of the name: `24x7`, `7 Eleven`.
const SHORTEST_NUMBER: usize = 5;

/// The last four letters and digits of a number or reference, after what says that there may be more.
#[must_use]
pub fn masked(value: &str) -> String {
    let plain: Vec<char> = value.chars().filter(|character| character.is_alphanumeric()).collect();
    let shown = if plain.len() < SHOWN { plain.len().div_ceil(2) } else { SHOWN };
    let tail: String = plain.iter().skip(plain.len() - shown).collect();
    format!("**{tail}")
}

/// A name, with the numbers in it masked: some names are telephone or account numbers.
#[must_use]
pub fn name_without_numbers(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    let mut digits = String::new();
    for character in name.chars().map(Some).chain([None]) {
        match character {
            Some(digit) if digit.is_numeric() => digits.push(digit),
            other => {
                let long = digits.chars().count() >= SHORTEST_NUMBER;
                shown.push_str(&if long { masked(&digits) } else { digits.clone() });
                digits.clear();
                shown.extend(other);
            }
        }
    }
    shown
}

/// The other side's address: the number masked, or of a payment address only the part that names the bank.
#[must_use]
pub fn masked_address(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((_, bank)) => format!("**@{bank}"),
        None => masked(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_number_only_its_end_is_shown() {
        let cases = [("436715", "**6715"), ("XX1234", "**1234"), ("1234", "**1234"), ("SBIN-5202 5021", "**5021")];
        for (value, shown) in cases {
            assert_eq!(masked(value), shown, "{value}");
        }
        // What is too short to have an end shows less.
        assert_eq!((masked("123").as_str(), masked("7").as_str(), masked("").as_str()), ("**23", "**7", "**"));
    }

    #[test]
    fn a_name_keeps_its_letters_and_loses_its_numbers() {
        assert_eq!(name_without_numbers("7 Eleven 24x7"), "7 Eleven 24x7");
        assert_eq!(name_without_numbers("9000000000 axl"), "**0000 axl");
        assert_eq!(name_without_numbers("604417733920"), "**3920");
    }

    #[test]
    fn of_a_payment_address_only_the_bank_is_shown() {
        assert_eq!(masked_address("raju.k@okbank"), "**@okbank");
        assert_eq!(masked_address("xxxxxxx8305"), "**8305");
    }
}
