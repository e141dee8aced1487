//! A range of time becomes a range of segments, and the segments become points.

use gate::{Body, Call, Cursors, Demand, Endpoint, Incoming, Json, Method, Route, span};
use jiff::{SignedDuration, Timestamp};
use kernel::{Fault, Identifier, Scope, Tenant, Violation};
use maintenance::Resolution;
use store::{Order, Telemetry, UnitOfWork};

use crate::{
    contract::{MOST, Points, ReadingPage, ReadingQuery, TimeOrder},
    page::{Wanted, gather},
};

/// `GET /v1/sensors/{sensor_id}/readings`.
pub struct QueryReadings {
    telemetry: Telemetry,
    cursors: Cursors,
}

/// A query, parsed.
pub struct Query {
    sensor: Identifier,
    wanted: Wanted,
    /// What a cursor is bound to.
    identity: String,
    cursor: Option<String>,
}

impl QueryReadings {
    /// Reads from `telemetry`.
    #[must_use]
    pub const fn new(telemetry: Telemetry, cursors: Cursors) -> Self {
        Self { telemetry, cursors }
    }

    async fn exists(&self, tenant: &Tenant, sensor: &Identifier) -> Result<bool, Fault> {
        let mut pager =
            self.telemetry.segments(tenant, sensor, Timestamp::UNIX_EPOCH, Timestamp::MAX, Order::Ascending);
        while let Some(page) = pager.next().await? {
            if !page.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Endpoint for QueryReadings {
    const ROUTE: Route = Route {
        name: "query-readings",
        method: Method::Get,
        path: "/v1/sensors/{sensor_id}/readings",
        siblings: &[],
        demand: Demand::Scope(Scope::DataRead),
        body: Body::None,
        stores: false,
    };
    type Input = Query;
    type Output = Json<ReadingPage>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Query, Fault> {
        let query: ReadingQuery = incoming.query()?;
        let sensor = incoming.identifier("sensor_id")?;
        let mut broken = Vec::new();
        let (from, to) = span(query.from.as_deref(), query.to.as_deref(), &mut broken);
        let limit = query.limit.unwrap_or(100);
        if !(1..=MOST).contains(&limit) {
            broken.push(Violation::new("/limit", "out_of_range", "must be from 1 to 1000"));
        }
        if !broken.is_empty() {
            return Err(Fault::validation(broken));
        }
        let order = match query.order {
            TimeOrder::Asc => Order::Ascending,
            TimeOrder::Desc => Order::Descending,
        };
        let identity = format!("{}/{sensor}/{from}/{to}/{order:?}/{:?}", Self::ROUTE.name, query.resolution);
        let wanted = Wanted { from, to, order, resolution: query.resolution, limit: usize::from(limit) };
        Ok(Query { sensor, wanted, identity, cursor: query.cursor })
    }

    async fn act(&self, call: &Call, mut query: Query, _: &mut UnitOfWork) -> Result<Json<ReadingPage>, Fault> {
        let tenant = &call.principal.tenant;
        if let Some(cursor) = &query.cursor {
            let position = self.cursors.open(tenant, &query.identity, cursor, call.now).await?;
            go_on_after(&mut query.wanted, position.parse().map_err(Fault::internal)?);
        }
        let Wanted { from, to, order, resolution, .. } = query.wanted;
        let pager = self.telemetry.segments(tenant, &query.sensor, from, to, order);
        let (readings, last) = match resolution {
            Resolution::Raw => {
                let (samples, last) = gather(pager, &query.wanted).await?;
                (Points::Samples(samples), last)
            }
            Resolution::Minute | Resolution::Hour | Resolution::Day => {
                let (buckets, last) = gather(pager, &query.wanted).await?;
                (Points::Buckets(buckets), last)
            }
        };
        let none = match &readings {
            Points::Samples(samples) => samples.is_empty(),
            Points::Buckets(buckets) => buckets.is_empty(),
        };
        if none && !self.exists(tenant, &query.sensor).await? {
            return Err(Fault::not_found());
        }
        let next_cursor = match last {
            None => None,
            Some(last) => Some(self.cursors.seal(tenant, &query.identity, &last.to_string(), call.now).await?),
        };
        Ok(Json::ok(ReadingPage { readings, next_cursor }))
    }
}

/// Leaves out what was answered up to the point at `last`.
fn go_on_after(wanted: &mut Wanted, last: Timestamp) {
    match wanted.order {
        Order::Ascending => wanted.from = wanted.resolution.next(last),
        Order::Descending => wanted.to = last.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(Timestamp::MIN),
    }
}
