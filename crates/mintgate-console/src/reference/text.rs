//! Descriptions: paragraphs with `code` in them. Nothing else is marked up, and everything is escaped.

use maud::{Markup, html};

/// A description of several paragraphs.
pub(super) fn paragraphs(text: &str) -> Markup {
    html! {
        @for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
            p { (inline(paragraph)) }
        }
    }
}

/// A sentence or two.
pub(super) fn inline(text: &str) -> Markup {
    html! {
        @for (position, part) in text.trim().split('`').enumerate() {
            @if position % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}
