//! The data flow as a Mermaid flowchart.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::{Element, Kind, Model};

/// From so many elements of one zone on, their flows to one end are one arrow at the zone; drawn one by one, nobody could
/// follow any.
const MANY: usize = 3;

/// Where an arrow begins or ends: an element or a zone, by its key.
type End = String;

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
    for zone in zones {
        let inside = model.elements.iter().filter(|element| element.zone.as_deref() == zone);
        match zone {
            None => inside.for_each(|element| _ = writeln!(text, "    {}", node(element))),
            Some(zone) => {
                _ = writeln!(text, "    subgraph {}[\"{}\"]", zone_key(zone), label(zone));
                inside.for_each(|element| _ = writeln!(text, "        {}", node(element)));
                text.push_str("    end\n");
            }
        }
    }
    for (from, to) in arrows(model) {
        _ = writeln!(text, "    {from} --> {to}");
    }
    text
}

/// The arrows: first the flows of one element to many of a zone become one, then those of many of a zone to one end.
fn arrows(model: &Model) -> BTreeSet<(End, End)> {
    let zones: BTreeMap<End, Option<End>> =
        model.elements.iter().map(|element| (key(&element.id), element.zone.as_deref().map(zone_key))).collect();
    let zone = |end: &End| zones.get(end).cloned().flatten();
    let flows = model
        .elements
        .iter()
        .flat_map(|element| element.flows_to.iter().map(|other| (key(&element.id), key(other))).collect::<Vec<_>>());
    let flows: BTreeSet<(End, End)> = flows.collect();
    let to_zones = gather(&flows, |(from, to)| {
        zone(to).filter(|there| zone(from).as_ref() != Some(there)).map(|there| (from.clone(), there))
    });
    gather(&to_zones, |(from, to)| {
        // A zone has no arrow to itself or to what it holds.
        let outside = |here: &End| zone(to).as_ref() != Some(here) && to != here;
        zone(from).filter(outside).map(|here| (here, to.clone()))
    })
}

/// Replaces arrows by the one that they would be together, where there are [`MANY`]; what such an arrow holds is not drawn
/// beside it.
fn gather(arrows: &BTreeSet<(End, End)>, together: impl Fn(&(End, End)) -> Option<(End, End)>) -> BTreeSet<(End, End)> {
    let mut counts: BTreeMap<(End, End), usize> = BTreeMap::new();
    for whole in arrows.iter().filter_map(&together) {
        *counts.entry(whole).or_default() += 1;
    }
    let drawn = |arrow: &(End, End)| {
        together(arrow)
            .filter(|whole| counts.get(whole).is_some_and(|count| *count >= MANY))
            .unwrap_or_else(|| arrow.clone())
    };
    arrows.iter().map(drawn).collect()
}

fn node(element: &Element) -> String {
    let (key, label) = (key(&element.id), label(&element.name));
    match element.kind {
        Kind::External => format!("{key}[\"{label}\"]"),
        Kind::Process => format!("{key}([\"{label}\"])"),
        Kind::Store => format!("{key}[(\"{label}\")]"),
    }
}

fn key(id: &str) -> End {
    format!("e_{}", word(id))
}

fn zone_key(zone: &str) -> End {
    format!("zone_{}", word(zone))
}

/// With what stands before it, never one of Mermaid's own words.
fn word(text: &str) -> String {
    text.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect()
}

fn label(text: &str) -> String {
    text.replace('"', "#quot;")
}
