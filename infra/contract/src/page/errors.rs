//! Every problem code; its anchor is the code.

use kernel::Code;
use maud::{Markup, html};

use super::text::prose;
use crate::faults::advice;

pub(super) fn section() -> Markup {
    html! {
        section aria-labelledby="errors" {
            h2 id="errors" { "Errors" }
            p {
                "Every request that fails is answered with a problem of RFC 9457 as "
                code { "application/problem+json" }
                ", described by " a href="#schema-Problem" { "Problem" } ". Branch on " code { "code" }
                ", which is stable; " code { "title" } ", " code { "detail" } " and " code { "message" } " are for people."
            }
            div.scroll tabindex="0" role="region" aria-label="Problem codes" {
                table.errors {
                    thead {
                        tr { th scope="col" { "Code" } th scope="col" { "Status" } th scope="col" { "When" } th scope="col" { "What to do" } }
                    }
                    tbody {
                        @for code in Code::ALL {
                            tr id=(code.as_str()) {
                                th scope="row" { code { (code.as_str()) } }
                                td { (code.status()) }
                                td { (prose(advice(*code).meaning)) }
                                td { (prose(advice(*code).remedy)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
