//! The alerts of one sensor while its readings are judged.

use jiff::Timestamp;
use kernel::{Fault, Identifier, Tenant};
use maintenance::{
    SensorType,
    anomaly::{self, Kind},
    work::{Alert, AlertKind, AlertStatus, Evidence, Expected, Finding, Policy, Severity},
};
use store::{Entities, Stored, UnitOfWork};

use crate::memory::Memory;

/// Alerts that are being opened and extended; written together at the end.
pub struct Episodes<'a> {
    alerts: &'a Entities<Alert>,
    tenant: &'a Tenant,
    policy: &'a Policy,
    now: Timestamp,
    changed: Vec<(Option<Stored<Alert>>, Alert)>,
    opened: usize,
}

/// A reading that the detector flagged.
pub struct Unusual {
    /// When it was measured.
    pub timestamp: Timestamp,
    /// What was measured.
    pub value: f64,
    /// Why it was flagged.
    pub finding: anomaly::Finding,
    /// The start of the episode that it belongs to.
    pub episode: Timestamp,
}

/// Whose readings they are.
pub struct Subject {
    /// The sensor.
    pub sensor: Identifier,
    /// What it measures.
    pub sensor_type: SensorType,
    /// The unit of its values.
    pub unit: String,
}

impl<'a> Episodes<'a> {
    /// None yet.
    #[must_use]
    pub const fn new(alerts: &'a Entities<Alert>, tenant: &'a Tenant, policy: &'a Policy, now: Timestamp) -> Self {
        Self { alerts, tenant, policy, now, changed: Vec::new(), opened: 0 }
    }

    /// Takes an unusual reading: it extends the alert of its episode, or opens one when there is none or when an
    /// operator has resolved it.
    ///
    /// # Errors
    /// When the alert cannot be read.
    pub async fn take(&mut self, subject: &Subject, unusual: &Unusual, memory: &mut Memory) -> Result<(), Fault> {
        let finding = finding(subject, unusual);
        let start = unusual.episode;
        if let Some((opened, id)) = &memory.episode
            && *opened == start
        {
            if !self.changed.iter().any(|(_, alert)| alert.id == *id)
                && let Some(read) = self.alerts.get(self.tenant, id).await?
            {
                let alert = read.value.clone();
                self.changed.push((Some(read), alert));
            }
            let known = self.changed.iter_mut().find(|(_, alert)| alert.id == *id);
            if let Some((_, alert)) = known.filter(|(_, alert)| alert.status() != AlertStatus::Resolved) {
                alert.extend(&finding, self.policy, self.now)?;
                return Ok(());
            }
        }
        let alert = Alert::open(finding, self.policy, self.now);
        memory.episode = Some((start, alert.id.clone()));
        self.changed.push((None, alert));
        self.opened += 1;
        Ok(())
    }

    /// Adds the alerts to the unit of work; says how many there are and how many of them are new.
    ///
    /// # Errors
    /// When an alert cannot be written.
    pub fn store(self, work: &mut UnitOfWork) -> Result<(usize, usize), Fault> {
        let mut stored = 0;
        for (read, alert) in &self.changed {
            match read {
                None => self.alerts.create(work, self.tenant, alert, None)?,
                // An alert that was resolved meanwhile was read and stays as it is.
                Some(read) if read.value == *alert => continue,
                Some(read) => self.alerts.replace(work, self.tenant, read, alert, None)?,
            }
            stored += 1;
        }
        Ok((stored, self.opened))
    }
}

fn finding(subject: &Subject, unusual: &Unusual) -> Finding {
    let found = unusual.finding;
    Finding {
        sensor_id: subject.sensor.clone(),
        sensor_type: subject.sensor_type,
        unit: subject.unit.clone(),
        kind: match found.kind {
            Kind::Spike => AlertKind::Spike,
            Kind::LevelShift => AlertKind::LevelShift,
            Kind::Drift => AlertKind::Drift,
            Kind::Flatline => AlertKind::Flatline,
            Kind::Multivariate => AlertKind::Multivariate,
        },
        severity: Severity::saturating(i64::from(found.severity)),
        evidence: Evidence {
            timestamp: unusual.timestamp,
            value: unusual.value,
            expected: Expected { low: found.expected.low, high: found.expected.high },
            score: found.score,
        },
    }
}
