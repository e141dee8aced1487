//! One change of the stream: its readings are judged, and everything that follows is written at once.

use std::collections::BTreeMap;

use gate::{Follower, again, commit_unattended};
use history::History;
use jiff::{SignedDuration, Timestamp};
use kernel::{Fault, Identifier, Tenant};
use maintenance::{
    HourSummary, Resolution, Sample, Segment,
    anomaly::{Sensitivity, Verdict},
    merge,
    work::{Alert, Policy, policy_id},
};
use store::{AuditTrail, Beside, Entities, Order, ReadingsStored, StreamRecord, Telemetry, Tenants, UnitOfWork};
use ulid::Ulid;
use vault::Moment;

use crate::{
    episode::{Episodes, Subject, Unusual},
    memory::{Memory, NOTE, Source},
};

/// How many hours are summarised in one transaction.
const TOGETHER: usize = 40;

/// Follows segments.
pub struct DetectOnStream {
    /// Where the segments of batches are.
    pub telemetry: Telemetry,
    /// The readings of whole hours.
    pub history: History,
    /// State and summaries.
    pub beside: Beside,
    /// The alerts.
    pub alerts: Entities<Alert>,
    /// What the tenant wants.
    pub policies: Entities<Policy>,
    /// Who has readings.
    pub tenants: Tenants,
    /// What commits.
    pub client: aws_sdk_dynamodb::Client,
    /// Where new alerts are entered.
    pub audit: AuditTrail,
}

impl Follower for DetectOnStream {
    const NAME: &'static str = "detect-on-stream";

    async fn follow(&self, record: &StreamRecord, now: Moment) -> Result<&'static [&'static str], Fault> {
        match record.readings()? {
            None => Ok(&[]),
            Some(ReadingsStored::Segment(stored)) => {
                let source = Source::Own(record.sequence_number());
                self.take((&stored.tenant, &stored.sensor), source, vec![stored.data], now).await
            }
            Some(ReadingsStored::Batch { tenant, write, names }) => {
                let mut sensors: BTreeMap<Identifier, Vec<Vec<u8>>> = BTreeMap::new();
                for stored in self.telemetry.batch(&tenant, &names).await? {
                    sensors.entry(stored.sensor).or_default().push(stored.data);
                }
                for (sensor, segments) in sensors {
                    self.take((&tenant, &sensor), Source::Batch(write), segments, now).await?;
                }
                Ok(&["batches"])
            }
        }
    }
}

impl DetectOnStream {
    async fn take(
        &self,
        (tenant, sensor): (&Tenant, &Identifier),
        source: Source<'_>,
        segments: Vec<Vec<u8>>,
        now: Moment,
    ) -> Result<&'static [&'static str], Fault> {
        self.tenants.enrol(tenant).await?;
        let note = self.beside.note(tenant, sensor, NOTE).await?;
        let mut memory = note.as_ref().map(|note| Memory::read(&note.data)).unwrap_or_default();
        if memory.saw(source) {
            return Ok(&["repeats"]);
        }
        let segments: Vec<Segment> =
            segments.into_iter().map(Segment::parse).collect::<Result<_, _>>().map_err(Fault::internal)?;
        let Some(described) = segments.last().map(Segment::header) else { return Ok(&[]) };
        let subject =
            Subject { sensor: sensor.clone(), sensor_type: described.sensor_type, unit: described.unit.clone() };
        let runs: Vec<(u128, Vec<Sample>)> = (0..)
            .zip(&segments)
            .map(|(order, segment)| Ok((order, segment.samples()?)))
            .collect::<Result<_, maintenance::SegmentError>>()
            .map_err(Fault::internal)?;
        let samples = merge(runs);
        let policy = self.policies.get(tenant, policy_id()).await?.map(|stored| stored.value).unwrap_or_default();

        let mut work = UnitOfWork::default();
        let mut episodes = Episodes::new(&self.alerts, tenant, &policy, now.wall);
        let sensitivity = Sensitivity::new(policy.detection.sensitivity).unwrap_or_default();
        for Sample { timestamp, value, .. } in &samples {
            let verdict = memory.detector.observe(*timestamp, *value, sensitivity);
            if let Verdict::Anomalous { finding, episode } = verdict {
                let unusual = Unusual { timestamp: *timestamp, value: *value, finding, episode: episode.opened };
                episodes.take(&subject, &unusual, &mut memory).await?;
            }
        }
        let (changed, opened) = episodes.store(&mut work)?;
        self.summarise(&mut work, (tenant, sensor), &segments, &policy, now).await?;
        self.beside.write_note(&mut work, (tenant, sensor), NOTE, note.as_ref(), memory.write()?)?;
        if changed > 0 {
            commit_unattended(Self::NAME, tenant, work, (&self.client, &self.audit), now).await?;
        } else {
            work.commit_unaudited(&self.client, &Ulid::generate().to_string()).await.map_err(again)?;
        }
        Ok(if opened > 0 { &["segments", "alerts"] } else { &["segments"] })
    }

    /// Summarises anew the hours that the segments lie in. More hours than a transaction takes are written before the
    /// rest: a summary is the same however often it is made.
    async fn summarise(
        &self,
        work: &mut UnitOfWork,
        (tenant, sensor): (&Tenant, &Identifier),
        segments: &[Segment],
        policy: &Policy,
        now: Moment,
    ) -> Result<(), Fault> {
        let mut hours: Vec<Timestamp> = segments.iter().map(|segment| Resolution::Hour.start(segment.hour())).collect();
        hours.sort_unstable();
        hours.dedup();
        let expires = policy.retention.aggregates_until(now.wall);
        for (chunk, is_last) in chunks(&hours) {
            let mut before = UnitOfWork::default();
            let target = if is_last { &mut *work } else { &mut before };
            for hour in chunk {
                let end = Resolution::Hour.next(*hour).checked_sub(SignedDuration::from_nanos(1)).unwrap_or(*hour);
                let recorded = self.history.range(tenant, sensor, *hour, end).await?;
                let summary =
                    recorded.and_then(|known| HourSummary::of(known.sensor_type, &known.unit, &known.samples));
                // Of an hour whose readings have begun to expire, the summary that is there has more.
                let kept = self.beside.first_hour(tenant, sensor, (*hour, *hour), Order::Ascending).await?;
                let kept = kept.and_then(|data| serde_json::from_slice::<HourSummary>(&data).ok());
                let least = kept.map_or(0, |kept| kept.bucket.count);
                if let Some(summary) = summary.filter(|summary| summary.bucket.count >= least) {
                    let data = serde_json::to_vec(&summary).map_err(Fault::internal)?;
                    self.beside.write_hour(target, (tenant, sensor), *hour, data, expires)?;
                }
            }
            if !is_last {
                before.commit_unaudited(&self.client, &Ulid::generate().to_string()).await.map_err(again)?;
            }
        }
        Ok(())
    }
}

/// The hours in parts that leave a transaction room for alerts, and whether a part is the last.
fn chunks(hours: &[Timestamp]) -> impl Iterator<Item = (&[Timestamp], bool)> {
    let last = hours.len().div_ceil(TOGETHER).saturating_sub(1);
    hours.chunks(TOGETHER).enumerate().map(move |(index, chunk)| (chunk, index == last))
}
