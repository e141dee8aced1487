//! Ends an alert.

use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Precondition, Revised, Route};
use kernel::{Fault, Identifier, Scope};
use maintenance::work::{Alert, Closure, RawClosure};
use store::{Entities, UnitOfWork};

/// `POST /v1/alerts/{alert_id}/resolve`.
pub struct ResolveAlert {
    alerts: Entities<Alert>,
}

/// What is said of which alert.
pub struct Input {
    id: Identifier,
    seen: Precondition,
    closure: Closure,
}

impl ResolveAlert {
    /// Changes alerts.
    #[must_use]
    pub const fn new(alerts: Entities<Alert>) -> Self {
        Self { alerts }
    }
}

impl Endpoint for ResolveAlert {
    const ROUTE: Route = Route {
        name: "resolve-alert",
        method: Method::Post,
        path: "/v1/alerts/{alert_id}/resolve",
        siblings: &[],
        demand: Demand::Scope(Scope::TasksUpdate),
        body: Body::JSON,
        stores: true,
    };
    type Input = Input;
    type Output = Json<Revised<Alert>>;

    fn parse(&self, incoming: &Incoming, call: &Call) -> Result<Input, Fault> {
        incoming.no_query()?;
        let id = incoming.identifier("alert_id")?;
        let raw: RawClosure = incoming.json()?;
        let closure = raw.accept(&call.operator(), call.now.wall).map_err(Fault::validation)?;
        Ok(Input { id, seen: incoming.precondition()?, closure })
    }

    async fn act(&self, call: &Call, input: Input, work: &mut UnitOfWork) -> Result<Json<Revised<Alert>>, Fault> {
        let tenant = &call.principal.tenant;
        let read = self.alerts.get(tenant, &input.id).await?.ok_or_else(Fault::not_found)?;
        input.seen.check(read.revision)?;
        let mut alert = read.value.clone();
        alert.resolve(input.closure)?;
        self.alerts.replace(work, tenant, &read, &alert, None)?;
        Ok(Revised::after(&read, alert).into())
    }
}
