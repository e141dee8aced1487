//! A message as a client sends it.

use jiff::{SignedDuration, Timestamp};
use kernel::{Secret, Violation, parse_timestamp};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Channel, Message};

/// The longest message, in characters.
pub const LONGEST_MESSAGE: usize = 4_096;
/// The longest name of a sender, in characters.
pub const LONGEST_SENDER: usize = 254;
/// How far a client's clock may be ahead.
const AHEAD: SignedDuration = SignedDuration::from_mins(10);

/// An SMS or e-mail of a bank.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Message")]
pub struct RawMessage {
    /// How it arrived.
    pub channel: Channel,
    /// What it says; of an e-mail the subject and the body, which may be HTML. At most 4096 characters.
    #[schemars(length(min = 1, max = LONGEST_MESSAGE))]
    pub message: String,
    /// Who sent it: a header such as `AD-BANKNM`, a number or an address.
    #[schemars(length(min = 1, max = LONGEST_SENDER))]
    pub sender: Option<String>,
    /// When it arrived, RFC 3339. It stands for the time of the transaction where the message does not say it.
    #[schemars(extend("format" = "date-time"))]
    pub received_at: Option<String>,
}

impl RawMessage {
    /// The message, if it can be read.
    ///
    /// # Errors
    /// Every rule it breaks.
    pub fn accept(self, now: Timestamp) -> Result<Message, Vec<Violation>> {
        let mut broken = Vec::new();
        let mut length = |pointer: &'static str, text: &str, longest: usize, rule: &'static str| {
            if text.trim().is_empty() || text.chars().count() > longest {
                broken.push(Violation::new(pointer, "invalid_length", rule));
            }
        };
        length("/message", &self.message, LONGEST_MESSAGE, "must have 1 to 4096 characters");
        if let Some(sender) = &self.sender {
            length("/sender", sender, LONGEST_SENDER, "must have 1 to 254 characters");
        }
        let received_at = match self.received_at.as_deref().map(parse_timestamp) {
            None => None,
            Some(Some(time)) if Timestamp::UNIX_EPOCH <= time && time <= now.saturating_add(AHEAD).unwrap_or(now) => {
                Some(time)
            }
            Some(_) => {
                let rule = "must be an RFC 3339 time with an offset, since 1970 and not in the future";
                broken.push(Violation::new("/received_at", "invalid", rule));
                None
            }
        };
        if !broken.is_empty() {
            return Err(broken);
        }
        Ok(Message {
            channel: self.channel,
            text: Secret::new(self.message),
            sender: self.sender.map(Secret::new),
            received_at,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const NOW: &str = "2026-03-07T10:00:00Z";

    /// What is wrong with a message, as its places.
    fn broken(message: &str, sender: Option<&str>, received_at: Option<&str>) -> Vec<String> {
        let raw = RawMessage {
            channel: Channel::Sms,
            message: message.to_owned(),
            sender: sender.map(str::to_owned),
            received_at: received_at.map(str::to_owned),
        };
        match raw.accept(NOW.parse().unwrap()) {
            Ok(taken) => {
                assert_eq!(taken.received_at, received_at.map(|text| text.parse().unwrap()));
                Vec::new()
            }
            Err(broken) => broken.iter().map(|violation| violation.pointer.clone()).collect(),
        }
    }

    #[test]
    fn texts_have_a_character_and_no_more_than_their_limit() {
        let long = |length| "ए".repeat(length);
        assert!(broken(&long(LONGEST_MESSAGE), Some(&long(LONGEST_SENDER)), None).is_empty());
        let both = ["/message", "/sender"];
        assert_eq!(broken(&long(LONGEST_MESSAGE + 1), Some(&long(LONGEST_SENDER + 1)), None), both);
        assert_eq!(broken("", Some(" \n"), None), both);
    }

    #[test]
    fn a_message_arrived_since_1970_and_no_later_than_a_clock_may_be_ahead() {
        for time in [NOW, "1970-01-01T00:00:00Z", "2026-03-07T10:10:00Z", "2026-03-07T15:40:00+05:30"] {
            assert!(broken("x", None, Some(time)).is_empty(), "{time}");
        }
        for time in [
            "1969-12-31T23:59:59Z",
            "2026-03-07T10:10:01Z",
            "2026-03-07T10:00:00",
            "2026-03-07 10:00Z",
            "yesterday",
            "",
        ] {
            assert_eq!(broken("x", None, Some(time)), ["/received_at"], "{time}");
        }
    }
}
