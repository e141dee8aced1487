//! What must hold between the model and the repository, without any test run.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crate::{
    Fault, Model, PAGE, Subject, Violation, page,
    record::Record,
    repository::Repository,
    source::{self, Source},
};

/// The model, and everything that does not hold of it.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Findings {
    pub model: Model,
    pub violations: Vec<Violation>,
}

/// Reads the model and the repository, and compares them.
pub fn examine(root: &Path) -> Findings {
    let (model, mut violations) = Model::read(root);
    let repository = Repository::read(root, &mut violations);
    let source = Source::read(root, &mut violations);
    violations.extend(references(&model));
    violations.extend(coverage(&model, &repository));
    for record in &model.records {
        let faults = evidence(record, &source).into_iter().chain(enforcement(root, record));
        violations.extend(faults.map(|fault| fault.of(Subject::Record(record.id.clone()))));
    }
    if fs::read_to_string(root.join(PAGE)).ok() != Some(page(&model)) {
        violations.push(Fault::Stale.of(Subject::File(PAGE.to_owned())));
    }
    Findings { model, violations }
}

/// Every statement has a record, and every id that is named exists.
fn references(model: &Model) -> Vec<Violation> {
    let mut violations = Vec::new();
    for statement in model.statements.iter().filter(|one| !model.answered.contains(&one.id)) {
        violations.push(Fault::NoRecord.of(Subject::Statement(statement.id.clone())));
    }
    for record in &model.records {
        let subject = || Subject::Record(record.id.clone());
        let sources = record.sources.iter().filter(|id| model.statements.iter().all(|one| one.id != **id));
        violations.extend(sources.map(|id| Fault::NoSuchSource(id.clone()).of(subject())));
        let elements = record.elements.iter().filter(|id| model.element(id).is_none());
        violations.extend(elements.map(|id| Fault::NoSuchElement(id.clone()).of(subject())));
    }
    for element in &model.elements {
        let unknown = element.flows_to.iter().filter(|id| model.element(id).is_none());
        violations.extend(unknown.map(|id| Fault::NoSuchElement(id.clone()).of(Subject::Element(element.id.clone()))));
    }
    violations
}

/// Every function, resource and route is in exactly one element, and every one that an element names exists.
fn coverage(model: &Model, repository: &Repository) -> Vec<Violation> {
    let mut violations = Vec::new();
    let (mut of_functions, mut of_resources) = (Owners::new(), Owners::new());
    for element in &model.elements {
        let of = |fault: Fault| fault.of(Subject::Element(element.id.clone()));
        for name in &element.functions {
            of_functions.entry(name).or_default().push(&element.id);
            if !repository.functions.contains(name) {
                violations.push(of(Fault::NoSuchFunction(name.clone())));
            }
        }
        for name in &element.resources {
            of_resources.entry(name).or_default().push(&element.id);
            if !repository.resources.contains_key(name) {
                violations.push(of(Fault::NoSuchResource(name.clone())));
            }
        }
    }
    let of_function = |name: &str| of_functions.get(name).into_iter().flatten().copied();
    for name in &repository.functions {
        let fault = outside_one(of_function(name));
        violations.extend(fault.map(|fault| fault.of(Subject::Function(name.clone()))));
    }
    for (name, function) in &repository.resources {
        // A function of the template is in the element of its package, whether or not that names it too.
        let named = of_resources.get(name.as_str()).into_iter().flatten().copied();
        let fault = outside_one(named.chain(function.as_deref().into_iter().flat_map(of_function)));
        violations.extend(fault.map(|fault| fault.of(Subject::Resource(name.clone()))));
    }
    for (route, function) in &repository.routes {
        let fault = match function {
            None => Some(Fault::NotServed),
            Some(function) => outside_one(of_function(function)),
        };
        violations.extend(fault.map(|fault| fault.of(Subject::Route(route.to_string()))));
    }
    violations
}

/// The elements of a function or a resource.
type Owners<'a> = BTreeMap<&'a str, Vec<&'a String>>;

/// What is wrong with being in these elements.
fn outside_one<'a>(owners: impl Iterator<Item = &'a String>) -> Option<Fault> {
    let owners: BTreeSet<_> = owners.collect();
    match owners.len() {
        0 => Some(Fault::NoElement),
        1 => None,
        _ => Some(Fault::Elements(owners.into_iter().cloned().collect())),
    }
}

/// Every test, assertion and metric that a record names is in the source.
fn evidence(record: &Record, source: &Source) -> Vec<Fault> {
    let tests = record.tests.iter().filter(|test| !source.has_test(test));
    let assertions = record.assertions.iter().filter(|assertion| !source.has_assertion(assertion));
    let metrics = record.watched_by.iter().filter(|name| !source.has_metric(name));
    tests
        .map(|test| Fault::NoSuchTest(test.to_string()))
        .chain(assertions.map(|assertion| Fault::NoSuchAssertion(assertion.to_string())))
        .chain(metrics.map(|name| Fault::NotWatched(name.clone())))
        .collect()
}

/// Every file and item that a record names exists.
fn enforcement(root: &Path, record: &Record) -> Vec<Fault> {
    let check = |path: &String, item: &String| match fs::read_to_string(root.join(path)) {
        Err(_) => Some(Fault::NoSuchFile(path.clone())),
        Ok(text) if source::has_item(path, &text, item) => None,
        Ok(_) => Some(Fault::NoSuchItem { path: path.clone(), item: item.clone() }),
    };
    record.enforced_by.iter().filter_map(|code| check(&code.path, &code.item)).collect()
}
