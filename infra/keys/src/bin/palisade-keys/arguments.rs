//! What the command line says.

use std::collections::BTreeSet;

use clap::{Args, Parser, Subcommand, value_parser};
use jiff::Timestamp;
use kernel::{KeyId, Scope, Tenant};
use palisade_keys::Name;

/// Mints, lists, shows, rotates, expires and revokes API keys; trusts and removes issuers of bearer tokens.
///
/// Works on the secrets palisade/<stage>/pepper and palisade/<stage>/keyring/0..3, on the table palisade-<stage>-issuers, and for webhooks with the key
/// alias/palisade-<stage>-webhook, with the credentials in the
/// environment (AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN); AWS_ENDPOINT_URL points it
/// at a local cloud. Functions notice a change within 30 seconds.
#[derive(Parser)]
#[command(name = "palisade-keys", version, propagate_version = true)]
pub(crate) struct Arguments {
    /// The deployment whose keys these are.
    #[arg(long, global = true, env = "PALISADE_STAGE", default_value = "dev")]
    pub(crate) stage: String,
    /// Answers in JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes a key and shows it, this once.
    Mint(Mint),
    /// Lists the keys, the oldest first.
    List {
        /// Only the keys of this tenant.
        #[arg(long, value_parser = Tenant::parse)]
        tenant: Option<Tenant>,
    },
    /// Shows the secret that the webhooks of a tenant are signed with, for its receiver.
    WebhookSecret {
        /// Whose.
        #[arg(long, value_parser = Tenant::parse)]
        tenant: Tenant,
    },
    /// Shows what is known of one key; its secret is not.
    Show {
        /// The key's public name: the 12 characters after pal_<stage>_.
        #[arg(value_parser = KeyId::parse)]
        kid: KeyId,
    },
    /// Makes a new secret for a key and shows it, this once. The old one is accepted for a while longer.
    Rotate {
        /// The key's public name: the 12 characters after pal_<stage>_.
        #[arg(value_parser = KeyId::parse)]
        kid: KeyId,
        /// For how long the old secret is still accepted; 0 ends it at once.
        #[arg(long, default_value_t = 24, value_parser = value_parser!(u16).range(..=24 * 366))]
        overlap_hours: u16,
    },
    /// Sets when a key ends.
    Expire {
        /// The key's public name: the 12 characters after pal_<stage>_.
        #[arg(value_parser = KeyId::parse)]
        kid: KeyId,
        /// The end, in RFC 3339: 2030-01-31T12:00:00Z. In the future, at most five years ahead.
        #[arg(long)]
        at: Timestamp,
    },
    /// Trusts, lists and removes the issuers of bearer tokens.
    #[command(subcommand)]
    Issuer(IssuerCommand),
    /// Ends a key at once, for good.
    Revoke {
        /// The key's public name: the 12 characters after pal_<stage>_.
        #[arg(value_parser = KeyId::parse)]
        kid: KeyId,
        /// Also removes the key from its API Gateway usage plan.
        #[arg(long)]
        usage_plan: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum IssuerCommand {
    /// Lets the people of a tenant in with the tokens of their own issuer.
    Trust(Trust),
    /// Lists the issuers that are trusted.
    List,
    /// Ends all tokens of an issuer.
    Remove {
        /// What its tokens have as iss.
        #[arg(long)]
        url: String,
    },
}

#[derive(Args)]
pub(crate) struct Trust {
    /// What its tokens have as iss, exactly.
    #[arg(long)]
    pub(crate) url: String,
    /// Where its key set is: jwks_uri of <url>/.well-known/openid-configuration.
    #[arg(long)]
    pub(crate) jwks_uri: String,
    /// What its tokens must have in aud.
    #[arg(long)]
    pub(crate) audience: String,
    /// The claim that lists scopes: a text with spaces between them, or an array.
    #[arg(long, default_value = "scope")]
    pub(crate) scope_claim: String,
    /// Whose data its people may touch.
    #[arg(long, value_parser = Tenant::parse)]
    pub(crate) tenant: Tenant,
    /// What it may let them do at most, for example data:read; several are separated by spaces or commas.
    #[arg(long, value_name = "SCOPE", num_args = 1.., value_delimiter = ',', required = true)]
    pub(crate) scope: Vec<Scope>,
    /// The API Gateway usage plan that throttles all its people together: the stack's output UsagePlanId.
    #[arg(long, value_name = "ID")]
    pub(crate) usage_plan: Option<String>,
}

#[derive(Args)]
pub(crate) struct Mint {
    /// Whose data the key may touch.
    #[arg(long, value_parser = Tenant::parse)]
    pub(crate) tenant: Tenant,
    /// What the key may do, for example data:read; several are separated by spaces or commas.
    #[arg(long, value_name = "SCOPE", num_args = 1.., value_delimiter = ',', required_unless_present = "all_scopes")]
    scope: Vec<Scope>,
    /// The key may do everything there is today; scopes of later versions are not included.
    #[arg(long, conflicts_with = "scope")]
    all_scopes: bool,
    /// What to call the key in lists.
    #[arg(long)]
    pub(crate) name: Name,
    /// After how many days it ends.
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = value_parser!(u16).range(1..=5 * 366))]
    pub(crate) expires_in_days: u16,
    /// The API Gateway usage plan that throttles it: the stack's output UsagePlanId.
    #[arg(long, value_name = "ID")]
    pub(crate) usage_plan: Option<String>,
}

impl Mint {
    pub(crate) fn scopes(&self) -> BTreeSet<Scope> {
        let scopes = if self.all_scopes { Scope::ALL } else { &self.scope };
        scopes.iter().copied().collect()
    }
}
