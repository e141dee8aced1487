//! Signed model manifests: what a model is, and the proof that it may run here.
//!
//! A model's bytes are opened by a large parser, so they are opened only after four questions about them
//! were answered, in this order: did our release key sign the manifest, are these bytes the model that it
//! describes, is the version recent enough, has the operator allowed this digest. [`Bundle::verify`] asks
//! them; a [`Bundle`] has no other constructor, and [`Bundle::model`] is where the runtime takes its bytes.
//!
//! `inference` and the functions that name or check models may depend on this crate. It depends on no
//! model runtime, does no I/O, and never signs.

mod bundle;
mod category;
mod contents;
mod digest;
mod life;
mod policy;
mod version;

pub use bundle::{Bundle, Rejected};
pub use category::{CategoryManifest, NameFeatures};
pub use contents::{Contents, Feature, InDistribution, Input, Interval, Manifest, Output, TrainingData};
pub use digest::{Digest, InvalidDigest};
pub use life::{Calibration, LifeManifest, Window};
pub use policy::{InvalidPolicy, Policy};
pub use version::{InvalidVersion, Version};
