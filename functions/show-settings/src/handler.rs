//! The tenant's settings, or the default while there are none.

use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Revised, Route};
use kernel::{Fault, Scope};
use ledger::{Settings, settings_id};
use store::{Entities, UnitOfWork};

/// `GET /v1/settings`.
pub struct ShowSettings {
    /// What is stored.
    pub stored: Entities<Settings>,
}

impl Endpoint for ShowSettings {
    const ROUTE: Route = Route {
        name: "show-settings",
        method: Method::Get,
        path: "/v1/settings",
        siblings: &[Method::Put],
        demand: Demand::Scope(Scope::TransactionsRead),
        body: Body::None,
        stores: false,
    };
    type Input = ();
    type Output = Json<Revised<Settings>>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<(), Fault> {
        incoming.no_query()
    }

    async fn act(&self, call: &Call, (): (), _: &mut UnitOfWork) -> Result<Json<Revised<Settings>>, Fault> {
        let stored = self.stored.get(&call.principal.tenant, settings_id()).await?;
        Ok(stored.map_or_else(Revised::absent, Revised::from).into())
    }
}
