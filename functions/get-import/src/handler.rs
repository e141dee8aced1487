//! What is known of one import.

use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Route};
use kernel::{Fault, Identifier, Scope};
use ledger::Import;
use store::{Entities, UnitOfWork};

/// `GET /v1/transactions/imports/{import_id}`.
pub struct GetImport {
    /// What is known of imports.
    pub imports: Entities<Import>,
}

impl Endpoint for GetImport {
    const ROUTE: Route = Route {
        name: "get-import",
        method: Method::Get,
        path: "/v1/transactions/imports/{import_id}",
        siblings: &[],
        demand: Demand::Scope(Scope::TransactionsRead),
        body: Body::None,
        stores: false,
    };
    type Input = Identifier;
    type Output = Json<Import>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Identifier, Fault> {
        incoming.no_query()?;
        incoming.identifier("import_id")
    }

    async fn act(&self, call: &Call, id: Identifier, _: &mut UnitOfWork) -> Result<Json<Import>, Fault> {
        let import = self.imports.get(&call.principal.tenant, &id).await?.ok_or_else(Fault::not_found)?;
        Ok(Json::ok(import.value))
    }
}
