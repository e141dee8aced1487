//! What is sealed opens in its place, unchanged, under its key, and in no other way.

use kernel::{Fault, Identifier, Tenant};
use proptest::prelude::*;
use vault::{DataKey, Place, SealError};

const ID: &str = "01J0000000000000000000000A";

/// The fields of a place, and the id of the key it is sealed under.
#[derive(Clone, Debug, PartialEq)]
struct Spot {
    key: String,
    tenant: String,
    table: String,
    partition: String,
    sort: String,
    attribute: String,
}

impl Spot {
    fn some() -> Self {
        let text = str::to_owned;
        Self {
            key: text(ID),
            tenant: text("acme"),
            table: text("ledger"),
            partition: text("acme#u-1"),
            sort: text("txn#2026"),
            attribute: text("message"),
        }
    }

    fn seal(&self, plaintext: &[u8]) -> Vec<u8> {
        self.with(|key, place| key.seal(place, plaintext).unwrap())
    }

    fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        self.with(|key, place| key.open(place, sealed).map(|plaintext| plaintext.reveal().clone()))
    }

    fn with<T>(&self, act: impl FnOnce(&DataKey, &Place<'_>) -> T) -> T {
        let tenant = Tenant::parse(&self.tenant).unwrap();
        let Self { table, partition, sort, attribute, .. } = self;
        act(&key(&self.key, 0), &Place { tenant: &tenant, table, partition, sort, attribute })
    }
}

/// A key of bytes that count up from `first`.
fn key(id: &str, first: u8) -> DataKey {
    let bytes = std::array::from_fn(|index| first + u8::try_from(index).unwrap());
    DataKey::new(Identifier::parse(id).unwrap(), &bytes).unwrap()
}

/// Few letters and short texts, so that fields written one after the other often spell the same.
fn spots() -> impl Strategy<Value = Spot> {
    ("[ab]{1,2}", "[ab]{1,2}", "[a#]{0,2}", "[a#]{0,2}", "[a#]{0,2}", "[a#]{0,2}").prop_map(
        |(key, tenant, table, partition, sort, attribute)| Spot { key, tenant, table, partition, sort, attribute },
    )
}

proptest! {
    #[test]
    fn what_is_sealed_opens_in_its_place(spot in spots(), plaintext: Vec<u8>) {
        prop_assert_eq!(spot.open(&spot.seal(&plaintext)), Ok(plaintext));
    }

    #[test]
    fn what_is_sealed_opens_nowhere_else(one in spots(), other in spots()) {
        prop_assume!(one != other);
        prop_assert_eq!(other.open(&one.seal(b"250.00")), Err(SealError::Mismatch));
    }

    #[test]
    fn bytes_that_nobody_sealed_do_not_open(bytes: Vec<u8>) {
        prop_assert_eq!(Spot::some().open(&bytes), Err(SealError::Mismatch));
    }

    #[test]
    fn equal_values_of_one_purpose_have_one_index_and_others_another(
        (one, other) in (("[ab]{0,2}", "[ab]{0,2}"), ("[ab]{0,2}", "[ab]{0,2}"))
    ) {
        let index = |(purpose, value): &(String, String)| key(ID, 0).index(purpose, value.as_bytes()).unwrap();
        prop_assert_eq!(index(&one) == index(&other), one == other);
    }
}

#[test]
fn a_change_of_any_one_part_of_the_place_or_of_the_key_is_noticed() {
    let spot = Spot::some();
    let sealed = spot.seal(b"250.00");
    let changes: [fn(&mut Spot); 6] = [
        |spot| spot.key.replace_range(25.., "B"),
        |spot| spot.tenant.push('2'),
        |spot| spot.table.push('2'),
        |spot| spot.partition.push('2'),
        |spot| spot.sort.push('2'),
        |spot| spot.attribute.push('2'),
    ];
    for change in changes {
        let mut other = spot.clone();
        change(&mut other);
        assert_eq!(other.open(&sealed), Err(SealError::Mismatch), "{other:?}");
    }
    let other_bytes = spot.with(|_, place| key(ID, 1).open(place, &sealed).unwrap_err());
    assert_eq!(other_bytes, SealError::Mismatch);
    assert_eq!(spot.open(&sealed).unwrap(), b"250.00");
}

#[test]
fn of_all_that_is_sealed_in_an_item_and_beside_it_nothing_can_be_swapped() {
    let mut spots = Vec::new();
    for (tenant, partition) in [("acme", "acme#u-1"), ("acme", "acme#u-2"), ("other", "other#u-1")] {
        for sort in ["txn#1", "txn#2", "goal#1"] {
            for attribute in ["message", "account", "merchant", "reference", "counterparty"] {
                let (tenant, partition, sort) = (tenant.to_owned(), partition.to_owned(), sort.to_owned());
                spots.push(Spot { tenant, partition, sort, attribute: attribute.to_owned(), ..Spot::some() });
            }
        }
    }
    let sealed: Vec<_> = spots.iter().map(|spot| spot.seal(b"the same text")).collect();
    for (here, spot) in spots.iter().enumerate() {
        for (there, sealed) in sealed.iter().enumerate() {
            assert_eq!(spot.open(sealed).is_ok(), here == there, "{spot:?} {there}");
        }
    }
}

#[test]
fn places_that_spell_the_same_one_after_the_other_are_told_apart() {
    let text = "a##a#";
    let part = |from: usize, to: usize| text[from..to].to_owned();
    let mut spots = Vec::new();
    for first in 0..=text.len() {
        for second in first..=text.len() {
            for third in second..=text.len() {
                let (table, partition) = (part(0, first), part(first, second));
                let (sort, attribute) = (part(second, third), part(third, text.len()));
                spots.push(Spot { table, partition, sort, attribute, ..Spot::some() });
            }
        }
    }
    // A key's id and a tenant are never empty and have no '#'.
    for (key, tenant, table) in [("a", "aa", "a"), ("aa", "a", "a"), ("a", "a", "aa")] {
        let (key, tenant, table) = (key.to_owned(), tenant.to_owned(), table.to_owned());
        spots.push(Spot { key, tenant, table, ..Spot::some() });
    }
    for one in &spots {
        let sealed = one.seal(b"250.00");
        for other in &spots {
            assert_eq!(other.open(&sealed).is_ok(), one == other, "{one:?} {other:?}");
        }
    }
}

#[test]
fn a_change_of_any_byte_is_noticed() {
    let spot = Spot::some();
    let sealed = spot.seal(b"paid 250.00 at the corner shop");
    for index in 0..sealed.len() {
        for change in [1, 0x80, 0xff] {
            let mut changed = sealed.clone();
            changed[index] ^= change;
            assert_eq!(spot.open(&changed), Err(SealError::Mismatch), "byte {index}");
        }
    }
    for length in 0..sealed.len() {
        assert_eq!(spot.open(&sealed[..length]), Err(SealError::Mismatch), "cut to {length}");
    }
    assert_eq!(spot.open(&[sealed.as_slice(), &[0]].concat()), Err(SealError::Mismatch));
}

#[test]
fn the_layout_is_the_one_that_another_implementation_makes() {
    // Made by Python's hmac and the package `cryptography` from the description alone, with the nonce 100, 101 .. 111.
    let theirs = "016465666768696a6b6c6d6e6ff1fc2e45697a0670532a4d76d7375aea46597d6f329267a7407ea47308fee626e294acb3a944790c\
                  40a702a6580a1b27";
    let theirs: Vec<u8> =
        (0..theirs.len()).step_by(2).map(|at| u8::from_str_radix(&theirs[at..at + 2], 16).unwrap()).collect();
    assert_eq!(Spot::some().open(&theirs).unwrap(), b"Rs 250 paid");
}

#[test]
fn an_index_is_the_one_that_another_implementation_makes() {
    let index = key(ID, 0).index("merchant", b"corner shop").unwrap();
    let text: String = index.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(text, "6c543a3e35b076d338402361418f1806a76b6e1ce2c1da7285315bb10d64f211");
    let text = key(ID, 0).index_text("merchant", b"corner shop").unwrap();
    assert_eq!(text, "bFQ6PjWwdtM4QCNhQY8YBqdrbhziwdpyhTFbsQ1k8hE");
}

#[test]
fn the_same_text_is_never_sealed_twice_to_the_same_bytes() {
    let spot = Spot::some();
    let sealed: std::collections::BTreeSet<_> = (0..100).map(|_| spot.seal(b"250.00")).collect();
    assert_eq!(sealed.len(), 100);
}

#[test]
fn a_sealed_value_tells_the_length_of_its_text_only_within_32_bytes() {
    let length = |bytes| Spot::some().seal(&vec![b'x'; bytes]).len();
    assert!((0..32).all(|bytes| length(bytes) == 1 + 12 + 32 + 16));
    assert!((32..64).all(|bytes| length(bytes) == 1 + 12 + 64 + 16));
    assert_eq!(length(300), 349);
}

#[test]
fn text_that_ends_like_padding_comes_back_whole() {
    for text in [&[0_u8; 31][..], &[0; 32], &[0x80], &[0x80, 0, 0], &[0; 33]] {
        assert_eq!(Spot::some().open(&Spot::some().seal(text)).unwrap(), text);
    }
}

#[test]
fn an_index_under_another_key_is_another() {
    assert_ne!(key(ID, 0).index("account", b"1234").unwrap(), key(ID, 1).index("account", b"1234").unwrap());
}

#[test]
fn a_key_refuses_after_its_hundred_thousand_uses() {
    Spot::some().with(|key, place| {
        let sealed = key.seal(place, b"x").unwrap();
        for _ in 1..DataKey::MOST_USES {
            key.open(place, &sealed).unwrap();
        }
        assert_eq!(key.seal(place, b"x").unwrap_err(), SealError::Spent);
        assert_eq!(key.open(place, &sealed).unwrap_err(), SealError::Spent);
        assert!(key.index("account", b"1234").is_ok());
    });
}

#[test]
fn debug_output_of_a_key_and_of_what_it_opened_says_nothing() {
    let key = key(ID, 0);
    assert_eq!(format!("{key:?}"), "DataKey(***)");
    Spot::some().with(|key, place| {
        let sealed = key.seal(place, b"hunter2").unwrap();
        assert_eq!(format!("{:?}", key.open(place, &sealed)), "Ok(***)");
    });
}

#[test]
fn a_client_learns_whether_to_retry_and_not_why() {
    let codes =
        [SealError::Spent, SealError::Mismatch, SealError::Failed].map(|error| Fault::from(error).code.status());
    assert_eq!(codes, [503, 500, 500]);
    assert!(!Fault::from(SealError::Mismatch).detail.contains("seal"));
}
