//! Texts of the document as HTML. `maud` escapes everything; here code is set off.

use maud::{Markup, html};
use serde_json::Value;

/// The text at `pointer`; empty when there is none.
pub(super) fn string<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// A text in which backquotes mark code.
pub(super) fn prose(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_code_is_set_off() {
        let html = prose("a < b & `<script>` \"c\"").into_string();
        assert_eq!(html, "a &lt; b &amp; <code>&lt;script&gt;</code> &quot;c&quot;");
    }
}
