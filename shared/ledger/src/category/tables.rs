//! What is known of merchants, words and people: files of this crate, read at first use.

use std::{collections::HashSet, hash::BuildHasherDefault, sync::LazyLock};

use super::{
    Category,
    phrases::{Fnv, Phrases},
};

pub(super) const MERCHANTS: &str = include_str!("merchants.tsv");
pub(super) const WORDS: &str = include_str!("words.tsv");
pub(super) const PEOPLE: &str = include_str!("people.txt");

/// A category and the kind of it.
pub(super) type Label = (Category, &'static str);

/// Merchants wherever they stand in a name.
pub(super) static DICTIONARY: LazyLock<Phrases<Label>> =
    LazyLock::new(|| Phrases::new(rows(MERCHANTS).filter(|(name, _)| !name.starts_with('='))));

/// Merchants with names that mean something else inside longer ones.
pub(super) static WHOLE_NAMES: LazyLock<Phrases<Label>> =
    LazyLock::new(|| Phrases::new(rows(MERCHANTS).filter_map(|(name, label)| Some((name.strip_prefix('=')?, label)))));

/// Words that say of a name what the business does.
pub(super) static TRADES: LazyLock<Phrases<Label>> = LazyLock::new(|| Phrases::new(rows(WORDS)));

/// Names that people have.
pub(super) static NAMES: LazyLock<HashSet<&'static str, BuildHasherDefault<Fnv>>> =
    LazyLock::new(|| PEOPLE.split_whitespace().collect());

/// Phrase, category and kind of each line. A test holds every line to be of that form.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, Label)> {
    table.lines().filter_map(|line| {
        let mut columns = line.split('\t');
        let (phrase, category, kind) = (columns.next()?, columns.next()?, columns.next()?);
        Some((phrase, (Category::named(category)?, kind)))
    })
}
