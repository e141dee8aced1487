//! Ends an approved task with a log of what was done. Its alert ends with it, and the technician is free again.

use gate::{Body, Call, Change, Demand, Endpoint, Incoming, Json, Method, Revised, Route};
use kernel::{Fault, Scope};
use maintenance::work::{Agenda, Alert, Closure, Completion, RawCompletion, Task, pipeline};
use store::{Entities, UnitOfWork};

/// `POST /v1/tasks/{task_id}/complete`.
pub struct CompleteTask {
    tasks: Entities<Task>,
    alerts: Entities<Alert>,
    agendas: Entities<Agenda>,
}

impl CompleteTask {
    /// Changes tasks, their alerts and the agendas of technicians.
    #[must_use]
    pub const fn new(tasks: Entities<Task>, alerts: Entities<Alert>, agendas: Entities<Agenda>) -> Self {
        Self { tasks, alerts, agendas }
    }
}

impl Endpoint for CompleteTask {
    const ROUTE: Route = Route {
        name: "complete-task",
        method: Method::Post,
        path: "/v1/tasks/{task_id}/complete",
        siblings: &[],
        demand: Demand::Scope(Scope::TasksUpdate),
        body: Body::JSON,
        stores: true,
    };
    type Input = Change<Completion>;
    type Output = Json<Revised<Task>>;

    fn parse(&self, incoming: &Incoming, call: &Call) -> Result<Self::Input, Fault> {
        incoming.no_query()?;
        let id = incoming.identifier("task_id")?;
        let raw: RawCompletion = incoming.json()?;
        let completion = raw.accept(&call.operator(), call.now.wall).map_err(Fault::validation)?;
        Change::new(incoming, id, completion)
    }

    async fn act(&self, call: &Call, completion: Self::Input, work: &mut UnitOfWork) -> Result<Self::Output, Fault> {
        let tenant = &call.principal.tenant;
        let (before, task) = completion.make(&self.tasks, call, work, Task::complete).await?;
        if let Some(booking) = before.booking() {
            self.agendas.amend(work, tenant, &booking.technician_id, |agenda| agenda.free(&before.id)).await?;
        }
        if let Some(alert) = &before.alert_id {
            let note = Some(format!("{} was completed", before.id));
            let closure = Closure { by: pipeline(), at: call.now.wall, note };
            // An alert that an operator has resolved stays as it is.
            self.alerts.amend(work, tenant, alert, |alert| alert.resolve(closure).is_ok()).await?;
        }
        Ok(task.into())
    }
}
