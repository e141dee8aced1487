//! The model that comes with every function that takes messages.

use inference::CategoryModel;
use manifest::{Bundle, Policy};
use vault::aws::variable;

const MODEL: &[u8] = include_bytes!("../../../infra/models/category/model.onnx");
const MANIFEST: &[u8] = include_bytes!("../../../infra/models/category/manifest.json");
const SIGNATURE: &[u8] = include_bytes!("../../../infra/models/category/manifest.sig");
const RELEASE_KEY: &str = include_str!("../../../infra/models/release.pub");

/// Verifies the model against what the operator allows, and makes it ready to answer.
///
/// # Errors
/// When it may not run or was made for other code. The function does not start then.
pub(crate) fn model() -> Result<CategoryModel, Box<dyn std::error::Error + Send + Sync>> {
    let (minimum, allowed) = (variable("MODEL_MINIMUM_VERSION")?, variable("MODEL_ALLOWED_SHA256")?);
    let policy = Policy::parse(RELEASE_KEY, &minimum, &allowed)?;
    Ok(CategoryModel::load(Bundle::verify(MANIFEST, SIGNATURE, MODEL, &policy)?)?)
}
