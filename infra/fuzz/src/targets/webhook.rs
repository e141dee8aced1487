//! Addresses that tenants have us call.

use std::net::IpAddr;

use maintenance::work::{WebhookUrl, is_public};

/// An address that is taken is https on an allowed port of a public host, without a user name or fragment, is written
/// as it was read, and shows no more than its host.
pub fn webhook(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Ok(url) = WebhookUrl::parse(&text) else { return false };
    let rest = url.strip_prefix("https://").unwrap();
    let authority = rest.split(['/', '?']).next().unwrap();
    assert!(!authority.contains('@') && !url.contains('#') && url.bytes().all(|byte| byte.is_ascii_graphic()));
    assert!(matches!(url.port(), 443 | 8443));
    let port = if url.port() == 443 { String::new() } else { ":8443".to_owned() };
    assert_eq!(authority, format!("{}{port}", url.host()));
    assert_eq!(format!("{url:?}"), format!("https://{}:{}/...", url.host(), url.port()));
    let bare = url.host().trim_matches(['[', ']']);
    match bare.parse::<IpAddr>() {
        Ok(address) => assert!(is_public(address) && !is_inward(address), "{address}"),
        Err(_) => {
            let name = url.host().trim_end_matches('.');
            let end = name.rsplit('.').next().unwrap();
            assert!(name.contains('.') && !["localhost", "local", "internal", "arpa"].contains(&end), "{name}");
        }
    }
    // Written out, an address may be longer than one that is taken.
    if url.len() <= 1024 {
        assert_eq!(WebhookUrl::parse(&url).as_ref(), Ok(&url));
    }
    true
}

/// What the standard library knows to be no address of the internet.
const fn is_inward(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_broadcast()
                || v4.is_documentation()
                || v4.is_multicast()
                || v4.is_unspecified()
        }
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
        }
    }
}
