//! A stage on the moto server: the template's tables, an audit trail with checkpoints, people with sealed rows.

use std::{collections::HashMap, path::PathBuf, process::Command};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_kms::types::{KeySpec, KeyUsageType};
use checkpoint_audit::CheckpointAudit;
use erasure::{Eraser, Places};
use finish_erasures::FinishErasures;
use gate::{Deadline, Routine, commit_unattended};
use jiff::SignedDuration;
use kernel::{Identifier, RequestId, Tenant};
use ledger::{Erasure, ErasureStatus};
use serde_json::Value;
use store::{
    AuditEntry, AuditLog, AuditTrail, Decision, Entities, People, PersonRow, Subject, SubjectKeys, Tenants, UnitOfWork,
};
use vault::{DataKey, DataKeys, Moment, Place, SecretCache};

use crate::template;

pub(crate) type Item = HashMap<String, AttributeValue>;

/// Which resource of the template each table is.
const TABLES: [(&str, &str); 6] = [
    ("audit", "AuditTable"),
    ("issuers", "IssuersTable"),
    ("ledger", "LedgerTable"),
    ("requests", "RequestsTable"),
    ("subject-keys", "SubjectKeysTable"),
    ("telemetry", "TelemetryTable"),
];
const KINDS: [&str; 3] = ["message", "transaction", "goal"];

pub(crate) struct System {
    url: String,
    pub(crate) stage: String,
    pub(crate) dynamo: aws_sdk_dynamodb::Client,
    kms: aws_sdk_kms::Client,
    s3: aws_sdk_s3::Client,
    secrets: aws_sdk_secretsmanager::Client,
    sealing_key: String,
    trail: AuditTrail,
}

/// What a command answered: its exit code, what it printed in JSON, and its failure.
pub(crate) struct Told {
    pub(crate) code: Option<i32>,
    pub(crate) report: Value,
    pub(crate) failure: String,
}

pub(crate) fn tenant() -> Tenant {
    Tenant::parse("acme").unwrap()
}

pub(crate) fn user(name: &str) -> Identifier {
    Identifier::parse(name).unwrap()
}

impl System {
    /// A stage of its own, because all tests share the server.
    pub(crate) async fn start() -> Self {
        let url = std::env::var("PALISADE_MOTO_URL");
        let url = url.unwrap_or_else(|_| panic!("PALISADE_MOTO_URL names no moto server: run `make restore-drill`"));
        let config = palisade_local::sdk_config(&url);
        let stage = format!("drill-{}", ulid::Ulid::generate().to_string().to_lowercase());
        let dynamo = aws_sdk_dynamodb::Client::new(&config);
        let kms = aws_sdk_kms::Client::new(&config);
        let (s3, secrets) = (aws_sdk_s3::Client::new(&config), aws_sdk_secretsmanager::Client::new(&config));

        let key = kms.create_key().send().await.unwrap().key_metadata.unwrap();
        for (table, resource) in TABLES {
            template::create(&dynamo, resource, &format!("palisade-{stage}-{table}"), key.arn().unwrap()).await;
        }
        let signing = kms.create_key().key_spec(KeySpec::EccNistP256).key_usage(KeyUsageType::SignVerify);
        let signing = signing.send().await.unwrap().key_metadata.unwrap().key_id;
        let alias = kms.create_alias().alias_name(format!("alias/palisade-{stage}-audit")).target_key_id(signing);
        alias.send().await.unwrap();
        let secret = secrets.create_secret().name(format!("palisade/{stage}/audit"));
        secret.secret_string(r#"{"1":"0123456789abcdef0123456789abcdef"}"#).send().await.unwrap();
        for bucket in ["checkpoints", "imports"] {
            s3.create_bucket().bucket(format!("{stage}-{bucket}")).send().await.unwrap();
        }
        let trail = trail(&dynamo, &secrets, &stage);
        Self { url, stage, dynamo, kms, s3, secrets, sealing_key: key.key_id, trail }
    }

    /// The name of a table in use.
    pub(crate) fn table(&self, table: &str) -> String {
        format!("palisade-{}-{table}", self.stage)
    }

    pub(crate) fn beside(&self, table: &str) -> String {
        format!("{}-drill", self.table(table))
    }

    /// When items expire, whether the table can be restored itself, whether it is protected, and what its stream shows.
    pub(crate) async fn settings(&self, table: &str) -> [String; 4] {
        let live = self.dynamo.describe_time_to_live().table_name(table).send().await.unwrap();
        let live = live.time_to_live_description.and_then(|live| live.attribute_name).unwrap_or_default();
        let backups = self.dynamo.describe_continuous_backups().table_name(table).send().await.unwrap();
        let recovery = backups.continuous_backups_description.unwrap().point_in_time_recovery_description.unwrap();
        let recovery = recovery.point_in_time_recovery_status.unwrap().to_string();
        let described = self.dynamo.describe_table().table_name(table).send().await.unwrap().table.unwrap();
        let stream = described.stream_specification.and_then(|stream| stream.stream_view_type);
        let stream = stream.map(|view| view.to_string()).unwrap_or_default();
        [live, recovery, format!("{:?}", described.deletion_protection_enabled), stream]
    }

    pub(crate) async fn items(&self, table: &str) -> Vec<Item> {
        let items = self.dynamo.scan().table_name(table).into_paginator().items().send();
        let mut items: Vec<Item> = items.collect::<Result<_, _>>().await.unwrap();
        items.sort_by_key(|item| format!("{:?} {:?} {:?}", item.get("pk"), item.get("sk"), item.get("seq")));
        items
    }

    /// Writes something down.
    pub(crate) async fn enter(&self, object: &str) {
        let now = Moment::now();
        let entry = AuditEntry {
            time: now.wall,
            tenant: tenant(),
            kid: None,
            scope: None,
            route: "record-transaction",
            decision: Decision::Stored,
            objects: vec![object.to_owned()],
            fingerprint: None,
            request_id: RequestId::mint(),
        };
        self.trail.record(&entry, now).await.unwrap();
    }

    pub(crate) async fn checkpoint(&self) {
        let checkpoint = CheckpointAudit {
            stage: self.stage.clone(),
            log: AuditLog::new(self.dynamo.clone(), self.table("audit")),
            kms: self.kms.clone(),
            signing_key: format!("alias/palisade-{}-audit", self.stage),
            s3: self.s3.clone(),
            bucket: format!("{}-checkpoints", self.stage),
        };
        assert_eq!(checkpoint.run(Moment::now(), Deadline::default()).await.unwrap(), ["checkpoints"]);
    }

    /// Stores three sealed rows about a person, each with its entry in the trail.
    pub(crate) async fn live(&self, name: &str) {
        Tenants::new(self.dynamo.clone(), self.table("ledger")).enrol(&tenant()).await.unwrap();
        let (wrapped, key) = self.keys().mint(&tenant(), Moment::now()).await.unwrap();
        let subject_keys = SubjectKeys::new(self.dynamo.clone(), self.table("subject-keys"));
        subject_keys.keep(&tenant(), &user(name), &wrapped, Moment::now().wall).await.unwrap();
        let people = People::new(self.dynamo.clone(), self.table("ledger"));
        let subject = Subject { tenant: tenant(), user: user(name) };
        for kind in KINDS {
            let sealed = key.seal(&place(&subject.partition(), kind), name.as_bytes()).unwrap();
            let row = PersonRow {
                sort: kind.to_owned(),
                key: wrapped.id.clone(),
                facts: "{}".to_owned(),
                sealed: [("merchant".to_owned(), sealed)].into(),
                found_by: Vec::new(),
                revision: 0,
            };
            let mut work = UnitOfWork::default();
            people.write(&mut work, &subject, row).unwrap();
            self.commit(work).await;
        }
    }

    async fn commit(&self, work: UnitOfWork) {
        let to = (&self.dynamo, &self.trail);
        commit_unattended("record-transaction", &tenant(), work, to, Moment::now()).await.unwrap();
    }

    fn keys(&self) -> DataKeys {
        DataKeys::new(self.kms.clone(), self.sealing_key.clone(), "ledger")
    }

    /// How many rows about a person a table holds, and how many of them open under the key that stands.
    pub(crate) async fn readable(&self, table: &str, name: &str) -> (usize, usize) {
        let partition = Subject { tenant: tenant(), user: user(name) }.partition();
        let mut rows = self.items(table).await;
        rows.retain(|row| row["pk"].as_s().unwrap() == &partition);
        let subject_keys = SubjectKeys::new(self.dynamo.clone(), self.table("subject-keys"));
        let Some(wrapped) = subject_keys.find(&tenant(), &user(name)).await.unwrap() else { return (rows.len(), 0) };
        let key = self.keys().unwrap(&tenant(), &wrapped, Moment::now()).await.unwrap();
        let opens = |row: &&Item| opens(&key, row, name);
        (rows.len(), rows.iter().filter(opens).count())
    }

    /// Erases a person from the tables in use, to the end.
    pub(crate) async fn erase(&self, name: &str) {
        let subject_keys = SubjectKeys::new(self.dynamo.clone(), self.table("subject-keys"));
        let key = subject_keys.find(&tenant(), &user(name)).await.unwrap().unwrap();
        let erasures = Entities::<Erasure>::new(self.dynamo.clone(), self.table("ledger"));
        let mut work = UnitOfWork::default();
        let erasure = Erasure::new(user(name), key.id, Moment::now().wall);
        erasures.create(&mut work, &tenant(), &erasure, None).unwrap();
        self.commit(work).await;
        self.clock(&self.table("ledger"), 0).await;
        self.clock(&self.table("ledger"), 1).await;
        assert_eq!(self.receipts(&self.table("ledger")).await, [ErasureStatus::Verified]);
    }

    /// Destroys a person's key as no erasure does: nothing says so.
    pub(crate) async fn lose_key(&self, name: &str) {
        let subject_keys = SubjectKeys::new(self.dynamo.clone(), self.table("subject-keys"));
        let key = subject_keys.find(&tenant(), &user(name)).await.unwrap().unwrap();
        assert!(subject_keys.destroy(&tenant(), &user(name), &key.id).await.unwrap());
    }

    /// What the clock does to a ledger, so many minutes from now.
    pub(crate) async fn clock(&self, ledger: &str, minutes: i64) {
        let places = Places {
            ledger: ledger.to_owned(),
            subject_keys: self.table("subject-keys"),
            imports: format!("{}-imports", self.stage),
        };
        let audit = || trail(&self.dynamo, &self.secrets, &self.stage);
        let routine = FinishErasures {
            eraser: Eraser::new(&self.dynamo, self.s3.clone(), audit(), places),
            erasures: Entities::new(self.dynamo.clone(), ledger),
            client: self.dynamo.clone(),
            audit: audit(),
        };
        let now = Moment::now();
        let later = Moment { wall: now.wall + SignedDuration::from_mins(minutes), ..now };
        routine.run(&tenant(), later, Deadline::default()).await.unwrap();
    }

    pub(crate) async fn receipts(&self, ledger: &str) -> Vec<ErasureStatus> {
        let erasures = Entities::<Erasure>::new(self.dynamo.clone(), ledger);
        let listed = erasures.list(&tenant(), None, None, 10).await.unwrap();
        listed.objects.into_iter().map(|erasure| erasure.value.status).collect()
    }

    /// Runs `palisade-restore`.
    pub(crate) fn restore(&self, arguments: &[&str]) -> Told {
        self.told(PathBuf::from(env!("CARGO_BIN_EXE_palisade-restore")), &["--label", "drill"], arguments)
    }

    /// Runs `palisade-audit` on the restored trail.
    pub(crate) fn verify(&self, arguments: &[&str]) -> Told {
        let mut folder = std::env::current_exe().unwrap();
        folder.pop();
        folder.pop();
        let (table, bucket) = (self.beside("audit"), format!("{}-checkpoints", self.stage));
        self.told(folder.join("palisade-audit"), &["verify", "--table", &table, "--bucket", &bucket], arguments)
    }

    fn told(&self, program: PathBuf, given: &[&str], arguments: &[&str]) -> Told {
        let mut command = Command::new(program);
        command.env_clear().args(given).args(arguments).args(["--json", "--stage", &self.stage]);
        command.env("AWS_ENDPOINT_URL", &self.url).env("AWS_REGION", "us-east-1");
        command.env("AWS_ACCESS_KEY_ID", "local").env("AWS_SECRET_ACCESS_KEY", "local");
        let output = command.output().unwrap();
        Told {
            code: output.status.code(),
            report: serde_json::from_slice(&output.stdout).unwrap_or_default(),
            failure: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

fn trail(dynamo: &aws_sdk_dynamodb::Client, secrets: &aws_sdk_secretsmanager::Client, stage: &str) -> AuditTrail {
    let keys = SecretCache::key_set(secrets.clone(), format!("palisade/{stage}/audit"));
    AuditTrail::new(dynamo.clone(), format!("palisade-{stage}-audit"), keys)
}

/// As in use: a restored table keeps the logical name that its rows were sealed for.
fn place<'a>(partition: &'a str, sort: &'a str) -> Place<'a> {
    static TENANT: std::sync::LazyLock<Tenant> = std::sync::LazyLock::new(tenant);
    Place { tenant: &TENANT, table: "ledger", partition, sort, attribute: "merchant" }
}

fn opens(key: &DataKey, row: &Item, text: &str) -> bool {
    let place = place(row["pk"].as_s().unwrap(), row["sk"].as_s().unwrap());
    let sealed = row["sealed"].as_m().unwrap()["merchant"].as_b().unwrap();
    key.open(&place, sealed.as_ref()).is_ok_and(|opened| opened.reveal() == text.as_bytes())
}
