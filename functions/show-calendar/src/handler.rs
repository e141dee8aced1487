//! The tenant's calendar, or the default while there is none.

use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Revised, Route};
use kernel::{Fault, Scope};
use maintenance::work::{Calendar, calendar_id};
use store::{Entities, UnitOfWork};

/// `GET /v1/calendar`.
pub struct ShowCalendar {
    stored: Entities<Calendar>,
}

impl ShowCalendar {
    /// Reads what is stored.
    #[must_use]
    pub const fn new(stored: Entities<Calendar>) -> Self {
        Self { stored }
    }
}

impl Endpoint for ShowCalendar {
    const ROUTE: Route = Route {
        name: "show-calendar",
        method: Method::Get,
        path: "/v1/calendar",
        siblings: &[Method::Put],
        demand: Demand::Scope(Scope::MaintenanceRead),
        body: Body::None,
        stores: false,
    };
    type Input = ();
    type Output = Json<Revised<Calendar>>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<(), Fault> {
        incoming.no_query()
    }

    async fn act(&self, call: &Call, (): (), _: &mut UnitOfWork) -> Result<Json<Revised<Calendar>>, Fault> {
        let stored = self.stored.get(&call.principal.tenant, calendar_id()).await?;
        Ok(stored.map_or_else(Revised::absent, Revised::from).into())
    }
}
