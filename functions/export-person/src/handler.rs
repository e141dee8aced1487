//! Rows are opened one by one and written into the answer; that it was given is entered in the audit trail before it is.

use books::Books;
use gate::{Body, Call, Cursors, Demand, Endpoint, Incoming, IntoReply, Method, Reply, Route};
use kernel::{Fault, Identifier, Scope};
use ledger::Import;
use serde_json::{Map, Value, json};
use store::{Entities, Listed, Subject, UnitOfWork};

use crate::contract::ExportQuery;

/// How long the records of one answer may be, in bytes; Lambda hands on answers of 6 MB.
const LONGEST_PAGE: usize = 4_500_000;
/// How many imports are listed at once.
const PAGE: u16 = 100;
/// Begins the place of an import in the export, as a letter and `#` do the places of rows.
const IMPORT: &str = "I#";

/// `GET /v1/users/{user_id}/export`.
pub struct ExportPerson {
    /// Where rows are.
    pub books: Books,
    /// What files were imported.
    pub imports: Entities<Import>,
    /// Where the export goes on.
    pub cursors: Cursors,
}

/// Which part of whose export.
pub struct Part {
    user: Identifier,
    cursor: Option<String>,
}

/// The JSON of the answer.
pub struct Export(String);

impl Endpoint for ExportPerson {
    const ROUTE: Route = Route {
        name: "export-person",
        method: Method::Get,
        path: "/v1/users/{user_id}/export",
        siblings: &[],
        demand: Demand::Scope(Scope::PrivacyExport),
        body: Body::None,
        stores: true,
    };
    type Input = Part;
    type Output = Export;

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Part, Fault> {
        let ExportQuery { cursor } = incoming.query()?;
        Ok(Part { user: incoming.identifier("user_id")?, cursor })
    }

    async fn act(&self, call: &Call, part: Part, work: &mut UnitOfWork) -> Result<Export, Fault> {
        let Part { user, cursor } = part;
        let tenant = &call.principal.tenant;
        let query = format!("export/{user}");
        let after = match cursor {
            None => None,
            Some(cursor) => Some(self.cursors.open(tenant, &query, &cursor, call.now).await?),
        };
        let subject = Subject { tenant: tenant.clone(), user: user.clone() };
        let mut records = Records::default();
        let import = after.as_deref().and_then(|after| after.strip_prefix(IMPORT));
        let mut next = None;
        if import.is_none()
            && let Some(book) = self.books.open(subject, call.now).await?
        {
            next = book.export(after.as_deref(), |kind, record| records.add(kind, record)).await?;
        }
        if next.is_none() {
            next = self.imports(call, &user, import, &mut records).await?;
        }
        let next_cursor = match next {
            Some(next) => Some(self.cursors.seal(tenant, &query, &next, call.now).await?),
            None => None,
        };
        if records.json.is_empty() && after.is_none() {
            return Err(Fault::not_found());
        }
        work.touch(format!("person/{user}"));
        let records = records.json;
        let (user, time, next) = (json!(user), json!(call.now.wall), json!(next_cursor));
        Ok(Export(format!(r#"{{"user_id":{user},"exported_at":{time},"records":[{records}],"next_cursor":{next}}}"#)))
    }
}

impl ExportPerson {
    /// Adds the person's imports after this one until the answer is full. Gives where to go on.
    async fn imports(
        &self,
        call: &Call,
        user: &Identifier,
        after: Option<&str>,
        records: &mut Records,
    ) -> Result<Option<String>, Fault> {
        let mut after = after.map(Identifier::parse).transpose().map_err(Fault::internal)?;
        loop {
            let Listed { objects, next } =
                self.imports.list(&call.principal.tenant, None, after.as_ref(), PAGE).await?;
            for import in objects.iter().filter(|import| import.value.user_id == *user) {
                let Ok(Value::Object(record)) = serde_json::to_value(&import.value) else {
                    return Err(Fault::internal("an import is no object"));
                };
                if !records.add("import", record)? {
                    return Ok(Some(format!("{IMPORT}{}", import.value.import_id)));
                }
            }
            match next {
                Some(next) => after = Some(next),
                None => return Ok(None),
            }
        }
    }
}

/// Records as they stand in the answer.
#[derive(Default)]
struct Records {
    json: String,
    /// How long it is as it travels: as JSON within JSON.
    travels: usize,
}

impl Records {
    /// Adds a record; tells whether there is room for another one.
    fn add(&mut self, kind: &str, mut record: Map<String, Value>) -> Result<bool, Fault> {
        record.insert("kind".to_owned(), json!(kind));
        if !self.json.is_empty() {
            self.json.push(',');
        }
        let record = serde_json::to_string(&record).map_err(Fault::internal)?;
        self.travels += record.len() + record.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
        self.json.push_str(&record);
        Ok(self.travels < LONGEST_PAGE)
    }
}

impl IntoReply for Export {
    fn into_reply(self) -> Result<Reply, Fault> {
        Ok(Reply::new(200, "application/json", self.0))
    }
}
