//! No call to AWS that cannot end in time.
//!
//! A function that is cut off in the middle of a call answers nobody, and its client cannot know what happened. So every
//! call, and every repetition of one, is begun only while there is time for its answer, and given up while there is still
//! time to say so. It is the connection that looks at the clock, so no function can forget to.

use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
            SharedHttpConnector,
        },
        orchestrator::HttpRequest,
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
};
use tokio::time::timeout;

/// What is kept for the answer to whoever is waiting.
const RESERVE: Duration = Duration::from_millis(250);

tokio::task_local! {
    static END: SystemTime;
}

/// Runs `act`, whose calls to AWS all end before `end`, if there is one.
pub async fn until<F: Future>(end: Option<SystemTime>, act: F) -> F::Output {
    match end {
        Some(end) => END.scope(end, act).await,
        None => act.await,
    }
}

/// How long a call that is begun now may take; `None` if as long as it likes.
fn time_left() -> Option<Duration> {
    let left = |end: &SystemTime| end.duration_since(SystemTime::now()).unwrap_or_default();
    END.try_with(left).ok().map(|left| left.saturating_sub(RESERVE))
}

/// A client whose connections keep to the time.
#[derive(Debug)]
pub(crate) struct Punctual(pub(crate) SharedHttpClient);

impl HttpClient for Punctual {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(PunctualConnector(self.0.http_connector(settings, components)))
    }
}

#[derive(Debug)]
struct PunctualConnector(SharedHttpConnector);

impl HttpConnector for PunctualConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match time_left() {
            None => self.0.call(request),
            // An error of the user is the one kind that is not tried again.
            Some(Duration::ZERO) => HttpConnectorFuture::ready(Err(ConnectorError::user(late()))),
            Some(left) => {
                let answer = self.0.call(request);
                HttpConnectorFuture::new(async move {
                    timeout(left, answer).await.unwrap_or_else(|_| Err(ConnectorError::user(late())))
                })
            }
        }
    }
}

fn late() -> BoxError {
    "no time is left for this call".into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    /// Takes every call and answers none.
    #[derive(Clone, Debug, Default)]
    struct Silent(Arc<AtomicUsize>);

    impl HttpConnector for Silent {
        fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
            self.0.fetch_add(1, Ordering::SeqCst);
            HttpConnectorFuture::new(std::future::pending())
        }
    }

    #[tokio::test]
    async fn a_call_is_given_up_while_there_is_time_to_say_so() {
        let silent = Silent::default();
        let connector = PunctualConnector(SharedHttpConnector::new(silent.clone()));
        let end = SystemTime::now() + RESERVE + Duration::from_millis(100);
        let error = until(Some(end), async { connector.call(HttpRequest::empty()).await }).await.unwrap_err();
        assert!(error.is_user() && SystemTime::now() < end, "{error:?}");
        assert_eq!(silent.0.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_call_for_which_no_time_is_left_is_not_begun() {
        let silent = Silent::default();
        let connector = PunctualConnector(SharedHttpConnector::new(silent.clone()));
        for end in [SystemTime::UNIX_EPOCH, SystemTime::now() + RESERVE] {
            let error = until(Some(end), async { connector.call(HttpRequest::empty()).await }).await.unwrap_err();
            assert!(error.is_user(), "{error:?}");
        }
        assert_eq!(silent.0.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn without_an_end_a_call_takes_as_long_as_it_likes() {
        let silent = Silent::default();
        let connector = PunctualConnector(SharedHttpConnector::new(silent.clone()));
        let answer = until(None, async { connector.call(HttpRequest::empty()).await });
        assert!(timeout(Duration::from_millis(10), answer).await.is_err());
        assert_eq!(silent.0.load(Ordering::SeqCst), 1);
    }
}
