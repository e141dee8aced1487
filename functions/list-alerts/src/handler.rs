//! One page of the list, of one status or of all.

use gate::{Body, Call, Cursors, Demand, Endpoint, Incoming, Json, Method, PageRequest, Route};
use kernel::{Fault, Scope};
use maintenance::work::Alert;
use store::{Entities, UnitOfWork};

use crate::contract::{AlertPage, AlertQuery};

/// `GET /v1/alerts`.
pub struct ListAlerts {
    alerts: Entities<Alert>,
    cursors: Cursors,
}

impl ListAlerts {
    /// Reads alerts.
    #[must_use]
    pub const fn new(alerts: Entities<Alert>, cursors: Cursors) -> Self {
        Self { alerts, cursors }
    }
}

impl Endpoint for ListAlerts {
    const ROUTE: Route = Route {
        name: "list-alerts",
        method: Method::Get,
        path: "/v1/alerts",
        siblings: &[],
        demand: Demand::Scope(Scope::MaintenanceRead),
        body: Body::None,
        stores: false,
    };
    type Input = PageRequest;
    type Output = Json<AlertPage>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<PageRequest, Fault> {
        let AlertQuery { status, limit, cursor } = incoming.query()?;
        PageRequest::new(status.map(|status| status.as_str()), limit, cursor)
    }

    async fn act(&self, call: &Call, page: PageRequest, _: &mut UnitOfWork) -> Result<Json<AlertPage>, Fault> {
        let (alerts, next_cursor) = page.read(&self.alerts, &self.cursors, call).await?;
        Ok(Json::ok(AlertPage { alerts, next_cursor }))
    }
}
