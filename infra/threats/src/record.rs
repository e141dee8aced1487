//! One record: a threat or a requirement, what is done about it, and how that is known.
//!
//! A record is `proven` (tests show the control, and code or the template enforces it), `accepted`, `not_applicable`
//! or `open` (it should hold and does not yet). Only a proven record may go without a reason, and only a proven one
//! must say what remains.

use std::{fmt, str::FromStr};

use serde::Deserialize;

use crate::{Assertion, CodeItem, Fault, TestName};

/// A record whose fields keep the rules.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Record {
    pub id: String,
    pub book: Book,
    pub title: String,
    /// Ids of the statements it answers.
    pub sources: Vec<String>,
    /// The level of ASVS from which the requirement applies.
    pub level: Option<u8>,
    pub stride: Vec<Stride>,
    /// Ids of the elements it is about.
    pub elements: Vec<String>,
    pub threat: String,
    /// Empty where nothing is done.
    pub control: String,
    pub tests: Vec<TestName>,
    pub assertions: Vec<Assertion>,
    pub enforced_by: Vec<CodeItem>,
    /// Names of metrics or alarms.
    pub watched_by: Vec<String>,
    pub state: State,
}

/// How a record stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum State {
    Proven { residual: String },
    Accepted { reason: String, residual: Option<String> },
    NotApplicable { reason: String },
    Open { reason: String, residual: Option<String> },
}

/// The files of `records/`, one for each source of threats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Book {
    SmartMaintenance,
    Amifi,
    Abuse,
    OwaspApi,
    Asvs,
}

/// The kinds of threat, by their letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Stride {
    #[serde(rename = "S")]
    Spoofing,
    #[serde(rename = "T")]
    Tampering,
    #[serde(rename = "R")]
    Repudiation,
    #[serde(rename = "I")]
    InformationDisclosure,
    #[serde(rename = "D")]
    DenialOfService,
    #[serde(rename = "E")]
    ElevationOfPrivilege,
}

/// A record as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    pub(crate) id: String,
    title: String,
    #[serde(default)]
    sources: Vec<String>,
    level: Option<u8>,
    #[serde(default)]
    stride: Vec<Stride>,
    #[serde(default)]
    elements: Vec<String>,
    threat: String,
    #[serde(default)]
    control: String,
    #[serde(default)]
    tests: Vec<String>,
    #[serde(default)]
    assertions: Vec<String>,
    #[serde(default)]
    enforced_by: Vec<String>,
    #[serde(default)]
    watched_by: Vec<String>,
    state: StateName,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    residual: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StateName {
    Proven,
    Accepted,
    NotApplicable,
    Open,
}

impl Book {
    /// In the order of the page.
    pub const ALL: [Self; 5] = [Self::SmartMaintenance, Self::Amifi, Self::Abuse, Self::OwaspApi, Self::Asvs];

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::SmartMaintenance => "Smart maintenance",
            Self::Amifi => "AmiFi",
            Self::Abuse => "Abuse cases",
            Self::OwaspApi => "OWASP API Security Top 10 (2023)",
            Self::Asvs => "OWASP ASVS 5.0",
        }
    }

    /// The name of its file in `records/`.
    pub fn file(self) -> &'static str {
        match self {
            Self::SmartMaintenance => "smart_maintenance.toml",
            Self::Amifi => "amifi.toml",
            Self::Abuse => "abuse.toml",
            Self::OwaspApi => "owasp_api.toml",
            Self::Asvs => "asvs.toml",
        }
    }

    fn id_shape(self) -> &'static str {
        match self {
            Self::SmartMaintenance => "SM-01",
            Self::Amifi => "AMF-01",
            Self::Abuse => "ABU-S-01",
            Self::OwaspApi => "API1-2023",
            Self::Asvs => "ASVS-11.2.1",
        }
    }

    fn has_id(self, id: &str) -> bool {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match self {
            Self::SmartMaintenance => id.strip_prefix("SM-").is_some_and(is_number),
            Self::Amifi => id.strip_prefix("AMF-").is_some_and(is_number),
            Self::Abuse => id
                .strip_prefix("ABU-")
                .and_then(|rest| rest.split_once('-'))
                .is_some_and(|(letter, number)| letter.len() == 1 && "STRIDE".contains(letter) && is_number(number)),
            Self::OwaspApi => id
                .strip_prefix("API")
                .and_then(|rest| rest.strip_suffix("-2023"))
                .and_then(|number| number.parse::<u8>().ok())
                .is_some_and(|number| (1..=10).contains(&number)),
            Self::Asvs => id.strip_prefix("ASVS-").is_some_and(|rest| {
                let numbers: Vec<_> = rest.split('.').collect();
                numbers.len() == 3 && numbers.into_iter().all(is_number)
            }),
        }
    }
}

impl Written {
    /// The record, or every rule its fields break.
    pub(crate) fn into_record(self, book: Book) -> Result<Record, Vec<Fault>> {
        let mut faults = Vec::new();
        if !book.has_id(&self.id) {
            faults.push(Fault::Id { shape: book.id_shape() });
        }
        for (field, text) in [("title", &self.title), ("threat", &self.threat)] {
            if text.trim().is_empty() {
                faults.push(Fault::Blank(field));
            }
        }
        match (book, self.level) {
            (Book::Asvs, Some(1..=3)) => {}
            (Book::Asvs, None) => faults.push(Fault::Missing("level")),
            (_, Some(level)) => faults.push(match book {
                Book::Asvs => Fault::Malformed { field: "level", value: level.to_string(), shape: "1, 2 or 3" },
                _ => Fault::Unwanted("level"),
            }),
            (_, None) => {}
        }
        if matches!(self.state, StateName::Proven) {
            self.prove(&mut faults);
        }
        let state = state(self.state, &self.reason, &self.residual, &mut faults);
        let tests = parsed("tests", TestName::SHAPE, &self.tests, &mut faults);
        let assertions = parsed("assertions", Assertion::SHAPE, &self.assertions, &mut faults);
        let enforced_by = parsed("enforced_by", CodeItem::SHAPE, &self.enforced_by, &mut faults);
        let Some(state) = state.filter(|_| faults.is_empty()) else {
            return Err(faults);
        };
        Ok(Record {
            id: self.id,
            book,
            title: self.title,
            sources: self.sources,
            level: self.level,
            stride: self.stride,
            elements: self.elements,
            threat: self.threat,
            control: self.control,
            tests,
            assertions,
            enforced_by,
            watched_by: self.watched_by,
            state,
        })
    }

    fn prove(&self, faults: &mut Vec<Fault>) {
        if self.control.trim().is_empty() {
            faults.push(Fault::Missing("control"));
        }
        if self.tests.is_empty() && self.assertions.is_empty() {
            faults.push(Fault::NoEvidence);
        }
        if self.enforced_by.is_empty() && self.assertions.is_empty() {
            faults.push(Fault::NothingEnforces);
        }
    }
}

fn state(name: StateName, reason: &str, residual: &str, faults: &mut Vec<Fault>) -> Option<State> {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let (reason, residual) = (given(reason), given(residual));
    let missing = if matches!(name, StateName::Proven) { "residual" } else { "reason" };
    let state = match (name, reason, residual) {
        (StateName::Proven, Some(_), _) => return refused(Fault::Unwanted("reason"), faults),
        (StateName::Proven, None, Some(residual)) => Some(State::Proven { residual }),
        (StateName::Accepted, Some(reason), residual) => Some(State::Accepted { reason, residual }),
        (StateName::Open, Some(reason), residual) => Some(State::Open { reason, residual }),
        (StateName::NotApplicable, _, Some(_)) => return refused(Fault::Unwanted("residual"), faults),
        (StateName::NotApplicable, Some(reason), None) => Some(State::NotApplicable { reason }),
        (_, _, None) | (_, None, _) => None,
    };
    state.or_else(|| refused(Fault::Missing(missing), faults))
}

fn refused(fault: Fault, faults: &mut Vec<Fault>) -> Option<State> {
    faults.push(fault);
    None
}

fn parsed<T: FromStr>(field: &'static str, shape: &'static str, texts: &[String], faults: &mut Vec<Fault>) -> Vec<T> {
    let mut values = Vec::with_capacity(texts.len());
    for text in texts {
        match text.parse() {
            Ok(value) => values.push(value),
            Err(_) => faults.push(Fault::Malformed { field, value: text.clone(), shape }),
        }
    }
    values
}

impl State {
    /// Every state, in the order of the page.
    pub const NAMES: [&str; 4] = ["proven", "accepted", "not applicable", "open"];

    /// Its name, one of [`State::NAMES`].
    pub fn name(&self) -> &'static str {
        match self {
            Self::Proven { .. } => "proven",
            Self::Accepted { .. } => "accepted",
            Self::NotApplicable { .. } => "not applicable",
            Self::Open { .. } => "open",
        }
    }

    /// Why it is not proven.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Proven { .. } => None,
            Self::Accepted { reason, .. } | Self::NotApplicable { reason } | Self::Open { reason, .. } => Some(reason),
        }
    }

    /// What remains.
    pub fn residual(&self) -> Option<&str> {
        match self {
            Self::Proven { residual } => Some(residual),
            Self::Accepted { residual, .. } | Self::Open { residual, .. } => residual.as_deref(),
            Self::NotApplicable { .. } => None,
        }
    }
}

impl Stride {
    /// Its letter.
    pub fn letter(self) -> char {
        match self {
            Self::Spoofing => 'S',
            Self::Tampering => 'T',
            Self::Repudiation => 'R',
            Self::InformationDisclosure => 'I',
            Self::DenialOfService => 'D',
            Self::ElevationOfPrivilege => 'E',
        }
    }
}

impl fmt::Display for Stride {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Spoofing => "spoofing",
            Self::Tampering => "tampering",
            Self::Repudiation => "repudiation",
            Self::InformationDisclosure => "information disclosure",
            Self::DenialOfService => "denial of service",
            Self::ElevationOfPrivilege => "elevation of privilege",
        })
    }
}
