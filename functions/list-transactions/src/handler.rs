//! One page, filtered, with what each transaction means for the person's goals.

use books::{Book, Books, Listed, Wanted, Zones};
use gate::{Body, Call, Cursors, Demand, Endpoint, Incoming, Json, LARGEST_PAGE, Method, Route, span};
use kernel::{Fault, Identifier, Scope, Secret, Violation};
use ledger::Fact;
use store::{Subject, UnitOfWork};

use crate::contract::{TransactionPage, TransactionQuery};

/// `GET /v1/transactions`.
pub struct ListTransactions {
    /// Where transactions are.
    pub books: Books,
    /// By which clock months begin.
    pub zones: Zones,
    /// Where pages go on.
    pub cursors: Cursors,
}

/// Which page.
pub struct Page {
    user: Identifier,
    wanted: Wanted,
    cursor: Option<String>,
    /// The query that a cursor is bound to.
    query: String,
}

impl Endpoint for ListTransactions {
    const ROUTE: Route = Route {
        name: "list-transactions",
        method: Method::Get,
        path: "/v1/transactions",
        siblings: &[Method::Post],
        demand: Demand::Scope(Scope::TransactionsRead),
        body: Body::None,
        stores: false,
    };
    type Input = Page;
    type Output = Json<TransactionPage>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Page, Fault> {
        let query: TransactionQuery = incoming.query()?;
        let mut broken = Vec::new();
        let (from, to) = span(query.from.as_deref(), query.to.as_deref(), &mut broken);
        let limit = query.limit.unwrap_or(50);
        if !(1..=LARGEST_PAGE).contains(&limit) {
            broken.push(Violation::new("/limit", "out_of_range", "must be from 1 to 100"));
        }
        let user = Identifier::parse(&query.user_id).map_err(|error| {
            broken.push(Violation::new("/user_id", "invalid", error.to_string()));
        });
        let (Ok(user), true) = (user, broken.is_empty()) else { return Err(Fault::validation(broken)) };
        let pairs = incoming.query_pairs().iter().filter(|(name, _)| name != "cursor" && name != "limit");
        let mut pairs: Vec<_> = pairs.collect();
        pairs.sort();
        let bound = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let wanted = Wanted {
            from,
            to,
            category: query.category,
            kind: query.kind,
            account: query.account.map(Secret::new),
            merchant: query.merchant.map(Secret::new),
            limit: usize::from(limit),
        };
        Ok(Page { user, wanted, cursor: query.cursor, query: bound })
    }

    async fn act(&self, call: &Call, page: Page, _: &mut UnitOfWork) -> Result<Json<TransactionPage>, Fault> {
        let tenant = &call.principal.tenant;
        let after = match &page.cursor {
            None => None,
            Some(cursor) => Some(self.cursors.open(tenant, &page.query, cursor, call.now).await?),
        };
        let subject = Subject { tenant: tenant.clone(), user: page.user };
        let Some(book) = self.books.open(subject, call.now).await? else {
            return Ok(Json::ok(TransactionPage { transactions: Vec::new(), next_cursor: None }));
        };
        let Listed { transactions, next } = book.list(&page.wanted, after.as_deref()).await?;
        let facts: Vec<Fact> = transactions.iter().map(|transaction| Fact::from(&transaction.facts)).collect();
        let impacts = self.impacts(call, &book, &facts).await?;
        let transactions = transactions.iter().zip(impacts).map(|(transaction, impacts)| transaction.answer(impacts));
        let transactions = transactions.collect();
        let next_cursor = match next {
            None => None,
            Some(next) => Some(self.cursors.seal(tenant, &page.query, &next, call.now).await?),
        };
        Ok(Json::ok(TransactionPage { transactions, next_cursor }))
    }
}

impl ListTransactions {
    async fn impacts(
        &self,
        call: &Call,
        book: &Book<'_>,
        facts: &[Fact],
    ) -> Result<Vec<Vec<ledger::GoalImpact>>, Fault> {
        let zone = self.zones.of(&call.principal.tenant, call.now).await?;
        book.impacts(facts, &zone).await
    }
}
