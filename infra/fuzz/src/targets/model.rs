//! The bytes of a model.

use std::sync::LazyLock;

use aws_lc_rs::signature::KeyPair;
use inference::{FailureModel, RawMachineState};
use manifest::{Bundle, Digest, Manifest, Policy, Rejected, Version};

use super::manifest::signer;

const RELEASE_KEY: &str = include_str!("../../../models/release.pub");
const MANIFEST: &str = include_str!("../../../models/failure/manifest.json");
const SIGNATURE: &[u8] = include_bytes!("../../../models/failure/manifest.sig");
const MODEL: &[u8] = include_bytes!("../../../models/failure/model.onnx");

static RELEASED: LazyLock<Digest> = LazyLock::new(|| Digest::of(MODEL));

/// The bytes never reach the runtime under the released manifest unless they are the released model. Were they signed
/// all the same, the runtime would refuse them or answer with probabilities: it does not panic.
pub fn model(bytes: &[u8]) -> bool {
    let digest = Digest::of(bytes);
    let released = Policy::parse(RELEASE_KEY, "0.0.0", &format!("{},{digest}", *RELEASED)).unwrap();
    let verified = Bundle::<Manifest>::verify(MANIFEST.as_bytes(), SIGNATURE, bytes, &released);
    assert_eq!(verified.map(drop).err(), (bytes != MODEL).then_some(Rejected::Digest));

    let manifest = MANIFEST.replace(&RELEASED.to_string(), &digest.to_string());
    let signer = signer();
    let policy = Policy {
        public_key: signer.public_key().as_ref().try_into().unwrap(),
        minimum_version: Version { major: 0, minor: 0, patch: 0 },
        allowed_sha256: vec![digest],
    };
    let signature = signer.sign(manifest.as_bytes());
    let bundle = Bundle::<Manifest>::verify(manifest.as_bytes(), signature.as_ref(), bytes, &policy).unwrap();
    let Ok(model) = FailureModel::load(bundle) else { return false };
    let raw: RawMachineState = serde_json::from_str(
        r#"{"machine_type":"L","air_temperature_k":303.1,"process_temperature_k":311.2,
            "rotational_speed_rpm":1290,"torque_nm":61.5,"tool_wear_min":190}"#,
    )
    .unwrap();
    let state = model.accept(&raw).unwrap();
    if let Ok(prediction) = model.predict(&state) {
        let modes = prediction.modes;
        let probabilities =
            [prediction.failure_probability, modes.tool_wear, modes.heat_dissipation, modes.power, modes.overstrain];
        assert!(probabilities.iter().all(|probability| (0.0..=1.0).contains(probability)), "{prediction:?}");
    }
    true
}
