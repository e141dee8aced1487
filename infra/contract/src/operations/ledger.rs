//! Bank messages, transactions, goals and settings.
//!
//! What a message says in the examples is what the domain reads in it.

use books::GoalAnswer;
use categorise_transaction::{CategoriseTransaction, contract::CategoryRequest};
use change_goal::ChangeGoal;
use change_settings::ChangeSettings;
use classify_transactions::{
    ClassifyTransactions,
    contract::{ClassifiedMessage, ClassifyAnswer, ClassifyRequest},
};
use delete_goal::{
    DeleteGoal,
    contract::{DeletedGoal, GoalOwner},
};
use gate::Revised;
use get_import::GetImport;
use get_transaction::{GetTransaction, contract::PersonQuery};
use jiff::{Timestamp, tz::TimeZone};
use kernel::{Code, Identifier, Secret};
use ledger::{Channel, Import, Message, RawGoal, Reading, Settings, Transaction, TransactionAnswer, categorise, read};
use list_goals::{
    ListGoals,
    contract::{GoalQuery, Goals},
};
use list_recurring::{ListRecurring, contract::RecurringPayments};
use list_transactions::{
    ListTransactions,
    contract::{TransactionPage, TransactionQuery},
};
use record_in_bulk::{
    RecordInBulk,
    contract::{BulkAnswer, BulkRequest},
};
use record_transaction::{
    RecordTransaction,
    contract::{RecordRequest, RecordedTransaction},
};
use serde_json::{Value, json};
use show_settings::ShowSettings;
use start_import::{
    StartImport,
    contract::{ImportRequest, StartedImport},
};

use super::{Answer, Content, Operation, PathParameter, Query, answer, by_request, example, named};
use crate::{json::set, schemas::Schemas};

const TAG: &str = "Ledger";
pub(super) const USER: &str = "user-17";
pub(super) const ID: &str = "01JNPR6S70V7ZK3F5C8D1E2M4Q";
const IMPORT: &str = "01JNPS0B1C2D3E4F5G6H7J8K9M";
pub(super) const NOW: &str = "2026-03-07T10:30:00Z";
pub(super) const CURSOR: &str =
    "AQAAAAEAAAAAZy5kgFQjMDFKTlBSNlM3MFY3WkszRjVDOEQxRTJNNFEJ3k3Wg2vN0hM1h2bQ0b7cXy0kqYl8a1nG5o9eZrT4uV";
pub(super) const TEXT: &str =
    "Rs.450.00 debited from A/c XX4321 on 07-03-26 to CHAI POINT. UPI Ref 123456789012. Avl Bal Rs.12,340.50";
const REMINDER: &str = "Your electricity bill of Rs.1,240 is due on 12-03-26. Pay in time to avoid late fees.";

pub(super) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    let mut operations = vec![classify(schemas), record(schemas), bulk(schemas), list(schemas), get(schemas)];
    operations.extend([correct(schemas), start_import(schemas), get_import(schemas)]);
    operations.extend([list_goals(schemas), change_goal(schemas), delete_goal(schemas), recurring(schemas)]);
    operations.extend([show_settings(schemas), change_settings(schemas)]);
    operations
}

pub(super) fn person(schemas: &mut Schemas) -> PathParameter {
    named(schemas, "user_id", "The tenant's name for the person.", USER)
}

pub(super) fn now() -> Timestamp {
    NOW.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

fn reading(text: &str) -> Reading {
    let text = Secret::new(text.to_owned());
    let message = Message { channel: Channel::Sms, text, sender: None, received_at: Some(now()) };
    read(&message, now(), &TimeZone::UTC)
}

fn classified(text: &str) -> Value {
    let reading = reading(text);
    let categorised = reading.parsed.as_ref().map(|parsed| categorise(text, parsed, |_| None));
    serde_json::to_value(ClassifiedMessage::new(&reading, categorised)).unwrap_or_default()
}

fn transaction() -> Value {
    let stored = || {
        let parsed = reading(TEXT).parsed?;
        let categorised = categorise(TEXT, &parsed, |_| None);
        let transaction = Transaction::new(Identifier::parse(ID).ok()?, &parsed, &categorised, Channel::Sms, now());
        serde_json::to_value(transaction.answer(Vec::new())).ok()
    };
    let mut transaction = stored().unwrap_or_default();
    let impact = json!({
        "goal_id": "eating-out",
        "goal_type": "budget",
        "score": -0.15,
        "message": "INR 450.00 spent; INR 1,650.00 of INR 3,000.00 spent this month.",
        "progress_after": 0.55,
    });
    set(&mut transaction, "goal_impacts", json!([impact]));
    transaction
}

fn message(text: &str) -> Value {
    json!({"channel": "sms", "message": text, "sender": "AD-BANKNM", "received_at": NOW})
}

fn classify(schemas: &mut Schemas) -> Operation {
    let both = json!({"messages": [message(TEXT), message(REMINDER)]});
    let told = json!({"results": [classified(TEXT), classified(REMINDER)]});
    Operation {
        request: Some(Content::json(
            schemas.request::<ClassifyRequest>(),
            vec![example("one", "One message", message(TEXT)), example("many", "Two messages", both)],
        )),
        answers: vec![Answer {
            status: 200,
            description: "What the message is, or each of them, and what it says.",
            content: Content::json(
                schemas.named_answer::<ClassifyAnswer>(),
                vec![
                    example("one", "One message", by_request(classified(TEXT))),
                    example("many", "Two messages", by_request(told)),
                ],
            ),
        }],
        ..Operation::of::<ClassifyTransactions>(
            TAG,
            "Read bank messages",
            "Tells transactions from one-time passwords, reminders, offers, declined payments, requests and balances, and \
             what a payment was for. Nothing is stored; of the person's own account four digits are answered, the rest is as it was sent.",
        )
    }
}

fn record(schemas: &mut Schemas) -> Operation {
    let mut sent = message(TEXT);
    set(&mut sent, "user_id", json!(USER));
    let mut stored = transaction();
    set(&mut stored, "duplicate", json!(false));
    let mut known = transaction();
    set(&mut known, "duplicate", json!(true));
    let schema = schemas.named_copy::<RecordedTransaction>();
    let mut answers = answer(201, "The transaction, stored now.", schema.clone(), by_request(stored));
    answers.extend(answer(200, "The transaction, stored before.", schema, by_request(known)));
    Operation {
        request: Some(Content::json(
            schemas.request::<RecordRequest>(),
            vec![example("sms", "A payment by UPI", sent)],
        )),
        answers,
        // A replay, when the person was erased since.
        further_refusals: &[Code::Unrecognised, Code::Conflict, Code::NotFound],
        ..Operation::of::<RecordTransaction>(
            TAG,
            "Store the transaction of a message",
            "The same message of the same person is stored once, whatever its letter case and white space. What is \
             personal is sealed under the person's own key; of accounts and references the last four characters are \
             answered.",
        )
    }
}

fn bulk(schemas: &mut Schemas) -> Operation {
    let sent =
        json!({"user_id": USER, "channel": "sms", "messages": [TEXT, {"message": REMINDER, "sender": "AD-POWER"}]});
    let told = json!({
        "processed": 2,
        "stored": 1,
        "duplicates": 0,
        "rejected": [{"index": 1, "code": "reminder"}],
        "results": [{"index": 0, "transaction_id": ID, "duplicate": false}],
        "complete": true,
    });
    Operation {
        request: Some(Content::json(
            schemas.request::<BulkRequest<'_>>(),
            vec![example("two", "A transaction and a reminder", sent)],
        )),
        answers: answer(200, "What became of each message.", schemas.named_copy::<BulkAnswer>(), by_request(told)),
        ..Operation::of::<RecordInBulk>(
            TAG,
            "Store the transactions of many messages",
            "Send them as one object, or as `application/x-ndjson`: one object on each line, which says whose message it \
             is and how it arrived. A message that cannot be read is rejected alone. When the time runs short, the answer \
             has `complete: false`; the same request with the same `Idempotency-Key` then does the rest.",
        )
    }
}

fn list(schemas: &mut Schemas) -> Operation {
    Operation {
        query: Some(Query {
            schema: schemas.query::<TransactionQuery>(),
            example: json!({"user_id": USER, "from": "2026-03-01T00:00:00Z", "category": "food_dining", "limit": 20}),
        }),
        answers: answer(
            200,
            "A page of transactions, the newest first.",
            schemas.answer::<TransactionPage>(),
            json!({"transactions": [transaction()], "next_cursor": CURSOR}),
        ),
        ..Operation::of::<ListTransactions>(
            TAG,
            "List transactions",
            "Of a person of whom nothing is stored the list is empty.",
        )
    }
}

fn get(schemas: &mut Schemas) -> Operation {
    Operation {
        path_parameters: vec![named(schemas, "transaction_id", "Which transaction.", ID)],
        query: Some(Query { schema: schemas.query::<PersonQuery>(), example: json!({"user_id": USER}) }),
        answers: answer(200, "The transaction.", schemas.answer::<TransactionAnswer>(), transaction()),
        ..Operation::of::<GetTransaction>(TAG, "Read a transaction", "With what it means for the person's goals.")
    }
}

fn correct(schemas: &mut Schemas) -> Operation {
    let mut corrected = transaction();
    for (name, value) in [
        ("category", json!("groceries")),
        ("subcategories", json!([])),
        ("confidence", json!(1.0)),
        ("reason", json!("correction")),
    ] {
        set(&mut corrected, name, value);
    }
    Operation {
        path_parameters: vec![named(schemas, "transaction_id", "Which transaction.", ID)],
        request: Some(Content::json(
            schemas.request::<CategoryRequest>(),
            vec![example("groceries", "It was groceries", json!({"user_id": USER, "category": "groceries"}))],
        )),
        answers: answer(200, "The transaction.", schemas.answer::<TransactionAnswer>(), corrected),
        further_refusals: &[Code::Conflict],
        ..Operation::of::<CategoriseTransaction>(
            TAG,
            "Correct what a payment was for",
            "The person's later transactions with the same merchant get the category too.",
        )
    }
}

fn import() -> Value {
    let (Ok(id), Ok(user)) = (Identifier::parse(IMPORT), Identifier::parse(USER)) else { return Value::Null };
    serde_json::to_value(Import::new(id, user, Some(Channel::Sms), 1_048_576, now())).unwrap_or_default()
}

fn start_import(schemas: &mut Schemas) -> Operation {
    let mut started = import();
    set(
        &mut started,
        "upload",
        json!({
            "method": "PUT",
            "url": "https://palisade-dev-imports-123456789012.s3.eu-west-1.amazonaws.com/acme/01JNPS0B1C2D3E4F5G6H7J8K9M?X-Amz-Signature=0123456789abcdef",
            "headers": {"content-length": "1048576", "content-type": "application/x-ndjson"},
            "expires_at": "2026-03-07T10:45:00Z",
        }),
    );
    Operation {
        request: Some(Content::json(
            schemas.request::<ImportRequest>(),
            vec![example(
                "file",
                "A file of one megabyte",
                json!({"user_id": USER, "channel": "sms", "size": 1_048_576}),
            )],
        )),
        answers: answer(
            201,
            "The import, and where to upload the file.",
            schemas.named_copy::<StartedImport>(),
            by_request(started),
        ),
        ..Operation::of::<StartImport>(
            TAG,
            "Import a file of messages",
            "For files that are larger than a request may be. Upload the file with the method, address and headers of the \
             answer; it is worked off piece by piece as soon as it is there.",
        )
    }
}

fn get_import(schemas: &mut Schemas) -> Operation {
    let mut done = import();
    for (name, value) in [
        ("status", json!("completed")),
        ("updated_at", json!("2026-03-07T10:36:20Z")),
        ("offset", json!(1_048_576)),
        ("processed", json!(4_120)),
        ("stored", json!(3_987)),
        ("duplicates", json!(12)),
        ("rejected", json!(121)),
        ("rejections", json!([{"index": 17, "code": "otp"}])),
    ] {
        set(&mut done, name, value);
    }
    Operation {
        path_parameters: vec![named(schemas, "import_id", "Which import.", IMPORT)],
        answers: answer(200, "The import.", schemas.answer::<Import>(), done),
        ..Operation::of::<GetImport>(TAG, "Read how far an import is", "What became of an import is kept for 30 days.")
    }
}

fn goal() -> Value {
    json!({
        "goal_id": "eating-out",
        "type": "budget",
        "target": {"value": "3000.00", "currency": "INR"},
        "category": "food_dining",
        "starts": "2026-03-01",
        "period": "month",
        "name": "Eat at home",
        "progress": 0.55,
        "current": {"value": "1650.00", "currency": "INR"},
        "remaining": {"value": "1350.00", "currency": "INR"},
        "on_track": false,
        "at_risk": true,
        "days_remaining": 24,
        "from": "2026-03-01",
        "until": "2026-03-31",
        "ignored_currencies": 0,
        "message": "INR 1,650.00 of INR 3,000.00 spent this month.",
        "revision": 1,
    })
}

fn list_goals(schemas: &mut Schemas) -> Operation {
    Operation {
        query: Some(Query { schema: schemas.query::<GoalQuery>(), example: json!({"user_id": USER}) }),
        answers: answer(200, "The goals.", schemas.answer::<Goals>(), json!({"goals": [goal()]})),
        ..Operation::of::<ListGoals>(
            TAG,
            "List goals",
            "How each is going is counted from the transactions when it is asked for, so a correction counts at once.",
        )
    }
}

fn change_goal(schemas: &mut Schemas) -> Operation {
    let wish = json!({
        "user_id": USER,
        "type": "budget",
        "name": "Eat at home",
        "target": {"value": "3000.00", "currency": "INR"},
        "category": "food_dining",
    });
    let schema = schemas.answer::<GoalAnswer>();
    let mut answers = answer(201, "The goal, new.", schema.clone(), goal());
    answers.extend(answer(200, "The goal, changed.", schema, goal()));
    Operation {
        path_parameters: vec![named(schemas, "goal_id", "Which goal.", "eating-out")],
        request: Some(Content::json(schemas.request::<RawGoal>(), vec![example("budget", "A monthly budget", wish)])),
        answers,
        further_refusals: &[Code::Conflict, Code::PreconditionFailed],
        ..Operation::of::<ChangeGoal>(
            TAG,
            "Set a goal",
            "Replaces the goal of this id, or makes it. A budget begins anew with each calendar month of the tenant's time \
             zone.",
        )
    }
}

fn delete_goal(schemas: &mut Schemas) -> Operation {
    Operation {
        path_parameters: vec![named(schemas, "goal_id", "Which goal.", "eating-out")],
        query: Some(Query { schema: schemas.query::<GoalOwner>(), example: json!({"user_id": USER}) }),
        answers: answer(
            200,
            "The goal is gone.",
            schemas.answer::<DeletedGoal>(),
            json!({"goal_id": "eating-out", "deleted": true}),
        ),
        further_refusals: &[Code::Conflict, Code::PreconditionFailed],
        ..Operation::of::<DeleteGoal>(TAG, "Delete a goal", "Transactions stay as they are.")
    }
}

fn recurring(schemas: &mut Schemas) -> Operation {
    let found = json!({"recurring": [{
        "kind": "subscription",
        "merchant": "Streamio",
        "category": "entertainment",
        "amount": {"value": "499.00", "currency": "INR"},
        "varies": false,
        "interval": "monthly",
        "occurrences": 6,
        "first": "2025-10-04T03:10:00Z",
        "last": "2026-03-04T03:10:00Z",
        "next_expected": "2026-04-04",
        "active": true,
        "confidence": 0.97,
    }]});
    Operation {
        path_parameters: vec![person(schemas)],
        answers: answer(200, "What recurs.", schemas.answer::<RecurringPayments>(), found),
        ..Operation::of::<ListRecurring>(
            TAG,
            "List what recurs",
            "Subscriptions, bills and salaries, recognised in the transactions of the last 800 days.",
        )
    }
}

fn settings(revision: u64) -> Value {
    json!({"time_zone": "Asia/Kolkata", "revision": revision})
}

fn show_settings(schemas: &mut Schemas) -> Operation {
    Operation {
        answers: answer(200, "The settings.", schemas.answer::<Revised<Settings>>(), settings(1)),
        ..Operation::of::<ShowSettings>(
            TAG,
            "Read the settings",
            "The time zone by whose clock messages without an offset tell the time, and days and months begin; UTC while \
             nothing is set.",
        )
    }
}

fn change_settings(schemas: &mut Schemas) -> Operation {
    Operation {
        request: Some(Content::json(
            schemas.request::<Settings>(),
            vec![example("india", "Indian time", json!({"time_zone": "Asia/Kolkata"}))],
        )),
        answers: answer(200, "The settings.", schemas.answer::<Revised<Settings>>(), settings(2)),
        further_refusals: &[Code::Conflict, Code::PreconditionFailed],
        ..Operation::of::<ChangeSettings>(
            TAG,
            "Change the settings",
            "Counts within a minute for messages that come then; what is stored keeps its times.",
        )
    }
}
