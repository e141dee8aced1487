//! The shipped category model, and models that were made for other code.

use std::sync::LazyLock;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use inference::{CategoryModel, LoadError};
use ledger::{Category, SURE_ENOUGH};
use manifest::{Bundle, CategoryManifest, Digest, Policy, Rejected};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

const MODEL: &[u8] = include_bytes!("../../../../infra/models/category/model.onnx");
const MANIFEST: &[u8] = include_bytes!("../../../../infra/models/category/manifest.json");
const SIGNATURE: &[u8] = include_bytes!("../../../../infra/models/category/manifest.sig");

static SHIPPED: LazyLock<CategoryModel> =
    LazyLock::new(|| CategoryModel::load(verify(MANIFEST, SIGNATURE, MODEL).unwrap()).unwrap());

#[derive(Deserialize)]
struct Golden {
    tolerance: f32,
    sha256: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    probabilities: Vec<f32>,
}

fn verify<'a>(manifest: &[u8], signature: &[u8], model: &'a [u8]) -> Result<Bundle<'a, CategoryManifest>, Rejected> {
    let key = include_str!("../../../../infra/models/release.pub");
    let policy = Policy::parse(key, "1.0.0", &Digest::of(MODEL).to_string()).unwrap();
    Bundle::verify(manifest, signature, model, &policy)
}

/// The shipped manifest with another value at `pointer`, signed with a fresh key and loaded.
fn changed(pointer: &str, value: Value) -> LoadError {
    let mut manifest: Value = serde_json::from_slice(MANIFEST).unwrap();
    *manifest.pointer_mut(pointer).unwrap() = value;
    let bytes = serde_json::to_vec(&manifest).unwrap();
    let key = Ed25519KeyPair::generate().unwrap();
    let policy = Policy {
        public_key: key.public_key().as_ref().try_into().unwrap(),
        minimum_version: "0.0.0".parse().unwrap(),
        allowed_sha256: vec![Digest::of(MODEL)],
    };
    CategoryModel::load(Bundle::verify(&bytes, key.sign(&bytes).as_ref(), MODEL, &policy).unwrap()).unwrap_err()
}

#[test]
fn every_golden_answer_is_the_one_the_training_script_got() {
    let golden: Golden = serde_json::from_str(include_str!("../../../../infra/models/category/golden.json")).unwrap();
    assert_eq!(golden.sha256, SHIPPED.manifest().sha256.to_string());
    assert!(golden.tolerance <= 5e-7 && golden.cases.len() >= 16);
    for case in &golden.cases {
        let got = SHIPPED.probabilities(&case.name).unwrap();
        assert_eq!(got.len(), case.probabilities.len());
        for (got, expected) in got.iter().zip(&case.probabilities) {
            assert!((got - expected).abs() <= golden.tolerance, "{}: {got}, {expected}", case.name);
        }
    }
}

#[test]
fn a_flipped_bit_of_model_manifest_or_signature_is_refused() {
    let flipped = |bytes: &[u8], at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1;
        bytes
    };
    for at in [0, MODEL.len() / 2, MODEL.len() - 1] {
        assert_eq!(verify(MANIFEST, SIGNATURE, &flipped(MODEL, at)).unwrap_err(), Rejected::Digest);
    }
    for at in [0, MANIFEST.len() / 2, MANIFEST.len() - 1] {
        assert_eq!(verify(&flipped(MANIFEST, at), SIGNATURE, MODEL).unwrap_err(), Rejected::Signature);
    }
    assert_eq!(verify(MANIFEST, &flipped(SIGNATURE, 32), MODEL).unwrap_err(), Rejected::Signature);
}

#[test]
fn a_model_made_for_other_features_or_categories_is_refused() {
    for (pointer, value) in [
        ("/input/width", json!(64)),
        ("/features/buckets", json!(16_384)),
        ("/features/shortest", json!(2)),
        ("/features/longest", json!(6)),
        ("/features/words", json!(9)),
        ("/features/letters", json!(21)),
    ] {
        assert_eq!(changed(pointer, value), LoadError::Input, "{pointer}");
    }
    assert_eq!(changed("/output/labels/0", json!("invoices")), LoadError::Output);
    assert_eq!(changed("/output/labels", json!(["bills", "travel"])), LoadError::Output);
    assert!(matches!(changed("/input/name", json!("words")), LoadError::Graph(_)));
}

#[test]
fn names_of_small_businesses_are_guessed_even_when_they_are_cut_off() {
    for (name, category) in [
        ("sunrise diagnost", Category::Healthcare),
        ("green valley publ school", Category::Education),
        ("mahaveer jewel", Category::Shopping),
        ("new bharat restaur", Category::FoodDining),
    ] {
        let guess = SHIPPED.guess(name).unwrap();
        assert!(guess.category == category && guess.confidence >= SURE_ENOUGH, "{name}: {guess:?}");
    }
}

#[test]
fn a_name_without_letters_is_not_told() {
    for name in ["", "4417", "***", "किराना"] {
        assert!(SHIPPED.guess(name).unwrap().confidence < SURE_ENOUGH, "{name}");
    }
}

#[test]
fn the_same_name_gets_the_same_answer_to_the_last_bit_in_every_thread() {
    let expected = SHIPPED.probabilities("anand stores").unwrap();
    std::thread::scope(|scope| {
        let others: Vec<_> = (0..4).map(|_| scope.spawn(|| SHIPPED.probabilities("anand stores").unwrap())).collect();
        for other in others {
            assert_eq!(other.join().unwrap(), expected);
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_name_has_probabilities_that_add_up_to_one(name in "\\PC{0,200}") {
        let probabilities = SHIPPED.probabilities(&name).unwrap();
        prop_assert!(probabilities.iter().all(|each| (0.0..=1.0).contains(each)));
        prop_assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }

    #[test]
    fn case_and_digits_change_nothing(name in "[a-z ]{0,40}") {
        let shouted = format!("{} 123", name.to_uppercase());
        prop_assert_eq!(SHIPPED.probabilities(&name), SHIPPED.probabilities(&shouted));
    }
}
