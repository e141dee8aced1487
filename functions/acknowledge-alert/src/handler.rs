//! Marks an open alert as seen.

use gate::{Body, Call, Change, Demand, Endpoint, Incoming, Json, Method, Revised, Route};
use kernel::{Fault, Scope};
use maintenance::work::{Acknowledgement, Alert, RawAcknowledgement};
use store::{Entities, UnitOfWork};

/// `POST /v1/alerts/{alert_id}/acknowledge`.
pub struct AcknowledgeAlert {
    alerts: Entities<Alert>,
}

impl AcknowledgeAlert {
    /// Changes alerts.
    #[must_use]
    pub const fn new(alerts: Entities<Alert>) -> Self {
        Self { alerts }
    }
}

impl Endpoint for AcknowledgeAlert {
    const ROUTE: Route = Route {
        name: "acknowledge-alert",
        method: Method::Post,
        path: "/v1/alerts/{alert_id}/acknowledge",
        siblings: &[],
        demand: Demand::Scope(Scope::TasksUpdate),
        body: Body::JSON,
        stores: true,
    };
    type Input = Change<Acknowledgement>;
    type Output = Json<Revised<Alert>>;

    fn parse(&self, incoming: &Incoming, call: &Call) -> Result<Self::Input, Fault> {
        incoming.no_query()?;
        let id = incoming.identifier("alert_id")?;
        let raw: RawAcknowledgement = incoming.json()?;
        let seen_by = raw.accept(&call.operator(), call.now.wall).map_err(Fault::validation)?;
        Change::new(incoming, id, seen_by)
    }

    async fn act(&self, call: &Call, seen: Self::Input, work: &mut UnitOfWork) -> Result<Self::Output, Fault> {
        let (_, alert) = seen.make(&self.alerts, call, work, Alert::acknowledge).await?;
        Ok(alert.into())
    }
}
