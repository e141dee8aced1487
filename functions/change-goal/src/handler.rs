//! The whole goal takes the place of what is stored.

use books::{Books, GoalAnswer, SealedAnswer, Zones};
use gate::{Body, Call, Demand, Endpoint, Incoming, Json, Method, Precondition, Reply, Route};
use jiff::civil::Date;
use kernel::{Fault, Identifier, Scope, Violation};
use ledger::RawGoal;
use store::{Subject, UnitOfWork};

/// The most goals of a person: every transaction is answered with what it means for each.
const MOST_GOALS: usize = 50;

/// `PUT /v1/goals/{goal_id}`.
pub struct ChangeGoal {
    /// Where goals are.
    pub books: Books,
    /// By which clock days begin.
    pub zones: Zones,
}

/// A goal as it was sent.
pub struct Wish {
    id: Identifier,
    seen: Precondition,
    raw: RawGoal,
}

impl Endpoint for ChangeGoal {
    const ROUTE: Route = Route {
        name: "change-goal",
        method: Method::Put,
        path: "/v1/goals/{goal_id}",
        siblings: &[Method::Delete],
        demand: Demand::Scope(Scope::GoalsWrite),
        body: Body::JSON,
        stores: true,
    };
    type Input = Wish;
    type Output = Json<SealedAnswer>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Wish, Fault> {
        incoming.no_query()?;
        Ok(Wish { id: incoming.identifier("goal_id")?, seen: incoming.precondition()?, raw: incoming.json()? })
    }

    async fn act(&self, call: &Call, wish: Wish, work: &mut UnitOfWork) -> Result<Json<SealedAnswer>, Fault> {
        let tenant = &call.principal.tenant;
        let zone = self.zones.of(tenant, call.now).await?;
        let stored = self.stored(call, &wish).await?;
        // The days that a goal counts do not move when it is changed.
        let starts = wish.raw.starts.or_else(|| stored.map(|day| day.to_string()));
        let today = zone.to_datetime(call.now.wall).date();
        let new = RawGoal { starts, ..wish.raw }.accept(wish.id, today).map_err(Fault::validation)?;
        let subject = Subject { tenant: tenant.clone(), user: new.user_id };
        let book = self.books.open_or_begin(subject, call.now).await?;
        let read = book.goal(&new.goal.goal_id).await?;
        wish.seen.check(read.as_ref().map_or(0, |read| read.revision))?;
        if read.is_none() && book.goals().await?.len() >= MOST_GOALS {
            let rule = Violation::new("/user_id", "too_many", "must have at most 50 goals");
            return Err(Fault::validation(vec![rule]));
        }
        book.store_goal(work, read.as_ref(), &new.goal, new.name.as_ref())?;
        let standing = book.standing(&new.goal, call.now.wall, &zone).await?;
        let revision = read.as_ref().map_or(0, |read| read.revision) + 1;
        let answer = GoalAnswer::new(new.goal, new.name.as_ref(), revision, standing);
        let sealed = SealedAnswer::new(&book, &answer)?;
        let reply = if read.is_some() { Json::ok(sealed) } else { Json::created(sealed) };
        Ok(reply.revision(revision))
    }

    async fn complete(&self, call: &Call, reply: Reply) -> Result<Reply, Fault> {
        let body = SealedAnswer::open(&reply.body, &self.books, &call.principal.tenant, call.now).await?;
        Ok(Reply { body, ..reply })
    }
}

impl ChangeGoal {
    /// The first day of the goal as it is stored.
    async fn stored(&self, call: &Call, wish: &Wish) -> Result<Option<Date>, Fault> {
        let Ok(user) = Identifier::parse(&wish.raw.user_id) else { return Ok(None) };
        let subject = Subject { tenant: call.principal.tenant.clone(), user };
        let Some(book) = self.books.open(subject, call.now).await? else { return Ok(None) };
        Ok(book.goal(&wish.id).await?.map(|read| read.goal.starts))
    }
}
