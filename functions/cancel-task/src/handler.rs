//! Calls approved work off. Its technician is free again; its alert stays as it is.

use gate::{Body, Call, Change, Demand, Endpoint, Incoming, Json, Method, Revised, Route};
use kernel::{Fault, Scope};
use maintenance::work::{Agenda, Cancellation, RawCancellation, Task};
use store::{Entities, UnitOfWork};

/// `POST /v1/tasks/{task_id}/cancel`.
pub struct CancelTask {
    tasks: Entities<Task>,
    agendas: Entities<Agenda>,
}

impl CancelTask {
    /// Changes tasks and the agendas of technicians.
    #[must_use]
    pub const fn new(tasks: Entities<Task>, agendas: Entities<Agenda>) -> Self {
        Self { tasks, agendas }
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
    type Input = Change<Cancellation>;
    type Output = Json<Revised<Task>>;

    fn parse(&self, incoming: &Incoming, call: &Call) -> Result<Self::Input, Fault> {
        incoming.no_query()?;
        let id = incoming.identifier("task_id")?;
        let raw: RawCancellation = incoming.json()?;
        let cancellation = raw.accept(&call.operator(), call.now.wall).map_err(Fault::validation)?;
        Change::new(incoming, id, cancellation)
    }

    async fn act(&self, call: &Call, cancellation: Self::Input, work: &mut UnitOfWork) -> Result<Self::Output, Fault> {
        let (before, task) = cancellation.make(&self.tasks, call, work, Task::cancel).await?;
        if let Some(booking) = before.booking() {
            let tenant = &call.principal.tenant;
            self.agendas.amend(work, tenant, &booking.technician_id, |agenda| agenda.free(&before.id)).await?;
        }
        Ok(task.into())
    }
}
