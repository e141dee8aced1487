//! Functions that do something by the clock for every tenant, or at an event that is about none.
//!
//! One tenant's failure keeps nobody else waiting: the invocation goes on with the next, and fails at the end, so that
//! Lambda tries again. So a routine must be able to do for a tenant again what it has just done. Each invocation begins
//! with another tenant, so that one that takes all the time does not take it from the same ones for ever.

use std::panic::AssertUnwindSafe;

use futures_util::{FutureExt, future::BoxFuture};
use kernel::{Fault, Tenant};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::de::{DeserializeOwned, IgnoredAny};
use store::Tenants;
use vault::Moment;

use crate::{
    runtime::quiet_panics,
    unattended::{Deadline, Tally},
};

/// What is done by the clock.
pub trait Routine: Send + Sync + 'static {
    /// The function's name.
    const NAME: &'static str;

    /// Does it for one tenant, as far as the time goes. Gives what it adds to the function's metrics.
    fn run(
        &self,
        tenant: &Tenant,
        now: Moment,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Vec<&'static str>, Fault>> + Send;
}

/// Serves the clock until the environment ends.
///
/// # Errors
/// When the runtime API does not answer.
pub async fn run_routine<R: Routine>(routine: R, tenants: Tenants) -> Result<(), lambda_runtime::Error> {
    quiet_panics();
    let (routine, tenants) = (&routine, &tenants);
    let service = service_fn(move |event: LambdaEvent<IgnoredAny>| async move {
        let deadline = Deadline::new(event.context.deadline());
        deadline.keep(once(routine, tenants, deadline)).await
    });
    lambda_runtime::run(service).await
}

/// Serves events that are about no tenant, until the environment ends. What is done gives what it adds to the function's
/// metrics.
///
/// # Errors
/// When the runtime API does not answer.
pub async fn run_unattended<E, F>(
    name: &'static str,
    act: impl Fn(E, Moment, Deadline) -> F,
) -> Result<(), lambda_runtime::Error>
where
    E: DeserializeOwned,
    F: Future<Output = Result<Vec<&'static str>, Fault>>,
{
    quiet_panics();
    let act = &act;
    let service = service_fn(move |event: LambdaEvent<E>| async move {
        let (began, deadline) = (Moment::now(), Deadline::new(event.context.deadline()));
        let mut tally = Tally::default();
        // Boxed, because the types of nested futures grow beyond what the compiler follows.
        let step = act(event.payload, began, deadline).boxed_local();
        match deadline.keep(AssertUnwindSafe(step).catch_unwind()).await {
            Ok(Ok(names)) => tally.done(&names),
            Ok(Err(fault)) => tally.failed = Some(fault),
            Err(_) => tally.failed = Some(Fault::internal("panic")),
        }
        tally.log(name, began);
        tally.failed.map_or(Ok(()), |_| Err(incomplete("it was not done")))
    });
    lambda_runtime::run(service).await
}

async fn once<R: Routine>(routine: &R, tenants: &Tenants, deadline: Deadline) -> Result<(), Diagnostic> {
    let began = Moment::now();
    let mut tally = Tally::default();
    let mut all = tenants.all().await.unwrap_or_else(|error| {
        tally.failed = Some(error.into());
        Vec::new()
    });
    let first = usize::try_from(began.wall.as_second()).unwrap_or(0) % all.len().max(1);
    all.rotate_left(first);
    for tenant in all {
        tally.short_of_time = deadline.is_near();
        if tally.short_of_time {
            break;
        }
        let step: BoxFuture<'_, _> = Box::pin(routine.run(&tenant, Moment::now(), deadline));
        match AssertUnwindSafe(step).catch_unwind().await.unwrap_or_else(|_| Err(Fault::internal("panic"))) {
            Ok(names) => tally.done(&names),
            Err(fault) => tally.failed = Some(fault),
        }
    }
    tally.log(R::NAME, began);
    if tally.failed.is_some() || tally.short_of_time {
        return Err(incomplete("not everything was done for every tenant"));
    }
    Ok(())
}

/// What Lambda is told, so that it tries again. Why is in the log.
fn incomplete(what: &str) -> Diagnostic {
    Diagnostic { error_type: "RoutineIncomplete".to_owned(), error_message: what.to_owned() }
}
