//! The envelope of what is sealed.

use kernel::{Identifier, Tenant};
use vault::{DataKey, Place, SealError};

/// What was sealed once at [`place`] under [`key`].
const KNOWN: &[u8] = include_bytes!("../../seeds/sealing/good-known");

/// Nothing opens but what was sealed; what is sealed of any bytes opens at its place, to these bytes, and nowhere else
/// or when any byte of it is another. Its length tells that of the bytes within 32.
pub fn sealing(bytes: &[u8]) -> bool {
    let key = key();
    let tenant = Tenant::parse("acme").unwrap();
    let place = place(&tenant);
    let opened = key.open(&place, bytes);
    assert_eq!(opened.is_ok(), bytes == KNOWN);

    let sealed = key.seal(&place, bytes).unwrap();
    assert_eq!(sealed.len(), 29 + (bytes.len() / 32 + 1) * 32);
    assert_eq!(key.open(&place, &sealed).unwrap().reveal(), bytes);
    let other = Tenant::parse("acme2").unwrap();
    for elsewhere in [
        Place { tenant: &other, ..place },
        Place { table: "ledge", partition: "racme#user-17", ..place },
        Place { partition: "acme#user-1", sort: "7message", ..place },
        Place { sort: "", ..place },
        Place { attribute: "merchant", ..place },
    ] {
        assert_eq!(key.open(&elsewhere, &sealed).err(), Some(SealError::Mismatch));
    }
    let mut changed = sealed.clone();
    let at =
        bytes.iter().fold(7_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte))) % changed.len();
    changed[at] ^= bytes.first().copied().unwrap_or_default() | 1;
    assert_eq!(key.open(&place, &changed).err(), Some(SealError::Mismatch));
    assert_eq!(key.open(&place, &sealed[..at]).err(), Some(SealError::Mismatch));
    assert_ne!(key.index_text("a", bytes), key.index_text("b", bytes));
    opened.is_ok()
}

fn key() -> DataKey {
    DataKey::new(Identifier::parse("01SEEDSEEDSEEDSEEDSEEDSEED").unwrap(), &[7; 32]).unwrap()
}

fn place(tenant: &Tenant) -> Place<'_> {
    Place { tenant, table: "ledger", partition: "acme#user-17", sort: "message", attribute: "text" }
}
