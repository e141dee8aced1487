//! Makes every call of something fail in every way, and holds what it answers, and what is stored then and after it was
//! asked again, against a run without a fault.

use crate::evidence::expire_leases;
use crate::fault_matrix::calls::Site;
use crate::fault_matrix::report::Line;
use crate::fault_matrix::state::{Difference, State};
use crate::world::World;
use futures_util::future::BoxFuture;
use palisade_local::{Fault, Service};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It says that it is done, in this word.
    Done(String),
    /// It says that it is not, as it is documented to, in this word.
    Refused(String),
    /// It says that another attempt still runs.
    InFlight,
    /// Anything else.
    Wrong(String),
}

/// Something that calls AWS.
pub struct Subject {
    pub name: String,
    pub binary: String,
    pub act: Act,
    /// How lines begin of which there may be more when it is asked twice, because it says each time what it did.
    pub repeats: &'static [&'static str],
    /// Whether it is stored step by step: what an attempt that failed has stored, the next one completes.
    pub in_parts: bool,
}

pub type Act = Box<dyn for<'a> Fn(&'a World) -> BoxFuture<'a, Outcome>>;

/// How lines begin that any attempt may leave behind: its claim, that a tenant or a sensor is known, and a key that
/// nothing is sealed with yet.
const LEFT: [&str; 4] = ["requests ", "telemetry !tenants ", "telemetry demo#!sensors ", "subject-keys "];

/// How long a function may take whose call is never answered. The SDK alone would try for longer, so an answer in this
/// time is one of a function that knows when its own ends; and whoever works on many things begins with the first.
const SHORT: Duration = Duration::from_secs(4);

/// A subject, and what it does when nothing fails.
pub struct Plan {
    /// Which subject, among those of a world. In every world they are in the same order.
    number: usize,
    sites: Vec<Site>,
    done: Outcome,
    difference: Difference,
}

/// One call that fails in one way.
pub type Case<'a> = (&'a Plan, &'a Site, Fault);

impl Subject {
    /// Does it on a healthy cloud, from the beginning, by a process that knows nothing yet.
    async fn plan(&self, number: usize, world: &World, base: &mut State) -> Plan {
        base.restore(world).await;
        world.function(&self.binary).restart();
        world.cloud.faults().listen();
        let done = (self.act)(world).await;
        let sites = Site::all(&world.cloud.faults().heard());
        assert!(matches!(done, Outcome::Done(_)), "{} without a fault: {done:?}", self.name);
        assert!(!sites.is_empty(), "{} asks nobody", self.name);
        Plan { number, sites, done, difference: base.difference(world).await }
    }
}

/// What each subject does when nothing fails.
pub async fn plans(subjects: &[Subject], world: &World, base: &mut State) -> Vec<Plan> {
    let mut plans = Vec::new();
    for (number, subject) in subjects.iter().enumerate() {
        plans.push(subject.plan(number, world, base).await);
    }
    plans
}

/// Every case but those in which there is never an answer.
pub fn quick<'a>(plans: &'a [Plan]) -> Vec<Case<'a>> {
    let each = plans.iter().flat_map(|plan| plan.sites.iter().map(move |site| (plan, site)));
    each.flat_map(|(plan, site)| site.faults().into_iter().map(move |fault| (plan, site, fault))).collect()
}

/// Which operations were seen to fail, by the function that calls them.
pub type Seen = BTreeSet<(String, Service, String)>;

/// Those, for the first call of an operation by each function: what follows is the same code, and each takes its time.
pub fn slow<'a>(subjects: &[Subject], plans: &'a [Plan], seen: &mut Seen) -> Vec<Case<'a>> {
    let each = plans.iter().flat_map(|plan| plan.sites.iter().map(move |site| (plan, site)));
    let binary = |plan: &Plan| subjects[plan.number].binary.clone();
    let first = each.filter(|(plan, site)| seen.insert((binary(plan), site.service, site.operation.clone())));
    first.map(|(plan, site)| (plan, site, Fault::Timeout)).collect()
}

/// What is wrong is in the lines, so that one run tells all.
pub async fn run(subjects: &[Subject], world: &World, base: &mut State, cases: Vec<Case<'_>>) -> Vec<Line> {
    let mut lines = Vec::new();
    for (plan, site, fault) in cases {
        lines.push(one(&subjects[plan.number], world, base, (plan, site, fault)).await);
    }
    lines
}

async fn one(subject: &Subject, world: &World, base: &mut State, (plan, site, fault): Case<'_>) -> Line {
    let function = world.function(&subject.binary);
    let mut wrong = Vec::new();
    base.restore(world).await;
    if site.is_kept() || plan.is_remembered() {
        function.restart();
    }
    let usual = (fault == Fault::Timeout).then(|| function.set_timeout(SHORT));
    let mut rule = site.fail(world, fault);
    let mut began = Instant::now();
    let mut first = (subject.act)(world).await;
    if rule.fired() == 0 {
        // A process that has done it before need not make this call.
        rule.stop();
        base.restore(world).await;
        function.restart();
        rule = site.fail(world, fault);
        began = Instant::now();
        first = (subject.act)(world).await;
    }
    let took = began.elapsed();
    if let Some(usual) = usual {
        function.set_timeout(usual);
    }
    if rule.fired() == 0 {
        wrong.push("the call was never made".to_owned());
    }
    rule.stop();
    match &first {
        Outcome::Done(_) => {
            let found = base.difference(world).await;
            wrong.extend(plan.unlike(subject, &found).map(|unlike| format!("it says that it is done, and {unlike}")));
        }
        Outcome::Refused(_) => {
            let found = base.difference(world).await;
            wrong.extend(plan.half(subject, &found).map(|half| format!("it says that it is not done, and {half}")));
        }
        other => wrong.push(format!("{other:?}")),
    }
    if site.is_kept() {
        // A process that was refused a secret asks again some seconds later; the next one does at once.
        function.restart();
    }
    let mut told = vec![first.word()];
    let mut then = (subject.act)(world).await;
    if then == Outcome::InFlight {
        told.push(then.word());
        expire_leases(world).await;
        then = (subject.act)(world).await;
    }
    told.push(then.word());
    if then != plan.done {
        wrong.push(format!("asked again: {then:?}, not {:?}", plan.done));
    }
    let found = base.difference(world).await;
    wrong.extend(plan.unlike(subject, &found).map(|unlike| format!("after it was asked again {unlike}")));
    Line { subject: subject.name.clone(), site: site.clone(), fault, told: told.join(", "), took, wrong }
}

impl Outcome {
    fn word(&self) -> String {
        match self {
            Self::Done(word) | Self::Refused(word) => word.clone(),
            Self::InFlight => "409".to_owned(),
            Self::Wrong(_) => "wrong".to_owned(),
        }
    }
}

impl Plan {
    /// Whether a process remembers that it has stored something that is taken away again before the next case.
    fn is_remembered(&self) -> bool {
        self.difference.0.keys().any(|line| line.contains("!tenants") || line.contains("!sensors"))
    }

    /// What is stored of an attempt that was refused, unless that is nothing, or all: the answer of what was applied
    /// may have been lost.
    fn half(&self, subject: &Subject, found: &Difference) -> Option<String> {
        let counts = |difference: &Difference| -> BTreeMap<String, usize> {
            let lines = difference.0.clone().into_iter();
            lines.filter(|(line, _)| !LEFT.iter().any(|begin| line.starts_with(begin))).collect()
        };
        let (whole, found) = (counts(&self.difference), counts(found));
        (!subject.in_parts && !found.is_empty() && found != whole).then(|| format!("there is {found:#?}"))
    }

    /// How what is stored differs from what is stored without a fault.
    fn unlike(&self, subject: &Subject, found: &Difference) -> Option<String> {
        let (mut wanted, mut found) = (self.difference.0.clone(), found.0.clone());
        let repeats = |line: &String| subject.repeats.iter().any(|begin| line.starts_with(begin));
        for lines in [&mut wanted, &mut found] {
            lines.iter_mut().filter(|(line, _)| repeats(line)).for_each(|(_, count)| *count = 1);
        }
        let missing: Vec<_> = wanted.iter().filter(|(line, count)| found.get(*line) != Some(count)).collect();
        let extra: Vec<_> = found.iter().filter(|(line, count)| wanted.get(*line) != Some(count)).collect();
        let differs = !missing.is_empty() || !extra.is_empty();
        differs.then(|| format!("there is {extra:#?} instead of {missing:#?}"))
    }
}
