//! Integers, numbers and texts as bytes.

use super::SegmentError;

pub(super) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            return out.push(low & 0x7f);
        }
        out.push(low | 0x80);
    }
}

pub(super) fn put_length(out: &mut Vec<u8>, length: usize) {
    put_varint(out, length as u64);
}

pub(super) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put_varint(out, (value.cast_unsigned() << 1) ^ (value >> 63).cast_unsigned());
}

pub(super) fn put_i64(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(&value.to_le_bytes());
}

pub(super) fn put_f64(out: &mut Vec<u8>, value: f64) {
    out.extend_from_slice(&value.to_le_bytes());
}

pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_length(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// Bytes that someone may have tampered with, from the front.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// Nothing may be left.
    pub(super) fn finish(self) -> Result<(), SegmentError> {
        if self.rest.is_empty() { Ok(()) } else { Err(SegmentError::Malformed("bytes are left over")) }
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], SegmentError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(CUT)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], SegmentError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(CUT)?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, SegmentError> {
        let (first, rest) = self.rest.split_first().ok_or(CUT)?;
        self.rest = rest;
        Ok(*first)
    }

    pub(super) fn i64(&mut self) -> Result<i64, SegmentError> {
        self.array().map(i64::from_le_bytes)
    }

    /// A finite number: nothing else was ever accepted.
    pub(super) fn f64(&mut self) -> Result<f64, SegmentError> {
        finite(f64::from_le_bytes(self.array()?))
    }

    pub(super) fn varint(&mut self) -> Result<u64, SegmentError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(SegmentError::Malformed("an integer is too large"))
    }

    pub(super) fn signed(&mut self) -> Result<i64, SegmentError> {
        let value = self.varint()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// A count or a length of at most `limit`.
    pub(super) fn length(&mut self, limit: usize) -> Result<usize, SegmentError> {
        let length = usize::try_from(self.varint()?).ok();
        length.filter(|length| *length <= limit).ok_or(SegmentError::Malformed("a length is over its limit"))
    }

    /// A text of at most `limit` characters.
    pub(super) fn text(&mut self, limit: usize) -> Result<&'a str, SegmentError> {
        let length = self.length(limit * char::MAX_LEN_UTF8)?;
        let text = str::from_utf8(self.take(length)?).ok().filter(|text| text.chars().nth(limit).is_none());
        text.ok_or(SegmentError::Malformed("a text is not UTF-8 or too long"))
    }
}

const CUT: SegmentError = SegmentError::Malformed("it ends too early");

pub(super) fn finite(number: f64) -> Result<f64, SegmentError> {
    if number.is_finite() { Ok(number) } else { Err(SegmentError::Malformed("a number is not finite")) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn integers_come_back(unsigned: u64, signed: i64) {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, unsigned);
            put_signed(&mut bytes, signed);
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.varint(), Ok(unsigned));
            prop_assert_eq!(reader.signed(), Ok(signed));
            prop_assert_eq!(reader.finish(), Ok(()));
        }
    }

    #[test]
    fn an_integer_beyond_64_bits_is_refused() {
        let mut most = vec![0xff; 9];
        most.push(1);
        assert_eq!(Reader::new(&most).varint(), Ok(u64::MAX));
        *most.last_mut().unwrap() = 2;
        assert!(Reader::new(&most).varint().is_err());
        assert!(Reader::new(&[0x80; 20]).varint().is_err());
        assert_eq!(Reader::new(&[0x80; 3]).varint(), Err(CUT));
    }
}
