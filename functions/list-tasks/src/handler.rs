//! One page of the list, of one status or of all.

use gate::{Body, Call, Cursors, Demand, Endpoint, Incoming, Json, Method, PageRequest, Route};
use kernel::{Fault, Scope};
use maintenance::work::Task;
use store::{Entities, UnitOfWork};

use crate::contract::{TaskPage, TaskQuery};

/// `GET /v1/tasks`.
pub struct ListTasks {
    tasks: Entities<Task>,
    cursors: Cursors,
}

impl ListTasks {
    /// Reads tasks.
    #[must_use]
    pub const fn new(tasks: Entities<Task>, cursors: Cursors) -> Self {
        Self { tasks, cursors }
    }
}

impl Endpoint for ListTasks {
    const ROUTE: Route = Route {
        name: "list-tasks",
        method: Method::Get,
        path: "/v1/tasks",
        siblings: &[Method::Post],
        demand: Demand::Scope(Scope::MaintenanceRead),
        body: Body::None,
        stores: false,
    };
    type Input = PageRequest;
    type Output = Json<TaskPage>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<PageRequest, Fault> {
        let TaskQuery { status, limit, cursor } = incoming.query()?;
        PageRequest::new(status.map(|status| status.as_str()), limit, cursor)
    }

    async fn act(&self, call: &Call, page: PageRequest, _: &mut UnitOfWork) -> Result<Json<TaskPage>, Fault> {
        let (tasks, next_cursor) = page.read(&self.tasks, &self.cursors, call).await?;
        Ok(Json::ok(TaskPage { tasks, next_cursor }))
    }
}
