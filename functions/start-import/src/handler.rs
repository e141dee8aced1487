//! The import is stored, and the client gets an address to which it may upload the file.

use std::time::Duration;

use aws_sdk_s3::{Client, presigning::PresigningConfig};
use gate::{Body, Call, Demand, Endpoint, Incoming, IntoReply, Json, Method, Reply, Route};
use jiff::SignedDuration;
use kernel::{Fault, Identifier, Scope, Violation};
use ledger::{Channel, Import};
use store::{Entities, UnitOfWork};
use vault::aws::reason;

use crate::contract::{ImportRequest, LARGEST_FILE, StartedImport, Upload};

/// For how long the address is good.
const ADDRESS_LASTS: Duration = Duration::from_secs(15 * 60);
/// What the file is uploaded as.
const MEDIA_TYPE: &str = "application/x-ndjson";

/// `POST /v1/transactions/imports`.
pub struct StartImport {
    /// What is known of imports.
    pub imports: Entities<Import>,
    /// Where files are.
    pub s3: Client,
    /// The bucket they are in.
    pub bucket: String,
}

/// A file that will come.
pub struct Announced {
    user: Identifier,
    channel: Option<Channel>,
    size: u64,
}

impl Endpoint for StartImport {
    const ROUTE: Route = Route {
        name: "start-import",
        method: Method::Post,
        path: "/v1/transactions/imports",
        siblings: &[],
        demand: Demand::Scope(Scope::TransactionsWrite),
        body: Body::JSON,
        stores: true,
    };
    type Input = Announced;
    type Output = Json<Import>;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Announced, Fault> {
        incoming.no_query()?;
        let ImportRequest { user_id, channel, size } = incoming.json()?;
        let mut broken = Vec::new();
        if !(1..=LARGEST_FILE).contains(&size) {
            broken.push(Violation::new("/size", "out_of_range", "must be from 1 to 67108864 bytes"));
        }
        match Identifier::parse(&user_id) {
            Ok(user) if broken.is_empty() => Ok(Announced { user, channel, size }),
            user => {
                broken.extend(user.err().map(|error| Violation::new("/user_id", "invalid", error.to_string())));
                Err(Fault::validation(broken))
            }
        }
    }

    async fn act(&self, call: &Call, announced: Announced, work: &mut UnitOfWork) -> Result<Json<Import>, Fault> {
        let Announced { user, channel, size } = announced;
        let now = call.now.wall;
        let id = Identifier::parse(&call.write.to_string()).map_err(Fault::internal)?;
        let import = Import::new(id, user, channel, size, now);
        self.imports.create(work, &call.principal.tenant, &import, Some(import.expires()))?;
        Ok(Json::created(import))
    }

    /// The address is as good as a key, so it is made for each answer and never stored.
    async fn complete(&self, call: &Call, reply: Reply) -> Result<Reply, Fault> {
        let import: Import = serde_json::from_str(&reply.body).map_err(Fault::internal)?;
        let config = PresigningConfig::expires_in(ADDRESS_LASTS).map_err(Fault::internal)?;
        let request = self
            .s3
            .put_object()
            .bucket(&self.bucket)
            .key(import.file(&call.principal.tenant))
            .content_type(MEDIA_TYPE)
            // A second file would be read on from where the first one was left.
            .if_none_match("*")
            .content_length(i64::try_from(import.size).map_err(Fault::internal)?)
            .presigned(config)
            .await
            .map_err(|error| Fault::internal(reason(&error)))?;
        let lasts = SignedDuration::try_from(ADDRESS_LASTS).map_err(Fault::internal)?;
        let upload = Upload {
            method: "PUT",
            url: request.uri().to_owned(),
            // The SDK names the trace of this invocation, which is none of the client's and not signed.
            headers: request
                .headers()
                .filter(|(name, _)| *name != "x-amzn-trace-id")
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            expires_at: call.now.wall.saturating_add(lasts).map_err(Fault::internal)?,
        };
        Ok(Reply { body: Json::ok(StartedImport { import, upload }).into_reply()?.body, ..reply })
    }
}
