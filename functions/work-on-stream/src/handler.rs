//! One change of an alert or a task, and the step that follows from it.

use gate::{Follower, again, commit_unattended};
use history::History;
use jiff::{SignedDuration, Timestamp};
use kernel::{Fault, Identifier, Tenant};
use maintenance::{
    forecast,
    work::{
        Agenda, Alert, Booking, Calendar, Notification, NotificationRecord, Outlook, Policy, Task, TaskStatus,
        calendar_id, plan, policy_id,
    },
};
use store::{AuditTrail, CommitError, Entities, Stored, StreamRecord, Tenants, UnitOfWork};
use ulid::Ulid;
use vault::Moment;

use crate::outbox::Outbox;

/// How many agendas are read at once.
const PAGE: u16 = 100;
/// How many readings a forecast is learned from.
const LEARNED: usize = 5_000;
/// How far a forecast looks ahead, in hours. What is further off than a week is not urgent.
const HORIZONS: [i64; 5] = [7 * 24, 3 * 24, 24, 6, 1];

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
    /// What sensors have shown.
    pub history: History,
    /// What is told.
    pub notifications: Entities<NotificationRecord>,
    /// Where what is to be told goes.
    pub outbox: Outbox,
    /// Who has any work.
    pub tenants: Tenants,
    /// What commits.
    pub client: aws_sdk_dynamodb::Client,
    /// Where every step is entered.
    pub audit: AuditTrail,
}

impl Follower for WorkOnStream {
    const NAME: &'static str = "work-on-stream";

    async fn follow(&self, record: &StreamRecord, now: Moment) -> Result<&'static [&'static str], Fault> {
        if let Some((tenant, changed)) = record.entity::<Alert>()? {
            self.tenants.enrol(&tenant).await?;
            let done = self.alert(&tenant, &changed.value.id, now).await?;
            let news = match record.before::<Alert>()? {
                None => Some(Notification::alert_opened(&changed.value)),
                Some(before) if before.value.escalated_at == changed.value.escalated_at => None,
                Some(_) => Notification::alert_escalated(&changed.value),
            };
            self.tell(&tenant, news, now).await?;
            return Ok(done);
        }
        if let Some((tenant, changed)) = record.entity::<Task>()? {
            self.tenants.enrol(&tenant).await?;
            let done = match changed.value.status().is_final() {
                true => self.waiting(&tenant, now).await?,
                false => self.task(&tenant, &changed.value.id, now).await?,
            };
            self.tell(&tenant, Notification::task(&changed.value, now.wall), now).await?;
            return Ok(done);
        }
        if let Some((tenant, _)) = record.entity::<Calendar>()? {
            return self.waiting(&tenant, now).await;
        }
        Ok(&[])
    }
}

impl WorkOnStream {
    /// Stores what is to be told, unless it was before, and puts it into the outbox. In this order, so that a failure
    /// between the two tells late and not never: what is shown again is put there again, and a notification that comes
    /// out of it again after it was sent is not sent again.
    async fn tell(&self, tenant: &Tenant, news: Option<Notification>, now: Moment) -> Result<(), Fault> {
        let Some(news) = news else { return Ok(()) };
        let policy = self.policies.get(tenant, policy_id()).await?.map(|stored| stored.value).unwrap_or_default();
        let Some(record) = NotificationRecord::new(news, &policy.notifications) else { return Ok(()) };
        let mut work = UnitOfWork::default();
        self.notifications.create(&mut work, tenant, &record, Some(policy.retention.aggregates_until(now.wall)))?;
        match work.commit_unaudited(&self.client, &Ulid::generate().to_string()).await {
            Ok(()) | Err(CommitError::Conflict) => self.outbox.put(tenant, &record.notification.id).await,
            Err(error) => Err(again(error)),
        }
    }

    /// Makes the alert's task, when it should have one and has none.
    async fn alert(&self, tenant: &Tenant, id: &Identifier, now: Moment) -> Result<&'static [&'static str], Fault> {
        let Some(read) = self.alerts.get(tenant, id).await? else { return Ok(&[]) };
        let policy = self.policies.get(tenant, policy_id()).await?.map(|stored| stored.value).unwrap_or_default();
        let mut alert = read.value.clone();
        if Task::for_alert(&alert, &policy, now.wall).is_none() {
            return Ok(&[]);
        }
        let limit_at = self.limit_at(tenant, &alert.sensor_id, &policy).await?;
        alert.foresee(Outlook { limit_at, ..alert.urgency.outlook }, &policy, now.wall);
        // How urgent the alert is decides about the task.
        let Some(task) = Task::for_alert(&alert, &policy, now.wall) else { return Ok(&[]) };
        alert.task_id = Some(task.id.clone());
        let mut work = UnitOfWork::default();
        self.tasks.create(&mut work, tenant, &task, None)?;
        self.alerts.replace(&mut work, tenant, &read, &alert, None)?;
        commit_unattended(Self::NAME, tenant, work, (&self.client, &self.audit), now).await?;
        Ok(&["tasks"])
    }

    /// When the sensor may reach what it must not, by the forecast of its newest readings; `None` when it has no limits,
    /// or it cannot be foreseen.
    async fn limit_at(
        &self,
        tenant: &Tenant,
        sensor: &Identifier,
        policy: &Policy,
    ) -> Result<Option<Timestamp>, Fault> {
        let Some(limits) = policy.limits_of(sensor) else { return Ok(None) };
        let recorded = self.history.latest(tenant, sensor, Timestamp::MAX, LEARNED).await?;
        let samples = recorded.map(|recorded| recorded.samples).unwrap_or_default();
        let Some(newest) = samples.last().map(|sample| sample.timestamp) else { return Ok(None) };
        // A longer horizon takes a longer history: the longest that this one admits.
        let foreseen = HORIZONS
            .iter()
            .find_map(|hours| forecast(&samples, newest, SignedDuration::from_hours(*hours), limits).ok());
        let reached = foreseen.map(|foreseen| foreseen.time_to_limit);
        let crossings = reached.into_iter().flat_map(|reached| [reached.low, reached.high]).flatten();
        Ok(crossings.map(|crossing| crossing.earliest).min())
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
        commit_unattended(Self::NAME, tenant, work, (&self.client, &self.audit), now).await?;
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
