//! An operator approves, rejects or defers a task that awaits approval.

use gate::{Body, Call, Change, Demand, Endpoint, Incoming, Json, Method, Revised, Route};
use kernel::{Fault, Scope};
use maintenance::work::{Decision, RawDecision, Task};
use store::{Entities, UnitOfWork};

/// `POST /v1/decisions`.
pub struct Decide {
    tasks: Entities<Task>,
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
    type Input = Change<Decision>;
    type Output = Json<Revised<Task>>;

    fn parse(&self, incoming: &Incoming, call: &Call) -> Result<Self::Input, Fault> {
        incoming.no_query()?;
        let raw: RawDecision = incoming.json()?;
        let (task_id, decision) = raw.accept(call.now.wall).map_err(Fault::validation)?;
        Change::new(incoming, task_id, decision)
    }

    async fn act(&self, call: &Call, decision: Self::Input, work: &mut UnitOfWork) -> Result<Self::Output, Fault> {
        let decide = |task: &mut Task, decision| {
            // The time of a deferral may have come before the clock has said so.
            task.resume(call.now.wall);
            task.decide(decision)
        };
        let (_, decided) = decision.make(&self.tasks, call, work, decide).await?;
        let revision = decided.revision;
        Ok(Json::created(decided).revision(revision))
    }
}
