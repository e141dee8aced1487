//! Erases people: the key first, then everything that it sealed.
//!
//! From the moment the wrapped key is gone, nothing that was sealed under it can be opened: not here, not in a restored
//! backup, not in what a request that runs at the same time still writes. What follows removes what is left of it: the
//! files that were uploaded, the imports of them, and every row under the key. It can stop anywhere and be taken up
//! again by whoever comes next, because each step finds what there is.
//!
//! Before the key goes, imports are stopped: one that went on would read what was uploaded before into a new key. What
//! was asked for after the erasure was is of the person's next life and stays.

use aws_sdk_dynamodb::Client;
use aws_sdk_s3::Client as S3;
use gate::{Deadline, commit_by_itself};
use jiff::Timestamp;
use kernel::{Fault, Identifier, Tenant};
use ledger::{Erasure, ErasureStatus, Import, ImportStatus};
use store::{AuditTrail, CommitError, Entities, Listed, People, Stored, Subject, SubjectKeys, UnitOfWork};
use vault::{
    Moment,
    aws::{MissingVariable, reason, variable},
};

/// How many objects are listed at once.
const PAGE: u16 = 100;

/// What an erasure works on.
pub struct Eraser {
    /// Where wrapped keys are.
    pub subject_keys: SubjectKeys,
    people: People,
    imports: Entities<Import>,
    s3: S3,
    bucket: String,
    client: Client,
    audit: AuditTrail,
}

/// Where an erasure works.
pub struct Places {
    /// The Ledger table.
    pub ledger: String,
    /// The SubjectKeys table.
    pub subject_keys: String,
    /// The bucket of uploaded files.
    pub imports: String,
}

impl Eraser {
    /// In the places that the environment names.
    ///
    /// # Errors
    /// [`MissingVariable`] when it does not name one of them.
    pub fn from_environment(client: &Client, s3: S3, audit: AuditTrail) -> Result<Self, MissingVariable> {
        let places = Places {
            ledger: variable("LEDGER_TABLE")?,
            subject_keys: variable("SUBJECT_KEYS_TABLE")?,
            imports: variable("IMPORTS_BUCKET")?,
        };
        Ok(Self::new(client, s3, audit, places))
    }

    /// In these places.
    #[must_use]
    pub fn new(client: &Client, s3: S3, audit: AuditTrail, places: Places) -> Self {
        Self {
            subject_keys: SubjectKeys::new(client.clone(), places.subject_keys),
            people: People::new(client.clone(), &places.ledger),
            imports: Entities::new(client.clone(), &places.ledger),
            s3,
            bucket: places.imports,
            client: client.clone(),
            audit,
        }
    }

    /// Goes on with an erasure as far as the time goes. What it says then is to be stored.
    ///
    /// # Errors
    /// 503 when a table or the bucket does not answer. Go on later with the erasure as it was stored.
    pub async fn advance(
        &self,
        function: &'static str,
        tenant: &Tenant,
        erasure: &mut Erasure,
        (now, deadline): (Moment, Deadline),
    ) -> Result<(), Fault> {
        let subject = Subject { tenant: tenant.clone(), user: erasure.user_id.clone() };
        let imports = self.stop_imports(function, &subject, erasure.requested_at, now).await?;
        self.subject_keys.destroy(tenant, &subject.user, &erasure.erasure_id).await?;
        erasure.key_destroyed_at.get_or_insert(now.wall);
        for import in &imports {
            self.remove_import(function, tenant, import, now).await?;
            erasure.files_removed += 1;
        }
        loop {
            let (removed, more) = self.rows(&subject, &erasure.erasure_id).await?;
            erasure.items_removed += removed;
            if !more {
                break;
            }
            if deadline.is_near() {
                return Ok(());
            }
        }
        if erasure.status == ErasureStatus::Erasing {
            erasure.status = ErasureStatus::Erased;
        }
        erasure.completed_at.get_or_insert(now.wall);
        Ok(())
    }

    /// Stops the imports that were asked for until then: whoever works on one finds at the next step that nothing is left
    /// to do. Gives them.
    ///
    /// # Errors
    /// 503 when the table does not answer.
    pub async fn stop_imports(
        &self,
        function: &'static str,
        subject: &Subject,
        until: Timestamp,
        now: Moment,
    ) -> Result<Vec<Stored<Import>>, Fault> {
        let mut stopped = Vec::new();
        let mut after: Option<Identifier> = None;
        loop {
            let Listed { objects, next } = self.imports.list(&subject.tenant, None, after.as_ref(), PAGE).await?;
            let is_meant = |import: &Import| import.user_id == subject.user && import.created_at <= until;
            for import in objects.into_iter().filter(|import| is_meant(&import.value)) {
                stopped.extend(self.stop_import(function, &subject.tenant, import, now).await?);
            }
            match next {
                Some(next) => after = Some(next),
                None => return Ok(stopped),
            }
        }
    }

    async fn stop_import(
        &self,
        function: &'static str,
        tenant: &Tenant,
        import: Stored<Import>,
        now: Moment,
    ) -> Result<Option<Stored<Import>>, Fault> {
        let id = import.value.import_id.clone();
        let mut read = Some(import);
        while let Some(import) = read {
            if import.value.status == ImportStatus::Completed {
                return Ok(Some(import));
            }
            let mut work = UnitOfWork::default();
            let stopped = Import { status: ImportStatus::Completed, ..import.value.clone() };
            self.imports.replace(&mut work, tenant, &import, &stopped, Some(stopped.expires()))?;
            match commit_by_itself(function, tenant, work, (&self.client, &self.audit), now).await {
                // Or somebody else has worked on it or stopped it.
                Ok(()) | Err(CommitError::Conflict) => read = self.imports.get(tenant, &id).await?,
                Err(error) => return Err(gate::again(error)),
            }
        }
        Ok(None)
    }

    /// Removes a stopped import and its file: the file first, because nobody would find it without the import.
    async fn remove_import(
        &self,
        function: &'static str,
        tenant: &Tenant,
        import: &Stored<Import>,
        now: Moment,
    ) -> Result<(), Fault> {
        let file = import.value.file(tenant);
        let deleted = self.s3.delete_object().bucket(&self.bucket).key(file).send().await;
        deleted.map_err(|error| Fault::unavailable(reason(&error)))?;
        let mut work = UnitOfWork::default();
        self.imports.remove(&mut work, tenant, import)?;
        match commit_by_itself(function, tenant, work, (&self.client, &self.audit), now).await {
            // Once stopped it changes no more, so somebody else has removed it.
            Ok(()) | Err(CommitError::Conflict) => Ok(()),
            Err(error) => Err(gate::again(error)),
        }
    }

    /// Removes some rows under the key; tells how many, and whether there may be more.
    async fn rows(&self, subject: &Subject, key: &Identifier) -> Result<(u64, bool), Fault> {
        let mut after: Option<String> = None;
        loop {
            let (sorts, next) = self.people.sealed_under(subject, key, after.as_deref()).await?;
            if !sorts.is_empty() {
                self.people.erase(subject, &sorts).await?;
                return Ok((u64::try_from(sorts.len()).unwrap_or(u64::MAX), true));
            }
            match next {
                Some(next) => after = Some(next),
                None => return Ok((0, false)),
            }
        }
    }
}
