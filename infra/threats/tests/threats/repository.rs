//! What must hold between the model and the repository.

use palisade_threats::{Fault, Subject, Violation};

use crate::small::{RECORD, Small, of_record};

const ELEMENTS: &str = "infra/threats/elements.toml";

fn of_element(id: &str, fault: Fault) -> Violation {
    Violation { of: Subject::Element(id.to_owned()), fault }
}

fn of_function(name: &str, fault: Fault) -> Violation {
    Violation { of: Subject::Function(name.to_owned()), fault }
}

fn of_resource(name: &str, fault: Fault) -> Violation {
    Violation { of: Subject::Resource(name.to_owned()), fault }
}

fn of_route(fault: Fault) -> Violation {
    Violation { of: Subject::Route("GET /v1/answers".to_owned()), fault }
}

#[test]
fn every_statement_has_a_record() {
    let small = Small::new();
    small.record("\"first/asking/threat\"", "");
    let of = Subject::Statement("first/asking/threat".to_owned());
    assert_eq!(small.violations(), [Violation { of, fault: Fault::NoRecord }]);
}

#[test]
fn sources_elements_and_flows_exist() {
    let small = Small::new();
    small.record("[\"first/asking/threat\"]", "[\"first/asking/threat\", \"second\"]");
    assert_eq!(small.violations(), of_record(Fault::NoSuchSource("second".to_owned())));

    let small = Small::new();
    small.record("[\"front\"]", "[\"back\"]");
    assert_eq!(small.violations(), of_record(Fault::NoSuchElement("back".to_owned())));

    let small = Small::new();
    small.replace(ELEMENTS, "flows_to = [\"front\"]", "flows_to = [\"back\"]");
    assert_eq!(small.violations(), [of_element("people", Fault::NoSuchElement("back".to_owned()))]);
}

#[test]
fn every_function_and_its_routes_are_in_an_element() {
    let small = Small::new();
    small.replace(ELEMENTS, "[\"ask\", \"describe-api\"]", "[\"describe-api\"]");
    assert_eq!(small.violations(), [of_function("ask", Fault::NoElement), of_route(Fault::NoElement)]);
}

#[test]
fn no_function_is_in_two_elements() {
    let small = Small::new();
    small.replace(ELEMENTS, "name = \"People\"", "name = \"People\"\nfunctions = [\"ask\"]");
    let both = || Fault::Elements(vec!["front".to_owned(), "people".to_owned()]);
    let expected = [of_function("ask", both()), of_resource("AskFunction", both()), of_route(both())];
    assert_eq!(small.violations(), expected);
}

#[test]
fn every_resource_is_in_one_element() {
    let small = Small::new();
    small.replace(ELEMENTS, "resources = [\"AnswersTable\"]", "");
    assert_eq!(small.violations(), [of_resource("AnswersTable", Fault::NoElement)]);

    let small = Small::new();
    small.replace(ELEMENTS, "[\"AnswersTable\"]", "[\"AnswersTable\", \"Api\"]");
    let both = Fault::Elements(vec!["answers".to_owned(), "front".to_owned()]);
    assert_eq!(small.violations(), [of_resource("Api", both)]);
}

#[test]
fn a_function_of_the_template_is_where_its_package_is() {
    let small = Small::new();
    small.replace(ELEMENTS, "[\"Api\", \"AskFunction\"]", "[\"Api\"]");
    assert_eq!(small.violations(), []);
}

#[test]
fn an_element_names_what_exists() {
    let small = Small::new();
    small.replace(ELEMENTS, "[\"AnswersTable\"]", "[\"AnswersTable\", \"LostTable\"]");
    assert_eq!(small.violations(), [of_element("answers", Fault::NoSuchResource("LostTable".to_owned()))]);

    let small = Small::new();
    small.replace(ELEMENTS, "[\"ask\", ", "[\"ask\", \"lost\", ");
    assert_eq!(small.violations(), [of_element("front", Fault::NoSuchFunction("lost".to_owned()))]);
}

#[test]
fn every_route_of_the_contract_is_served() {
    let small = Small::new();
    small.replace("template.yaml", "Method: GET", "Method: PUT");
    assert_eq!(small.violations(), [of_route(Fault::NotServed)]);
}

#[test]
fn every_test_is_in_the_source_of_its_target_and_module() {
    let named = "ask::all door::nobody_enters";
    for lost in [
        "ask::all door::somebody_enters",
        "ask::other door::nobody_enters",
        "ask::all window::nobody_enters",
        "ask door::nobody_enters",
        "lost::all door::nobody_enters",
    ] {
        let small = Small::new();
        small.record(named, lost);
        assert_eq!(small.violations(), of_record(Fault::NoSuchTest(lost.to_owned())));
    }
    let small = Small::new();
    small.replace("functions/ask/src/door.rs", "    fn a_key_opens() {}", "    // fn a_key_opens() {}");
    let lost = "ask door::tests::a_key_opens".to_owned();
    assert_eq!(small.violations(), of_record(Fault::NoSuchTest(lost)));
}

#[test]
fn every_assertion_is_in_the_template_tests() {
    let named = "test_template::test_it_is_sound";
    for lost in
        ["test_template::test_it_is_lost", "test_lost::test_it_is_sound", "test_template::test_it_is_sound[unsound]"]
    {
        let small = Small::new();
        small.record(named, lost);
        assert_eq!(small.violations(), of_record(Fault::NoSuchAssertion(lost.to_owned())));
    }
    let small = Small::new();
    small.record(named, "test_template::test_it_is_sound[sound]");
    assert_eq!(small.violations(), []);
}

#[test]
fn the_code_that_enforces_is_there() {
    let small = Small::new();
    small.record("src/door.rs#open", "src/gone.rs#open");
    assert_eq!(small.violations(), of_record(Fault::NoSuchFile("functions/ask/src/gone.rs".to_owned())));

    let path = "functions/ask/src/door.rs".to_owned();
    // `Window` is nowhere, `count` is called and not defined, and `tests` is neither.
    for item in ["Window", "count", "tests", "Door::close", "Window::open"] {
        let small = Small::new();
        small.record("src/door.rs#open", &format!("src/door.rs#{item}"));
        let fault = Fault::NoSuchItem { path: path.clone(), item: item.to_owned() };
        assert_eq!(small.violations(), of_record(fault));
    }
    for item in ["Door", "Door::open"] {
        let small = Small::new();
        small.record("src/door.rs#open", &format!("src/door.rs#{item}"));
        assert_eq!(small.violations(), []);
    }

    // Outside Rust, a word: `AWS::Serverless::Function` has this one, and nothing has the next.
    let small = Small::new();
    small.record("template.yaml#AskFunction", "template.yaml#Function");
    assert_eq!(small.violations(), []);
    small.record("template.yaml#Function", "template.yaml#AskFunc");
    let fault = Fault::NoSuchItem { path: "template.yaml".to_owned(), item: "AskFunc".to_owned() };
    assert_eq!(small.violations(), of_record(fault));
}

#[test]
fn what_watches_is_there() {
    let small = Small::new();
    small.record("[\"refusals\"]", "[\"refusal\"]");
    assert_eq!(small.violations(), of_record(Fault::NotWatched("refusal".to_owned())));
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    for (file, text) in [
        ("infra/threats/sources.toml", "[[statement"),
        ("infra/threats/elements.toml", "[[record]]\nid = \"x\"\n"),
        ("template.yaml", "Resources: ["),
        ("template.yaml", "Outputs: {}"),
        ("functions/describe-api/openapi.json", "{}"),
        ("functions/ask/Cargo.toml", "[workspace]"),
        ("infra/threats/records/other.toml", RECORD),
    ] {
        let small = Small::new();
        small.write(file, text);
        let is_named = |violation: &Violation| {
            violation.of == Subject::File(file.to_owned()) && matches!(violation.fault, Fault::Unreadable(_))
        };
        assert!(small.violations().iter().any(is_named), "{file}: {:?}", small.violations());
    }
    for file in
        ["infra/threats/records/abuse.toml", "functions/describe-api/openapi.json", "template.yaml", "Cargo.toml"]
    {
        let small = Small::new();
        small.remove(file);
        let is_named = |violation: &Violation| violation.of == Subject::File(file.to_owned());
        assert!(small.violations().iter().any(is_named), "{file}: {:?}", small.violations());
    }
}

#[test]
fn violations_of_every_kind_come_together() {
    let small = Small::new();
    small.record("[\"first/asking/threat\"]", "[\"second\"]");
    small.record("src/door.rs#open", "src/gone.rs#open");
    small.replace(ELEMENTS, "resources = [\"AnswersTable\"]", "");
    assert_eq!(small.violations_as_it_is().len(), 5, "{:?}", small.violations_as_it_is());
}
