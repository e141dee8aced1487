//! The record and the content, as they were stored.

use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Route};
use kernel::{Fault, Identifier, Scope};
use maintenance::report::{ReportAnswer, ReportRecord};
use store::{Documents, Entities, UnitOfWork};

/// `GET /v1/reports/{report_id}`.
pub struct GetReport {
    reports: Entities<ReportRecord>,
    documents: Documents,
}

impl GetReport {
    /// Reads reports.
    #[must_use]
    pub const fn new(reports: Entities<ReportRecord>, documents: Documents) -> Self {
        Self { reports, documents }
    }
}

impl Endpoint for GetReport {
    const ROUTE: Route = Route {
        name: "get-report",
        method: Method::Get,
        path: "/v1/reports/{report_id}",
        siblings: &[],
        demand: Demand::Scope(Scope::ReportsGenerate),
        body: Body::None,
        stores: false,
    };
    type Input = Identifier;
    type Output = Json<ReportAnswer>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Identifier, Fault> {
        incoming.no_query()?;
        incoming.identifier("report_id")
    }

    async fn act(&self, call: &Call, id: Identifier, _: &mut UnitOfWork) -> Result<Json<ReportAnswer>, Fault> {
        let tenant = &call.principal.tenant;
        let record = self.reports.get(tenant, &id).await?.ok_or_else(Fault::not_found)?.value;
        let content = self.documents.read(tenant, &id).await?.ok_or_else(Fault::not_found)?;
        Ok(Json::ok(ReportAnswer::new(record, content).map_err(Fault::internal)?))
    }
}
