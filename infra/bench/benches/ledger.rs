//! Reading and categorising messages, on one core: what a message costs before anything is stored.

use std::{error::Error, path::Path};

use criterion::{Criterion, Throughput};
use inference::CategoryModel;
use jiff::{Timestamp, tz::TimeZone};
use kernel::Secret;
use ledger::{Channel, Message, categorise, read};
use manifest::{Bundle, Policy};

/// Messages as banks write them; of half of the payments the dictionary knows the merchant, of the others the model is
/// asked.
const MESSAGES: [&str; 8] = [
    "Rs.450.00 debited from A/c XX4321 on 07-03-26 to CHAI POINT. UPI Ref 123456789012. Avl Bal Rs.12,340.50",
    "INR 1,349.00 spent with Example Bank Card XX7310 on 11-Feb-26 at IND*Flipkart -. Available limit INR 2,06,112.40.",
    "Sent Rs.275.00\nFrom Example Bank A/C *5208\nTo QUIXOTRA VENTURES\nOn 19/01/26\nRef 604417733920",
    "Rs.2380 spent on Example Bank Card x9031 at ..ZEPHYRINE_ on 2026-01-22:19:44:05. Not U? Call 18000000000",
    "INR 48,250.00 deposited in A/c XX5208 on 28-FEB-26 for NEFT Cr-EXMP0004417-SALARY. Avl bal INR 60,913.77.",
    "123456 is your OTP for a payment of Rs.900 at SHOPKART. Do not share it with anyone.",
    "Dear Customer, your credit card bill of Rs.4,310 is due on 21-03-26. Pay in time to avoid late fees.",
    "Get a pre-approved loan of Rs.5,00,000 in minutes! T&C apply.",
];

fn main() -> Result<(), Box<dyn Error>> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    let bytes = |name: &str| std::fs::read(models.join(name));
    let model = bytes("category/model.onnx")?;
    let digest = sha256(&model);
    let policy = Policy::parse(&std::fs::read_to_string(models.join("release.pub"))?, "1.0.0", &digest)?;
    let (manifest, signature) = (bytes("category/manifest.json")?, bytes("category/manifest.sig")?);
    let model = CategoryModel::load(Bundle::verify(&manifest, &signature, &model, &policy)?)?;

    let now: Timestamp = "2026-03-07T10:30:00Z".parse()?;
    let messages = MESSAGES.map(|text| Message {
        channel: Channel::Sms,
        text: Secret::new(text.to_owned()),
        sender: Some(Secret::new("AD-EXMPLB".to_owned())),
        received_at: Some(now),
    });
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("messages");
    group.throughput(Throughput::Elements(MESSAGES.len() as u64));
    group.bench_function("read and categorised", |bencher| {
        bencher.iter(|| {
            for message in &messages {
                let reading = read(message, now, &TimeZone::UTC);
                let categorised = reading
                    .parsed
                    .as_ref()
                    .map(|parsed| categorise(message.text.reveal(), parsed, |name| model.guess(name).ok()));
                std::hint::black_box((reading, categorised));
            }
        });
    });
    group.finish();
    criterion.final_summary();
    Ok(())
}

fn sha256(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
