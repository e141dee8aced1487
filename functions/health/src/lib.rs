//! `GET /health`: whether the function runs. It knows nothing else and says nothing else.

use gate::{IntoReply, Json, Page, Reply};
use serde_json::json;

/// The health page.
pub struct Health;

impl Page for Health {
    const NAME: &'static str = "health";

    fn get(&self, path: &str) -> Option<Reply> {
        if path != "/health" {
            return None;
        }
        Json::ok(json!({"status": "ok"})).into_reply().ok()
    }
}
