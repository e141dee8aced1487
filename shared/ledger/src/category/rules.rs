//! What the words of a message say a payment was for, whoever got it.

use std::sync::LazyLock;

use super::{Category, phrases::Phrases, tables::Label};

/// A line is a rule: which way the money must have moved, category, kind, and the phrases that say so. Of several
/// phrases in a message that of the first line counts. The line with dashes holds what looks like such a phrase and
/// says nothing: what cards and accounts are called, offers, and what banks write under every message.
pub(super) const RULES: &str = include_str!("rules.tsv");

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    In,
    Out,
    Either,
}

#[derive(Clone, Copy)]
struct Rule {
    line: usize,
    way: Way,
    label: Option<Label>,
}

static PHRASES: LazyLock<Phrases<Rule>> = LazyLock::new(|| {
    let rule = |(line, text): (usize, &'static str)| {
        rule(line, text).map(|(rule, phrases)| phrases.map(move |phrase| (phrase, rule)))
    };
    Phrases::new(RULES.lines().enumerate().filter_map(rule).flatten())
});

/// The rule of a line, and its phrases. A test holds every line to be one.
fn rule(line: usize, text: &'static str) -> Option<(Rule, impl Iterator<Item = &'static str>)> {
    let mut columns = text.split('\t');
    let way = match columns.next()? {
        "in" => Way::In,
        "out" => Way::Out,
        "either" => Way::Either,
        _ => return None,
    };
    let label = match (columns.next()?, columns.next()?) {
        ("-", "-") => None,
        (category, kind) => Some((Category::named(category)?, kind)),
    };
    Some((Rule { line, way, label }, columns.next()?.split("; ")))
}

/// What `words`, those of a whole message, say of money that has come in (`inward`) or gone out.
pub(super) fn of_message(words: &str, inward: bool) -> Option<Label> {
    let fits = |rule: &Rule| rule.way == Way::Either || (rule.way == Way::In) == inward;
    let rules = PHRASES.among(words).map(|found| found.value).filter(|rule| rule.label.is_some() && fits(rule));
    rules.min_by_key(|rule| rule.line)?.label
}

static REFUNDS: LazyLock<Phrases<()>> = LazyLock::new(|| {
    let words = ["chargeback", "refund", "refunded", "refunds", "reversal", "reversed", "returned"];
    Phrases::new(words.map(|word| (word, ())))
});

/// Whether the message tells of money that comes back.
pub(super) fn is_refund(words: &str) -> bool {
    REFUNDS.among(words).next().is_some()
}

static TRANSFERS: LazyLock<Phrases<()>> = LazyLock::new(|| {
    let words = ["money sent", "own account", "own a c", "p 2 a", "p 2 p", "self", "tpt", "transfer", "transferred"];
    Phrases::new(words.map(|word| (word, ())))
});

/// Whether the words tell of a transfer.
pub(super) fn is_transfer(words: &str) -> bool {
    TRANSFERS.among(words).next().is_some()
}

/// The labels and phrases of each rule.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = (Option<Label>, Vec<&'static str>)> {
    let rules = RULES.lines().enumerate().filter_map(|(line, text)| rule(line, text));
    rules.map(|(rule, phrases)| (rule.label, phrases.collect()))
}
