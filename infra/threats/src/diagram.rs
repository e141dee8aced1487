//! The data flow as a Mermaid flowchart.

use std::fmt::Write as _;

use crate::{Element, Kind, Model};

/// The elements, those of one zone in one box, and the flows between them.
pub(crate) fn diagram(model: &Model) -> String {
    let mut text = "flowchart LR\n".to_owned();
    let mut zones: Vec<Option<&str>> = Vec::new();
    for element in &model.elements {
        let zone = element.zone.as_deref();
        if !zones.contains(&zone) {
            zones.push(zone);
        }
    }
    // Writing to a String does not fail.
    for (number, zone) in zones.into_iter().enumerate() {
        let inside = model.elements.iter().filter(|element| element.zone.as_deref() == zone);
        match zone {
            None => inside.for_each(|element| _ = writeln!(text, "    {}", node(element))),
            Some(zone) => {
                _ = writeln!(text, "    subgraph zone_{number}[\"{}\"]", label(zone));
                inside.for_each(|element| _ = writeln!(text, "        {}", node(element)));
                text.push_str("    end\n");
            }
        }
    }
    for element in &model.elements {
        for other in &element.flows_to {
            _ = writeln!(text, "    {} --> {}", key(&element.id), key(other));
        }
    }
    text
}

fn node(element: &Element) -> String {
    let (key, label) = (key(&element.id), label(&element.name));
    match element.kind {
        Kind::External => format!("{key}[\"{label}\"]"),
        Kind::Process => format!("{key}([\"{label}\"])"),
        Kind::Store => format!("{key}[(\"{label}\")]"),
    }
}

/// Never one of Mermaid's own words.
fn key(id: &str) -> String {
    let id: String = id.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    format!("e_{id}")
}

fn label(text: &str) -> String {
    text.replace('"', "#quot;")
}
