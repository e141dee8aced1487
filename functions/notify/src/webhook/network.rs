//! Where a host leads.

use std::{
    error::Error,
    fmt, iter,
    net::{IpAddr, SocketAddr},
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The name has an address that is not allowed.
#[derive(Clone, Copy, Debug)]
struct NotPublic;

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host is not public")
    }
}

impl Error for NotPublic {}

/// Asks the system.
pub(super) struct SystemNames;

impl Resolve for SystemNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // Port 0 stands for the port of the URL.
            let addresses: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Passes on what `names` says when all of it is allowed. One address that is not is enough to refuse the rest:
/// honest names do not mix them.
pub(super) struct Guarded<N> {
    names: N,
    allowed: fn(IpAddr) -> bool,
}

impl<N> Guarded<N> {
    pub(super) const fn new(names: N, allowed: fn(IpAddr) -> bool) -> Self {
        Self { names, allowed }
    }
}

impl<N: Resolve> Resolve for Guarded<N> {
    fn resolve(&self, name: Name) -> Resolving {
        let (asked, allowed) = (self.names.resolve(name), self.allowed);
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = asked.await?.collect();
            if addresses.iter().any(|address| !allowed(address.ip())) {
                return Err(NotPublic.into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// The address that the host of a URL is, if it is one.
pub(super) fn literal(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Whether a request failed because [`Guarded`] refused.
pub(super) fn was_not_public(error: &(dyn Error + 'static)) -> bool {
    iter::successors(Some(error), |&error| error.source()).any(|error| error.is::<NotPublic>())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use maintenance::work::is_public;

    use super::*;

    struct Always(&'static [&'static str]);

    impl Resolve for Always {
        fn resolve(&self, _: Name) -> Resolving {
            let addresses: Vec<SocketAddr> = self.0.iter().map(|text| text.parse().unwrap()).collect();
            Box::pin(async move { Ok(Box::new(addresses.into_iter()) as Addrs) })
        }
    }

    async fn guarded(answer: &'static [&'static str]) -> Option<Vec<String>> {
        let addresses = Guarded::new(Always(answer), is_public).resolve("hooks.example.com".parse().unwrap()).await;
        match addresses {
            Ok(addresses) => Some(addresses.map(|address| address.to_string()).collect()),
            Err(error) => {
                assert!(was_not_public(&*error));
                None
            }
        }
    }

    #[tokio::test]
    async fn public_addresses_are_passed_on_as_they_came() {
        let answer = ["8.8.8.8:0", "[2606:4700::1111]:0"];
        assert_eq!(guarded(&["8.8.8.8:0", "[2606:4700::1111]:0"]).await.unwrap(), answer);
    }

    #[tokio::test]
    async fn one_private_address_anywhere_refuses_the_whole_name() {
        assert_eq!(guarded(&["10.0.0.1:0"]).await, None);
        assert_eq!(guarded(&["8.8.8.8:0", "169.254.169.254:0"]).await, None);
        assert_eq!(guarded(&["127.0.0.1:0", "8.8.8.8:0"]).await, None);
        assert_eq!(guarded(&["8.8.8.8:0", "[::ffff:127.0.0.1]:0", "[2606:4700::1111]:0"]).await, None);
        assert_eq!(guarded(&["8.8.8.8:0", "[fd00::1]:0"]).await, None);
    }

    #[tokio::test]
    async fn names_are_asked_of_the_system_and_answered_without_a_port() {
        let name = "localhost".parse().unwrap();
        let addresses: Vec<SocketAddr> = SystemNames.resolve(name).await.ok().unwrap().collect();
        assert!(!addresses.is_empty());
        assert!(addresses.iter().all(|address| address.ip().is_loopback() && address.port() == 0), "{addresses:?}");
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_refused() {
        let refused = Guarded::new(SystemNames, is_public).resolve("localhost".parse().unwrap()).await;
        assert!(was_not_public(&*refused.err().unwrap()));
    }

    #[test]
    fn a_host_that_is_an_address_is_seen_as_one() {
        assert_eq!(literal("127.0.0.1"), Some("127.0.0.1".parse().unwrap()));
        assert_eq!(literal("[::1]"), Some("::1".parse().unwrap()));
        assert_eq!(literal("hooks.example.com"), None);
    }
}
