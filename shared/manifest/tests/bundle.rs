//! What must never reach the model runtime.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use manifest::{Bundle, Digest, InvalidPolicy, LifeManifest, Manifest, Policy, Rejected, Version};
use serde_json::{Value, json};

const MODEL: &[u8] = include_bytes!("bundle.rs");

struct Release {
    key: Ed25519KeyPair,
    manifest: Vec<u8>,
    signature: Vec<u8>,
    policy: Policy,
}

impl Release {
    fn of(manifest: &Value) -> Self {
        Self::signing(serde_json::to_vec(manifest).unwrap())
    }

    fn signing(manifest: Vec<u8>) -> Self {
        let key = Ed25519KeyPair::generate().unwrap();
        let policy = Policy {
            public_key: key.public_key().as_ref().try_into().unwrap(),
            minimum_version: "1.2.0".parse().unwrap(),
            allowed_sha256: vec![Digest::of(b"another model"), Digest::of(MODEL)],
        };
        let signature = key.sign(&manifest).as_ref().to_vec();
        Self { key, manifest, signature, policy }
    }

    fn verify(&self) -> Result<Bundle<'static>, Rejected> {
        Bundle::verify(&self.manifest, &self.signature, MODEL, &self.policy)
    }
}

fn manifest() -> Value {
    json!({
        "name": "machine-failure", "version": "1.2.3", "format": 1, "sha256": Digest::of(MODEL).to_string(),
        "input": {"name": "features", "width": 3},
        "output": {"name": "probabilities", "labels": ["failure"]},
        "features": [{"name": "torque_nm", "unit": "Nm", "minimum": 0.0, "maximum": 120.0,
                      "quantiles": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}],
        "categories": {"machine_type": ["L", "M"]},
        "threshold": 0.25, "baseline": 0.034, "background": [[1.0, 0.0, 40.0]],
        "in_distribution": {"kind": "mahalanobis", "mean": [40.0], "inverse_covariance": [[0.01]], "limit": 9.0},
        "training_data": {"name": "AI4I 2020", "sha256": "0".repeat(64), "rows": 7500, "licence": "CC BY 4.0"},
        "metrics": {"brier": {"mean": 0.008, "low": 0.007, "high": 0.009}},
        "cost_ratio": 3.0,
    })
}

fn with(pointer: &str, value: Value) -> Value {
    let mut manifest = manifest();
    *manifest.pointer_mut(pointer).unwrap() = value;
    manifest
}

#[test]
fn a_signed_recent_and_allowed_model_is_admitted_with_its_manifest() {
    let bundle = Release::of(&manifest()).verify().unwrap();
    assert_eq!(bundle.model(), MODEL);
    assert_eq!(bundle.manifest().sha256, Digest::of(MODEL));
    assert_eq!(bundle.manifest().version, Version { major: 1, minor: 2, patch: 3 });
    assert_eq!(bundle.into_manifest().name, "machine-failure");
}

#[test]
fn every_single_flipped_byte_of_the_manifest_is_refused_before_it_is_parsed() {
    let mut release = Release::of(&manifest());
    for index in 0..release.manifest.len() {
        for mask in [0x01, 0x20, 0x80, 0xff] {
            release.manifest[index] ^= mask;
            assert_eq!(release.verify().unwrap_err(), Rejected::Signature, "byte {index}, mask {mask:#x}");
            release.manifest[index] ^= mask;
        }
    }
    assert!(release.verify().is_ok());
}

#[test]
fn every_single_flipped_bit_of_the_signature_is_refused() {
    let mut release = Release::of(&manifest());
    for bit in 0..release.signature.len() * 8 {
        release.signature[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(release.verify().unwrap_err(), Rejected::Signature, "bit {bit}");
        release.signature[bit / 8] ^= 1 << (bit % 8);
    }
    assert!(release.verify().is_ok());
}

#[test]
fn every_single_flipped_byte_of_the_model_is_refused() {
    let release = Release::of(&manifest());
    let mut model = MODEL.to_vec();
    for index in (0..model.len()).step_by(7).chain([model.len() - 1]) {
        model[index] ^= 0x01;
        let verdict = Bundle::<Manifest>::verify(&release.manifest, &release.signature, &model, &release.policy);
        assert_eq!(verdict.unwrap_err(), Rejected::Digest, "byte {index}");
        model[index] ^= 0x01;
    }
}

#[test]
fn a_manifest_a_signature_or_a_model_that_is_cut_or_extended_is_refused() {
    let release = Release::of(&manifest());
    let extended = |bytes: &[u8]| [bytes, b"\n"].concat();
    let verify = |manifest: &[u8], signature: &[u8], model: &[u8]| {
        Bundle::<Manifest>::verify(manifest, signature, model, &release.policy).map(|_| ()).unwrap_err()
    };
    for length in [0, 1, release.manifest.len() - 1] {
        assert_eq!(verify(&release.manifest[..length], &release.signature, MODEL), Rejected::Signature);
    }
    assert_eq!(verify(&extended(&release.manifest), &release.signature, MODEL), Rejected::Signature);
    for length in 0..release.signature.len() {
        assert_eq!(verify(&release.manifest, &release.signature[..length], MODEL), Rejected::Signature);
    }
    assert_eq!(verify(&release.manifest, &extended(&release.signature), MODEL), Rejected::Signature);
    for model in [&[] as &[u8], &MODEL[1..], &MODEL[..MODEL.len() - 1], &extended(MODEL)] {
        assert_eq!(verify(&release.manifest, &release.signature, model), Rejected::Digest);
    }
}

#[test]
fn a_manifest_signed_with_another_key_is_refused() {
    let mut release = Release::of(&manifest());
    release.signature = Release::of(&manifest()).signature;
    assert_eq!(release.verify().unwrap_err(), Rejected::Signature);
}

#[test]
fn an_older_model_is_refused_even_with_a_good_signature() {
    for (version, verdict) in [
        ("1.1.99", Err(Rejected::Version)),
        ("0.9.0", Err(Rejected::Version)),
        ("1.2.0", Ok(())),
        ("1.10.0", Ok(())),
        ("2.0.0", Ok(())),
    ] {
        assert_eq!(Release::of(&with("/version", json!(version))).verify().map(|_| ()), verdict, "{version}");
    }
}

#[test]
fn a_model_the_operator_has_not_listed_is_refused() {
    let mut release = Release::of(&manifest());
    release.policy.allowed_sha256 = vec![Digest::of(b"another model")];
    assert_eq!(release.verify().unwrap_err(), Rejected::NotAllowed);
}

#[test]
fn an_empty_allow_list_allows_nothing() {
    let mut release = Release::of(&manifest());
    release.policy.allowed_sha256.clear();
    assert_eq!(release.verify().unwrap_err(), Rejected::NotAllowed);
}

#[test]
fn the_signature_is_judged_before_everything_else() {
    let mut release = Release::of(&with("/version", json!("0.0.1")));
    release.policy.allowed_sha256.clear();
    assert_eq!(
        Bundle::<Manifest>::verify(b"{", &release.signature, b"", &release.policy).unwrap_err(),
        Rejected::Signature
    );
    assert_eq!(
        Bundle::<Manifest>::verify(&release.manifest, &release.signature, b"", &release.policy).unwrap_err(),
        Rejected::Digest
    );
    assert_eq!(release.verify().unwrap_err(), Rejected::Version);
}

#[test]
fn a_signed_text_that_is_not_exactly_this_format_is_refused() {
    let text = serde_json::to_string(&manifest()).unwrap();
    let mut unknown = manifest();
    unknown["comment"] = json!("x");
    let mut nested = manifest();
    nested["features"][0]["comment"] = json!("x");
    let array = Value::Array(manifest().as_object().unwrap().values().cloned().collect());
    for bad in [
        unknown,
        nested,
        array,
        with("/format", json!(2)),
        with("/format", json!("1")),
        with("/version", json!("1.2")),
        with("/sha256", json!(Digest::of(MODEL).to_string().to_uppercase())),
        with("/features/0/quantiles", json!([1.0])),
        with("/in_distribution/kind", json!("other")),
        with("/background", json!([["x"]])),
    ] {
        assert_eq!(Release::of(&bad).verify().unwrap_err(), Rejected::Format, "{bad}");
    }
    let twice = text.replacen('{', r#"{"threshold":0.9,"#, 1);
    for bad in [twice, format!("{text}x"), format!(" {text}"), text.replace("0.25", "1e999"), String::new()] {
        assert_eq!(Release::signing(bad.clone().into_bytes()).verify().unwrap_err(), Rejected::Format, "{bad}");
    }
    for field in manifest().as_object().unwrap().keys() {
        let mut missing = manifest();
        missing.as_object_mut().unwrap().remove(field);
        assert_eq!(Release::of(&missing).verify().unwrap_err(), Rejected::Format, "{field}");
    }
}

#[test]
fn a_policy_reads_as_files_and_environment_variables_spell_it() {
    let release = Release::of(&manifest());
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let key = format!("{}\n", hex(release.key.public_key().as_ref()));
    let list = format!("{}, {}", Digest::of(b"another model"), Digest::of(MODEL));
    assert_eq!(Policy::parse(&key, "1.2.0", &list), Ok(release.policy));
    assert_eq!(Policy::parse(&key, "1.2.0", "").unwrap().allowed_sha256, []);
    assert_eq!(Policy::parse("00", "1.2.0", &list), Err(InvalidPolicy::PublicKey));
    assert_eq!(Policy::parse(&key, "1.2", &list), Err(InvalidPolicy::MinimumVersion));
    for bad in ["*", &format!("{list},"), &format!("{list},x")] {
        assert_eq!(Policy::parse(&key, "1.2.0", bad), Err(InvalidPolicy::AllowedSha256), "{bad}");
    }
}

#[test]
fn the_bundled_failure_model_is_signed_by_the_release_key_in_the_repository() {
    let model = include_bytes!("../../../infra/models/failure/model.onnx");
    let digest = Digest::of(model).to_string();
    let policy = Policy::parse(include_str!("../../../infra/models/release.pub"), "1.0.0", &digest).unwrap();
    let manifest = include_bytes!("../../../infra/models/failure/manifest.json");
    let signature = include_bytes!("../../../infra/models/failure/manifest.sig");
    assert!(Bundle::<Manifest>::verify(manifest, signature, model, &policy).is_ok());
}

#[test]
fn the_bundled_remaining_life_model_is_signed_by_the_release_key_in_the_repository() {
    let model = include_bytes!("../../../infra/models/rul/model.onnx");
    let digest = Digest::of(model).to_string();
    let policy = Policy::parse(include_str!("../../../infra/models/release.pub"), "1.0.0", &digest).unwrap();
    let manifest = include_bytes!("../../../infra/models/rul/manifest.json");
    let signature = include_bytes!("../../../infra/models/rul/manifest.sig");
    assert!(Bundle::<LifeManifest>::verify(manifest, signature, model, &policy).is_ok());
    // A model of one kind is not one of another, whoever signed it.
    assert_eq!(Bundle::<Manifest>::verify(manifest, signature, model, &policy).unwrap_err(), Rejected::Format);
}
