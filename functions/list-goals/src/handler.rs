//! Every goal, counted anew from the transactions.

use books::{Books, GoalAnswer, Zones};
use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Route};
use kernel::{Fault, Identifier, Scope, Violation};
use store::{Subject, UnitOfWork};

use crate::contract::{GoalQuery, Goals};

/// `GET /v1/goals`.
pub struct ListGoals {
    /// Where goals are.
    pub books: Books,
    /// By which clock days begin.
    pub zones: Zones,
}

impl Endpoint for ListGoals {
    const ROUTE: Route = Route {
        name: "list-goals",
        method: Method::Get,
        path: "/v1/goals",
        siblings: &[],
        demand: Demand::Scope(Scope::GoalsRead),
        body: Body::None,
        stores: false,
    };
    type Input = Identifier;
    type Output = Json<Goals>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Identifier, Fault> {
        let GoalQuery { user_id } = incoming.query()?;
        Identifier::parse(&user_id)
            .map_err(|error| Fault::validation(vec![Violation::new("/user_id", "invalid", error.to_string())]))
    }

    async fn act(&self, call: &Call, user: Identifier, _: &mut UnitOfWork) -> Result<Json<Goals>, Fault> {
        let tenant = &call.principal.tenant;
        let subject = Subject { tenant: tenant.clone(), user };
        let Some(book) = self.books.open(subject, call.now).await? else {
            return Ok(Json::ok(Goals { goals: Vec::new() }));
        };
        let zone = self.zones.of(tenant, call.now).await?;
        let rows = book.goals().await?;
        let standings = book.standings(&rows, call.now.wall, &zone).await?;
        let answer =
            |(row, standing): (books::GoalRow, _)| GoalAnswer::new(row.goal, row.name.as_ref(), row.revision, standing);
        Ok(Json::ok(Goals { goals: rows.into_iter().zip(standings).map(answer).collect() }))
    }
}
