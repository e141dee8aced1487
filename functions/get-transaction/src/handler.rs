//! One transaction, with what it means for the person's goals.

use books::{Books, Zones};
use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Route};
use kernel::{Fault, Identifier, Scope, Violation};
use ledger::{Fact, TransactionAnswer};
use store::{Subject, UnitOfWork};

use crate::contract::PersonQuery;

/// `GET /v1/transactions/{transaction_id}`.
pub struct GetTransaction {
    /// Where transactions are.
    pub books: Books,
    /// By which clock months begin.
    pub zones: Zones,
}

impl Endpoint for GetTransaction {
    const ROUTE: Route = Route {
        name: "get-transaction",
        method: Method::Get,
        path: "/v1/transactions/{transaction_id}",
        siblings: &[],
        demand: Demand::Scope(Scope::TransactionsRead),
        body: Body::None,
        stores: false,
    };
    type Input = (Identifier, Identifier);
    type Output = Json<TransactionAnswer>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<(Identifier, Identifier), Fault> {
        let PersonQuery { user_id } = incoming.query()?;
        let user = Identifier::parse(&user_id)
            .map_err(|error| Fault::validation(vec![Violation::new("/user_id", "invalid", error.to_string())]))?;
        Ok((user, incoming.identifier("transaction_id")?))
    }

    async fn act(
        &self,
        call: &Call,
        (user, id): (Identifier, Identifier),
        _: &mut UnitOfWork,
    ) -> Result<Json<TransactionAnswer>, Fault> {
        let tenant = &call.principal.tenant;
        let subject = Subject { tenant: tenant.clone(), user };
        let book = self.books.open(subject, call.now).await?.ok_or_else(Fault::not_found)?;
        let transaction = book.transaction(&id).await?.ok_or_else(Fault::not_found)?;
        let zone = self.zones.of(tenant, call.now).await?;
        let impacts = book.impacts(&[Fact::from(&transaction.facts)], &zone).await?;
        Ok(Json::ok(transaction.answer(impacts.into_iter().flatten().collect())))
    }
}
