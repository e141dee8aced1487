//! The open erasures of one tenant.

use erasure::Eraser;
use gate::{Deadline, Routine, commit_unattended};
use jiff::SignedDuration;
use kernel::{Fault, Identifier, Tenant};
use ledger::{Erasure, ErasureStatus};
use store::{AuditTrail, Entities, Stored, UnitOfWork};
use vault::Moment;

/// How many erasures are read at once.
const PAGE: u16 = 100;
/// After how long no request that began before the key was destroyed can still be running: twice what API Gateway
/// allows.
const SETTLED: SignedDuration = SignedDuration::from_secs(60);

/// Finishes erasures.
pub struct FinishErasures {
    /// What erases.
    pub eraser: Eraser,
    /// What is known of erasures.
    pub erasures: Entities<Erasure>,
    /// What commits.
    pub client: aws_sdk_dynamodb::Client,
    /// Where every step is entered.
    pub audit: AuditTrail,
}

impl Routine for FinishErasures {
    const NAME: &'static str = "finish-erasures";

    async fn run(&self, tenant: &Tenant, now: Moment, deadline: Deadline) -> Result<Vec<&'static str>, Fault> {
        let mut done = Vec::new();
        let mut failed = None;
        for status in [ErasureStatus::Erasing, ErasureStatus::Erased] {
            let mut after: Option<Identifier> = None;
            loop {
                let page = self.erasures.list(tenant, Some(status.as_str()), after.as_ref(), PAGE).await?;
                for read in page.objects {
                    if deadline.is_near() {
                        // The next one goes on.
                        return failed.map_or(Ok(done), Err);
                    }
                    match self.one(tenant, &read, now, deadline).await {
                        Ok(name) => done.extend(name),
                        // It keeps no other waiting.
                        Err(fault) => failed = Some(fault),
                    }
                }
                match page.next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
        }
        failed.map_or(Ok(done), Err)
    }
}

impl FinishErasures {
    async fn one(
        &self,
        tenant: &Tenant,
        read: &Stored<Erasure>,
        now: Moment,
        deadline: Deadline,
    ) -> Result<Option<&'static str>, Fault> {
        let mut erasure = read.value.clone();
        let destroyed = erasure.key_destroyed_at;
        let settled = destroyed.is_some_and(|time| now.wall.duration_since(time) >= SETTLED);
        if erasure.status == ErasureStatus::Erased && !settled {
            return Ok(None);
        }
        let begun = erasure.status;
        self.eraser.advance(Self::NAME, tenant, &mut erasure, (now, deadline)).await?;
        let done = match (begun, erasure.status) {
            (ErasureStatus::Erased, ErasureStatus::Erased) => {
                erasure.status = ErasureStatus::Verified;
                Some("verified")
            }
            (_, ErasureStatus::Erased) => Some("erasures"),
            _ => None,
        };
        let mut work = UnitOfWork::default();
        self.erasures.replace(&mut work, tenant, read, &erasure, None)?;
        commit_unattended(Self::NAME, tenant, work, (&self.client, &self.audit), now).await?;
        Ok(done)
    }
}
