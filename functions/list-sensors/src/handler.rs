//! The names come from the list of sensors; what is said of each is derived from its segments.

use futures_util::{StreamExt, TryStreamExt, stream};
use gate::{Body, Call, Cursors, Demand, Endpoint, Incoming, Json, Method, Route};
use jiff::Timestamp;
use kernel::{Fault, Identifier, Scope, Tenant, Violation};
use maintenance::{Segment, Sensor, Written, summarize};
use store::{Order, Telemetry, UnitOfWork};

use crate::contract::{MOST, SensorPage, SensorQuery};

/// How many sensors are looked at once.
const TOGETHER: usize = 32;

/// `GET /v1/sensors`.
pub struct ListSensors {
    telemetry: Telemetry,
    cursors: Cursors,
}

/// What to list.
pub struct Wanted {
    limit: u16,
    cursor: Option<String>,
}

impl ListSensors {
    /// Reads from `telemetry`.
    #[must_use]
    pub const fn new(telemetry: Telemetry, cursors: Cursors) -> Self {
        Self { telemetry, cursors }
    }

    async fn describe(&self, tenant: &Tenant, sensor: Identifier) -> Result<Option<Sensor>, Fault> {
        let mut pager =
            self.telemetry.segments(tenant, &sensor, Timestamp::UNIX_EPOCH, Timestamp::MAX, Order::Ascending);
        let mut written = Vec::new();
        while let Some(page) = pager.next().await? {
            for stored in page {
                let segment = Segment::parse(stored.data).map_err(Fault::internal)?;
                written.push(Written { order: stored.order, segment });
            }
        }
        summarize(sensor, &written).map_err(Fault::internal)
    }
}

impl Endpoint for ListSensors {
    const ROUTE: Route = Route {
        name: "list-sensors",
        method: Method::Get,
        path: "/v1/sensors",
        siblings: &[],
        demand: Demand::Scope(Scope::DataRead),
        body: Body::None,
        stores: false,
    };
    type Input = Wanted;
    type Output = Json<SensorPage>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Wanted, Fault> {
        let SensorQuery { limit, cursor } = incoming.query()?;
        let limit = limit.unwrap_or(100);
        if !(1..=MOST).contains(&limit) {
            return Err(Fault::validation(vec![Violation::new("/limit", "out_of_range", "must be from 1 to 200")]));
        }
        Ok(Wanted { limit, cursor })
    }

    async fn act(&self, call: &Call, wanted: Wanted, _: &mut UnitOfWork) -> Result<Json<SensorPage>, Fault> {
        let tenant = &call.principal.tenant;
        let query = Self::ROUTE.name;
        let after = match &wanted.cursor {
            None => None,
            Some(cursor) => {
                let position = self.cursors.open(tenant, query, cursor, call.now).await?;
                Some(Identifier::parse(&position).map_err(Fault::internal)?)
            }
        };
        let mut names = self.telemetry.sensors(tenant, after.as_ref(), wanted.limit + 1).await?;
        let more = names.len() > usize::from(wanted.limit);
        names.truncate(usize::from(wanted.limit));
        let next_cursor = match names.last().filter(|_| more) {
            None => None,
            Some(last) => Some(self.cursors.seal(tenant, query, last, call.now).await?),
        };
        let described = stream::iter(names).map(|name| self.describe(tenant, name)).buffered(TOGETHER);
        let sensors: Vec<Option<Sensor>> = described.try_collect().await?;
        Ok(Json::ok(SensorPage { sensors: sensors.into_iter().flatten().collect(), next_cursor }))
    }
}
