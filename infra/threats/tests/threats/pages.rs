//! The page.

use palisade_threats::{Fault, PAGE, Subject, Violation, page};

use crate::small::{RECORD, Small};

#[test]
fn a_page_that_is_not_what_the_records_say_is_a_violation() {
    let stale = || vec![Violation { of: Subject::File(PAGE.to_owned()), fault: Fault::Stale }];
    let small = Small::new();
    small.record("Somebody without a key asks.", "Somebody asks.");
    assert_eq!(small.violations_as_it_is(), stale());
    assert_eq!(small.violations(), []);
    small.remove(PAGE);
    assert_eq!(small.violations_as_it_is(), stale());
}

#[test]
fn an_entry_says_everything_of_its_record() {
    let expected = "
### <a id=\"sm-01\"></a>SM-01: A stranger asks

**proven** · S (spoofing)

- Where: The front
- Threat: Somebody without a key asks.
- Control: Every route asks for a key.
- Tests:
  - `ask::all door::nobody_enters`
  - `ask door::tests::a_key_opens`
- Assertions: `test_template::test_it_is_sound`
- Enforced by:
  - [functions/ask/src/door.rs](functions/ask/src/door.rs) `open`
  - [template.yaml](template.yaml) `AskFunction`
- Watched by: `refusals`
- What remains: Whoever has a key may ask.
";
    let page = page(&Small::new().model());
    assert!(page.contains(expected), "{page}");
    assert!(page.contains("| 1. Asking | threat | Strangers may ask. | [SM-01](#sm-01) |"), "{page}");
    assert!(page.contains("| Smart maintenance | 1 | 0 | 0 | 0 | 1 |"), "{page}");
}

#[test]
fn the_diagram_has_zones_as_boxes_and_flows_as_arrows() {
    let expected = "
```mermaid
flowchart LR
    e_people[\"People\"]
    subgraph zone_Cloud[\"Cloud\"]
        e_front([\"The front\"])
        e_answers[(\"Answers\")]
    end
    e_front --> e_answers
    e_people --> e_front
```
";
    let page = page(&Small::new().model());
    assert!(page.contains(expected), "{page}");
}

#[test]
fn flows_of_many_elements_of_a_zone_are_one_arrow() {
    let small = Small::new();
    let mut elements = std::fs::read_to_string(small.path("infra/threats/elements.toml")).unwrap();
    for name in ["one", "two", "three"] {
        elements += &format!(
            "\n[[element]]\nid = \"{name}\"\nkind = \"process\"\nname = \"{name}\"\nzone = \"Many\"\nresources = []\n\
             functions = []\nflows_to = [\"people\"]\n"
        );
    }
    small.write("infra/threats/elements.toml", &elements);
    let page = page(&small.model());
    assert!(page.contains("\n    zone_Many --> e_people\n"), "{page}");
    assert!(!page.contains("e_one --> e_people"), "{page}");
}

#[test]
fn what_is_not_proven_is_listed_with_its_reason() {
    for (state, heading) in [("accepted", "Accepted"), ("not_applicable", "Not applicable"), ("open", "Open")] {
        let small = Small::new();
        let proven = "state = \"proven\"\nresidual = \"Whoever has a key may ask.\"";
        let reason = format!("state = \"{state}\"\nreason = \"Nobody minds.\"");
        small.write("infra/threats/records/smart_maintenance.toml", &RECORD.replace(proven, &reason));
        let page = page(&small.model());
        let (_, list) = page.split_once(&format!("\n## {heading}\n")).unwrap();
        let (list, _) = list.split_once("\n## ").unwrap();
        assert!(list.contains("SM-01") && list.contains("A stranger asks: Nobody minds."), "{list}");
    }
}

#[test]
fn what_a_record_says_does_not_become_markup() {
    let small = Small::new();
    small.record("Somebody without a key asks.", "A <script> in `Vec<u8>` of a | b.");
    small.replace("infra/threats/sources.toml", "Strangers may ask.", "Strangers | friends may ask.");
    let page = page(&small.model());
    assert!(page.contains("A &lt;script> in `Vec<u8>` of a | b."), "{page}");
    assert!(page.contains("| Strangers \\| friends may ask. |"), "{page}");
}

#[test]
fn lines_are_no_longer_than_a_reader_of_source_wants_and_begin_no_list() {
    let small = Small::new();
    let words = "word ".repeat(21) + "and 12. More - or less - " + &"word ".repeat(40);
    small.record("Somebody without a key asks.", words.trim());
    let page = page(&small.model());
    let (_, entry) = page.split_once("- Threat: ").unwrap();
    let (threat, _) = entry.split_once("\n- Control").unwrap();
    assert!(threat.lines().count() > 2, "{threat}");
    for line in threat.lines() {
        assert!(line.chars().count() <= 130, "{line}");
        assert!(!line.trim_start().starts_with(['-', '1']), "{line}");
    }
}
