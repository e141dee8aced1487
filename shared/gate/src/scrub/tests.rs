#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use proptest::prelude::*;
use serde_json::{Value, json};
use ulid::Ulid;

use super::*;

#[test]
fn what_looks_personal_is_masked_with_the_words_it_is_part_of() {
    for (text, expected) in [
        // Cards: no number of anybody, with and without a right check digit.
        ("card 4000001234567899 declined", "card *** declined"),
        ("4000 0012 3456 7899", "***"),
        ("4000-0012-3456-7899.", "***."),
        ("[4000,0012,3456,7899]", "[***]"),
        ("4000/0012/3456/7899", "***"),
        ("4000:0012:3456:7899 at 5", "*** at 5"),
        ("4000001234567890", "***"),
        ("３０００００１２３４５６７８９０", "***"),
        ("٤٠٠٠٠٠١٢٣٤٥٦٧٨٩٩", "***"),
        ("४०००-००१२-३४५६-७८९९", "***"),
        ("4\u{200b}0\u{200b}0\u{301}00012\u{ad}3456\u{feff}7899", "***"),
        ("4️⃣0️⃣0️⃣0️⃣0️⃣1️⃣2️⃣3️⃣4️⃣", "***"),
        // Accounts, phones and references.
        ("no account 123456789", "no account ***"),
        ("a/c 000123456789012345 of", "a/c *** of"),
        ("\"123456789\"", "\"***\""),
        ("123 456 789", "***"),
        ("+91 00000 12345", "+***"),
        ("+91-0000012345", "+***"),
        ("(+91) 00000-12345", "(+***"),
        ("+1 (555) 010-0199 x", "+***"),
        ("tel:00000012345;", "tel:***;"),
        ("00000.12345", "***"),
        ("00000–12345", "***"),
        ("00000%2012345 and %2B910000012345", "*** and %***"),
        ("call0000012345now", "***"),
        ("SBINN00002025010112345", "***"),
        ("ref HDFCR00001234567890123, ok", "ref ***, ok"),
        ("UPI/DR/400000123456/SHOP", "UPI/DR/***/SHOP"),
        ("T_400000123456", "T_***"),
        ("1 2 3 4 5 6 7 8 9a00000 12345", "***"),
        ("2026-01-02 0000012345", "2026-01-02 ***"),
        ("arn:aws:sqs:eu-central-1:123456789012:queue", "arn:aws:sqs:eu-central-1:***:queue"),
        // Digits behind hidden ones.
        ("XX1234", "***"),
        ("XX123", "***"),
        ("A/cXX1234 debited", "A/*** debited"),
        ("a/c X1234", "a/c ***"),
        ("xxxx-1234", "***"),
        ("XXXX XXXX XXXX 1234", "***"),
        ("400000XXXXXX1234", "***"),
        ("4000 00XX XXXX 1234", "***"),
        ("*1234", "***"),
        ("****0042", "***"),
        ("••••0042", "***"),
        ("**** **** **** 0042", "***"),
        // Addresses.
        ("no mail to jane.doe+x@example.com today", "no mail to *** today"),
        ("<jane@example.com>", "<***>"),
        ("jane＠example．com", "***"),
        ("jane%40example.com", "***"),
        ("\"jane doe\"@example.com", "\"***"),
        ("paid janedoe@okbank, thanks", "paid ***, thanks"),
        ("0000012345@okbank", "***"),
        ("00000 12345@okbank", "***"),
        ("jane.0000012345@okbank", "***"),
    ] {
        assert_eq!(scrub(text), expected, "{text}");
    }
}

#[test]
fn a_check_digit_is_right_or_wrong() {
    for (digits, right) in [("4000001234567899", true), ("4000001234567898", false), ("79927398713", true), ("0", true)]
    {
        let mut check = Check::default();
        digits.bytes().for_each(|digit| check.add(digit));
        assert_eq!(check.holds(), right, "{digits}");
    }
}

#[test]
fn what_an_operator_looks_things_up_by_survives() {
    for text in [
        "",
        "DynamoDB",
        "01JV8ZQ4X1234567890ABCDEFG",
        "the task 01JV8ZQ4X1234567890ABCDEFG is gone",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-12345678901234567890123456789a12-123456789012345f-00",
        "request 6a0b9a5c-1234-4123-8123-123456789012 failed",
        "VV4KQNSO5AEMVJF66Q9ASUAAJG012345678901234567890123AB",
        "2026-01-02T03:04:05.123456789Z",
        "2026-01-02T03:04:05Z, 2026-01-02T03:04:05+05:30",
        "2026-01-02 03:04:05.123456 +00:00",
        "from 2026-01-02 03:04 to 2026-01-03",
        "2026-01-02/2026-01-03",
        "timed out after 1.234567891s",
        "took 250ms, 12.345678ms and 3.1\u{3bc}s",
        "tcp connect error: 127.0.0.1:45678",
        "192.168.100.200",
        "service error: ThrottlingException: Rate exceeded (status 400, attempt 3)",
        "line 1 column 12345678",
        "src/handler.rs:1234",
        "ProvisionedThroughputExceededException",
        "palisade-test-objects",
        "query-readings",
        "maintenance:read",
        "x86_64-unknown-linux-gnu",
        "an X509 certificate of 2048 bits",
        "max 1234, 3 x 404, 0x1234, 2xx 4xx 5xx",
        "https://sqs.eu-central-1.amazonaws.com/queue",
        "Émile ate a 日本語 menu",
        "*** was here 404",
        "@scope and a @ b",
        "say \"hello\"\n\tand go",
    ] {
        assert_eq!(scrub(text), text);
    }
}

#[test]
fn a_number_is_not_spared_for_looking_a_little_like_what_is() {
    for text in [
        "00-40000012345678994000001234567899-00f067aa0ba902b7-01",
        "40000012-3456-4789-9400-000123456789",
        "01234567890123456789012345",
        "4000001234567899400000123456789940000012345678994000001234567899",
        "2026-13-02-4000001",
        "12345.123456789s",
        "256.100.100.100",
        "10.10.10.10.10",
    ] {
        let scrubbed = scrub(text);
        assert!(scrubbed.contains(MASK), "{scrubbed}");
        assert!(scrubbed.bytes().filter(u8::is_ascii_digit).count() <= 20, "{scrubbed}");
    }
}

#[test]
fn a_line_is_scrubbed_in_its_values_and_nothing_else() {
    let written = json!({
        "_aws": {"Timestamp": 1_767_323_045_123_i64, "CloudWatchMetrics": [{"Namespace": "Palisade"}]},
        "cause": "no account 123456789012 of \"jane@example.com\"",
        "list": ["0000012345", 5, null, true, 1.5],
        "123456789012": "a key is ours",
        "kid": "012345678901",
        "tenant": "123456789012",
    });
    let line = String::from_utf8(line(&written).unwrap()).unwrap();
    assert!(line.ends_with("}\n") && line.matches('\n').count() == 1, "{line}");
    let read: Value = serde_json::from_str(&line).unwrap();
    let expected = json!({
        "_aws": {"Timestamp": 1_767_323_045_123_i64, "CloudWatchMetrics": [{"Namespace": "Palisade"}]},
        "cause": "no account *** of \"***\"",
        "list": ["***", 5, null, true, 1.5],
        "123456789012": "a key is ours",
        "kid": "012345678901",
        "tenant": "***",
    });
    assert_eq!(read, expected);
}

#[test]
fn no_text_ends_the_line_or_moves_the_cursor() {
    let written =
        json!({"cause": "a\r\nb\u{2028}c\u{2029}d\u{85}e\u{1b}[31mf\u{9b}g\u{7f}h\u{202e}i\u{b}\u{c}\u{8}\t\"\\"});
    let line = String::from_utf8(line(&written).unwrap()).unwrap();
    let plain = |char: char| char == ' ' || char.is_ascii_graphic();
    assert!(line.trim_end_matches('\n').chars().all(plain), "{line:?}");
    let read: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(read["cause"], "a\r\nb c d e\u{1b}[31mf g hi\u{b}\u{c}\u{8}\t\"\\");
}

/// `digits`, each in one of many scripts, with one of many separators after every so many.
fn written(digits: &str, scripts: &[usize], every: usize, separator: &str) -> String {
    let zeros = ['0', '０', '٠', '०', '০', '௦', '𝟎', '𑁦'];
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && index % every == 0 {
            out.push_str(separator);
        }
        let zero = u32::from(zeros[scripts[index % scripts.len()] % zeros.len()]);
        out.push(char::from_u32(zero + digit.to_digit(10).unwrap()).unwrap());
    }
    out
}

/// With the digit that makes the check right.
fn card_number(digits: &str) -> String {
    let with = |check: u8| format!("{digits}{check}");
    let holds = |card: &String| {
        let mut check = Check::default();
        card.bytes().for_each(|digit| check.add(digit));
        check.holds()
    };
    (0..10).map(with).find(holds).unwrap()
}

fn shows(scrubbed: &str, digits: &str) -> bool {
    let left: String = scrubbed.chars().filter(char::is_ascii_digit).collect();
    (0..=digits.len() - 5).any(|at| left.contains(&digits[at..at + 5]))
}

/// Text around a number, which has no digits of its own.
const AROUND: &str = "[^\\p{N}]{0,20}";
const SEPARATORS: &str = " |-|\\.| - |\\) |\u{200b}|\u{a0}|\u{2011}|\u{301}|_|\t|%20|";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_number_is_legible_afterwards(
        digits in "[0-9]{9,18}",
        scripts in prop::collection::vec(0usize..8, 1..6),
        every in 1usize..8,
        separator in SEPARATORS,
        before in AROUND,
        after in AROUND,
    ) {
        let text = format!("{before}{}{after}", written(&digits, &scripts, every, &separator));
        let scrubbed = scrub(&text);
        prop_assert!(!shows(&scrubbed, &digits), "{text:?} {scrubbed:?}");
    }

    #[test]
    fn no_card_is_legible_whatever_stands_between(
        digits in "[0-9]{12,18}",
        scripts in prop::collection::vec(0usize..8, 1..6),
        every in 3usize..7,
        separator in "[ -$&-)+-/:;<-?\\[-_{-~]{1,3}",
        before in AROUND,
        after in AROUND,
    ) {
        let card = card_number(&digits);
        let text = format!("{before} {} {after}", written(&card, &scripts, every, &separator));
        let scrubbed = scrub(&text);
        prop_assert!(!shows(&scrubbed, &card), "{text:?} {scrubbed:?}");
    }

    #[test]
    fn no_address_is_legible_afterwards(
        local in "[a-z][a-z0-9._+-]{4,12}",
        at in "@|＠|﹫|%40|\u{200b}@",
        domain in "[a-z]{2,8}(\\.com)?",
        before in "\\PC{0,20}",
        after in "\\PC{0,20}",
    ) {
        let text = format!("{before}{local}{at}{domain}{after}");
        let scrubbed = scrub(&text);
        prop_assert!(!scrubbed.contains(&local), "{text:?} {scrubbed:?}");
    }

    #[test]
    fn what_is_scrubbed_stays_as_it_is(
        text in prop_oneof!["(?s).{0,60}", "[0-9Xx*@ .,:%Tsaf\"()/-]{0,60}", "([0-9]{1,4}|[ .@*X%40\"-]|ab|2026-01-02){0,20}"],
    ) {
        let once = scrub(&text).into_owned();
        prop_assert_eq!(scrub(&once), &*once, "{:?}", text);
    }

    #[test]
    fn what_is_looked_up_always_survives(
        milliseconds in 1_200_000_000_000_u64..2_190_000_000_000,
        random in any::<u128>(),
        hex in "[0-9a-f]{20}[a-f][0-9a-f]{43}",
        uuid in "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[ab][0-9a-f]{3}-[0-9a-f]{12}",
        trace in "00-[a-f][0-9a-f]{31}-[0-9a-f]{15}[a-f]-0[01]",
        aws in "[A-Z][0-9A-Z]{51}",
        nanoseconds in -1_000_000_000_000_000_000_i128..1_900_000_000_000_000_000,
        kid in "[0-9]{2}[0-9A-Za-z]{10}",
    ) {
        let ulid = Ulid::from_parts(milliseconds, random).to_string();
        prop_assume!(ulid.bytes().any(|byte| byte.is_ascii_alphabetic()));
        let time = jiff::Timestamp::from_nanosecond(nanoseconds.max(0)).unwrap().to_string();
        let text = format!("{ulid} {hex} ({uuid}): {trace}, {aws} at {time}");
        prop_assert_eq!(scrub(&text), &*text);
        let line = line(&json!({"kid": kid, "z": ulid})).unwrap();
        prop_assert_eq!(serde_json::from_slice::<Value>(&line).unwrap(), json!({"kid": kid, "z": ulid}));
    }
}

#[test]
fn no_text_takes_long() {
    let began = std::time::Instant::now();
    for part in
        ["xx ", "1 a ", "1,", "*", "@", "\"@", "\"a\"@b", "%", "%40", "X1", "1.1.", "2026-01-02 ", "\u{301}", "12-ab"]
    {
        scrub(&part.repeat(20_000));
    }
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
}
