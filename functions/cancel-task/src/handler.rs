//! Calls approved work off. Its technician is free again; its alert stays as it is.

use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Precondition, Revised, Route};
use kernel::{Fault, Identifier, Scope, Tenant};
use maintenance::work::{Agenda, Cancellation, RawCancellation, Task};
use store::{Entities, UnitOfWork};

/// `POST /v1/tasks/{task_id}/cancel`.
pub struct CancelTask {
    tasks: Entities<Task>,
    agendas: Entities<Agenda>,
}

/// What to call off, and why.
pub struct Input {
    id: Identifier,
    seen: Precondition,
    cancellation: Cancellation,
}

impl CancelTask {
    /// Changes tasks and the agendas of technicians.
    #[must_use]
    pub const fn new(tasks: Entities<Task>, agendas: Entities<Agenda>) -> Self {
        Self { tasks, agendas }
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

impl Endpoint for CancelTask {
    const ROUTE: Route = Route {
        name: "cancel-task",
        method: Method::Post,
        path: "/v1/tasks/{task_id}/cancel",
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
        let raw: RawCancellation = incoming.json()?;
        let cancellation = raw.accept(&call.operator(), call.now.wall).map_err(Fault::validation)?;
        Ok(Input { id, seen: incoming.precondition()?, cancellation })
    }

    async fn act(&self, call: &Call, input: Input, work: &mut UnitOfWork) -> Result<Json<Revised<Task>>, Fault> {
        let tenant = &call.principal.tenant;
        let read = self.tasks.get(tenant, &input.id).await?.ok_or_else(Fault::not_found)?;
        input.seen.check(read.revision)?;
        let mut task = read.value.clone();
        task.cancel(input.cancellation)?;
        self.tasks.replace(work, tenant, &read, &task, None)?;
        self.free(tenant, &read.value, work).await?;
        Ok(Revised::after(&read, task).into())
    }
}
