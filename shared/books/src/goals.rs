//! Goals, and what transactions mean for them.

use jiff::{Timestamp, tz::TimeZone};
use kernel::{Fault, Identifier, Secret};
use ledger::{Fact, Goal, GoalImpact, Standing, impacts};
use schemars::JsonSchema;
use serde::Serialize;
use store::{PersonRow, UnitOfWork};

use crate::{
    book::{Book, read_facts},
    rows::{GOAL, Plain},
};

/// A stored goal.
#[derive(Clone, Debug)]
pub struct GoalRow {
    /// The goal.
    pub goal: Goal,
    /// What the person calls it.
    pub name: Option<Secret<String>>,
    /// Grows by one with every change; 1 is the first.
    pub revision: u64,
    row: PersonRow,
}

impl Book<'_> {
    /// A goal.
    ///
    /// # Errors
    /// 503 when the table does not answer, 500 when the row cannot be opened.
    pub async fn goal(&self, id: &Identifier) -> Result<Option<GoalRow>, Fault> {
        let row = self.people.get(&self.subject, &self.goal_sort(id)?).await?;
        row.filter(|row| self.owns(row)).map(|row| self.read_goal(row)).transpose()
    }

    /// Every goal, by id.
    ///
    /// # Errors
    /// 503 when the table does not answer, 500 when a row cannot be opened.
    pub async fn goals(&self) -> Result<Vec<GoalRow>, Fault> {
        let mut goals = Vec::new();
        self.each_row(GOAL, "G$", |row| {
            goals.push(self.read_goal(row.clone())?);
            Ok(())
        })
        .await?;
        goals.sort_by(|one: &GoalRow, other| one.goal.goal_id.cmp(&other.goal.goal_id));
        Ok(goals)
    }

    /// Stores a goal, in place of the one that was read if there is one.
    ///
    /// # Errors
    /// 500 when it cannot be sealed.
    pub fn store_goal(
        &self,
        work: &mut UnitOfWork,
        read: Option<&GoalRow>,
        goal: &Goal,
        name: Option<&Secret<String>>,
    ) -> Result<(), Fault> {
        let plain: Plain = name.map(|name| ("name", name.clone())).into_iter().collect();
        let revision = read.map_or(0, |read| read.revision);
        let row = self.row(self.goal_sort(&goal.goal_id)?, goal, &plain, Vec::new(), revision)?;
        self.people.write(work, &self.subject, row)?;
        work.touch(format!("goal/{}/{}", self.subject.user, goal.goal_id));
        Ok(())
    }

    /// Removes a goal.
    ///
    /// # Errors
    /// 500 when the item cannot be made.
    pub fn remove_goal(&self, work: &mut UnitOfWork, read: &GoalRow) -> Result<(), Fault> {
        self.people.remove(work, &self.subject, &read.row)?;
        work.touch(format!("goal/{}/{}", self.subject.user, read.goal.goal_id));
        Ok(())
    }

    /// How a goal is going at `now`, whether it is stored or not.
    ///
    /// # Errors
    /// 503 when the table does not answer.
    pub async fn standing(&self, goal: &Goal, now: Timestamp, zone: &TimeZone) -> Result<Standing, Fault> {
        let span = goal.span(now, zone);
        Ok(goal.standing(&self.facts(span.start, span.end).await?, now, zone))
    }

    /// How each of the goals is going at `now`, in their order.
    ///
    /// # Errors
    /// 503 when the table does not answer.
    pub async fn standings(&self, goals: &[GoalRow], now: Timestamp, zone: &TimeZone) -> Result<Vec<Standing>, Fault> {
        let spans = goals.iter().map(|row| row.goal.span(now, zone));
        let Some(all) = spans.reduce(|one, other| one.start.min(other.start)..one.end.max(other.end)) else {
            return Ok(Vec::new());
        };
        let facts = self.facts(all.start, all.end).await?;
        Ok(goals.iter().map(|row| row.goal.standing(&facts, now, zone)).collect())
    }

    /// What each of `facts` means for the person's goals, in their order. Some of them may not be stored yet.
    ///
    /// # Errors
    /// 503 when the table does not answer.
    pub async fn impacts(&self, facts: &[Fact], zone: &TimeZone) -> Result<Vec<Vec<GoalImpact>>, Fault> {
        let none = || vec![Vec::new(); facts.len()];
        let (first, last) = (facts.iter().map(|fact| fact.time).min(), facts.iter().map(|fact| fact.time).max());
        let Some((first, last)) = first.zip(last) else { return Ok(none()) };
        let goals: Vec<Goal> = self.goals().await?.into_iter().map(|row| row.goal).collect();
        let Some(since) = goals.iter().map(|goal| goal.since(first, zone)).min() else { return Ok(none()) };
        let mut all = facts.to_vec();
        let before = self.facts(since.min(first), last).await?;
        all.extend(before.into_iter().filter(|stored| !facts.iter().any(|fact| fact.id == stored.id)));
        let mut told = impacts(&goals, &all, first, zone);
        told.truncate(facts.len());
        Ok(told)
    }

    async fn facts(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Fact>, Fault> {
        let mut facts = Vec::new();
        self.each_fact(from, to, |stored, _| {
            facts.push(Fact::from(&stored));
            Ok(())
        })
        .await?;
        Ok(facts)
    }

    pub(crate) fn read_goal(&self, row: PersonRow) -> Result<GoalRow, Fault> {
        Ok(GoalRow { goal: read_facts(&row)?, name: self.open(&row, "name")?, revision: row.revision, row })
    }

    fn goal_sort(&self, id: &Identifier) -> Result<String, Fault> {
        Ok(format!("{GOAL}{}", self.token("goal", id.as_bytes())?))
    }
}

/// A goal as clients see it, and how it is going.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct GoalAnswer {
    /// The goal.
    #[serde(flatten)]
    pub goal: Goal,
    /// What the person calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How it is going.
    #[serde(flatten)]
    pub standing: Standing,
    /// Grows by one with every change. `If-Match` takes it in quotation marks.
    pub revision: u64,
}

impl GoalAnswer {
    /// A goal as it stands.
    #[must_use]
    pub fn new(goal: Goal, name: Option<&Secret<String>>, revision: u64, standing: Standing) -> Self {
        Self { goal, name: name.map(|name| name.reveal().clone()), standing, revision }
    }
}
