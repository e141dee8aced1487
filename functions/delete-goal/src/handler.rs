//! The goal is removed; transactions stay.

use books::Books;
use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Precondition, Route};
use kernel::{Fault, Identifier, Scope, Violation};
use store::{Subject, UnitOfWork};

use crate::contract::{DeletedGoal, GoalOwner};

/// `DELETE /v1/goals/{goal_id}`.
pub struct DeleteGoal {
    /// Where goals are.
    pub books: Books,
}

/// Which goal to remove.
pub struct Farewell {
    user: Identifier,
    id: Identifier,
    seen: Precondition,
}

impl Endpoint for DeleteGoal {
    const ROUTE: Route = Route {
        name: "delete-goal",
        method: Method::Delete,
        path: "/v1/goals/{goal_id}",
        siblings: &[Method::Put],
        demand: Demand::Scope(Scope::GoalsWrite),
        body: Body::None,
        stores: true,
    };
    type Input = Farewell;
    type Output = Json<DeletedGoal>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Farewell, Fault> {
        let GoalOwner { user_id } = incoming.query()?;
        let user = Identifier::parse(&user_id)
            .map_err(|error| Fault::validation(vec![Violation::new("/user_id", "invalid", error.to_string())]))?;
        Ok(Farewell { user, id: incoming.identifier("goal_id")?, seen: incoming.precondition()? })
    }

    async fn act(&self, call: &Call, farewell: Farewell, work: &mut UnitOfWork) -> Result<Json<DeletedGoal>, Fault> {
        let subject = Subject { tenant: call.principal.tenant.clone(), user: farewell.user };
        let book = self.books.open(subject, call.now).await?.ok_or_else(Fault::not_found)?;
        let read = book.goal(&farewell.id).await?.ok_or_else(Fault::not_found)?;
        farewell.seen.check(read.revision)?;
        book.remove_goal(work, &read)?;
        Ok(Json::ok(DeletedGoal { goal_id: farewell.id, deleted: true }))
    }
}
