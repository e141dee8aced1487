//! How often the ledger tells the right category of a merchant that its dictionary does not know.
//!
//!     cargo run --release -p inference --example evaluate_categories -- infra/models/category_held_out.tsv
//!
//! Each line of the file is a name as messages write it, a tab and its category. Every name is told as paid by UPI,
//! so that it could be a person's.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{collections::BTreeMap, env, fs};

use inference::CategoryModel;
use jiff::Timestamp;
use kernel::{Currency, Money, Secret};
use ledger::{Found, Instrument, Kind, Parsed, Rail, Reason, TimeSource, categorise};
use manifest::{Bundle, Digest, Policy};

const MODEL: &[u8] = include_bytes!("../../../infra/models/category/model.onnx");
const MANIFEST: &[u8] = include_bytes!("../../../infra/models/category/manifest.json");
const SIGNATURE: &[u8] = include_bytes!("../../../infra/models/category/manifest.sig");
const KEY: &str = include_str!("../../../infra/models/release.pub");

fn found<T>(value: T) -> Found<T> {
    Found { value, span: 0..0, confidence: 1.0 }
}

fn paid(merchant: &str) -> Parsed {
    Parsed {
        amount: found(Money::new("1".parse().unwrap(), Currency::INR).unwrap()),
        kind: found(Kind::Debit),
        account: None,
        instrument: Some(found(Instrument::Upi)),
        rail: Some(found(Rail::Upi)),
        merchant: Some(found(Secret::new(merchant.to_owned()))),
        counterparty: None,
        reference: None,
        time: Timestamp::UNIX_EPOCH,
        time_source: TimeSource::Request,
        time_span: None,
        balance: None,
        limit: None,
    }
}

#[derive(Default)]
struct Count {
    right: u32,
    all: u32,
}

impl Count {
    fn add(&mut self, right: bool) {
        self.right += u32::from(right);
        self.all += 1;
    }

    fn print(&self, what: &str) {
        println!(
            "{what:24} {:4} of {:4}  {:.3}",
            self.right,
            self.all,
            f64::from(self.right) / f64::from(self.all.max(1))
        );
    }
}

fn main() {
    let policy = Policy::parse(KEY, "1.0.0", &Digest::of(MODEL).to_string()).unwrap();
    let model = CategoryModel::load(Bundle::verify(MANIFEST, SIGNATURE, MODEL, &policy).unwrap()).unwrap();
    let path = env::args().nth(1).expect("a file of names and categories");
    let (mut known, mut all, mut likeliest, mut told, mut sure) =
        (0, Count::default(), Count::default(), Count::default(), Count::default());
    let mut reasons = BTreeMap::<_, Count>::new();
    for line in fs::read_to_string(path).unwrap().lines() {
        let (name, category) = line.split_once('\t').unwrap();
        let mut guess = None;
        let found = categorise(&format!("Rs 1 paid to {name} by UPI"), &paid(name), |name| {
            guess = model.guess(name).ok();
            guess
        });
        if found.reason == Reason::Dictionary {
            known += 1;
            continue;
        }
        let right = found.category.name() == category;
        all.add(right);
        let unsure = found.reason == Reason::Unsure;
        likeliest.add(if unsure { guess.is_some_and(|guess| guess.category.name() == category) } else { right });
        if !unsure {
            told.add(right);
        }
        if found.confidence >= 0.7 {
            sure.add(right);
        }
        reasons.entry(format!("  {:?}", found.reason)).or_default().add(right);
        if !right {
            println!(
                "{name}: {category}, told {} ({:?}, {:.2})",
                found.category.name(),
                found.reason,
                found.confidence
            );
        }
    }
    println!("{known} names are in the dictionary; of the others:");
    all.print("as told");
    likeliest.print("likeliest");
    told.print("told, not unsure");
    sure.print("confidence from 0.7");
    reasons.iter().for_each(|(reason, count)| count.print(reason));
}
