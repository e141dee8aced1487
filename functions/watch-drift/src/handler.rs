//! One tenant's sensors, as its policy names them.

use gate::{Deadline, Routine, again, commit_unattended};
use history::{Baselines, History};
use jiff::Timestamp;
use kernel::{Code, Fault, Identifier, Tenant};
use maintenance::{
    drift,
    work::{Alert, AlertKind, AlertStatus, DriftCheck, DriftReference, Finding, Policy, policy_id},
};
use store::{AuditTrail, Beside, Entities, UnitOfWork};
use ulid::Ulid;
use vault::Moment;

use crate::memory::{Memory, NOTE};

/// Watches distributions.
pub struct WatchDrift {
    /// The readings.
    pub history: History,
    /// What they may be compared with.
    pub baselines: Baselines,
    /// What is remembered of a watched sensor.
    pub beside: Beside,
    /// The alerts.
    pub alerts: Entities<Alert>,
    /// What the tenant wants watched.
    pub policies: Entities<Policy>,
    /// What commits.
    pub client: aws_sdk_dynamodb::Client,
    /// Where alerts are entered.
    pub audit: AuditTrail,
}

/// One tenant's turn.
struct Turn<'a> {
    tenant: &'a Tenant,
    policy: &'a Policy,
    now: Moment,
}

impl Routine for WatchDrift {
    const NAME: &'static str = "watch-drift";

    async fn run(&self, tenant: &Tenant, now: Moment, deadline: Deadline) -> Result<Vec<&'static str>, Fault> {
        let policy = self.policies.get(tenant, policy_id()).await?.map(|stored| stored.value).unwrap_or_default();
        let turn = Turn { tenant, policy: &policy, now };
        let mut counts = Vec::new();
        let mut failed = None;
        for check in &policy.drift_checks {
            if deadline.is_near() {
                return Err(Fault::unavailable("time is short"));
            }
            // One sensor that fails keeps no other unwatched.
            match self.check(&turn, check).await {
                Ok(names) => counts.extend(names),
                // Its window has more readings than are read at once: to try again would change nothing.
                Err(fault) if fault.code == Code::ValidationFailed => counts.push("too_many_readings"),
                Err(fault) => failed = Some(fault),
            }
        }
        failed.map_or(Ok(counts), Err)
    }
}

impl WatchDrift {
    /// Judges the newest window, unless it was judged before.
    async fn check(&self, turn: &Turn<'_>, check: &DriftCheck) -> Result<&'static [&'static str], Fault> {
        let (tenant, sensor) = (turn.tenant, &check.sensor_id);
        let note = self.beside.note(tenant, sensor, NOTE).await?;
        let mut memory = note.as_ref().map(|note| Memory::read(&note.data)).unwrap_or_default();
        let newest = self.history.latest(tenant, sensor, Timestamp::MAX, 1).await?;
        let newest = newest.and_then(|known| known.samples.last().map(|sample| sample.timestamp));
        if newest.is_none() || memory.judged_until == newest {
            return Ok(&[]);
        }
        let windows = match check.reference {
            DriftReference::Preceding => self.history.windows(tenant, sensor, check.window()).await?,
            DriftReference::Baseline => self.history.window(tenant, sensor, check.window()).await?,
        };
        let Some(windows) = windows else { return Ok(&[]) };
        let mut work = UnitOfWork::default();
        let mut changed = false;
        let unusual = match check.reference {
            DriftReference::Preceding => {
                let found = drift(&windows.recent, &windows.earlier, check.rules());
                check.judge(&found, None, windows.newest)
            }
            DriftReference::Baseline => {
                let kept = self.baselines.for_windows(tenant, sensor, check.window(), windows.border).await?;
                let Some((kept, is_new)) = kept else { return Ok(&["without_baseline"]) };
                let found = kept.baseline.drift(&windows.recent, check.rules());
                let unusual = check.judge(&found, Some(&kept.baseline), windows.newest);
                changed |= is_new;
                if is_new {
                    self.baselines.store(&mut work, (tenant, sensor), kept)?;
                }
                unusual
            }
        };
        memory.judged_until = Some(windows.newest);
        let drifted = unusual.is_some();
        match unusual {
            None => memory.alert = None,
            Some((severity, evidence)) => {
                let finding = Finding {
                    sensor_id: sensor.clone(),
                    sensor_type: windows.sensor_type,
                    unit: windows.unit,
                    kind: AlertKind::DistributionDrift,
                    severity,
                    evidence,
                };
                memory.alert = Some(self.alert(turn, finding, memory.alert, &mut work).await?);
            }
        }
        self.beside.write_note(&mut work, (tenant, sensor), NOTE, note.as_ref(), memory.write()?)?;
        if drifted || changed {
            commit_unattended(Self::NAME, tenant, work, (&self.client, &self.audit), turn.now).await?;
            return Ok(if drifted { &["checks", "drifts"] } else { &["checks"] });
        }
        work.commit_unaudited(&self.client, &Ulid::generate().to_string()).await.map_err(again)?;
        Ok(&["checks"])
    }

    /// Extends the alert of the episode, or opens one when there is none or when an operator has resolved it.
    async fn alert(
        &self,
        turn: &Turn<'_>,
        finding: Finding,
        known: Option<Identifier>,
        work: &mut UnitOfWork,
    ) -> Result<Identifier, Fault> {
        let Turn { tenant, policy, now } = turn;
        let known = match known {
            Some(id) => self.alerts.get(tenant, &id).await?,
            None => None,
        };
        if let Some(known) = known.filter(|known| known.value.status() != AlertStatus::Resolved) {
            let mut alert = known.value.clone();
            alert.extend(&finding, policy, now.wall)?;
            self.alerts.replace(work, tenant, &known, &alert, None)?;
            return Ok(alert.id);
        }
        let alert = Alert::open(finding, policy, now.wall);
        self.alerts.create(work, tenant, &alert, None)?;
        Ok(alert.id)
    }
}
