//! How long messages take to read: usual ones, and the longest that are accepted.

#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::{Timestamp, tz::TimeZone};
use kernel::Secret;
use ledger::{Channel, Message, read};

fn message(channel: Channel, text: String) -> Message {
    Message { channel, text: Secret::new(text), sender: Some(Secret::new("AD-HDFCBK".to_owned())), received_at: None }
}

fn long(piece: &str) -> String {
    piece.chars().cycle().take(4096 / piece.chars().next().map_or(1, char::len_utf8)).collect()
}

fn reading(criterion: &mut Criterion) {
    let sms = |text: &str| message(Channel::Sms, text.to_owned());
    let email = "<html><body><p>Dear Customer,</p><p>Thank you for using your HDFC Bank Credit Card ending <b>7788</b> \
        for <b>Rs 1,499.00</b> at <b>Canvas &amp; Co</b> on 05-03-2026.</p></body></html>";
    let messages = [
        (
            "account",
            sms(
                "ICICI Bank Acct XX417 debited for Rs 615.50 on 11-Jan-26; NILGIRI TIFFIN credited. UPI: 601133557799. \
            Call 18000000 if this was not you. SMS BLOCK 417 to 9000000000",
            ),
        ),
        (
            "card",
            sms("Rs.6175 spent on HDFC Bank Card x2477 at ..CORNER BAKERY_ on 2024-11-13:17:18:38.Not U? To Block & \
            Reissue Call 18000000000/SMS BLOCK CC 2477 to 9000000000"),
        ),
        (
            "otp",
            sms(
                "123987 is the OTP for txn of INR 1,299.00 at PEBBLEMART on your HDFC Bank Card ending 7788. Valid till \
            10:15. Do not share OTP with anyone.",
            ),
        ),
        ("email", message(Channel::Email, email.to_owned())),
        ("long of verbs", sms(&long("Rs 5 debited "))),
        ("long of slots", sms(&long("at to by XX12 UPI/a/"))),
        ("long of digits", sms(&long("1"))),
        ("long of masks", sms(&long("xX*-"))),
        ("long of addresses", sms(&long("a.b@c "))),
        ("long of clusters", sms(&long("\u{301}"))),
        ("long of tags", message(Channel::Email, long("<a<!--&#"))),
    ];
    let now: Timestamp = "2026-03-10T06:30:00Z".parse().unwrap();
    let zone = TimeZone::get("Asia/Kolkata").unwrap();
    for (name, message) in &messages {
        criterion.bench_function(name, |bencher| bencher.iter(|| read(black_box(message), now, &zone)));
    }
}

criterion_group!(benches, reading);
criterion_main!(benches);
