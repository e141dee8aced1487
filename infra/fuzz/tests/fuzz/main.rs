//! Every target on its examples and on what becomes of them when they are changed at random, always in the same way.

#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

mod mutate;

use std::{fs, path::Path};

use mutate::Mutator;
use palisade_fuzz::TARGETS;

/// What became of the changed examples.
struct Replayed {
    taken: usize,
    refused: usize,
}

/// Hands a target its examples, which must be what their names say, and then `rounds` changed ones.
fn replay(name: &str, rounds: usize) -> Replayed {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
    let mut examples: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    examples.sort();
    let mut seeds = Vec::new();
    for path in examples {
        let bytes = fs::read(&path).unwrap();
        let good = path.file_name().unwrap().to_string_lossy().starts_with("good-");
        assert_eq!(target(&bytes), good, "{}", path.display());
        seeds.push((good, bytes));
    }
    assert!(seeds.iter().any(|(good, _)| *good) && seeds.iter().any(|(good, _)| !good), "examples of both kinds");
    let mut mutator = Mutator::new(seeds.into_iter().map(|(_, bytes)| bytes).collect());
    let taken = (0..rounds).filter(|_| target(&mutator.next_input())).count();
    Replayed { taken, refused: rounds - taken }
}

/// Replays a target that must have met bytes of both kinds, or it has tried little.
fn replay_both(name: &str, rounds: usize) {
    let Replayed { taken, refused } = replay(name, rounds);
    assert!(taken > 0 && refused > 0, "{taken} taken, {refused} refused");
}

/// Replays a target that takes nothing but what we have made.
fn replay_ours(name: &str, rounds: usize) {
    let Replayed { refused, .. } = replay(name, rounds);
    assert!(refused * 10 > rounds * 9, "{refused} of {rounds} refused");
}

#[test]
fn exactly_what_the_format_of_api_keys_says_is_a_key_however_bytes_are_changed() {
    replay_both("api_key", 20_000);
}

#[test]
fn an_audit_entry_is_authentic_only_as_it_was_signed_whatever_it_says() {
    replay_both("audit_row", 4_000);
}

#[test]
fn a_request_body_is_accepted_within_its_rules_or_refused_with_the_place_and_no_value() {
    replay_both("body", 20_000);
}

#[test]
fn a_cursor_that_opens_was_signed_by_us_however_bytes_are_changed() {
    replay_ours("cursor", 4_000);
}

#[test]
fn any_request_is_answered_safely_and_alike_by_both_gateways_events() {
    replay_both("front_door", 4_000);
}

#[test]
fn the_lines_of_any_file_are_read_alike_in_pieces_of_any_size() {
    replay_both("import_file", 4_000);
}

#[test]
fn any_bytes_are_strict_json_with_one_canonical_form_or_refused_in_our_words() {
    replay_both("json", 20_000);
}

#[test]
fn no_long_number_or_address_of_any_text_reaches_a_log_line() {
    replay_both("log_line", 10_000);
}

#[test]
fn a_manifest_is_taken_only_signed_for_these_bytes_recent_and_allowed_whatever_it_says() {
    replay_both("manifest", 1_000);
}

#[test]
fn what_is_found_in_any_message_is_there_and_shown_masked() {
    replay_both("message", 5_000);
}

#[test]
fn changed_bytes_of_a_model_reach_no_runtime_and_would_not_panic_in_it() {
    replay_both("model", 150);
}

#[test]
fn values_of_one_text_read_back_as_they_are_spelled() {
    replay_both("scalar", 20_000);
}

#[test]
fn nothing_opens_but_what_was_sealed_here_however_bytes_are_changed() {
    replay_ours("sealing", 4_000);
}

#[test]
fn key_sets_shards_and_checkpoints_vouch_for_nothing_that_we_did_not_sign() {
    replay_both("secret", 8_000);
}

#[test]
fn a_segment_that_decodes_encodes_again_to_the_same_readings_however_bytes_are_changed() {
    replay_both("segment", 20_000);
}

#[test]
fn a_token_lets_in_only_as_its_issuer_signed_it_for_us_however_bytes_are_changed() {
    replay_both("token", 10_000);
}

#[test]
fn a_message_of_the_upload_queue_names_a_tenant_and_an_import_or_nothing() {
    replay_both("upload", 20_000);
}

#[test]
fn a_webhook_address_that_is_taken_is_https_on_the_public_internet_however_it_is_written() {
    replay_both("webhook", 20_000);
}

#[test]
fn every_target_has_examples_and_a_wrapper_for_libfuzzer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        let wrapper = fs::read_to_string(root.join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(wrapper.contains(&format!("palisade_fuzz::{name}(")), "{name}");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
    assert_eq!(fs::read_dir(root.join("seeds")).unwrap().count(), TARGETS.len());
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
}
