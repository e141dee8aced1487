//! The model that comes with the function.

use inference::RulModel;
use manifest::{Bundle, Policy};

const MODEL: &[u8] = include_bytes!("../../../infra/models/rul/model.onnx");
const MANIFEST: &[u8] = include_bytes!("../../../infra/models/rul/manifest.json");
const SIGNATURE: &[u8] = include_bytes!("../../../infra/models/rul/manifest.sig");
const RELEASE_KEY: &str = include_str!("../../../infra/models/release.pub");

/// Verifies the model against what the operator allows, and makes it ready to answer.
///
/// # Errors
/// When it may not run or was made for other code. The function does not start then.
pub fn model(
    minimum_version: &str,
    allowed_sha256: &str,
) -> Result<RulModel, Box<dyn std::error::Error + Send + Sync>> {
    let policy = Policy::parse(RELEASE_KEY, minimum_version, allowed_sha256)?;
    Ok(RulModel::load(Bundle::verify(MANIFEST, SIGNATURE, MODEL, &policy)?)?)
}
