//! The whole calendar takes the place of what is stored.

use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Precondition, Revised, Route};
use kernel::{Fault, Scope};
use maintenance::work::{Calendar, RawCalendar, calendar_id};
use store::{Entities, UnitOfWork};

/// `PUT /v1/calendar`.
pub struct ChangeCalendar {
    stored: Entities<Calendar>,
}

impl ChangeCalendar {
    /// Changes what is stored.
    #[must_use]
    pub const fn new(stored: Entities<Calendar>) -> Self {
        Self { stored }
    }
}

impl Endpoint for ChangeCalendar {
    const ROUTE: Route = Route {
        name: "change-calendar",
        method: Method::Put,
        path: "/v1/calendar",
        siblings: &[Method::Get],
        demand: Demand::Scope(Scope::MaintenanceSchedule),
        body: Body::JSON,
        stores: true,
    };
    type Input = (Precondition, Calendar);
    type Output = Json<Revised<Calendar>>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<(Precondition, Calendar), Fault> {
        incoming.no_query()?;
        let raw: RawCalendar = incoming.json()?;
        Ok((incoming.precondition()?, raw.accept().map_err(Fault::validation)?))
    }

    async fn act(
        &self,
        call: &Call,
        (seen, calendar): (Precondition, Calendar),
        work: &mut UnitOfWork,
    ) -> Result<Json<Revised<Calendar>>, Fault> {
        let tenant = &call.principal.tenant;
        let read = self.stored.get(tenant, calendar_id()).await?;
        seen.check(read.as_ref().map_or(0, |read| read.revision))?;
        let changed = match &read {
            Some(read) => {
                self.stored.replace(work, tenant, read, &calendar, None)?;
                Revised::after(read, calendar)
            }
            None => {
                self.stored.create(work, tenant, &calendar, None)?;
                Revised::first(calendar)
            }
        };
        Ok(changed.into())
    }
}
