//! A file is read in pieces. What a piece stores and how far the import is then are one transaction, so whoever goes on,
//! goes on where the last one has ended, and no row is done twice or left out.

use std::time::Duration;

use aws_sdk_s3::Client as S3;
use books::{Book, Books, Candidate, Filed, Origin};
use gate::{Consumer, Deadline, commit_by_itself};
use intake::{Reader, RowDefaults};
use jiff::tz::TimeZone;
use kernel::{Fault, Tenant};
use ledger::{Import, ImportStatus};
use store::{AuditTrail, CommitError, Entities, Stored, Subject, UnitOfWork};
use vault::{Moment, aws::reason};

use crate::{
    file::{Piece, read_piece},
    message::{Job, Message},
};

/// How often a piece is begun anew because somebody else worked on the import or stored one of its messages.
const MOST_ATTEMPTS: u32 = 10;

/// How long it waits then; each time twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// Works off files.
pub struct ProcessImport {
    /// What is known of imports.
    pub imports: Entities<Import>,
    /// What reads messages.
    pub reader: Reader,
    /// Where transactions are.
    pub books: Books,
    /// Where files are.
    pub s3: S3,
    /// The bucket they are in.
    pub bucket: String,
    /// Where it says that there is more to do.
    pub queue: Continuations,
    /// What commits.
    pub client: aws_sdk_dynamodb::Client,
    /// Where every piece is entered.
    pub audit: AuditTrail,
}

/// The queue of files, for what cannot be done in time.
pub struct Continuations {
    /// SQS.
    pub client: aws_sdk_sqs::Client,
    /// The queue.
    pub url: String,
}

impl Consumer for ProcessImport {
    const NAME: &'static str = "process-import";
    type Message = Message;

    async fn consume(&self, message: Message, _: Moment, deadline: Deadline) -> Result<&'static [&'static str], Fault> {
        let mut done: &[&str] = &["imports"];
        for job in message.jobs()? {
            if !self.work(&job, deadline).await? {
                self.queue.send(&job).await?;
                done = &["continued"];
            }
        }
        Ok(done)
    }
}

impl ProcessImport {
    /// Works on an import as far as the time goes. Tells whether nothing is left to do.
    async fn work(&self, job: &Job, deadline: Deadline) -> Result<bool, Fault> {
        let Job { tenant, import_id } = job;
        let zone = self.reader.zone(tenant, Moment::now()).await?;
        let mut attempt = 0;
        loop {
            if deadline.is_near() {
                return Ok(false);
            }
            let read = self.imports.get(tenant, import_id).await?;
            let Some(read) = read.filter(|read| read.value.status != ImportStatus::Completed) else {
                self.discard(job).await?;
                return Ok(true);
            };
            match self.piece(tenant, &read, &zone, Moment::now()).await? {
                Ok(()) => attempt = 0,
                Err(CommitError::Conflict | CommitError::Contended) if attempt < MOST_ATTEMPTS => {
                    tokio::time::sleep(FIRST_PAUSE * 2_u32.pow(attempt)).await;
                    attempt += 1;
                }
                Err(error) => return Err(gate::again(error)),
            }
        }
    }

    /// Does the next piece of an import.
    async fn piece(
        &self,
        tenant: &Tenant,
        read: &Stored<Import>,
        zone: &TimeZone,
        now: Moment,
    ) -> Result<Result<(), CommitError>, Fault> {
        let mut import = read.value.clone();
        import.status = ImportStatus::Processing;
        import.updated_at = now.wall;
        let file = import.file(tenant);
        let piece = read_piece(&self.s3, &self.bucket, &file, &import).await?;
        let candidates = self.sort(&mut import, &piece, zone, now);
        let mut work = UnitOfWork::default();
        if !candidates.is_empty() {
            let subject = Subject { tenant: tenant.clone(), user: import.user_id.clone() };
            let book = self.books.open_or_begin(subject, now).await?;
            let filed = book.file(&mut work, &candidates, now.wall, |name| self.reader.guess(name)).await?;
            for filed in filed {
                match filed {
                    Filed::Duplicate(_) => import.duplicates += 1,
                    Filed::New(_) | Filed::Again(_) => import.stored += 1,
                }
            }
        }
        if import.offset >= import.size {
            import.status = ImportStatus::Completed;
        }
        self.imports.replace(&mut work, tenant, read, &import, Some(import.expires()))?;
        Ok(commit_by_itself(Self::NAME, tenant, work, (&self.client, &self.audit), now).await)
    }

    /// The transactions in as many rows of a piece as fit into one unit of work. Moves the import behind these rows.
    fn sort(&self, import: &mut Import, piece: &Piece, zone: &TimeZone, now: Moment) -> Vec<Candidate> {
        let defaults = RowDefaults { user: Some(import.user_id.clone()), channel: import.channel };
        let mut candidates = Vec::new();
        for line in piece.lines(import.skipping) {
            if candidates.len() == Book::MOST_AT_ONCE {
                break;
            }
            import.offset += line.length;
            import.skipping = line.continues;
            let Some(text) = line.text else { continue };
            let index = import.processed;
            import.processed += 1;
            let origin = Origin { whole: import.import_id.to_string(), index };
            match intake::sort_line(text, origin, &defaults, zone, now) {
                Ok((user, candidate)) if user == import.user_id => candidates.push(candidate),
                Ok(_) => import.reject(index, "invalid"),
                Err(code) => import.reject(index, code),
            }
        }
        candidates
    }

    async fn discard(&self, job: &Job) -> Result<(), Fault> {
        let key = format!("{}/{}", job.tenant, job.import_id);
        let deleted = self.s3.delete_object().bucket(&self.bucket).key(key).send().await;
        deleted.map(drop).map_err(|error| Fault::unavailable(reason(&error)))
    }
}

impl Continuations {
    async fn send(&self, job: &Job) -> Result<(), Fault> {
        let body = serde_json::to_string(job).map_err(Fault::internal)?;
        let sent = self.client.send_message().queue_url(&self.url).message_body(body).send().await;
        sent.map(drop).map_err(|error| Fault::unavailable(reason(&error)))
    }
}
