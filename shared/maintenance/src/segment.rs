//! Segments: how readings are stored.
//!
//! A segment holds readings of one sensor with one type and one unit, all within one hour, sorted
//! by time, no two at the same time. Whose sensor it is stands in the database key, not in here.
//!
//! # Layout, version 1
//!
//! `varint` is unsigned LEB128, `signed` is a varint of the zigzag form, fixed widths are
//! little-endian.
//!
//! ```text
//! header     u8        version, 1
//!            u8        sensor type
//!            varint    length of the unit in bytes, then the unit in UTF-8
//!            varint    count n of readings, 1 to 500
//!            i64       first time, nanoseconds since 1970
//!            varint    last time - first time
//!            f64       last value
//! samples    varint    length r of the section when inflated
//!            varint    length s of the section as stored; raw deflate when s < r, plain when s = r
//!            s bytes   times, values, qualities
//! notes      varint    length r of the section when inflated, 0 when no reading has any
//!            the rest  raw deflate when shorter than r, else plain: locations, metadata
//!
//! times      nothing when n = 1, else
//!            varint    g, the greatest common divisor of the n-1 steps between times
//!            varint    first step / g
//!            signed    (each further step - the step before) / g, n-2 times
//! values     a column of n numbers
//! qualities  u8        0: no reading has one; 1: each has one; 2: some, then a bitmap of
//!                      ceil(n/8) bytes, lowest bit first
//!                      unless 0: a column of as many numbers as there are
//!
//! column     u8        0 to 15: decimal with that many places
//!                        varint  count of exceptions, then for each: varint numbers between it and
//!                                the exception before or the start, f64
//!                        signed  number * 10^places - the one before (at first 0), for each
//!                                number that is no exception
//!                      255: bits
//!                        8 planes, most significant byte first, of one byte per number: its bits
//!                        xor those of the number before (at first 0)
//!
//! notes      varint    count of texts, then for each: varint length, UTF-8
//!            n times   varint, location: 0 none, else 1 + its place among the texts
//!            varint    count of distinct metadata, then for each:
//!                      varint count of pairs, then for each two varints: places of key and value
//!            n times   varint, metadata: 0 none, else 1 + its place among the distinct ones
//! ```
//!
//! Numbers come back bit for bit: a decimal column is used only where the division restores the
//! very same `f64`. The decoder trusts nothing: counts and lengths are bounded by the constants
//! that bound a request, numbers are finite, and what contradicts the header is refused.

mod deflate;
mod notes;
mod numbers;
mod pack;
mod wire;

use std::{fmt, ops::Range};

use jiff::Timestamp;
use kernel::Identifier;

use self::wire::{Reader, put_f64, put_i64, put_length, put_text, put_varint};
use crate::{
    raw::LONGEST_UNIT,
    reading::{Reading, SensorType},
    series::Sample,
    time::{HOUR, floor, nanoseconds, timestamp},
};

pub use pack::{Packed, pack};

/// The most readings in one segment, and in one request.
pub const MAX_READINGS: usize = 500;

const VERSION: u8 = 1;
/// More than the longest samples section: times take at most 9 bytes each, a column 8 and a bit.
const MAX_SAMPLES_BYTES: usize = 64 + 32 * MAX_READINGS;

/// Bytes that are not a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentError {
    /// Written by a newer program.
    UnknownVersion(u8),
    /// Damaged; the text says what gave it away.
    Malformed(&'static str),
}

impl fmt::Display for SegmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownVersion(version) => write!(f, "segment version {version} is unknown"),
            Self::Malformed(what) => write!(f, "segment is malformed: {what}"),
        }
    }
}

impl std::error::Error for SegmentError {}

/// What is known of a segment without decoding it.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// What the sensor measures.
    pub sensor_type: SensorType,
    /// The unit of the values.
    pub unit: String,
    /// How many readings, 1 to [`MAX_READINGS`].
    pub count: u16,
    /// The time of the first reading.
    pub first: Timestamp,
    /// The time of the last reading, in the same hour of UTC.
    pub last: Timestamp,
    /// The value of the last reading.
    pub last_value: f64,
}

/// Readings of one sensor within one hour, encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    header: Header,
    bytes: Vec<u8>,
    samples: Section,
    notes: Option<Section>,
}

/// Where a section is stored, and how long it is when inflated.
#[derive(Clone, Debug, PartialEq)]
struct Section {
    stored: Range<usize>,
    inflated: usize,
}

impl Segment {
    /// Takes bytes back from where they were stored. Reads the header and nothing else.
    ///
    /// # Errors
    /// [`SegmentError`] when they have no valid header.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, SegmentError> {
        let mut reader = Reader::new(&bytes);
        let header = read_header(&mut reader)?;
        let samples = Section {
            inflated: reader.length(MAX_SAMPLES_BYTES)?,
            stored: {
                let length = reader.length(MAX_SAMPLES_BYTES)?;
                let start = bytes.len() - reader.left();
                reader.take(length)?;
                start..start + length
            },
        };
        let notes = match reader.length(notes::MAX_BYTES)? {
            0 => reader.finish().map(|()| None)?,
            inflated => Some(Section { inflated, stored: bytes.len() - reader.left()..bytes.len() }),
        };
        Ok(Self { header, bytes, samples, notes })
    }

    /// Encodes `readings`: 1 to [`MAX_READINGS`], of one sensor, type, unit and hour, with
    /// strictly rising times.
    fn encode(readings: &[&Reading]) -> Option<Self> {
        let (first, last) = (readings.first()?, readings.last()?);
        let (start, end) = (nanoseconds(first.timestamp), nanoseconds(last.timestamp));
        let header = Header {
            sensor_type: first.sensor_type,
            unit: first.unit.clone(),
            count: u16::try_from(readings.len()).ok()?,
            first: timestamp(start),
            last: timestamp(end),
            last_value: last.value,
        };
        let mut bytes = vec![VERSION, header.sensor_type.code()];
        put_text(&mut bytes, &header.unit);
        put_length(&mut bytes, readings.len());
        put_i64(&mut bytes, start);
        put_varint(&mut bytes, end.abs_diff(start));
        put_f64(&mut bytes, header.last_value);

        let mut plain = Vec::with_capacity(64 + 4 * readings.len());
        numbers::put_times(&mut plain, readings.iter().map(|reading| nanoseconds(reading.timestamp)));
        let values: Vec<f64> = readings.iter().map(|reading| reading.value).collect();
        numbers::put_column(&mut plain, &values);
        let qualities: Vec<Option<f64>> = readings.iter().map(|reading| reading.quality).collect();
        numbers::put_optional_column(&mut plain, &qualities);
        put_length(&mut bytes, plain.len());
        let stored = deflate::smaller(&plain);
        put_length(&mut bytes, stored.len());
        let samples = Section { stored: bytes.len()..bytes.len() + stored.len(), inflated: plain.len() };
        bytes.extend_from_slice(&stored);

        let plain = notes::encode(readings);
        put_length(&mut bytes, plain.len());
        let stored = deflate::smaller(&plain);
        let notes = Section { stored: bytes.len()..bytes.len() + stored.len(), inflated: plain.len() };
        bytes.extend_from_slice(&stored);
        let notes = (notes.inflated > 0).then_some(notes);
        Some(Self { header, bytes, samples, notes })
    }

    /// What is known without decoding.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The start of the hour in which its readings are.
    #[must_use]
    pub fn hour(&self) -> Timestamp {
        timestamp(floor(nanoseconds(self.header.first), HOUR))
    }

    /// The segment as it is stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The segment as it is stored, given away.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Its samples with strictly rising times. Locations and metadata are not even inflated.
    ///
    /// # Errors
    /// [`SegmentError`] when it does not decode, or not to what its header says.
    pub fn samples(&self) -> Result<Vec<Sample>, SegmentError> {
        let plain = self.inflate(&self.samples)?;
        let mut reader = Reader::new(&plain);
        let times = self.read_times(&mut reader)?;
        let values = numbers::read_column(&mut reader, times.len())?;
        let qualities = numbers::read_optional_column(&mut reader, times.len())?;
        reader.finish()?;
        if values.last().map(|value| value.to_bits()) != Some(self.header.last_value.to_bits()) {
            return Err(SegmentError::Malformed("the last value is not the header's"));
        }
        if qualities.iter().flatten().any(|quality| !(0.0..=1.0).contains(quality)) {
            return Err(SegmentError::Malformed("a quality is out of range"));
        }
        let samples = times.into_iter().zip(values).zip(qualities);
        Ok(samples.map(|((time, value), quality)| Sample { timestamp: timestamp(time), value, quality }).collect())
    }

    /// Its readings in full, with strictly rising times, as readings of `sensor_id`.
    ///
    /// # Errors
    /// [`SegmentError`] when it does not decode, or not to what its header says.
    pub fn readings(&self, sensor_id: &Identifier) -> Result<Vec<Reading>, SegmentError> {
        let samples = self.samples()?;
        let notes = match &self.notes {
            Some(section) => notes::decode(&self.inflate(section)?, samples.len())?,
            None => vec![notes::Notes::default(); samples.len()],
        };
        let readings = samples.into_iter().zip(notes).map(|(sample, notes)| Reading {
            sensor_id: sensor_id.clone(),
            sensor_type: self.header.sensor_type,
            unit: self.header.unit.clone(),
            timestamp: sample.timestamp,
            value: sample.value,
            quality: sample.quality,
            location: notes.location,
            metadata: notes.metadata,
        });
        Ok(readings.collect())
    }

    /// Its times alone, in nanoseconds, strictly rising.
    pub(crate) fn times(&self) -> Result<Vec<i64>, SegmentError> {
        self.read_times(&mut Reader::new(&self.inflate(&self.samples)?))
    }

    fn read_times(&self, reader: &mut Reader<'_>) -> Result<Vec<i64>, SegmentError> {
        let times = numbers::read_times(reader, nanoseconds(self.header.first), usize::from(self.header.count))?;
        if times.last() != Some(&nanoseconds(self.header.last)) {
            return Err(SegmentError::Malformed("the last time is not the header's"));
        }
        Ok(times)
    }

    fn inflate(&self, section: &Section) -> Result<std::borrow::Cow<'_, [u8]>, SegmentError> {
        let stored = self.bytes.get(section.stored.clone()).unwrap_or_default();
        deflate::inflate(stored, section.inflated)
    }
}

fn read_header(reader: &mut Reader<'_>) -> Result<Header, SegmentError> {
    match reader.byte()? {
        VERSION => {}
        other => return Err(SegmentError::UnknownVersion(other)),
    }
    let sensor_type =
        SensorType::from_code(reader.byte()?).ok_or(SegmentError::Malformed("the sensor type is unknown"))?;
    let unit = reader.text(LONGEST_UNIT)?.to_owned();
    let count = reader.length(MAX_READINGS)?;
    let first = reader.i64()?;
    let last = first.checked_add_unsigned(reader.varint()?);
    let last = last.filter(|last| floor(*last, HOUR) == floor(first, HOUR));
    let last_value = reader.f64()?;
    match (u16::try_from(count), last) {
        (Ok(count @ 1..), Some(last)) => {
            Ok(Header { sensor_type, unit, count, first: timestamp(first), last: timestamp(last), last_value })
        }
        _ => Err(SegmentError::Malformed("the header contradicts itself")),
    }
}
