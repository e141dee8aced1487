//! The person is right: the transaction gets the category, and so does the merchant from now on.

use books::{Books, SealedAnswer, Zones};
use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Reply, Route};
use kernel::{Fault, Identifier, Scope, Violation};
use ledger::{Category, Fact};
use store::{Subject, UnitOfWork};

use crate::contract::CategoryRequest;

/// `PUT /v1/transactions/{transaction_id}/category`.
pub struct CategoriseTransaction {
    /// Where transactions are.
    pub books: Books,
    /// By which clock months begin.
    pub zones: Zones,
}

/// A correction.
#[derive(Clone)]
pub struct Correction {
    user: Identifier,
    transaction: Identifier,
    category: Category,
}

impl Endpoint for CategoriseTransaction {
    const ROUTE: Route = Route {
        name: "categorise-transaction",
        method: Method::Put,
        path: "/v1/transactions/{transaction_id}/category",
        siblings: &[],
        demand: Demand::Scope(Scope::TransactionsWrite),
        body: Body::JSON,
        stores: true,
    };
    type Input = Correction;
    type Output = Json<SealedAnswer>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Correction, Fault> {
        incoming.no_query()?;
        let transaction = incoming.identifier("transaction_id")?;
        let CategoryRequest { user_id, category } = incoming.json()?;
        let user = Identifier::parse(&user_id)
            .map_err(|error| Fault::validation(vec![Violation::new("/user_id", "invalid", error.to_string())]))?;
        Ok(Correction { user, transaction, category })
    }

    /// Two corrections at once are one after the other.
    fn again(&self, correction: &Correction) -> Option<Correction> {
        Some(correction.clone())
    }

    async fn act(
        &self,
        call: &Call,
        correction: Correction,
        work: &mut UnitOfWork,
    ) -> Result<Json<SealedAnswer>, Fault> {
        let Correction { user, transaction, category } = correction;
        let tenant = &call.principal.tenant;
        let subject = Subject { tenant: tenant.clone(), user };
        let book = self.books.open(subject, call.now).await?.ok_or_else(Fault::not_found)?;
        let corrected = book.categorise(work, &transaction, category).await?;
        let zone = self.zones.of(tenant, call.now).await?;
        let impacts = book.impacts(&[Fact::from(&corrected.facts)], &zone).await?;
        let answer = corrected.answer(impacts.into_iter().flatten().collect());
        Ok(Json::ok(SealedAnswer::new(&book, &answer)?))
    }

    async fn complete(&self, call: &Call, reply: Reply) -> Result<Reply, Fault> {
        let body = SealedAnswer::open(&reply.body, &self.books, &call.principal.tenant, call.now).await?;
        Ok(Reply { body, ..reply })
    }
}
