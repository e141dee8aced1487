//! `THREAT_MODEL.md`, for readers of the repository.
//!
//! The page says nothing that differs between two runs on the same records.

use std::fmt::Write as _;

use crate::{Book, CHECK, Model, PAGE, Record, State, Statement, WRITE, diagram::diagram, names::CodeItem};

const WIDTH: usize = 120;

/// The page, as the records have it.
pub fn page(model: &Model) -> String {
    let mut text = introduction();
    text += &format!("\n## Data flow\n\n{ABOUT_DIAGRAM}\n```mermaid\n{}```\n\n{}", diagram(model), elements(model));
    text += &format!("\n## Counts\n\n{}", counts(model));
    for book in Book::ALL {
        text += &section(model, book);
    }
    let lists = [
        ("Accepted", "accepted", "What is known and left as it is."),
        ("Not applicable", "not applicable", "What this system gives no occasion for."),
        ("Open", "open", "What should hold and does not yet."),
    ];
    for (title, state, about) in lists {
        text += &format!("\n## {title}\n\n{about}\n\n{}", list(model, state));
    }
    text + &statements(model)
}

const ABOUT_DIAGRAM: &str = "\
Boxes with round ends act, cylinders keep, and plain boxes are outside. An arrow says that data or a request goes
there; one at a box around several is for at least three of those. Every function and every resource of the template is
in exactly one element.
";

fn introduction() -> String {
    format!(
        "\
<!-- Written by `{WRITE}`. Change the records in infra/threats, not this page. -->

# Threat model

Each record below is a threat or a requirement, what is done about it, and how that is known: tests of the code,
assertions on the deployed template and on the served contract, and the code that does it. A record is *proven* when the tests it names pass,
*accepted* or *not applicable* for a reason, or *open*: it should hold and does not yet.

```
{CHECK} <file>...
```

takes the results of cargo-nextest and pytest and fails when a test that is named here is missing, was skipped or
failed; when code that is named is gone; when a statement of the source documents has no record; when a function, a
route or a resource is in no element; and when this page is not what the records say. This writes {PAGE}:

```
{WRITE}
```
"
    )
}

fn elements(model: &Model) -> String {
    let mut text = "| Element | Kind | Functions |\n|---|---|---|\n".to_owned();
    for element in &model.elements {
        let functions = joined(element.functions.iter().map(code));
        row(&mut text, &[&inline(&element.name), &element.kind.to_string(), &functions]);
    }
    text
}

fn counts(model: &Model) -> String {
    let mut text = format!("| Source | {} | all |\n|---|---:|---:|---:|---:|---:|\n", State::NAMES.join(" | "));
    let mut line = |title: &str, records: &[&Record]| {
        let count = |name: &&str| records.iter().filter(|record| record.state.name() == *name).count();
        let mut cells = vec![title.to_owned()];
        cells.extend(State::NAMES.iter().map(count).chain([records.len()]).map(|count| count.to_string()));
        row(&mut text, &cells.iter().map(String::as_str).collect::<Vec<_>>());
    };
    for book in Book::ALL {
        line(book.title(), &of(model, book));
    }
    line("All", &model.records.iter().collect::<Vec<_>>());
    text
}

fn of(model: &Model, book: Book) -> Vec<&Record> {
    model.records.iter().filter(|record| record.book == book).collect()
}

/// The records of one source. What is not applicable has nothing to show but its reason, which the list has.
fn section(model: &Model, book: Book) -> String {
    let mut text = format!("\n## {}\n", book.title());
    let (absent, present): (Vec<_>, Vec<_>) =
        of(model, book).into_iter().partition(|record| matches!(record.state, State::NotApplicable { .. }));
    for record in present {
        text += &entry(model, record);
    }
    if !absent.is_empty() {
        let links = joined(absent.into_iter().map(|record| link(&record.id)));
        text += &format!("\n{}", wrapped("", &format!("Not applicable: {links}.")));
    }
    text
}

fn entry(model: &Model, record: &Record) -> String {
    let mut text = format!("\n### {}{}: {}\n\n", anchor(&record.id), record.id, inline(&record.title));
    let mut head = format!("**{}**", record.state.name());
    if let Some(level) = record.level {
        head += &format!(" · level {level}");
    }
    if !record.stride.is_empty() {
        let kinds = joined(record.stride.iter().map(|kind| format!("{} ({kind})", kind.letter())));
        head += &format!(" · {kinds}");
    }
    let name = |id: &String| model.element(id).map_or_else(|| code(id), |element| inline(&element.name));
    let elements: Vec<_> = record.elements.iter().map(name).collect();
    text += &format!("{}\n", wrapped("", &head));
    text += &point("Where", &elements.join("; "));
    text += &point("Threat", &inline(&record.threat));
    text += &point("Control", &inline(&record.control));
    text += &points("Tests", record.tests.iter().map(code));
    text += &points("Assertions", record.assertions.iter().map(code));
    text += &points("Enforced by", record.enforced_by.iter().map(enforcing));
    text += &points("Watched by", record.watched_by.iter().map(code));
    text += &point("Why", &inline(record.state.reason().unwrap_or_default()));
    text += &point("What remains", &inline(record.state.residual().unwrap_or_default()));
    text
}

/// One thing that is said of a record; nothing where there is nothing to say.
fn point(name: &str, what: &str) -> String {
    if what.is_empty() { String::new() } else { wrapped("- ", &format!("{name}: {what}")) }
}

/// Several things, each in its own line.
fn points(name: &str, items: impl Iterator<Item = String>) -> String {
    let items: Vec<_> = items.collect();
    match items.as_slice() {
        [] | [_] => point(name, &items.concat()),
        several => format!("- {name}:\n") + &several.iter().map(|item| format!("  - {item}\n")).collect::<String>(),
    }
}

fn enforcing(item: &CodeItem) -> String {
    format!("[{path}]({path}) {item}", path = item.path, item = code(&item.item))
}

fn list(model: &Model, state: &str) -> String {
    let mut text = String::new();
    for record in model.records.iter().filter(|record| record.state.name() == state) {
        // An entry of its own has the anchor, except of what has no entry.
        let id = match record.state {
            State::NotApplicable { .. } => format!("{}{}", anchor(&record.id), record.id),
            _ => link(&record.id),
        };
        let reason = inline(record.state.reason().unwrap_or_default());
        text += &wrapped("- ", &format!("{id}, {}: {reason}", inline(&record.title)));
    }
    if text.is_empty() { "None.\n".to_owned() } else { text }
}

fn statements(model: &Model) -> String {
    let mut text = "\n## Statements and their records\n\n".to_owned();
    text += "What the source documents state, in our words, and which records answer it.\n";
    let mut documents: Vec<&str> = Vec::new();
    for statement in &model.statements {
        if !documents.contains(&statement.document.as_str()) {
            documents.push(&statement.document);
        }
    }
    for document in documents {
        text += &format!("\n### {document}\n\n| Section | Kind | What it states | Records |\n|---|---|---|---|\n");
        for statement in model.statements.iter().filter(|one| one.document == document) {
            let (section, summary) = (inline(&statement.section), inline(&statement.summary));
            row(&mut text, &[&section, &statement.kind.to_string(), &summary, &answers(model, statement)]);
        }
    }
    text
}

fn answers(model: &Model, statement: &Statement) -> String {
    let records = model.records.iter().filter(|record| record.sources.contains(&statement.id));
    joined(records.map(|record| link(&record.id)))
}

fn anchor(id: &str) -> String {
    format!("<a id=\"{}\"></a>", id.to_lowercase())
}

fn link(id: &str) -> String {
    format!("[{id}](#{})", id.to_lowercase())
}

fn code(what: impl std::fmt::Display) -> String {
    format!("`{what}`")
}

fn joined(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

/// A row of a table; a bar in a cell would end it.
fn row(text: &mut String, cells: &[&str]) {
    let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    // Writing to a String does not fail.
    _ = writeln!(text, "| {} |", cells.join(" | "));
}

/// Text of a record in one line. Outside code, an angle bracket would begin HTML.
fn inline(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let parts = line.split('`').enumerate();
    let parts = parts.map(|(number, part)| if number % 2 == 0 { part.replace('<', "&lt;") } else { part.to_owned() });
    parts.collect::<Vec<_>>().join("`")
}

/// The text in lines; those after the first are as far in as the mark before it.
fn wrapped(mark: &str, text: &str) -> String {
    let indent = " ".repeat(mark.len());
    let mut lines = String::new();
    let mut line = mark.to_owned();
    let mut is_empty = true;
    for word in text.split(' ') {
        let is_too_long = line.chars().count() + 1 + word.chars().count() > WIDTH;
        if !is_empty && is_too_long && !begins_list(word) {
            lines += &format!("{line}\n");
            line.clone_from(&indent);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line += word;
        is_empty = false;
    }
    lines + &line + "\n"
}

/// Whether a line that begins with the word would be an item of a list.
fn begins_list(word: &str) -> bool {
    let number = word.strip_suffix(['.', ')']).unwrap_or("-");
    matches!(word, "-" | "+" | "*") || number.bytes().all(|byte| byte.is_ascii_digit())
}
