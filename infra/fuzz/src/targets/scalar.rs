//! Values that are one text.

use jiff::Timestamp;
use kernel::{Identifier, Money, RequestId, Scope, Zone, parse_timestamp};
use maintenance::work::Clock;
use manifest::{Digest, Version};

/// The first byte says which. What is taken is spelled as described, and its own spelling reads back the same.
pub fn scalar(bytes: &[u8]) -> bool {
    let Some((kind, rest)) = bytes.split_first() else { return false };
    let Ok(text) = str::from_utf8(rest) else { return false };
    match kind {
        b't' => timestamp(text),
        b'm' => money(text),
        b'i' => {
            let taken = Identifier::parse(text).ok();
            assert_eq!(taken.as_deref(), plain(text, ":._-").then_some(text));
            let request = RequestId::accept(text);
            assert_eq!(request.as_deref(), plain(text, "._-").then_some(text));
            taken.is_some()
        }
        b'd' => Digest::parse(text).is_ok_and(|digest| same(&digest.to_string(), text)),
        b'v' => text.parse::<Version>().is_ok_and(|version| same(&version.to_string(), text)),
        b's' => text.parse::<Scope>().is_ok_and(|scope| same(scope.as_str(), text)),
        b'c' => Clock::parse(text).is_some_and(|clock| {
            let minutes = clock.minutes();
            assert!(minutes <= 24 * 60);
            same(&format!("{:02}:{:02}", minutes / 60, minutes % 60), text)
        }),
        b'z' => Zone::parse(text).is_some_and(|zone| {
            let again = Zone::parse(zone.name()).unwrap();
            assert!(zone.name().eq_ignore_ascii_case(text));
            same(again.name(), zone.name())
        }),
        _ => false,
    }
}

fn same(one: &str, other: &str) -> bool {
    assert_eq!(one, other);
    true
}

fn plain(text: &str, others: &str) -> bool {
    (1..=64).contains(&text.len()) && text.chars().all(|char| char.is_ascii_alphanumeric() || others.contains(char))
}

/// Every part of a time that is taken is one that a clock or calendar shows, and the time is that of a library which
/// takes more. Only the last day of all, which the library cannot tell, may be another.
fn timestamp(text: &str) -> bool {
    let Some(time) = parse_timestamp(text) else { return false };
    let number = |from: usize, to: usize| text[from..to].parse::<u32>().unwrap();
    assert!((1..=12).contains(&number(5, 7)) && (1..=31).contains(&number(8, 10)), "{text}");
    assert!(number(11, 13) < 24 && number(14, 16) < 60 && number(17, 19) <= 60, "{text}");
    assert!(text.len() <= 35 && text.is_ascii(), "{text}");
    match text.parse::<Timestamp>() {
        Ok(expected) => assert_eq!(time, expected),
        Err(_) => assert!(text.starts_with("9999-12-3") && time == Timestamp::MAX, "{text}"),
    }
    assert_eq!(parse_timestamp(&time.to_string()), Some(time));
    true
}

fn money(text: &str) -> bool {
    let Ok(money) = serde_json::from_str::<Money>(text) else { return false };
    let written = serde_json::to_string(&money).unwrap();
    assert_eq!(serde_json::from_str::<Money>(&written).unwrap(), money);
    let amount = money.value().to_string();
    let (whole, places) =
        amount.trim_start_matches('-').split_once('.').unwrap_or((amount.trim_start_matches('-'), ""));
    assert!((1..=15).contains(&whole.len()) && places.len() <= 4, "{amount}");
    assert!(money.currency().as_str().bytes().all(|byte| byte.is_ascii_uppercase()));
    true
}
