//! The whole policy takes the place of what is stored.

use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Precondition, Revised, Route};
use kernel::{Fault, Scope};
use maintenance::work::{Policy, RawPolicy, policy_id};
use store::{Entities, UnitOfWork};

/// `PUT /v1/policy`.
pub struct ChangePolicy {
    stored: Entities<Policy>,
}

impl ChangePolicy {
    /// Changes what is stored.
    #[must_use]
    pub const fn new(stored: Entities<Policy>) -> Self {
        Self { stored }
    }
}

impl Endpoint for ChangePolicy {
    const ROUTE: Route = Route {
        name: "change-policy",
        method: Method::Put,
        path: "/v1/policy",
        siblings: &[Method::Get],
        demand: Demand::Scope(Scope::MaintenanceSchedule),
        body: Body::JSON,
        stores: true,
    };
    type Input = (Precondition, Policy);
    type Output = Json<Revised<Policy>>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<(Precondition, Policy), Fault> {
        incoming.no_query()?;
        let raw: RawPolicy = incoming.json()?;
        Ok((incoming.precondition()?, raw.accept().map_err(Fault::validation)?))
    }

    async fn act(
        &self,
        call: &Call,
        (seen, policy): (Precondition, Policy),
        work: &mut UnitOfWork,
    ) -> Result<Json<Revised<Policy>>, Fault> {
        let tenant = &call.principal.tenant;
        let read = self.stored.get(tenant, policy_id()).await?;
        seen.check(read.as_ref().map_or(0, |read| read.revision))?;
        let changed = match &read {
            Some(read) => {
                self.stored.replace(work, tenant, read, &policy, None)?;
                Revised::after(read, policy)
            }
            None => {
                self.stored.create(work, tenant, &policy, None)?;
                Revised::first(policy)
            }
        };
        Ok(changed.into())
    }
}
