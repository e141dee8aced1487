//! Ends an alert.

use gate::{Body, Call, Change, Demand, Endpoint, Incoming, Json, Method, Revised, Route};
use kernel::{Fault, Scope};
use maintenance::work::{Alert, Closure, RawClosure};
use store::{Entities, UnitOfWork};

/// `POST /v1/alerts/{alert_id}/resolve`.
pub struct ResolveAlert {
    alerts: Entities<Alert>,
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
    type Input = Change<Closure>;
    type Output = Json<Revised<Alert>>;

    fn parse(&self, incoming: &Incoming, call: &Call) -> Result<Self::Input, Fault> {
        incoming.no_query()?;
        let id = incoming.identifier("alert_id")?;
        let raw: RawClosure = incoming.json()?;
        let closure = raw.accept(&call.operator(), call.now.wall).map_err(Fault::validation)?;
        Change::new(incoming, id, closure)
    }

    async fn act(&self, call: &Call, closure: Self::Input, work: &mut UnitOfWork) -> Result<Self::Output, Fault> {
        let (_, alert) = closure.make(&self.alerts, call, work, Alert::resolve).await?;
        Ok(alert.into())
    }
}
