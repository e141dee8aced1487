use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use maintenance::work::{RefusedUrl, WebhookUrl, is_public};
use proptest::prelude::*;

#[test]
fn a_webhook_is_an_https_address_of_a_public_host() {
    for (text, host, port) in [
        ("https://hooks.example.com/a/b?c=d", "hooks.example.com", 443),
        ("HTTPS://Hooks.Example.com", "hooks.example.com", 443),
        ("https://hooks.example.com:443/", "hooks.example.com", 443),
        ("https://hooks.example.com:8443/x@y", "hooks.example.com", 8443),
        ("https://hooks.example.com./", "hooks.example.com.", 443),
        ("https://b%C3%BCcher.example.com/", "xn--bcher-kva.example.com", 443),
        ("https://8.8.8.8/", "8.8.8.8", 443),
        ("https://[2606:4700::1111]:8443/", "[2606:4700::1111]", 8443),
        ("https://local.example.com/", "local.example.com", 443),
    ] {
        let url = WebhookUrl::parse(text).unwrap_or_else(|refused| panic!("{text} {refused:?}"));
        assert_eq!((url.host(), url.port()), (host, port));
        let json = serde_json::to_string(&url).unwrap();
        assert_eq!(serde_json::from_str::<WebhookUrl>(&json).unwrap(), url);
    }
}

#[test]
fn an_address_has_at_most_1024_characters() {
    let of_length = |length: usize| WebhookUrl::parse(&format!("https://example.com/{}", "x".repeat(length - 20)));
    assert!(of_length(1024).is_ok());
    assert_eq!(of_length(1025).err(), Some(RefusedUrl::Invalid));
}

#[test]
fn anything_else_is_refused_for_its_reason() {
    use RefusedUrl::{Credentials, Fragment, Invalid, NotHttps, NotPublic, Port};
    let long = format!("https://example.com/{}", "x".repeat(1024));
    for (text, reason) in [
        ("", Invalid),
        ("example.com", Invalid),
        ("/hook", Invalid),
        ("https://", Invalid),
        ("https://exa mple.com/", Invalid),
        ("https://example.com/\n", Invalid),
        (" https://example.com/", Invalid),
        ("https://exämple.com/", Invalid),
        ("https:\\\\example.com", Invalid),
        ("https://example.com\\@127.0.0.1/", Invalid),
        ("https:example.com", Invalid),
        ("https:/example.com", Invalid),
        ("https:///example.com", Invalid),
        ("https://example.com:99999/", Invalid),
        ("https://256.256.256.256/", Invalid),
        (&long, Invalid),
        ("http://example.com/", NotHttps),
        ("ftp://example.com/", NotHttps),
        ("file:///etc/passwd", NotHttps),
        ("javascript:alert(1)", NotHttps),
        ("https://user@example.com/", Credentials),
        ("https://user:pass@example.com/", Credentials),
        ("https://@example.com/", Credentials),
        ("https://:@example.com/", Credentials),
        ("https://example.com:80/", Port),
        ("https://example.com:22/", Port),
        ("https://example.com:4430/", Port),
        ("https://example.com/#x", Fragment),
        ("https://localhost/", NotPublic),
        ("https://LOCALHOST./", NotPublic),
        ("https://a.localhost/", NotPublic),
        ("https://intranet/", NotPublic),
        ("https://com/", NotPublic),
        ("https://printer.local/", NotPublic),
        ("https://printer.local./", NotPublic),
        ("https://metadata.google.internal/", NotPublic),
        ("https://ip-10-0-0-1.ec2.internal/", NotPublic),
        ("https://router.home.arpa/", NotPublic),
        ("https://a..example.com/", NotPublic),
        ("https://127.0.0.1/", NotPublic),
        ("https://127.1/", NotPublic),
        ("https://2130706433/", NotPublic),
        ("https://0x7f.0.0.1/", NotPublic),
        ("https://0177.0.0.1/", NotPublic),
        ("https://%31%32%37.0.0.1/", NotPublic),
        ("https://0/", NotPublic),
        ("https://169.254.169.254/latest/meta-data", NotPublic),
        ("https://10.0.0.1:8443/", NotPublic),
        ("https://[::1]/", NotPublic),
        ("https://[::]/", NotPublic),
        ("https://[::ffff:127.0.0.1]/", NotPublic),
        ("https://[::ffff:a9fe:a9fe]/", NotPublic),
        ("https://[fd00:ec2::254]/", NotPublic),
        ("https://[fe80::1]/", NotPublic),
        ("https://[64:ff9b::7f00:1]/", NotPublic),
    ] {
        assert_eq!(WebhookUrl::parse(text), Err(reason), "{text}");
    }
}

#[test]
fn a_webhook_in_a_log_shows_no_token() {
    let url = WebhookUrl::parse("https://hooks.example.com/T0KEN?key=S3CRET").unwrap();
    assert_eq!(format!("{url:?}"), "https://hooks.example.com:443/...");
}

/// What the IANA registries call not globally reachable, and what carries an IPv4 address elsewhere; as prefixes.
const CLOSED_V4: [(&str, u8); 17] = [
    ("0.0.0.0", 8),
    ("10.0.0.0", 8),
    ("100.64.0.0", 10),
    ("127.0.0.0", 8),
    ("169.254.0.0", 16),
    ("172.16.0.0", 12),
    ("192.0.0.0", 24),
    ("192.0.2.0", 24),
    ("192.88.99.0", 24),
    ("192.168.0.0", 16),
    ("198.18.0.0", 15),
    ("198.51.100.0", 24),
    ("203.0.113.0", 24),
    ("224.0.0.0", 4),
    ("240.0.0.0", 4),
    ("255.255.255.255", 32),
    ("169.254.169.254", 32),
];
const CLOSED_V6: [(&str, u8); 21] = [
    ("::", 96),
    ("::1", 128),
    ("64:ff9b::", 96),
    ("64:ff9b:1::", 48),
    ("100::", 64),
    ("100:0:0:1::", 64),
    ("2001::", 23),
    ("2001::", 32),
    ("2001:2::", 48),
    ("2001:10::", 28),
    ("2001:20::", 28),
    ("2001:db8::", 32),
    ("2002::", 16),
    ("3fff::", 20),
    ("5f00::", 16),
    ("4000::", 2),
    ("8000::", 1),
    ("fc00::", 7),
    ("fe80::", 10),
    ("fec0::", 10),
    ("ff00::", 8),
];

fn first_v4(text: &str) -> u32 {
    text.parse::<Ipv4Addr>().unwrap().to_bits()
}

fn first_v6(text: &str) -> u128 {
    text.parse::<Ipv6Addr>().unwrap().to_bits()
}

fn open_v4(bits: u32) -> bool {
    !CLOSED_V4.iter().any(|(first, length)| (bits ^ first_v4(first)).leading_zeros() >= u32::from(*length))
}

/// For addresses that spell no IPv4 address.
fn open_v6(bits: u128) -> bool {
    bits >> 125 == 1
        && !CLOSED_V6.iter().any(|(first, length)| (bits ^ first_v6(first)).leading_zeros() >= u32::from(*length))
}

fn public_v4(bits: u32) -> bool {
    is_public(IpAddr::V4(Ipv4Addr::from_bits(bits)))
}

fn public_v6(bits: u128) -> bool {
    is_public(IpAddr::V6(Ipv6Addr::from_bits(bits)))
}

#[test]
fn both_sides_of_the_edges_of_every_closed_range_are_judged_right() {
    for (first, length) in CLOSED_V4 {
        let first = first_v4(first);
        let last = first | u32::MAX.checked_shr(length.into()).unwrap_or(0);
        assert!(!public_v4(first) && !public_v4(last));
        for bits in [first.wrapping_sub(1), last.wrapping_add(1)] {
            assert_eq!(public_v4(bits), open_v4(bits), "{}", Ipv4Addr::from_bits(bits));
        }
    }
    for (first, length) in CLOSED_V6 {
        let first = first_v6(first);
        let last = first | u128::MAX.checked_shr(length.into()).unwrap_or(0);
        assert!(!public_v6(first) && !public_v6(last));
        for bits in [first.wrapping_sub(1), last.wrapping_add(1)] {
            if bits >> 32 != 0xffff {
                assert_eq!(public_v6(bits), open_v6(bits), "{}", Ipv6Addr::from_bits(bits));
            }
        }
    }
    for open in ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1", "223.255.255.255"] {
        assert!(is_public(open.parse().unwrap()), "{open}");
    }
    for open in ["2606:4700::1111", "2a00:1450::1", "2001:200::1", "2003::1", "3ffe::1", "2620:fe::fe"] {
        assert!(is_public(open.parse().unwrap()), "{open}");
    }
}

proptest! {
    #[test]
    fn every_address_is_judged_as_the_registries_say(bits in any::<u32>(), wide in any::<u128>(), global in any::<u128>()) {
        prop_assert_eq!(public_v4(bits), open_v4(bits));
        prop_assert_eq!(public_v6(0xffff_0000_0000 | u128::from(bits)), open_v4(bits));
        prop_assert_eq!(public_v6(wide), open_v6(wide));
        let global = 1 << 125 | global >> 3;
        prop_assert_eq!(public_v6(global), open_v6(global));
    }

    #[test]
    fn no_text_makes_the_parser_panic_and_no_accepted_address_changes_when_read_again(text in "(https://)?[ -~]{0,40}") {
        if let Ok(url) = WebhookUrl::parse(&text) {
            prop_assert_eq!(WebhookUrl::parse(&url), Ok(url.clone()));
            prop_assert!(url.starts_with("https://"));
            if let Ok(address) = url.host().trim_matches(['[', ']']).parse() {
                prop_assert!(is_public(address));
            }
        }
    }
}
