//! Locations and metadata. The layout stands in [`segment`](super).

use std::collections::{BTreeMap, HashMap, hash_map::Entry};
use std::hash::Hash;

use super::{
    MAX_READINGS, SegmentError,
    wire::{Reader, put_length, put_text},
};
use crate::{
    raw::{LONGEST_LOCATION, LONGEST_NOTE, MOST_NOTES},
    reading::Reading,
};

const BYTES_OF_ONE: usize = char::MAX_LEN_UTF8 * (LONGEST_LOCATION + 2 * LONGEST_NOTE * MOST_NOTES) + 16 * MOST_NOTES;
/// More than the longest section of readings that are within their limits.
pub(super) const MAX_BYTES: usize = MAX_READINGS * BYTES_OF_ONE;

/// What one reading carries besides numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    pub(super) location: Option<String>,
    pub(super) metadata: BTreeMap<String, String>,
}

/// Distinct things in the order of their first appearance.
struct Dictionary<T> {
    places: HashMap<T, usize>,
    entries: Vec<T>,
}

impl<T: Copy + Eq + Hash> Dictionary<T> {
    fn new() -> Self {
        Self { places: HashMap::new(), entries: Vec::new() }
    }

    fn place(&mut self, entry: T) -> usize {
        match self.places.entry(entry) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                self.entries.push(entry);
                *new.insert(self.entries.len() - 1)
            }
        }
    }
}

/// The section; empty when no reading has notes.
pub(super) fn encode(readings: &[&Reading]) -> Vec<u8> {
    if readings.iter().all(|reading| reading.location.is_none() && reading.metadata.is_empty()) {
        return Vec::new();
    }
    let mut texts = Dictionary::new();
    let mut maps = Dictionary::new();
    let mut columns = Vec::with_capacity(4 * readings.len());
    for reading in readings {
        put_length(&mut columns, reading.location.as_deref().map_or(0, |location| 1 + texts.place(location)));
    }
    let indices: Vec<usize> = readings
        .iter()
        .map(|reading| if reading.metadata.is_empty() { 0 } else { 1 + maps.place(&reading.metadata) })
        .collect();
    put_length(&mut columns, maps.entries.len());
    for map in maps.entries {
        put_length(&mut columns, map.len());
        for (key, value) in map {
            put_length(&mut columns, texts.place(key));
            put_length(&mut columns, texts.place(value));
        }
    }
    for index in indices {
        put_length(&mut columns, index);
    }
    let mut section = Vec::with_capacity(2 * columns.len());
    put_length(&mut section, texts.entries.len());
    for text in texts.entries {
        put_text(&mut section, text);
    }
    section.append(&mut columns);
    section
}

/// Reads the notes of `count` readings.
pub(super) fn decode(section: &[u8], count: usize) -> Result<Vec<Notes>, SegmentError> {
    let mut reader = Reader::new(section);
    let texts = many(&mut reader, |reader| reader.text(LONGEST_NOTE))?;
    let locations: Result<Vec<Option<&str>>, _> =
        (0..count).map(|_| Ok(place(&mut reader, &texts)?.copied())).collect();
    let locations = locations?;
    let maps = many(&mut reader, |reader| {
        (0..reader.length(MOST_NOTES)?)
            .map(|_| {
                let key = *entry(&texts, reader.length(texts.len())?)?;
                let value = *entry(&texts, reader.length(texts.len())?)?;
                Ok((key, value))
            })
            .collect::<Result<BTreeMap<&str, &str>, SegmentError>>()
    })?;
    let notes: Result<Vec<Notes>, _> = locations
        .into_iter()
        .map(|location| {
            let map = place(&mut reader, &maps)?;
            let owned = |(key, value): (&&str, &&str)| ((*key).to_owned(), (*value).to_owned());
            let metadata = map.map(|map| map.iter().map(owned).collect()).unwrap_or_default();
            Ok(Notes { location: location.map(str::to_owned), metadata })
        })
        .collect();
    reader.finish()?;
    notes
}

/// A count and as many things. Each takes a byte at least, so memory is bounded by the section.
fn many<'a, T>(
    reader: &mut Reader<'a>,
    mut one: impl FnMut(&mut Reader<'a>) -> Result<T, SegmentError>,
) -> Result<Vec<T>, SegmentError> {
    (0..reader.length(reader.left())?).map(|_| one(reader)).collect()
}

/// The entry that is referred to, if any: zero is none, others are one more than the place.
fn place<'t, T>(reader: &mut Reader<'_>, entries: &'t [T]) -> Result<Option<&'t T>, SegmentError> {
    match reader.length(entries.len())?.checked_sub(1) {
        Some(place) => entry(entries, place).map(Some),
        None => Ok(None),
    }
}

fn entry<T>(entries: &[T], place: usize) -> Result<&T, SegmentError> {
    entries.get(place).ok_or(SegmentError::Malformed("a reference points nowhere"))
}
