//! What the command answers, as a table for people or as JSON for programs.

use std::fmt::Write;

use jiff::Timestamp;
use kernel::{KeyId, Scope, Tenant};
use palisade_keys::{Entry, Issued};
use serde::Serialize;
use vault::{Issuer, SigningSecret, TrustedIssuer};

/// A key that was minted or rotated, with the only copy of its secret.
#[derive(Serialize)]
struct IssuedJson<'a> {
    kid: &'a KeyId,
    key: &'a str,
    tenant: &'a Tenant,
    scopes: &'a [Scope],
    name: &'a str,
    expires: Timestamp,
}

#[derive(Serialize)]
struct RotatedJson<'a> {
    #[serde(flatten)]
    issued: IssuedJson<'a>,
    /// When the old secret ends; null when it has.
    previous_expires: Option<Timestamp>,
}

impl<'a> IssuedJson<'a> {
    fn of(Issued { key, entry }: &'a Issued) -> Self {
        Self {
            kid: &entry.kid,
            key: key.text().reveal(),
            tenant: &entry.tenant,
            scopes: &entry.scopes,
            name: &entry.name,
            expires: entry.expires,
        }
    }
}

/// The answer to `mint`.
pub(crate) fn issued(issued: &Issued, json: bool) -> serde_json::Result<String> {
    if json {
        return pretty(&IssuedJson::of(issued));
    }
    Ok(format!("{}\n{}", lines(&facts(&issued.entry)), shown_once(issued)))
}

/// The answer to `webhook-secret`.
pub(crate) fn signing_secret(tenant: &Tenant, secret: &SigningSecret, json: bool) -> serde_json::Result<String> {
    let secret = secret.text();
    match json {
        true => pretty(&serde_json::json!({"tenant": tenant, "secret": secret.reveal()})),
        false => Ok(format!("{}\n", secret.reveal())),
    }
}

/// The answer to `issuer trust`.
pub(crate) fn issuer(issuer: &Issuer, json: bool) -> serde_json::Result<String> {
    if json {
        return pretty(issuer);
    }
    Ok(lines(&[
        ("id", issuer.id.to_string()),
        ("url", issuer.url.clone()),
        ("jwks uri", issuer.jwks_uri.clone()),
        ("audience", issuer.audience.clone()),
        ("scope claim", issuer.scope_claim.clone()),
        ("tenant", issuer.tenant.to_string()),
        ("scopes", issuer.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")),
    ]))
}

/// The answer to `issuer list` and `issuer remove`.
pub(crate) fn issuers(trusted: &[TrustedIssuer], json: bool) -> serde_json::Result<String> {
    if json {
        let issuers: Vec<_> = trusted
            .iter()
            .map(|trusted| serde_json::json!({"issuer": trusted.issuer, "keys": trusted.keys.count(), "seen": trusted.fetched}))
            .collect();
        return pretty(&issuers);
    }
    if trusted.is_empty() {
        return Ok("No issuer is trusted.\n".to_owned());
    }
    let mut rows = vec![["ID", "TENANT", "SCOPES", "KEYS", "SEEN", "URL"].map(str::to_owned)];
    rows.extend(trusted.iter().map(|TrustedIssuer { issuer, keys, fetched }| {
        [
            issuer.id.to_string(),
            issuer.tenant.to_string(),
            scopes_in_brief(&issuer.scopes),
            keys.count().to_string(),
            fetched.to_string(),
            issuer.url.clone(),
        ]
    }));
    Ok(table(&rows))
}

/// The answer to `rotate`.
pub(crate) fn rotated(issued: &Issued, json: bool) -> serde_json::Result<String> {
    let previous_expires = issued.entry.secrets.iter().find_map(|secret| secret.expires);
    if json {
        return pretty(&RotatedJson { issued: IssuedJson::of(issued), previous_expires });
    }
    let previous = previous_expires.map_or_else(|| "has ended".to_owned(), |end| format!("ends {end}"));
    let mut facts = facts(&issued.entry);
    facts.push(("old secret", previous));
    Ok(format!("{}\n{}", lines(&facts), shown_once(issued)))
}

/// The answer to `show`, `expire` and `revoke`.
pub(crate) fn entry(entry: &Entry, json: bool) -> serde_json::Result<String> {
    if json {
        return pretty(entry);
    }
    let mut facts = facts(entry);
    facts.push(("status", entry.status.to_string()));
    facts.push(("created", entry.created.to_string()));
    facts.extend(entry.revoked.map(|at| ("revoked", at.to_string())));
    for secret in &entry.secrets {
        let end = secret.expires.map_or_else(String::new, |end| format!(", ends {end}"));
        facts.push(("secret", format!("pepper {}{end}", secret.pepper)));
    }
    Ok(lines(&facts))
}

/// The answer to `list`.
pub(crate) fn entries(entries: &[Entry], json: bool) -> serde_json::Result<String> {
    if json {
        return pretty(&entries);
    }
    if entries.is_empty() {
        return Ok("There are no keys.\n".to_owned());
    }
    // The name comes last because it alone can have characters of any width.
    let mut rows = vec![["KID", "TENANT", "STATUS", "EXPIRES", "SECRETS", "SCOPES", "NAME"].map(str::to_owned)];
    rows.extend(entries.iter().map(|entry| {
        [
            entry.kid.to_string(),
            entry.tenant.to_string(),
            entry.status.to_string(),
            entry.expires.to_string(),
            entry.secrets.len().to_string(),
            scopes_in_brief(&entry.scopes),
            entry.name.clone(),
        ]
    }));
    Ok(table(&rows))
}

fn shown_once(issued: &Issued) -> String {
    format!("{}\n\nThis is the only time the key is shown. Only its hash is kept.\n", issued.key.text().reveal())
}

fn facts(entry: &Entry) -> Vec<(&'static str, String)> {
    let scopes: Vec<&str> = entry.scopes.iter().map(|scope| scope.as_str()).collect();
    vec![
        ("kid", entry.kid.to_string()),
        ("tenant", entry.tenant.to_string()),
        ("name", entry.name.clone()),
        ("scopes", scopes.join(" ")),
        ("expires", entry.expires.to_string()),
    ]
}

fn scopes_in_brief(scopes: &[Scope]) -> String {
    match scopes {
        scopes if scopes.len() == Scope::ALL.len() => "all".to_owned(),
        [first, _, rest @ ..] if !rest.is_empty() => format!("{first} and {} more", rest.len() + 1),
        few => few.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" "),
    }
}

fn lines(facts: &[(&'static str, String)]) -> String {
    table(&facts.iter().map(|(label, value)| [(*label).to_owned(), value.clone()]).collect::<Vec<_>>())
}

/// Columns as wide as their widest cell, two spaces apart.
fn table<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> String {
    let widths: [usize; COLUMNS] = std::array::from_fn(|column| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default()
    });
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            // Writing to a string cannot fail.
            let _ = write!(line, "{cell:width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn pretty(value: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string_pretty(value).map(|text| text + "\n")
}
