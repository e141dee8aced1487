//! Columns of times and numbers. The layout stands in [`segment`](super).

use super::{
    SegmentError,
    wire::{Reader, finite, put_f64, put_length, put_signed, put_varint},
};

/// Ten to the number of decimal places. All are exact, and up to 10^15 a decimal with that many
/// places and 53 bits is restored by one correctly rounded division.
const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
/// The largest integer below which every integer is an `f64`.
const EXACT: f64 = (1_u64 << 53) as f64;
/// The kind of a column that stores bits.
const BITS: u8 = 255;

/// Writes strictly rising times except for the first.
pub(super) fn put_times(out: &mut Vec<u8>, times: impl Iterator<Item = i64> + Clone) {
    let steps: Vec<u64> = times.clone().zip(times.skip(1)).map(|(one, next)| next.abs_diff(one)).collect();
    let Some((first, _)) = steps.split_first() else { return };
    let scale = steps.iter().fold(0, |one, other| gcd(one, *other)).max(1);
    put_varint(out, scale);
    put_varint(out, first / scale);
    for (one, next) in steps.iter().zip(steps.iter().skip(1)) {
        put_signed(out, (next / scale).cast_signed().wrapping_sub((one / scale).cast_signed()));
    }
}

/// Reads `count` strictly rising times that start with `first`.
pub(super) fn read_times(reader: &mut Reader<'_>, first: i64, count: usize) -> Result<Vec<i64>, SegmentError> {
    const STEP: SegmentError = SegmentError::Malformed("times do not rise");
    let mut times = Vec::with_capacity(count);
    times.push(first);
    if count == 1 {
        return Ok(times);
    }
    let scale = reader.varint()?;
    let mut step = reader.varint()?;
    let mut time = first;
    loop {
        let scaled = step.checked_mul(scale).filter(|scaled| *scaled > 0).ok_or(STEP)?;
        time = time.checked_add_unsigned(scaled).ok_or(STEP)?;
        times.push(time);
        if times.len() == count {
            return Ok(times);
        }
        step = step.wrapping_add_signed(reader.signed()?);
    }
}

fn gcd(mut one: u64, mut other: u64) -> u64 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

/// Writes `numbers` in the shortest way there is.
pub(super) fn put_column(out: &mut Vec<u8>, numbers: &[f64]) {
    // Places that some number needs and no fewer; those which none needs cannot be the shortest.
    let mut needed = [false; POWERS.len()];
    for number in numbers {
        let found = needed.iter_mut().zip(POWERS).find(|(_, power)| decimal(*number, *power).is_some());
        if let Some((needed, _)) = found {
            *needed = true;
        }
    }
    let mut best: Option<Vec<u8>> = None;
    // From many places to few: few places make shorter integers and more exceptions.
    for ((kind, power), _) in (0_u8..16).zip(POWERS).zip(needed).filter(|(_, needed)| *needed).rev() {
        let limit = best.as_ref().map_or(1 + 8 * numbers.len(), Vec::len);
        best = decimals(numbers, kind, power, limit).or(best);
    }
    match best {
        Some(column) => out.extend_from_slice(&column),
        None => put_bits(out, numbers),
    }
}

/// `number * power` when it is an integer that divides back into the same bits.
#[allow(clippy::cast_possible_truncation, reason = "it is below 2^53")]
fn decimal(number: f64, power: f64) -> Option<i64> {
    let scaled = (number * power).round_ties_even();
    let integer = (scaled.abs() < EXACT).then_some(scaled as i64)?;
    // Through the integer, as the reader will: it knows no negative zero.
    ((integer as f64 / power).to_bits() == number.to_bits()).then_some(integer)
}

/// The decimal column, unless it takes `limit` bytes or more.
fn decimals(numbers: &[f64], kind: u8, power: f64, limit: usize) -> Option<Vec<u8>> {
    let (mut exceptions, mut deltas) = (Vec::new(), Vec::with_capacity(2 * numbers.len()));
    let (mut count, mut gap, mut before) = (0, 0, 0);
    for number in numbers {
        if let Some(integer) = decimal(*number, power) {
            put_signed(&mut deltas, integer - before);
            before = integer;
            gap += 1;
        } else {
            put_varint(&mut exceptions, gap);
            put_f64(&mut exceptions, *number);
            (count, gap) = (count + 1, 0);
        }
        if exceptions.len() + deltas.len() >= limit {
            return None;
        }
    }
    let mut column = Vec::with_capacity(4 + exceptions.len() + deltas.len());
    column.push(kind);
    put_length(&mut column, count);
    column.append(&mut exceptions);
    column.append(&mut deltas);
    (column.len() < limit).then_some(column)
}

fn put_bits(out: &mut Vec<u8>, numbers: &[f64]) {
    out.push(BITS);
    for plane in 0..8 {
        let mut before = 0;
        for number in numbers {
            let bits = number.to_bits();
            let byte = (bits ^ before).to_be_bytes().into_iter().nth(plane);
            out.extend(byte);
            before = bits;
        }
    }
}

/// Reads a column of `count` finite numbers.
pub(super) fn read_column(reader: &mut Reader<'_>, count: usize) -> Result<Vec<f64>, SegmentError> {
    let kind = reader.byte()?;
    if kind == BITS {
        return read_bits(reader, count);
    }
    let power = *POWERS.get(usize::from(kind)).ok_or(SegmentError::Malformed("a column's kind is unknown"))?;
    let mut exceptions = Vec::new();
    for _ in 0..reader.length(count)? {
        exceptions.push((reader.length(count)?, reader.f64()?));
    }
    let mut exceptions = exceptions.into_iter().peekable();
    let mut numbers = Vec::with_capacity(count);
    let (mut gap, mut before) = (0, 0_i64);
    while numbers.len() < count {
        if let Some((_, number)) = exceptions.next_if(|(expected, _)| *expected == gap) {
            numbers.push(number);
            gap = 0;
        } else {
            before = before.wrapping_add(reader.signed()?);
            numbers.push(before as f64 / power);
            gap += 1;
        }
    }
    match exceptions.next() {
        None => Ok(numbers),
        Some(_) => Err(SegmentError::Malformed("an exception is beyond its column")),
    }
}

fn read_bits(reader: &mut Reader<'_>, count: usize) -> Result<Vec<f64>, SegmentError> {
    let mut xored = vec![0_u64; count];
    for _ in 0..8 {
        for (bits, byte) in xored.iter_mut().zip(reader.take(count)?) {
            *bits = *bits << 8 | u64::from(*byte);
        }
    }
    let mut before = 0;
    let restored = xored.into_iter().map(|bits| {
        before ^= bits;
        finite(f64::from_bits(before))
    });
    restored.collect()
}

/// Writes numbers of which some may be missing.
pub(super) fn put_optional_column(out: &mut Vec<u8>, numbers: &[Option<f64>]) {
    let present: Vec<f64> = numbers.iter().flatten().copied().collect();
    if present.is_empty() {
        return out.push(0);
    }
    if present.len() == numbers.len() {
        out.push(1);
    } else {
        out.push(2);
        out.extend(
            numbers
                .chunks(8)
                .map(|eight| eight.iter().rev().fold(0, |bits: u8, number| bits << 1 | u8::from(number.is_some()))),
        );
    }
    put_column(out, &present);
}

/// Reads `count` numbers of which some may be missing.
pub(super) fn read_optional_column(reader: &mut Reader<'_>, count: usize) -> Result<Vec<Option<f64>>, SegmentError> {
    match reader.byte()? {
        0 => Ok(vec![None; count]),
        1 => Ok(read_column(reader, count)?.into_iter().map(Some).collect()),
        2 => {
            let bitmap = reader.take(count.div_ceil(8))?;
            let flags = bitmap.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1)).take(count);
            let present = flags.clone().filter(|flag| *flag).count();
            let mut numbers = read_column(reader, present)?.into_iter();
            Ok(flags.map(|flag| if flag { numbers.next() } else { None }).collect())
        }
        _ => Err(SegmentError::Malformed("the qualities' kind is unknown")),
    }
}
