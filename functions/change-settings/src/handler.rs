//! The whole settings take the place of what is stored.

use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Precondition, Revised, Route};
use kernel::{Fault, Scope};
use ledger::{Settings, settings_id};
use store::{Entities, UnitOfWork};

/// `PUT /v1/settings`.
pub struct ChangeSettings {
    /// What is stored.
    pub stored: Entities<Settings>,
}

impl Endpoint for ChangeSettings {
    const ROUTE: Route = Route {
        name: "change-settings",
        method: Method::Put,
        path: "/v1/settings",
        siblings: &[Method::Get],
        demand: Demand::Scope(Scope::TransactionsWrite),
        body: Body::JSON,
        stores: true,
    };
    type Input = (Precondition, Settings);
    type Output = Json<Revised<Settings>>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<(Precondition, Settings), Fault> {
        incoming.no_query()?;
        Ok((incoming.precondition()?, incoming.json()?))
    }

    async fn act(
        &self,
        call: &Call,
        (seen, settings): (Precondition, Settings),
        work: &mut UnitOfWork,
    ) -> Result<Json<Revised<Settings>>, Fault> {
        let tenant = &call.principal.tenant;
        let read = self.stored.get(tenant, settings_id()).await?;
        seen.check(read.as_ref().map_or(0, |read| read.revision))?;
        let changed = match &read {
            Some(read) => {
                self.stored.replace(work, tenant, read, &settings, None)?;
                Revised::after(read, settings)
            }
            None => {
                self.stored.create(work, tenant, &settings, None)?;
                Revised::first(settings)
            }
        };
        Ok(changed.into())
    }
}
