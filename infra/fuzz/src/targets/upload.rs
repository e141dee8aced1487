//! What the queue of imports says.

use process_import::message::{Job, Message};

/// Whatever a message names is a tenant and an import as we name them, and says the same when we send it on.
pub fn upload(bytes: &[u8]) -> bool {
    let Ok(jobs) = serde_json::from_slice::<Message>(bytes).map(Message::jobs) else { return false };
    let Ok(jobs) = jobs else { return false };
    for job in &jobs {
        let Job { tenant, import_id } = job;
        assert!(!format!("{tenant}{import_id}").contains(['/', '#', '%']));
        let text = serde_json::to_string(job).unwrap();
        let again = serde_json::from_str::<Message>(&text).unwrap().jobs().unwrap();
        assert_eq!(again, std::slice::from_ref(job));
    }
    !jobs.is_empty()
}
