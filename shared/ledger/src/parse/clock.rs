//! Days and times of day, in the forms in which messages write them.

use std::ops::Range;

use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};

use super::{
    token::{Kind, Tokens},
    words::Word,
};

/// A day as it is written: day before month unless that cannot be, the year maybe left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day {
    year: Option<i16>,
    month: i8,
    day: i8,
    /// Whether day and month are both numbers, so that they may be meant the other way round.
    ambiguous: bool,
}

/// How far after the time of the request a time may be: clocks and zones differ.
const AHEAD: SignedDuration = SignedDuration::from_hours(48);
/// How far from a day its time of day may be.
const REACH: usize = 3;

fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// The number of at most `most` digits, four or fewer, at `at`, how many they are, and where they end.
fn digits(bytes: &[u8], at: usize, most: usize) -> Option<(i16, usize, usize)> {
    let mut end = at;
    let mut value: i16 = 0;
    while byte(bytes, end).is_ascii_digit() {
        if end - at == most {
            return None;
        }
        value = value * 10 + i16::from(byte(bytes, end) - b'0');
        end += 1;
    }
    (end > at).then_some((value, end - at, end))
}

/// The month that the letters at `at` name, and where they end.
fn month(bytes: &[u8], at: usize) -> Option<(i8, usize)> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let mut end = at;
    while end < at + 9 && byte(bytes, end).is_ascii_alphabetic() {
        end += 1;
    }
    let text = bytes.get(at..end).filter(|text| text.len() >= 3)?;
    let found = (1_i8..).zip(NAMES).find(|(_, name)| {
        let whole = text.len() == 3 || text.len() == name.len() || text.eq_ignore_ascii_case(b"sept");
        whole && name.as_bytes().get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text))
    });
    found.map(|(month, _)| (month, end))
}

fn checked(year: Option<i16>, month: i16, day: i16, ambiguous: bool) -> Option<Day> {
    let (month, day) = if ambiguous && month > 12 { (day, month) } else { (month, day) };
    let year = year.map(|year| if year < 100 { year + if year < 70 { 2000 } else { 1900 } } else { year });
    let month = i8::try_from(month).ok().filter(|month| (1..=12).contains(month))?;
    let day = i8::try_from(day).ok().filter(|day| (1..=31).contains(day))?;
    year.is_none_or(|year| (1900..2100).contains(&year)).then_some(Day { year, month, day, ambiguous })
}

/// The day that is written at `at`, which is a digit, and where it ends.
pub(super) fn day(bytes: &[u8], at: usize) -> Option<(Day, usize)> {
    let (first, width, end) = digits(bytes, at, 4)?;
    let mark = byte(bytes, end);
    if width == 4 && matches!(mark, b'-' | b'/' | b'.' | b':') {
        let (second, _, end) = digits(bytes, end + 1, 2)?;
        if byte(bytes, end) != mark {
            return None;
        }
        let (third, _, end) = digits(bytes, end + 1, 2)?;
        return Some((checked(Some(first), second, third, false)?, end));
    }
    if width > 2 {
        return None;
    }
    if matches!(mark, b'-' | b'/' | b'.')
        && let Some((second, _, middle)) = digits(bytes, end + 1, 2)
        && byte(bytes, middle) == mark
        && let Some((year, 2 | 4, end)) = digits(bytes, middle + 1, 4)
    {
        return Some((checked(Some(year), second, first, true)?, end));
    }
    named(bytes, first, end)
}

/// The rest of a day whose month is a name, after the number of the day.
fn named(bytes: &[u8], day: i16, mut end: usize) -> Option<(Day, usize)> {
    let ordinal = bytes
        .get(end..end + 2)
        .is_some_and(|two| [b"st", b"nd", b"rd", b"th"].iter().any(|suffix| two.eq_ignore_ascii_case(*suffix)));
    end += if ordinal { 2 } else { 0 };
    let glued = !matches!(byte(bytes, end), b' ');
    if matches!(byte(bytes, end), b' ' | b'-' | b'/' | b'.' | b',') {
        end += 1;
    }
    let (month, mut end) = month(bytes, end)?;
    let after = end;
    while end < after + 2 && matches!(byte(bytes, end), b' ' | b'-' | b'/' | b'.' | b',' | b'\'') {
        end += 1;
    }
    if let Some((year, width @ (2 | 4), close)) = digits(bytes, end, 4)
        && byte(bytes, close) != b':'
        && !(width == 2 && end > after && byte(bytes, after) == b' ' && byte(bytes, close) == b'.')
        && !byte(bytes, close).is_ascii_alphabetic()
    {
        return Some((checked(Some(year), month.into(), day, false)?, close));
    }
    let whole = !byte(bytes, after).is_ascii_alphanumeric();
    (whole && (glued || month != 5)).then_some((checked(None, month.into(), day, false)?, after))
}

/// The day that begins with the name of its month, which is the word from `start` to `end`, and where it ends.
pub(super) fn month_first(bytes: &[u8], start: usize, end: usize) -> Option<(Day, usize)> {
    let mut at = end;
    while at < end + 2 && matches!(byte(bytes, at), b' ' | b'-' | b'.') {
        at += 1;
    }
    // Asked first, because few words are followed by a digit.
    let (day, _, mut close) = digits(bytes, at, 2)?;
    let (month, _) = month(bytes, start).filter(|(_, close)| *close == end)?;
    if bytes.get(close..close + 2).is_some_and(|two| two.iter().all(u8::is_ascii_lowercase)) {
        close += 2;
    }
    let mut year = close;
    while year < close + 2 && matches!(byte(bytes, year), b' ' | b'-' | b',') {
        year += 1;
    }
    match digits(bytes, year, 4) {
        Some((written, 4, end)) if year > close => Some((checked(Some(written), month.into(), day, false)?, end)),
        _ if byte(bytes, close) == b':' || byte(bytes, close).is_ascii_alphanumeric() => None,
        _ => Some((checked(None, month.into(), day, false)?, close)),
    }
}

/// The time of day that is written at `at`, in seconds, and where it ends.
pub(super) fn time(bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    let (hour, _, end) = digits(bytes, at, 2)?;
    if byte(bytes, end) != b':' {
        return None;
    }
    let (minute, 2, mut end) = digits(bytes, end + 1, 2)? else { return None };
    let mut second = 0;
    if byte(bytes, end) == b':'
        && let Some((value, 2, close)) = digits(bytes, end + 1, 2)
    {
        (second, end) = (value, close);
        // Parts of a second, which nobody needs.
        let parts = bytes.iter().skip(end + 1).take_while(|byte| byte.is_ascii_digit()).count();
        if byte(bytes, end) == b'.' && (3..=9).contains(&parts) {
            end += 1 + parts;
        }
    }
    let mut hour = hour;
    let half = end + usize::from(byte(bytes, end) == b' ');
    if byte(bytes, half + 1).eq_ignore_ascii_case(&b'm') && !byte(bytes, half + 2).is_ascii_alphanumeric() {
        match byte(bytes, half).to_ascii_lowercase() {
            b'a' => (hour, end) = (if hour == 12 { 0 } else { hour }, half + 2),
            b'p' => (hour, end) = (if hour < 12 { hour + 12 } else { hour }, half + 2),
            _ => {}
        }
    }
    let valid = hour < 24 && minute < 60 && second < 60;
    let seconds = u32::try_from(hour).ok()? * 3600 + u32::try_from(minute).ok()? * 60 + u32::try_from(second).ok()?;
    valid.then_some((seconds, end))
}

/// What is known besides the message.
pub(super) struct Now<'a> {
    pub(super) received_at: Option<Timestamp>,
    pub(super) now: Timestamp,
    pub(super) zone: &'a TimeZone,
}

impl Now<'_> {
    /// When a written day and time of day were. A day alone is when the message was received, if that was on it, else
    /// its middle, which is the same day in most zones.
    fn instant(&self, day: Day, seconds: Option<u32>) -> Option<Timestamp> {
        if let Some(year) = day.year {
            let written = self.on(year, day.month, day.day, seconds);
            if !day.ambiguous || day.day > 12 {
                return written;
            }
            let swapped = self.on(year, day.day, day.month, seconds);
            return if self.fits(swapped, 3) && !self.fits(written, 31) { swapped } else { written.or(swapped) };
        }
        let near = self.received_at.unwrap_or(self.now);
        let latest = near.checked_add(AHEAD).ok()?;
        let year = near.to_zoned(self.zone.clone()).year();
        let this = self.on(year, day.month, day.day, seconds).filter(|at| *at <= latest);
        this.or_else(|| self.on(year - 1, day.month, day.day, seconds))
    }

    /// Whether a time is within `days` of when the message was received.
    fn fits(&self, at: Option<Timestamp>, days: i64) -> bool {
        let apart = at.zip(self.received_at).map(|(at, received)| at.duration_since(received).abs());
        apart.is_some_and(|apart| apart <= SignedDuration::from_hours(24 * days))
    }

    fn on(&self, year: i16, month: i8, day: i8, seconds: Option<u32>) -> Option<Timestamp> {
        let date = civil::Date::new(year, month, day).ok()?;
        let received = self.received_at.filter(|at| at.to_zoned(self.zone.clone()).date() == date);
        if let (None, Some(received)) = (seconds, received) {
            return Some(received);
        }
        let time = SignedDuration::from_secs(seconds.unwrap_or(12 * 3600).into());
        let time = civil::Time::midnight().wrapping_add(time);
        let at = date.to_datetime(time).to_zoned(self.zone.clone()).ok()?.timestamp();
        (year >= 1990 && at <= self.now.checked_add(AHEAD).ok()?).then_some(at)
    }
}

/// The day that the tokens at `at` write, and how many they are: `17-12` is one only after `on`.
fn day_at(tokens: &Tokens<'_>, at: usize) -> Option<(Day, usize)> {
    if let Kind::Date(day) = tokens.kind(at) {
        return Some((day, 1));
    }
    let written = tokens.number(at)
        && tokens.before(at, 1) == Word::On
        && (tokens.mark(at + 1, b'-') || tokens.mark(at + 1, b'/'))
        && tokens.number(at + 2)
        && tokens.glued(at + 1)
        && tokens.glued(at + 2);
    if !written {
        return None;
    }
    let (first, second) = (tokens.str(at).parse().ok()?, tokens.str(at + 2).parse().ok()?);
    Some((checked(None, second, first, true)?, 3))
}

/// When `tokens` say that it happened, and where. The first day after the token `near` counts, else the last before.
pub(super) fn said(tokens: &Tokens<'_>, body: usize, near: usize, now: &Now<'_>) -> Option<(Timestamp, Range<usize>)> {
    let mut best = None;
    for at in 0..body {
        let Some((day, length)) = day_at(tokens, at) else { continue };
        if tokens.before(at, 1) == Word::Due || tokens.before(at, 2) == Word::Due {
            continue;
        }
        let mut end = at + length;
        let mut seconds = None;
        for after in at + length..at + length + REACH {
            match tokens.kind(after) {
                Kind::Time(time) => {
                    (seconds, end) = (Some(time), after + 1);
                    break;
                }
                Kind::Word(Word::At) | Kind::Mark(b',' | b':' | b'-' | b'~' | b'|' | b'(') => {}
                _ => break,
            }
        }
        let mut start = at;
        if seconds.is_none()
            && let Some(before) = at.checked_sub(1)
            && let Some((time, from)) = time_before(tokens, before)
        {
            (seconds, start) = (Some(time), from);
        }
        let Some(instant) = now.instant(day, seconds) else { continue };
        best = Some((instant, start..end));
        if at > near {
            break;
        }
    }
    best
}

/// The time of day that ends at the token `at`, or one before it.
fn time_before(tokens: &Tokens<'_>, at: usize) -> Option<(u32, usize)> {
    let skipped = matches!(tokens.kind(at), Kind::Word(Word::On) | Kind::Mark(b','));
    let at = if skipped { at.checked_sub(1)? } else { at };
    if let Kind::Time(time) = tokens.kind(at) { Some((time, at)) } else { None }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn reads(text: &str, received: &str) -> Option<String> {
        let zone = TimeZone::get("Asia/Kolkata").unwrap();
        let received_at = if received.is_empty() { None } else { Some(received.parse().unwrap()) };
        let now = Now { received_at, now: "2026-06-01T00:00:00Z".parse().unwrap(), zone: &zone };
        let tokens = Tokens::of(text);
        let (instant, span) = said(&tokens, tokens.len(), 0, &now)?;
        assert!(!tokens.span(&span).is_empty());
        Some(instant.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string())
    }

    #[test]
    fn days_and_times_are_read_in_the_forms_banks_write() {
        for (text, time) in [
            ("on 15-Jan-24 ok", "2024-01-15 12:00:00"),
            ("on 15JAN24.", "2024-01-15 12:00:00"),
            ("on 15Jan2024 at 10:11", "2024-01-15 10:11:00"),
            ("15/01/2024 10:11:12 PM", "2024-01-15 22:11:12"),
            ("15.01.24", "2024-01-15 12:00:00"),
            ("on 02/JUN/2024.", "2024-06-02 12:00:00"),
            ("Jan 15, 2024", "2024-01-15 12:00:00"),
            ("15 January 2024 at 12:05 am IST", "2024-01-15 00:05:00"),
            ("15th Jan, 2024", "2024-01-15 12:00:00"),
            ("January 5th 2024", "2024-01-05 12:00:00"),
            ("on Jun 10 2024  1:02PM", "2024-06-10 13:02:00"),
            ("2024-11-13:17:18:38", "2024-11-13 17:18:38"),
            ("2024-11-13T17:18:38", "2024-11-13 17:18:38"),
            ("2024-11-13 17:18:38.412", "2024-11-13 17:18:38"),
            ("2024-11-13 17:18:38.412345678 IST", "2024-11-13 17:18:38"),
            ("(2024:11:13 17:18:38)", "2024-11-13 17:18:38"),
            ("at 10:15:00 on 15-01-2024", "2024-01-15 10:15:00"),
            ("01/31/2024", "2024-01-31 12:00:00"),
            ("09/12/2026", "2026-09-12"),
        ] {
            let read = reads(text, "").unwrap_or_default();
            assert_eq!(read, if time.len() > 10 { time } else { "" }, "{text}");
        }
    }

    #[test]
    fn a_day_without_its_year_is_the_last_before_the_message() {
        let received = "2025-01-03T04:00:00Z";
        for (text, time) in [
            ("on 17-12 to", "2024-12-17 12:00:00"),
            ("on 02/01", "2025-01-02 12:00:00"),
            ("on 01-Nov towards", "2024-11-01 12:00:00"),
            ("on 03 Jan 06:15", "2025-01-03 06:15:00"),
            ("on 03-01", "2025-01-03 09:30:00"),
        ] {
            assert_eq!(reads(text, received).as_deref(), Some(time), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_is_no_day() {
        for text in ["32-01-2024", "15-13-2024 31-31-24", "01-01-1980", "01-01-2090", "29-02-2023", "17-12", "Rs 12.05"]
        {
            assert_eq!(reads(text, ""), None, "{text}");
        }
    }
}
