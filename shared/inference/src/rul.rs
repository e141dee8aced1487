//! The remaining-life model.

use kernel::Violation;
use manifest::{Bundle, LifeManifest};

use crate::{
    layout::LoadError,
    network::{self, Network, RunError},
    rul_layout::{Layout, OUTPUTS},
    rul_window::{RawCycle, WIDTH, Window},
};

/// The remaining-life model, verified, checked and optimised: a value of this type can only answer.
#[derive(Debug)]
pub struct RulModel {
    manifest: LifeManifest,
    layout: Layout,
    // Nothing runs many rows at once here, so one row at a time wastes nothing.
    network: Network<1, WIDTH, { OUTPUTS.len() }>,
}

/// How long an engine lasts. Lives beyond the model's longest are not told apart: an answer near it means "this or
/// more", and an upper end equal to it is no limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RemainingLife {
    /// Cycles until the engine fails; the expected value, at most the model's longest.
    pub remaining_cycles: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// How often the interval holds the truth, over engines like those of the training data.
    pub coverage: f64,
    /// Whether the window, taken together, is like the training data.
    pub in_distribution: bool,
}

impl RulModel {
    /// Checks that this code and the model mean the same by every number, and optimises the model. Only a verified
    /// model of this kind has the type to be loaded:
    ///
    /// ```compile_fail
    /// fn load(failure: manifest::Bundle<'_>) {
    ///     let _ = inference::RulModel::load(failure);
    /// }
    /// ```
    ///
    /// # Errors
    /// [`LoadError`] when the model was made for other code.
    pub fn load(bundle: Bundle<'_, LifeManifest>) -> Result<Self, LoadError> {
        let layout = Layout::check(bundle.manifest())?;
        let network = network::read(&bundle).and_then(Network::optimise);
        let network = network.map_err(|cause| LoadError::Graph(format!("{cause:#}")))?;
        Ok(Self { manifest: bundle.into_manifest(), layout, network })
    }

    /// What was signed about the model.
    #[must_use]
    pub const fn manifest(&self) -> &LifeManifest {
        &self.manifest
    }

    /// Accepts the last cycles of an engine, oldest first, when there are 1 to [`crate::MOST_CYCLES`] of them, their
    /// numbers increase and each value is in the range signed for it.
    ///
    /// # Errors
    /// One violation for each value that is not, with a pointer from the engine: `/cycles/3/sensors/2`.
    pub fn accept(&self, cycles: &[RawCycle]) -> Result<Window, Vec<Violation>> {
        Window::parse(cycles, &self.layout.features, &self.layout.lively, self.layout.reach)
    }

    /// Predicts how long the engine lasts.
    ///
    /// The interval is conformalised quantile regression (Romano, Patterson and Candès 2019): the model's quantiles,
    /// moved by as much as engines that it was not trained on needed.
    ///
    /// # Errors
    /// [`RunError`] when the model has no answer.
    pub fn predict(&self, window: &Window) -> Result<RemainingLife, RunError> {
        let output = self.network.run(&[*window.row()])?.first().copied().ok_or(RunError::Runtime)?;
        let [remaining, low, high] = output.map(f64::from);
        if [remaining, low, high].iter().any(|value| value.is_nan()) {
            return Err(RunError::NotANumber);
        }
        let longest = self.layout.longest;
        let remaining_cycles = remaining.clamp(0.0, longest);
        let correction = self.layout.corrections.of(window.readings(), remaining_cycles);
        Ok(RemainingLife {
            remaining_cycles,
            low: (low - correction).min(remaining_cycles).clamp(0.0, longest),
            high: (high + correction).max(remaining_cycles).clamp(0.0, longest),
            coverage: self.manifest.calibration.coverage,
            in_distribution: self.layout.familiarity.recognises(window.level()),
        })
    }
}
