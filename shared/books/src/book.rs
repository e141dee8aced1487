//! One person's rows, opened with the person's data key.

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jiff::Timestamp;
use kernel::{Fault, Identifier, Secret};
use ledger::{Category, Kind, Particulars, Transaction, TransactionFacts, same_account, same_merchant};
use serde::{Serialize, de::DeserializeOwned};
use store::{Kept, Lookup, Order, People, PersonRow, PersonRows, Span, Subject, SubjectKeys, UnitOfWork};
use ulid::Ulid;
use vault::{
    DataKey, DataKeys, Moment, Place,
    aws::{MissingVariable, variable},
};

use crate::rows::{CORRECTION, CorrectionFacts, Plain, TRANSACTION};

/// The table's name in what seals a value: a restored table has another name and the same content.
const TABLE: &str = "ledger";
/// How many rows are read at once.
const PAGE: u16 = 500;
/// How many rows one page of a filtered list may cost.
const MOST_READ: usize = 5_000;

/// What the data keys are for, in the encryption context of every call to KMS.
const PURPOSE: &str = "ledger";

/// The books of all people.
pub struct Books {
    /// Where their rows are.
    pub people: People,
    /// Where their wrapped keys are.
    pub subject_keys: SubjectKeys,
    data_keys: DataKeys,
}

/// One person's rows.
pub struct Book<'a> {
    pub(crate) people: &'a People,
    pub(crate) subject: Subject,
    pub(crate) key: Arc<DataKey>,
}

/// Which transactions to list.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The time of the oldest.
    pub from: Timestamp,
    /// The time of the newest.
    pub to: Timestamp,
    /// Only for this.
    pub category: Option<Category>,
    /// Only this way.
    pub kind: Option<Kind>,
    /// Only of accounts with this end.
    pub account: Option<Secret<String>>,
    /// Only with this other side.
    pub merchant: Option<Secret<String>>,
    /// At most so many.
    pub limit: usize,
}

/// Some transactions, the newest first.
#[derive(Debug)]
pub struct Listed {
    /// The transactions.
    pub transactions: Vec<Transaction>,
    /// After what the list goes on.
    pub next: Option<String>,
}

impl Books {
    /// The books in the tables, and under the key, that the environment names.
    ///
    /// # Errors
    /// [`MissingVariable`] when it does not name one of them.
    pub fn from_environment(
        dynamo: &aws_sdk_dynamodb::Client,
        kms: aws_sdk_kms::Client,
    ) -> Result<Self, MissingVariable> {
        Ok(Self {
            people: People::new(dynamo.clone(), variable("LEDGER_TABLE")?),
            subject_keys: SubjectKeys::new(dynamo.clone(), variable("SUBJECT_KEYS_TABLE")?),
            data_keys: DataKeys::new(kms, variable("SEALING_KEY")?, PURPOSE),
        })
    }

    /// The person's rows; `None` when nothing was stored about the person, or everything was erased.
    ///
    /// # Errors
    /// 503 when the key cannot be had now.
    pub async fn open(&self, subject: Subject, now: Moment) -> Result<Option<Book<'_>>, Fault> {
        let Some(wrapped) = self.subject_keys.find(&subject.tenant, &subject.user).await? else { return Ok(None) };
        let key = self.data_keys.unwrap(&subject.tenant, &wrapped, now).await?;
        Ok(Some(Book { people: &self.people, subject, key }))
    }

    /// The person's rows; a person of whom nothing is stored gets a data key.
    ///
    /// # Errors
    /// 503 when no key can be had now.
    pub async fn open_or_begin(&self, subject: Subject, now: Moment) -> Result<Book<'_>, Fault> {
        let Subject { tenant, user } = &subject;
        let key = match self.subject_keys.find(tenant, user).await? {
            Some(wrapped) => self.data_keys.unwrap(tenant, &wrapped, now).await?,
            None => {
                let (wrapped, key) = self.data_keys.mint(tenant, now).await?;
                match self.subject_keys.keep(tenant, user, &wrapped, now.wall).await? {
                    Kept::Ours => key,
                    Kept::Theirs(kept) => self.data_keys.unwrap(tenant, &kept, now).await?,
                }
            }
        };
        Ok(Book { people: &self.people, subject, key })
    }
}

impl Book<'_> {
    /// Whose it is.
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Seals what is no row's attribute, such as an answer that is kept for a replay.
    ///
    /// # Errors
    /// 500 when the cipher refuses.
    pub fn seal_beside(&self, name: &str, plaintext: &str) -> Result<String, Fault> {
        let sealed = self.key.seal(&self.beside(name, &self.subject.partition()), plaintext.as_bytes());
        Ok(BASE64.encode(sealed?))
    }

    /// Opens what [`Self::seal_beside`] has sealed.
    ///
    /// # Errors
    /// 404 when it was sealed under a key that is destroyed.
    pub fn open_beside(&self, name: &str, sealed: &str) -> Result<Secret<String>, Fault> {
        let sealed = BASE64.decode(sealed).map_err(Fault::internal)?;
        let opened = self.key.open(&self.beside(name, &self.subject.partition()), &sealed);
        text(&opened.map_err(|_| Fault::not_found())?)
    }

    fn beside<'b>(&'b self, name: &'b str, partition: &'b str) -> Place<'b> {
        Place { tenant: &self.subject.tenant, table: "beside", partition, sort: "", attribute: name }
    }

    /// A transaction.
    ///
    /// # Errors
    /// 503 when the table does not answer, 500 when the row cannot be opened.
    pub async fn transaction(&self, id: &Identifier) -> Result<Option<Transaction>, Fault> {
        let row = self.people.get(&self.subject, &format!("{TRANSACTION}{id}")).await?;
        row.filter(|row| self.owns(row)).map(|row| self.read_transaction(&row)).transpose()
    }

    /// Gives a transaction another category, and remembers it for the merchant's next ones.
    ///
    /// # Errors
    /// 404 when there is no such transaction, 503 when the table does not answer.
    pub async fn categorise(
        &self,
        work: &mut UnitOfWork,
        id: &Identifier,
        category: Category,
    ) -> Result<Transaction, Fault> {
        let sort = format!("{TRANSACTION}{id}");
        let row = self.people.get(&self.subject, &sort).await?.filter(|row| self.owns(row));
        let row = row.ok_or_else(Fault::not_found)?;
        let mut transaction = self.read_transaction(&row)?;
        transaction.facts.category = category;
        transaction.facts.subcategories = Vec::new();
        transaction.facts.confidence = 1.0;
        transaction.facts.reason = ledger::Reason::Correction;
        let facts = serde_json::to_string(&transaction.facts).map_err(Fault::internal)?;
        self.people.write(work, &self.subject, PersonRow { facts, ..row })?;
        work.touch(format!("transaction/{}/{id}", self.subject.user));
        if let Some(merchant) = &transaction.particulars.merchant {
            let sort = self.correction_sort(merchant)?;
            let read = self.people.get(&self.subject, &sort).await?;
            let plain = Plain::from([("merchant", merchant.clone())]);
            let row =
                self.row(sort, &CorrectionFacts { category }, &plain, Vec::new(), read.map_or(0, |row| row.revision))?;
            self.people.write(work, &self.subject, row)?;
        }
        Ok(transaction)
    }

    /// Lists transactions, after the one that `after` names. A list by account or merchant may miss what was stored a
    /// moment ago.
    ///
    /// # Errors
    /// 503 when the table does not answer, 500 when a row cannot be opened.
    pub async fn list(&self, wanted: &Wanted, after: Option<&str>) -> Result<Listed, Fault> {
        let (from, to) = (earliest(wanted.from), latest(wanted.to));
        let account = wanted.account.as_ref().map(|account| self.account_token(account)).transpose()?;
        let merchant = wanted.merchant.as_ref().map(|merchant| self.merchant_token(merchant)).transpose()?;
        let found_by = match (&merchant, &account) {
            (Some(token), _) => Some((Lookup::Merchant, token.as_str())),
            (None, Some(token)) => Some((Lookup::Account, token.as_str())),
            (None, None) => None,
        };
        let mut listed = Listed { transactions: Vec::new(), next: None };
        let mut position = after.map(str::to_owned);
        let mut read = 0;
        loop {
            let filtered =
                wanted.category.is_some() || wanted.kind.is_some() || (merchant.is_some() && account.is_some());
            let enough = u16::try_from(wanted.limit + 1).unwrap_or(PAGE);
            let limit = if filtered { PAGE } else { PAGE.min(enough) };
            let span =
                Span { from: &from, to: &to, found_by, order: Order::Descending, after: position.as_deref(), limit };
            let PersonRows { rows, next } = self.people.list(&self.subject, &span).await?;
            read += rows.len();
            for row in rows.iter().filter(|row| self.owns(row)) {
                let by_account =
                    |token: &String| row.found_by.iter().any(|found| *found == (Lookup::Account, token.clone()));
                if !account.as_ref().is_none_or(by_account) {
                    continue;
                }
                let facts: TransactionFacts = read_facts(row)?;
                let fits = wanted.category.is_none_or(|category| category == facts.category)
                    && wanted.kind.is_none_or(|kind| kind == facts.kind);
                if !fits {
                    continue;
                }
                if listed.transactions.len() == wanted.limit {
                    listed.next = position;
                    return Ok(listed);
                }
                listed.transactions.push(self.read_transaction(row)?);
                position = Some(row.sort.clone());
            }
            match next {
                None => return Ok(listed),
                Some(next) if read >= MOST_READ => {
                    listed.next = Some(next);
                    return Ok(listed);
                }
                Some(next) if listed.transactions.len() == wanted.limit => {
                    // The next fitting row, if there is one, may be pages away; the list goes on from here.
                    listed.next = Some(next);
                    return Ok(listed);
                }
                Some(next) => position = Some(next),
            }
        }
    }

    /// The facts of every transaction from `from` to `to`, the oldest first, each with the row it is from.
    ///
    /// # Errors
    /// 503 when the table does not answer.
    pub async fn each_fact(
        &self,
        from: Timestamp,
        to: Timestamp,
        mut see: impl FnMut(TransactionFacts, &PersonRow) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let (from, to) = (earliest(from), latest(to));
        self.each_row(&from, &to, |row| see(read_facts(row)?, row)).await
    }

    /// Every row between two sort keys.
    pub(crate) async fn each_row(
        &self,
        from: &str,
        to: &str,
        mut see: impl FnMut(&PersonRow) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut position: Option<String> = None;
        loop {
            let after = position.as_deref();
            let span = Span { from, to, found_by: None, order: Order::Ascending, after, limit: PAGE };
            let PersonRows { rows, next } = self.people.list(&self.subject, &span).await?;
            rows.iter().filter(|row| self.owns(row)).try_for_each(&mut see)?;
            match next {
                Some(next) => position = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// The name of the other side of a transaction's row.
    ///
    /// # Errors
    /// 500 when it cannot be opened.
    pub fn merchant(&self, row: &PersonRow) -> Result<Option<Secret<String>>, Fault> {
        self.open(row, "merchant")
    }

    /// The transaction that a row holds.
    pub(crate) fn read_transaction(&self, row: &PersonRow) -> Result<Transaction, Fault> {
        let balance = self.open(row, "balance")?;
        let balance = balance.map(|json| serde_json::from_str(json.reveal())).transpose();
        let particulars = Particulars {
            account: self.open(row, "account")?,
            merchant: self.open(row, "merchant")?,
            counterparty: self.open(row, "counterparty")?,
            reference: self.open(row, "reference")?,
            balance: balance.map_err(|_| Fault::internal("a balance is no money"))?,
        };
        Ok(Transaction { facts: read_facts(row)?, particulars })
    }

    /// Whether a row is under the present key.
    pub(crate) fn owns(&self, row: &PersonRow) -> bool {
        row.key == *self.key.id()
    }

    /// A row with these values.
    pub(crate) fn row(
        &self,
        sort: String,
        facts: &impl Serialize,
        plain: &Plain,
        found_by: Vec<(Lookup, String)>,
        revision: u64,
    ) -> Result<PersonRow, Fault> {
        let facts = serde_json::to_string(facts).map_err(Fault::internal)?;
        let partition = self.subject.partition();
        let mut sealed = BTreeMap::new();
        for (attribute, value) in plain {
            let place = self.place(&partition, &sort, attribute);
            let value = self.key.seal(&place, value.reveal().as_bytes())?;
            sealed.insert((*attribute).to_owned(), value);
        }
        Ok(PersonRow { sort, key: self.key.id().clone(), facts, sealed, found_by, revision })
    }

    /// A sealed value of a row, if it has it.
    pub(crate) fn open(&self, row: &PersonRow, attribute: &str) -> Result<Option<Secret<String>>, Fault> {
        let partition = self.subject.partition();
        let open = |sealed: &Vec<u8>| {
            let opened = self.key.open(&self.place(&partition, &row.sort, attribute), sealed)?;
            text(&opened)
        };
        row.sealed.get(attribute).map(open).transpose()
    }

    fn place<'b>(&'b self, partition: &'b str, sort: &'b str, attribute: &'b str) -> Place<'b> {
        Place { tenant: &self.subject.tenant, table: TABLE, partition, sort, attribute }
    }

    /// What stands for a value where it must be found and not read.
    pub(crate) fn token(&self, purpose: &str, value: &[u8]) -> Result<String, Fault> {
        Ok(self.key.index_text(purpose, value)?)
    }

    /// A number that stands for a value.
    pub(crate) fn number(&self, purpose: &str, value: &[u8]) -> Result<u128, Fault> {
        let bytes = self.key.index(purpose, value)?;
        Ok(bytes.first_chunk().copied().map(u128::from_be_bytes).unwrap_or_default())
    }

    pub(crate) fn account_token(&self, account: &Secret<String>) -> Result<String, Fault> {
        self.token("account", same_account(account.reveal()).reveal().as_bytes())
    }

    pub(crate) fn merchant_token(&self, merchant: &Secret<String>) -> Result<String, Fault> {
        self.token("merchant", same_merchant(merchant.reveal()).reveal().as_bytes())
    }

    pub(crate) fn correction_sort(&self, merchant: &Secret<String>) -> Result<String, Fault> {
        Ok(format!("{CORRECTION}{}", self.merchant_token(merchant)?))
    }
}

/// The facts a row holds.
pub(crate) fn read_facts<T: DeserializeOwned>(row: &PersonRow) -> Result<T, Fault> {
    // The message of serde's error quotes what it read.
    serde_json::from_str(&row.facts).map_err(|_| Fault::internal("a row's facts cannot be read"))
}

fn earliest(from: Timestamp) -> String {
    format!("{TRANSACTION}{}", Ulid::from_parts(milliseconds(from), 0))
}

fn latest(to: Timestamp) -> String {
    format!("{TRANSACTION}{}", Ulid::from_parts(milliseconds(to), u128::MAX))
}

/// No transaction is older than 1970, whatever is asked for.
pub(crate) fn milliseconds(time: Timestamp) -> u64 {
    u64::try_from(time.as_millisecond()).unwrap_or_default()
}

fn text(opened: &Secret<Vec<u8>>) -> Result<Secret<String>, Fault> {
    let text = String::from_utf8(opened.reveal().clone()).map_err(|_| Fault::internal("what was sealed is no text"))?;
    Ok(Secret::new(text))
}
