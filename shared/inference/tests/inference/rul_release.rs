//! Signed remaining-life models for tests, and made-up engines.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use inference::{LoadError, RawCycle, RulModel};
use manifest::{Bundle, Digest, Policy};
use serde_json::{Value, json};

pub(crate) const MODEL: &[u8] = include_bytes!("../../../../infra/models/rul/model.onnx");
pub(crate) const MANIFEST: &[u8] = include_bytes!("../../../../infra/models/rul/manifest.json");

/// The model that is shipped, as it is shipped.
pub(crate) fn shipped() -> RulModel {
    let key = include_str!("../../../../infra/models/release.pub");
    let signature = include_bytes!("../../../../infra/models/rul/manifest.sig");
    let policy = Policy::parse(key, "1.0.0", &Digest::of(MODEL).to_string()).unwrap();
    RulModel::load(Bundle::verify(MANIFEST, signature, MODEL, &policy).unwrap()).unwrap()
}

/// The shipped manifest, to be changed.
pub(crate) fn manifest() -> Value {
    serde_json::from_slice(MANIFEST).unwrap()
}

/// Signs `manifest` for `model` with a fresh key and loads the two.
pub(crate) fn load(mut manifest: Value, model: &[u8]) -> Result<RulModel, LoadError> {
    manifest["sha256"] = json!(Digest::of(model).to_string());
    let bytes = serde_json::to_vec(&manifest).unwrap();
    let key = Ed25519KeyPair::generate().unwrap();
    let policy = Policy {
        public_key: key.public_key().as_ref().try_into().unwrap(),
        minimum_version: "0.0.0".parse().unwrap(),
        allowed_sha256: vec![Digest::of(model)],
    };
    RulModel::load(Bundle::verify(&bytes, key.sign(&bytes).as_ref(), model, &policy).unwrap())
}

/// The last `readings` cycles before `last` of an engine without noise, `wear` of the way from new (0) to failed (1)
/// and wearing on.
pub(crate) fn engine(last: u32, readings: u32, wear: f64) -> Vec<RawCycle> {
    const NEW: [f64; 21] = [
        518.67, 642.35, 1586.7, 1402.9, 14.62, 21.61, 553.9, 2388.05, 9058.0, 1.3, 47.39, 521.9, 2388.05, 8138.0,
        8.424, 0.03, 392.0, 2388.0, 100.0, 38.91, 23.35,
    ];
    const FAILED: [f64; 21] = [
        518.67, 643.7, 1606.0, 1430.0, 14.62, 21.61, 551.4, 2388.24, 9090.0, 1.3, 48.15, 519.8, 2388.24, 8155.0, 8.525,
        0.03, 396.5, 2388.0, 100.0, 38.45, 23.07,
    ];
    let reading = |back: u32| {
        // Wear grows with its own size.
        let now = wear * (-0.03 * f64::from(back)).exp();
        RawCycle {
            cycle: last - back,
            settings: [0.0, 0.0, 100.0],
            sensors: std::array::from_fn(|sensor| NEW[sensor] + now * (FAILED[sensor] - NEW[sensor])),
        }
    };
    (0..readings).rev().map(reading).collect()
}
