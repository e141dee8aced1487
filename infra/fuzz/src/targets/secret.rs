//! Secrets as Secrets Manager holds them, and checkpoints as S3 does.

use checkpoint_audit::Checkpoint;
use vault::{
    ApiKey, KeySet, Tag,
    keyring::{Hash, Shard},
};

use crate::offline::{KEY, KEYS};

/// The first byte says which. A key set signs with its newest version and verifies nothing else; a shard of the keyring
/// is stored as it was read, and none of its hashes is that of a key but one made of this key; nothing that we have not
/// signed is a checkpoint.
pub fn secret(bytes: &[u8]) -> bool {
    let Some((kind, rest)) = bytes.split_first() else { return false };
    let text = String::from_utf8_lossy(rest);
    match kind {
        b'k' => key_set(&text),
        b's' => shard(&text),
        b'c' => checkpoint(&text),
        _ => false,
    }
}

fn key_set(text: &str) -> bool {
    let Ok(keys) = KeySet::parse(text) else { return false };
    let tag = keys.sign(&[b"one", b"two"]);
    assert_eq!(tag.version, keys.current());
    assert!(keys.has(tag.version) && keys.verify(&[b"onetwo"], &tag) && !keys.verify(&[b"onetw0"], &tag));
    assert!(!keys.verify(&[b"onetwo"], &Tag { bytes: [0; 32], ..tag.clone() }));
    if let Some(next) = tag.version.checked_add(1) {
        assert!(!keys.has(next) && !keys.verify(&[b"onetwo"], &Tag { version: next, ..tag }));
    }
    true
}

fn shard(text: &str) -> bool {
    let Ok(shard) = serde_json::from_str::<Shard>(text) else { return false };
    let stored = serde_json::to_string(&shard).unwrap();
    assert_eq!(serde_json::from_str::<Shard>(&stored).unwrap(), shard);
    let (key, pepper) = (ApiKey::parse(KEY, "dev").unwrap(), KeySet::parse(KEYS).unwrap());
    let made = Hash::of(&key, &pepper);
    assert!(made.matches(&key, &pepper));
    for hash in shard.keys.values().flat_map(|record| &record.hashes) {
        assert_eq!(hash.matches(&key, &pepper), (hash.pepper, &hash.mac) == (made.pepper, &made.mac));
    }
    true
}

fn checkpoint(text: &str) -> bool {
    let Ok(checkpoint) = serde_json::from_str::<Checkpoint>(text) else { return false };
    assert_eq!(checkpoint.open(PUBLIC_KEY), None);
    assert_eq!(checkpoint.open(text.as_bytes()), None);
    let stored = serde_json::to_string(&checkpoint).unwrap();
    assert_eq!(serde_json::from_str::<Checkpoint>(&stored).unwrap(), checkpoint);
    true
}

/// A key on P-256 that no example is signed with: the generator of the curve, uncompressed.
const PUBLIC_KEY: &[u8] = &[
    0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03,
    0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe,
    0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce,
    0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
];
