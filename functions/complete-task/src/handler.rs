//! Ends an approved task with a log of what was done. Its alert ends with it, and the technician is free again.

use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Precondition, Revised, Route};
use kernel::{Fault, Identifier, Scope, Tenant};
use maintenance::work::{Agenda, Alert, Closure, Completion, RawCompletion, Task, pipeline};
use store::{Entities, UnitOfWork};

/// `POST /v1/tasks/{task_id}/complete`.
pub struct CompleteTask {
    tasks: Entities<Task>,
    alerts: Entities<Alert>,
    agendas: Entities<Agenda>,
}

/// What was done.
pub struct Input {
    id: Identifier,
    seen: Precondition,
    completion: Completion,
}

impl CompleteTask {
    /// Changes tasks, their alerts and the agendas of technicians.
    #[must_use]
    pub const fn new(tasks: Entities<Task>, alerts: Entities<Alert>, agendas: Entities<Agenda>) -> Self {
        Self { tasks, alerts, agendas }
    }

    async fn close_alert(&self, tenant: &Tenant, task: &Task, call: &Call, work: &mut UnitOfWork) -> Result<(), Fault> {
        let Some(id) = &task.alert_id else { return Ok(()) };
        let Some(read) = self.alerts.get(tenant, id).await? else { return Ok(()) };
        let mut alert = read.value.clone();
        let note = Some(format!("{} was completed", task.id));
        // An alert that an operator has resolved stays as it is.
        if alert.resolve(Closure { by: pipeline(), at: call.now.wall, note }).is_ok() {
            self.alerts.replace(work, tenant, &read, &alert, None)?;
        }
        Ok(())
    }

    async fn free(&self, tenant: &Tenant, task: &Task, work: &mut UnitOfWork) -> Result<(), Fault> {
        let Some(booking) = task.booking() else { return Ok(()) };
        let Some(read) = self.agendas.get(tenant, &booking.technician_id).await? else { return Ok(()) };
        let mut agenda = read.value.clone();
        agenda.free(&task.id);
        self.agendas.replace(work, tenant, &read, &agenda, None)?;
        Ok(())
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
    type Input = Input;
    type Output = Json<Revised<Task>>;

    fn parse(&self, incoming: &Incoming, call: &Call) -> Result<Input, Fault> {
        incoming.no_query()?;
        let id = incoming.identifier("task_id")?;
        let raw: RawCompletion = incoming.json()?;
        let completion = raw.accept(&call.operator(), call.now.wall).map_err(Fault::validation)?;
        Ok(Input { id, seen: incoming.precondition()?, completion })
    }

    async fn act(&self, call: &Call, input: Input, work: &mut UnitOfWork) -> Result<Json<Revised<Task>>, Fault> {
        let tenant = &call.principal.tenant;
        let read = self.tasks.get(tenant, &input.id).await?.ok_or_else(Fault::not_found)?;
        input.seen.check(read.revision)?;
        let mut task = read.value.clone();
        task.complete(input.completion)?;
        self.tasks.replace(work, tenant, &read, &task, None)?;
        self.free(tenant, &read.value, work).await?;
        self.close_alert(tenant, &task, call, work).await?;
        Ok(Revised::after(&read, task).into())
    }
}
