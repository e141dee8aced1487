//! An operator approves, rejects or defers a task that awaits approval.

use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Precondition, Revised, Route};
use kernel::{Fault, Identifier, Scope};
use maintenance::work::{Decision, RawDecision, Task};
use store::{Entities, UnitOfWork};

/// `POST /v1/decisions`.
pub struct Decide {
    tasks: Entities<Task>,
}

/// What is decided about which task.
pub struct Input {
    task_id: Identifier,
    seen: Precondition,
    decision: Decision,
}

impl Decide {
    /// Changes tasks.
    #[must_use]
    pub const fn new(tasks: Entities<Task>) -> Self {
        Self { tasks }
    }
}

impl Endpoint for Decide {
    const ROUTE: Route = Route {
        name: "decide",
        method: Method::Post,
        path: "/v1/decisions",
        siblings: &[],
        demand: Demand::Scope(Scope::TasksUpdate),
        body: Body::JSON,
        stores: true,
    };
    type Input = Input;
    type Output = Json<Revised<Task>>;

    fn parse(&self, incoming: &Incoming, call: &Call) -> Result<Input, Fault> {
        incoming.no_query()?;
        let raw: RawDecision = incoming.json()?;
        let (task_id, decision) = raw.accept(call.now.wall).map_err(Fault::validation)?;
        Ok(Input { task_id, seen: incoming.precondition()?, decision })
    }

    async fn act(&self, call: &Call, input: Input, work: &mut UnitOfWork) -> Result<Json<Revised<Task>>, Fault> {
        let tenant = &call.principal.tenant;
        let read = self.tasks.get(tenant, &input.task_id).await?.ok_or_else(Fault::not_found)?;
        input.seen.check(read.revision)?;
        let mut task = read.value.clone();
        // The time of a deferral may have come before the stream has said so.
        task.resume(call.now.wall);
        task.decide(input.decision)?;
        self.tasks.replace(work, tenant, &read, &task, None)?;
        let decided = Revised::after(&read, task);
        let revision = decided.revision;
        Ok(Json::created(decided).revision(revision))
    }
}
