//! Recurring payments, recognised anew from the transactions of the last years.

use books::{Books, Zones};
use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Route};
use jiff::SignedDuration;
use kernel::{Fault, Identifier, Scope};
use ledger::{Fact, Payment, recurring};
use store::{Subject, UnitOfWork};

use crate::contract::{RecurringAnswer, RecurringPayments};

/// How far back payments are looked at: two yearly ones must lie there.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(800 * 24);
/// The most payments that are looked at, the newest.
const MOST_PAYMENTS: usize = 20_000;

/// `GET /v1/users/{user_id}/recurring`.
pub struct ListRecurring {
    /// Where transactions are.
    pub books: Books,
    /// By which clock days begin.
    pub zones: Zones,
}

impl Endpoint for ListRecurring {
    const ROUTE: Route = Route {
        name: "list-recurring",
        method: Method::Get,
        path: "/v1/users/{user_id}/recurring",
        siblings: &[],
        demand: Demand::Scope(Scope::TransactionsRead),
        body: Body::None,
        stores: false,
    };
    type Input = Identifier;
    type Output = Json<RecurringPayments>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Identifier, Fault> {
        incoming.no_query()?;
        incoming.identifier("user_id")
    }

    async fn act(&self, call: &Call, user: Identifier, _: &mut UnitOfWork) -> Result<Json<RecurringPayments>, Fault> {
        let tenant = &call.principal.tenant;
        let subject = Subject { tenant: tenant.clone(), user };
        let Some(book) = self.books.open(subject, call.now).await? else {
            return Ok(Json::ok(RecurringPayments { recurring: Vec::new() }));
        };
        let now = call.now.wall;
        let from = now.saturating_sub(LOOK_BACK).unwrap_or(now);
        let mut payments = Vec::new();
        book.each_fact(from, now, |facts, row| {
            payments.push(Payment { fact: Fact::from(&facts), merchant: book.merchant(row)? });
            Ok(())
        })
        .await?;
        let newest = payments.split_off(payments.len().saturating_sub(MOST_PAYMENTS));
        let zone = self.zones.of(tenant, call.now).await?;
        let found = recurring(&newest, now, &zone);
        Ok(Json::ok(RecurringPayments { recurring: found.into_iter().map(RecurringAnswer::from).collect() }))
    }
}
