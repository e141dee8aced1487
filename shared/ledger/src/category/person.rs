//! Whether a name is a person's.

use super::tables::NAMES;

const TITLES: [&str; 5] = ["mr", "mrs", "miss", "smt", "kum"];

/// Words that a business has in its name and a person has not.
const BUSINESS: [&str; 62] = [
    "agencies",
    "agency",
    "and",
    "associates",
    "association",
    "bank",
    "bazaar",
    "bazar",
    "bhandar",
    "brothers",
    "bros",
    "centre",
    "center",
    "committee",
    "company",
    "corner",
    "corp",
    "corporation",
    "enterprise",
    "enterprises",
    "gallery",
    "general",
    "ghar",
    "global",
    "group",
    "house",
    "hotel",
    "hub",
    "industries",
    "infra",
    "international",
    "jai",
    "kendra",
    "mart",
    "market",
    "marketing",
    "merchant",
    "new",
    "office",
    "om",
    "palace",
    "plaza",
    "point",
    "products",
    "sales",
    "service",
    "services",
    "shop",
    "shoppe",
    "shree",
    "shri",
    "sons",
    "solutions",
    "sree",
    "sri",
    "stall",
    "store",
    "stores",
    "technologies",
    "the",
    "traders",
    "trading",
];

/// Whether `core`, the words of a name, is the name of a person: with a title, or up to five words of which one is a
/// name that people have and none what businesses call themselves.
pub(super) fn is_person(core: &str) -> bool {
    let mut words = core.split(' ').filter(|word| !word.is_empty()).peekable();
    if words.next_if(|word| TITLES.contains(word)).is_some() {
        return words.peek().is_some();
    }
    let (mut known, mut all) = (false, 0);
    for word in words {
        if BUSINESS.contains(&word) {
            return false;
        }
        known |= NAMES.contains(word);
        all += 1;
    }
    known && all <= 5
}
