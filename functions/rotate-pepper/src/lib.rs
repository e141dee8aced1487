//! Adds a version to the pepper, in the four steps of Secrets Manager.
//!
//! The pepper is a set of versions. Keys that exist were hashed with an older one, which nobody can do again without the keys,
//! so rotation only adds: the new version hashes whatever is minted or rotated from then on. A function that meets it
//! in a key before it has fetched it fetches it then, so nobody is refused meanwhile.

mod handler;

pub use handler::{RotatePepper, Rotation, Step};
