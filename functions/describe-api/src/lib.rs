//! `GET /openapi.json` and `GET /docs`: what the API is.
//!
//! Both are made from the handlers' types by the contract test and held as files, so that a change
//! of the contract is a change somebody reads. Whatever else is asked for does not exist: locally
//! this function also answers for routes that no function serves.

use gate::{Page, Reply};

/// The page has styles of its own, and nothing else.
const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The document and the page.
pub struct DescribeApi;

impl Page for DescribeApi {
    const NAME: &'static str = "describe-api";

    fn get(&self, path: &str) -> Option<Reply> {
        match path {
            "/openapi.json" => Some(Reply::new(200, "application/json", include_str!("../openapi.json").to_owned())),
            "/docs" => Some(Reply {
                headers: vec![
                    ("content-security-policy", PAGE_POLICY.to_owned()),
                    ("cross-origin-opener-policy", "same-origin".to_owned()),
                ],
                ..Reply::new(200, "text/html; charset=utf-8", include_str!("../docs.html").to_owned())
            }),
            _ => None,
        }
    }
}
