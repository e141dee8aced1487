//! What an operator asks for becomes a task that awaits approval.

use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Revised, Route};
use kernel::{Fault, Identifier, Scope, Tenant, Violation};
use maintenance::work::{Alert, NewTask, Policy, RawTask, Task, operator_task_id, policy_id};
use store::{Entities, UnitOfWork};

/// `POST /v1/tasks`.
pub struct CreateTask {
    tasks: Entities<Task>,
    alerts: Entities<Alert>,
    policies: Entities<Policy>,
}

impl CreateTask {
    /// Stores tasks; an alert they name must exist, and the policy says what they leave open.
    #[must_use]
    pub const fn new(tasks: Entities<Task>, alerts: Entities<Alert>, policies: Entities<Policy>) -> Self {
        Self { tasks, alerts, policies }
    }

    async fn knows(&self, tenant: &Tenant, alert: Option<&Identifier>) -> Result<(), Fault> {
        match alert {
            Some(id) if self.alerts.get(tenant, id).await?.is_none() => {
                Err(Fault::validation(vec![Violation::new("/alert_id", "unknown", "must name an alert")]))
            }
            _ => Ok(()),
        }
    }
}

impl Endpoint for CreateTask {
    const ROUTE: Route = Route {
        name: "create-task",
        method: Method::Post,
        path: "/v1/tasks",
        siblings: &[Method::Get],
        demand: Demand::Scope(Scope::MaintenanceSchedule),
        body: Body::JSON,
        stores: true,
    };
    type Input = NewTask;
    type Output = Json<Revised<Task>>;

    fn parse(&self, incoming: &Incoming, call: &Call) -> Result<NewTask, Fault> {
        incoming.no_query()?;
        let raw: RawTask = incoming.json()?;
        raw.accept(call.now.wall).map_err(Fault::validation)
    }

    async fn act(&self, call: &Call, new: NewTask, work: &mut UnitOfWork) -> Result<Json<Revised<Task>>, Fault> {
        let tenant = &call.principal.tenant;
        self.knows(tenant, new.alert_id.as_ref()).await?;
        let policy = self.policies.get(tenant, policy_id()).await?.map(|stored| stored.value).unwrap_or_default();
        let id = operator_task_id(call.now.wall, &call.write.to_string());
        let task = Task::create(id, new, call.operator(), &policy, call.now.wall);
        self.tasks.create(work, tenant, &task, None)?;
        Ok(Json::created(Revised::first(task)).revision(1))
    }
}
