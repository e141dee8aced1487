//! Where a webhook may point.
//!
//! A tenant chooses the address and we call it from inside our network, so the address is an attack
//! until shown otherwise (server-side request forgery). The rules here are the first half; the second
//! half is at sending: resolve the host once, ask [`is_public`] of the very address that is connected
//! to, and follow no redirect.

use std::{
    borrow::Cow,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    ops::Deref,
};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use url::{Host, Url};

/// The longest address, in bytes.
const LONGEST: usize = 1024;
/// Ports other than 443 that may be named.
const OTHER_PORT: u16 = 8443;
/// Ends of names that mean something inside a network and nothing outside: RFC 6761, RFC 6762, RFC 8375, what
/// ICANN keeps free for private use, and what home routers and offices use without asking.
const INWARD: [&str; 11] =
    ["localhost", "local", "localdomain", "internal", "intranet", "private", "corp", "home", "lan", "arpa", "onion"];

/// An address that may be called: https, a public host, port 443 or 8443, no user name.
///
/// Such addresses often carry a token in their path, so `Debug` shows the host alone.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(Url);

/// Why an address is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedUrl {
    /// It is not an address, or too long.
    Invalid,
    /// It is not https.
    NotHttps,
    /// It has a user name or a password.
    Credentials,
    /// It has a port other than 443 and 8443.
    Port,
    /// It has a fragment, which is never sent.
    Fragment,
    /// Its host is not on the public internet.
    NotPublic,
}

impl RefusedUrl {
    /// The rule, for machines.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::NotHttps => "not_https",
            Self::Credentials => "has_credentials",
            Self::Port => "port_not_allowed",
            Self::Fragment => "has_fragment",
            Self::NotPublic => "host_not_public",
        }
    }
}

impl fmt::Display for RefusedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invalid => "must be a URL of at most 1024 printable ASCII characters",
            Self::NotHttps => "must start with https://",
            Self::Credentials => "must not have a user name or password",
            Self::Port => "must use port 443 or 8443",
            Self::Fragment => "must not have a fragment",
            Self::NotPublic => "must name a host on the public internet",
        })
    }
}

impl std::error::Error for RefusedUrl {}

impl WebhookUrl {
    /// Accepts `text` when it is such an address.
    ///
    /// # Errors
    /// [`RefusedUrl`] says which rule it breaks first.
    pub fn parse(text: &str) -> Result<Self, RefusedUrl> {
        // The parser repairs what it is given, as browsers do: it drops tabs and line ends and turns backslashes
        // around. What needs repair is refused instead.
        if text.len() > LONGEST || !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            return Err(RefusedUrl::Invalid);
        }
        let url = Url::parse(text).map_err(|_| RefusedUrl::Invalid)?;
        if url.scheme() != "https" {
            return Err(RefusedUrl::NotHttps);
        }
        let rest = text.split_once("//").filter(|(scheme, _)| scheme.len() == "https:".len()).map(|(_, rest)| rest);
        let authority = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
        if authority.is_empty() {
            return Err(RefusedUrl::Invalid);
        }
        if authority.contains('@') {
            return Err(RefusedUrl::Credentials);
        }
        if url.port().is_some_and(|port| port != OTHER_PORT) {
            return Err(RefusedUrl::Port);
        }
        if url.fragment().is_some() {
            return Err(RefusedUrl::Fragment);
        }
        let public = match url.host().ok_or(RefusedUrl::Invalid)? {
            Host::Domain(name) => is_outward(name),
            Host::Ipv4(address) => is_public(address.into()),
            Host::Ipv6(address) => is_public(address.into()),
        };
        if public { Ok(Self(url)) } else { Err(RefusedUrl::NotPublic) }
    }

    /// The host, to be resolved; an IPv6 address stands in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.0.port().unwrap_or(443)
    }
}

/// Whether a name may belong to the public internet. Where it leads is known only when it is resolved.
fn is_outward(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    match name.rsplit_once('.') {
        Some((_, end)) => {
            !name.split('.').any(str::is_empty) && !INWARD.iter().any(|inward| end.eq_ignore_ascii_case(inward))
        }
        None => false,
    }
}

/// Whether `address` is one that anybody on the internet may reach, going by the IANA registries of
/// special-purpose addresses.
///
/// IPv6 addresses that carry an IPv4 address (NAT64, 6to4, Teredo) are not public, because a gateway
/// decides where they end; one that merely spells an IPv4 address (`::ffff:0:0/96`) is as public as that is.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => address.to_ipv4_mapped().map_or_else(|| is_public_v6(address), is_public_v4),
    }
}

const fn is_public_v4(address: Ipv4Addr) -> bool {
    !matches!(
        address.octets(),
        [0 | 10 | 127, ..] // this network; private; loopback
            | [100, 64..=127, ..] // shared by a carrier's customers
            | [169, 254, ..] // link-local, where instance metadata live
            | [172, 16..=31, ..] // private
            | [192, 0, 0 | 2, _] // protocol assignments; documentation
            | [192, 88, 99, _] // relays of 6to4
            | [192, 168, ..] // private
            | [198, 18 | 19, ..] // benchmarks
            | [198, 51, 100, _] // documentation
            | [203, 0, 113, _] // documentation
            | [224..=255, ..] // multicast; reserved; broadcast
    )
}

const fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0x2001, 0..=0x1ff, ..] // protocol assignments, Teredo and benchmarks among them
        | [0x2001, 0xdb8, ..] // documentation
        | [0x2002, ..] // 6to4
        | [0x3fff, 0..=0xfff, ..] => false, // documentation
        // All that has been given out for the public. Loopback, NAT64, unique local, link-local and multicast
        // addresses lie outside.
        [0x2000..=0x3fff, ..] => true,
        _ => false,
    }
}

impl Deref for WebhookUrl {
    type Target = str;

    fn deref(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}:{}/...", self.host(), self.port())
    }
}

impl Serialize for WebhookUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for WebhookUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&Cow::<'de, str>::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl JsonSchema for WebhookUrl {
    fn schema_name() -> Cow<'static, str> {
        "WebhookUrl".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "uri", "maxLength": LONGEST, "pattern": "^[Hh][Tt][Tt][Pp][Ss]://"})
    }

    fn inline_schema() -> bool {
        true
    }
}
