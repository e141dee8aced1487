//! Signed models for tests.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use inference::{FailureModel, LoadError, MachineType, RawMachineState};
use manifest::{Bundle, Digest, Policy};
use serde_json::{Value, json};

pub(crate) const MODEL: &[u8] = include_bytes!("../../../../infra/models/failure/model.onnx");
pub(crate) const MANIFEST: &[u8] = include_bytes!("../../../../infra/models/failure/manifest.json");

/// The model that is shipped, as it is shipped.
pub(crate) fn shipped() -> FailureModel {
    let key = include_str!("../../../../infra/models/release.pub");
    let signature = include_bytes!("../../../../infra/models/failure/manifest.sig");
    let policy = Policy::parse(key, "1.0.0", &Digest::of(MODEL).to_string()).unwrap();
    FailureModel::load(Bundle::verify(MANIFEST, signature, MODEL, &policy).unwrap()).unwrap()
}

/// The shipped manifest, to be changed.
pub(crate) fn manifest() -> Value {
    serde_json::from_slice(MANIFEST).unwrap()
}

/// Signs `manifest` for `model` with a fresh key and loads the two.
pub(crate) fn load(mut manifest: Value, model: &[u8]) -> Result<FailureModel, LoadError> {
    manifest["sha256"] = json!(Digest::of(model).to_string());
    let bytes = serde_json::to_vec(&manifest).unwrap();
    let key = Ed25519KeyPair::generate().unwrap();
    let policy = Policy {
        public_key: key.public_key().as_ref().try_into().unwrap(),
        minimum_version: "0.0.0".parse().unwrap(),
        allowed_sha256: vec![Digest::of(model)],
    };
    FailureModel::load(Bundle::verify(&bytes, key.sign(&bytes).as_ref(), model, &policy).unwrap())
}

/// A machine in the middle of its ranges.
pub(crate) const ORDINARY: RawMachineState = RawMachineState {
    machine_type: MachineType::M,
    air_temperature_k: 300.0,
    process_temperature_k: 310.0,
    rotational_speed_rpm: 1500.0,
    torque_nm: 40.0,
    tool_wear_min: 100.0,
};

/// The state that is encoded to `row`.
pub(crate) fn decode(row: &[f64]) -> RawMachineState {
    let machine_type = match &row[..3] {
        [1.0, 0.0, 0.0] => MachineType::L,
        [0.0, 1.0, 0.0] => MachineType::M,
        [0.0, 0.0, 1.0] => MachineType::H,
        other => panic!("not one-hot: {other:?}"),
    };
    RawMachineState {
        machine_type,
        air_temperature_k: row[3],
        process_temperature_k: row[4],
        rotational_speed_rpm: row[5],
        torque_nm: row[6],
        tool_wear_min: row[7],
    }
}
