//! The deferred tasks of one tenant.

use gate::{Deadline, Routine, commit_unattended};
use kernel::{Fault, Identifier, Tenant};
use maintenance::work::{Task, TaskStatus};
use store::{AuditTrail, Entities, UnitOfWork};
use vault::Moment;

/// How many tasks are read at once.
const PAGE: u16 = 100;

/// Resumes tasks.
pub struct ResumeTasks {
    /// The tasks.
    pub tasks: Entities<Task>,
    /// What commits.
    pub client: aws_sdk_dynamodb::Client,
    /// Where every step is entered.
    pub audit: AuditTrail,
}

impl Routine for ResumeTasks {
    const NAME: &'static str = "resume-tasks";

    async fn run(&self, tenant: &Tenant, now: Moment, deadline: Deadline) -> Result<Vec<&'static str>, Fault> {
        let mut resumed = Vec::new();
        let mut after: Option<Identifier> = None;
        loop {
            if deadline.is_near() {
                return Err(Fault::unavailable("time is short"));
            }
            let page = self.tasks.list(tenant, Some(TaskStatus::Deferred.as_str()), after.as_ref(), PAGE).await?;
            for read in page.objects {
                let mut task = read.value.clone();
                if task.resume(now.wall) {
                    let mut work = UnitOfWork::default();
                    self.tasks.replace(&mut work, tenant, &read, &task, None)?;
                    commit_unattended(Self::NAME, tenant, work, (&self.client, &self.audit), now).await?;
                    resumed.push("resumed");
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(resumed),
            }
        }
    }
}
