//! One page of the trail of all writers.

use std::time::Duration;

use gate::{Body, Call, Cursors, Demand, Endpoint, Incoming, Json, LARGEST_PAGE, Method, Route, span};
use jiff::Timestamp;
use kernel::{Fault, Scope, Violation};
use store::{AuditLog, AuditRow, UnitOfWork};
use vault::{KeySet, SecretCache};

use crate::contract::{AuditItem, AuditPage, AuditQuery};

/// `GET /v1/audit`.
pub struct ListAudit {
    /// Where entries are.
    pub log: AuditLog,
    /// What they were signed with.
    pub keys: SecretCache<KeySet>,
    /// Where pages go on.
    pub cursors: Cursors,
}

/// Which page.
#[derive(Debug)]
pub struct Page {
    span: (Timestamp, Timestamp),
    limit: u16,
    cursor: Option<String>,
}

impl Endpoint for ListAudit {
    const ROUTE: Route = Route {
        name: "list-audit",
        method: Method::Get,
        path: "/v1/audit",
        siblings: &[],
        demand: Demand::Scope(Scope::AuditRead),
        body: Body::None,
        stores: false,
    };
    type Input = Page;
    type Output = Json<AuditPage>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Page, Fault> {
        let query: AuditQuery = incoming.query()?;
        let mut broken = Vec::new();
        let span = span(query.from.as_deref(), query.to.as_deref(), &mut broken);
        let limit = query.limit.unwrap_or(50);
        if !(1..=LARGEST_PAGE).contains(&limit) {
            broken.push(Violation::new("/limit", "out_of_range", "must be from 1 to 100"));
        }
        if broken.is_empty() { Ok(Page { span, limit, cursor: query.cursor }) } else { Err(Fault::validation(broken)) }
    }

    async fn act(&self, call: &Call, page: Page, _: &mut UnitOfWork) -> Result<Json<AuditPage>, Fault> {
        let tenant = &call.principal.tenant;
        let bound = format!("{}/{}", page.span.0, page.span.1);
        let after = match &page.cursor {
            None => None,
            Some(cursor) => Some(self.cursors.open(tenant, &bound, cursor, call.now).await?),
        };
        let found = self.log.page(tenant, page.span, after.as_deref(), page.limit).await?;
        let mut keys = self.keys.get(call.now.monotonic).await.map_err(Fault::unavailable)?;
        if found.rows.iter().any(|row| !keys.has(row.key)) {
            // The keys were rotated since they were fetched, or the row names one that never was.
            keys = self.keys.get_within(Duration::ZERO, call.now.monotonic).await.map_err(Fault::unavailable)?;
        }
        let entries = found.rows.iter().map(|row| item(row, &keys)).collect();
        let next_cursor = match found.next {
            None => None,
            Some(next) => Some(self.cursors.seal(tenant, &bound, &next, call.now).await?),
        };
        Ok(Json::ok(AuditPage { entries, next_cursor }))
    }
}

fn item(row: &AuditRow, keys: &KeySet) -> AuditItem {
    AuditItem {
        writer: row.chain.split_once('#').map_or("", |(_, writer)| writer).to_owned(),
        sequence: row.seq,
        authentic: row.is_authentic(keys),
        entry: serde_json::from_str(&row.entry).ok(),
    }
}
