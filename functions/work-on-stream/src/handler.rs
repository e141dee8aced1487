//! One change of an alert or a task, and the step that follows from it.

use gate::{Follower, commit_followed};
use kernel::{Fault, Identifier, Tenant};
use maintenance::work::{Agenda, Alert, Booking, Calendar, Policy, Task, TaskStatus, calendar_id, plan, policy_id};
use store::{AuditTrail, Entities, Stored, StreamRecord, UnitOfWork};
use vault::Moment;

/// How many agendas are read at once.
const PAGE: u16 = 100;

/// Follows alerts and tasks.
pub struct WorkOnStream {
    /// What was found.
    pub alerts: Entities<Alert>,
    /// What is to be done.
    pub tasks: Entities<Task>,
    /// Who is booked for what.
    pub agendas: Entities<Agenda>,
    /// What the tenant wants.
    pub policies: Entities<Policy>,
    /// Who can do the work.
    pub calendars: Entities<Calendar>,
    /// What commits.
    pub client: aws_sdk_dynamodb::Client,
    /// Where every step is entered.
    pub audit: AuditTrail,
}

impl Follower for WorkOnStream {
    const NAME: &'static str = "work-on-stream";

    async fn follow(&self, record: &StreamRecord, now: Moment) -> Result<&'static [&'static str], Fault> {
        if let Some((tenant, changed)) = record.entity::<Alert>()? {
            return self.alert(&tenant, &changed.value.id, now).await;
        }
        if let Some((tenant, changed)) = record.entity::<Task>()? {
            if changed.value.status().is_final() {
                return self.waiting(&tenant, now).await;
            }
            return self.task(&tenant, &changed.value.id, now).await;
        }
        if let Some((tenant, _)) = record.entity::<Calendar>()? {
            return self.waiting(&tenant, now).await;
        }
        Ok(&[])
    }
}

impl WorkOnStream {
    /// Makes the alert's task, when it should have one and has none.
    async fn alert(&self, tenant: &Tenant, id: &Identifier, now: Moment) -> Result<&'static [&'static str], Fault> {
        let Some(read) = self.alerts.get(tenant, id).await? else { return Ok(&[]) };
        let policy = self.policies.get(tenant, policy_id()).await?.map(|stored| stored.value).unwrap_or_default();
        let Some(task) = Task::for_alert(&read.value, &policy, now.wall) else { return Ok(&[]) };
        let mut alert = read.value.clone();
        alert.task_id = Some(task.id.clone());
        let mut work = UnitOfWork::default();
        self.tasks.create(&mut work, tenant, &task, None)?;
        self.alerts.replace(&mut work, tenant, &read, &alert, None)?;
        commit_followed(Self::NAME, tenant, work, (&self.client, &self.audit), now).await?;
        Ok(&["tasks"])
    }

    /// Schedules the task, when it is approved and not yet scheduled.
    async fn task(&self, tenant: &Tenant, id: &Identifier, now: Moment) -> Result<&'static [&'static str], Fault> {
        let Some(read) = self.tasks.get(tenant, id).await? else { return Ok(&[]) };
        let Ok(approved) = read.value.approved() else { return Ok(&[]) };
        let calendar = self.calendars.get(tenant, calendar_id()).await?.map(|stored| stored.value).unwrap_or_default();
        let agendas = self.agendas(tenant).await?;
        let bookings: Vec<Booking> = agendas.iter().flat_map(|agenda| agenda.value.bookings.clone()).collect();
        let mut task = read.value.clone();
        let mut work = UnitOfWork::default();
        let done: &[&str] = match plan(&approved, &calendar, &bookings, now.wall) {
            Ok(assignment) => {
                task.schedule(assignment)?;
                self.book(&mut work, tenant, &agendas, &task, now)?;
                &["scheduled"]
            }
            // The words may name another day by now: to write them again would be shown again, and so on for ever.
            Err(reason) if read.value.unscheduled_reason().is_some_and(|known| known.code == reason.code) => {
                return Ok(&[]);
            }
            Err(reason) => {
                task.leave_unscheduled(reason)?;
                &["unscheduled"]
            }
        };
        self.tasks.replace(&mut work, tenant, &read, &task, None)?;
        commit_followed(Self::NAME, tenant, work, (&self.client, &self.audit), now).await?;
        Ok(done)
    }

    /// Plans again what nobody fitted so far, because somebody may fit now: the longest waiting first.
    async fn waiting(&self, tenant: &Tenant, now: Moment) -> Result<&'static [&'static str], Fault> {
        for status in [TaskStatus::Approved, TaskStatus::AutoApproved] {
            let mut waiting = self.tasks.list(tenant, Some(status.as_str()), None, PAGE).await?.objects;
            waiting.reverse();
            for task in waiting {
                self.task(tenant, &task.value.id, now).await?;
            }
        }
        Ok(&[])
    }

    /// Writes the booking into its technician's agenda, as it was read for the plan: a plan that another one has
    /// overtaken is not stored.
    fn book(
        &self,
        work: &mut UnitOfWork,
        tenant: &Tenant,
        agendas: &[Stored<Agenda>],
        task: &Task,
        now: Moment,
    ) -> Result<(), Fault> {
        let Some(booking) = task.booking() else { return Ok(()) };
        let known = agendas.iter().find(|agenda| agenda.value.technician_id == booking.technician_id);
        let technician = booking.technician_id.clone();
        let mut agenda = known.map_or_else(|| Agenda::empty(technician), |known| known.value.clone());
        agenda.book(booking, now.wall);
        match known {
            Some(known) => self.agendas.replace(work, tenant, known, &agenda, None)?,
            None => self.agendas.create(work, tenant, &agenda, None)?,
        }
        Ok(())
    }

    async fn agendas(&self, tenant: &Tenant) -> Result<Vec<Stored<Agenda>>, Fault> {
        let mut all = Vec::new();
        let mut after: Option<Identifier> = None;
        loop {
            let page = self.agendas.list(tenant, None, after.as_ref(), PAGE).await?;
            all.extend(page.objects);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(all),
            }
        }
    }
}
