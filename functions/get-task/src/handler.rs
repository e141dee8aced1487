//! One task, with every decision about it.

use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Revised, Route};
use kernel::{Fault, Identifier, Scope};
use maintenance::work::Task;
use store::{Entities, UnitOfWork};

/// `GET /v1/tasks/{task_id}`.
pub struct GetTask {
    tasks: Entities<Task>,
}

impl GetTask {
    /// Reads tasks.
    #[must_use]
    pub const fn new(tasks: Entities<Task>) -> Self {
        Self { tasks }
    }
}

impl Endpoint for GetTask {
    const ROUTE: Route = Route {
        name: "get-task",
        method: Method::Get,
        path: "/v1/tasks/{task_id}",
        siblings: &[],
        demand: Demand::Scope(Scope::MaintenanceRead),
        body: Body::None,
        stores: false,
    };
    type Input = Identifier;
    type Output = Json<Revised<Task>>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Identifier, Fault> {
        incoming.no_query()?;
        incoming.identifier("task_id")
    }

    async fn act(&self, call: &Call, id: Identifier, _: &mut UnitOfWork) -> Result<Json<Revised<Task>>, Fault> {
        let task = self.tasks.get(&call.principal.tenant, &id).await?.ok_or_else(Fault::not_found)?;
        Ok(Revised::from(task).into())
    }
}
