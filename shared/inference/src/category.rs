//! The model that guesses from a merchant's name what a payment was for.

use ledger::{Category, Guess};
use manifest::{Bundle, CategoryManifest, NameFeatures};

use crate::{
    category_features::{self as features, MOST_ROWS, rows},
    layout::LoadError,
    network::{self, Network, RunError},
};

/// Categories that a name can tell. The others are told by what a message says.
const OUTPUTS: usize = 13;

/// The category model, verified, checked and optimised: a value of this type can only answer.
#[derive(Debug)]
pub struct CategoryModel {
    manifest: CategoryManifest,
    categories: [Category; OUTPUTS],
    network: Network<1, MOST_ROWS, OUTPUTS, i64>,
}

impl CategoryModel {
    /// Checks that this code and the model mean the same by every number, and optimises the model.
    ///
    /// # Errors
    /// [`LoadError`] when the model was made for other code.
    pub fn load(bundle: Bundle<'_, CategoryManifest>) -> Result<Self, LoadError> {
        let manifest = bundle.manifest();
        if manifest.input.width != MOST_ROWS || !is_known(manifest.features) {
            return Err(LoadError::Input);
        }
        let categories = manifest.output.labels.iter().map(|label| Category::named(label)).collect::<Option<Vec<_>>>();
        let categories = categories.and_then(|all| all.try_into().ok()).ok_or(LoadError::Output)?;
        let network = network::read(&bundle).and_then(Network::optimise);
        let network = network.map_err(|cause| LoadError::Graph(format!("{cause:#}")))?;
        Ok(Self { manifest: bundle.into_manifest(), categories, network })
    }

    /// What was signed about the model.
    #[must_use]
    pub const fn manifest(&self) -> &CategoryManifest {
        &self.manifest
    }

    /// The likeliest category of a merchant with this name.
    ///
    /// # Errors
    /// [`RunError`] when the model has no answer.
    pub fn guess(&self, name: &str) -> Result<Guess, RunError> {
        let all = self.probabilities(name)?.into_iter().zip(self.categories);
        let likeliest = all.max_by(|(one, _), (other, _)| one.total_cmp(other));
        let (confidence, category) = likeliest.ok_or(RunError::Runtime)?;
        Ok(Guess { category, confidence })
    }

    /// The probability of each category, in the order of the manifest's labels.
    ///
    /// # Errors
    /// [`RunError`] when the model has no answer.
    pub fn probabilities(&self, name: &str) -> Result<[f32; OUTPUTS], RunError> {
        let output = self.network.run(&[rows(name)])?.first().copied().ok_or(RunError::Runtime)?;
        if output.iter().any(|probability| probability.is_nan()) {
            return Err(RunError::NotANumber);
        }
        Ok(output)
    }
}

/// Whether a name becomes the rows that the model was trained with.
fn is_known(signed: NameFeatures) -> bool {
    signed.buckets == u32::from(features::BUCKETS)
        && (signed.shortest, signed.longest) == (features::SHORTEST, features::LONGEST)
        && (signed.words, signed.letters) == (features::MOST_WORDS, features::MOST_LETTERS)
}
