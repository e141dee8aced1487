//! The tenant's policy, or the default while there is none.

use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Revised, Route};
use kernel::{Fault, Scope};
use maintenance::work::{Policy, policy_id};
use store::{Entities, UnitOfWork};

/// `GET /v1/policy`.
pub struct ShowPolicy {
    stored: Entities<Policy>,
}

impl ShowPolicy {
    /// Reads what is stored.
    #[must_use]
    pub const fn new(stored: Entities<Policy>) -> Self {
        Self { stored }
    }
}

impl Endpoint for ShowPolicy {
    const ROUTE: Route = Route {
        name: "show-policy",
        method: Method::Get,
        path: "/v1/policy",
        siblings: &[Method::Put],
        demand: Demand::Scope(Scope::MaintenanceRead),
        body: Body::None,
        stores: false,
    };
    type Input = ();
    type Output = Json<Revised<Policy>>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<(), Fault> {
        incoming.no_query()
    }

    async fn act(&self, call: &Call, (): (), _: &mut UnitOfWork) -> Result<Json<Revised<Policy>>, Fault> {
        let stored = self.stored.get(&call.principal.tenant, policy_id()).await?;
        Ok(stored.map_or_else(Revised::absent, Revised::from).into())
    }
}
