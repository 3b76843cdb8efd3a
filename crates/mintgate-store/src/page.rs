//! Lists in pages, by position and never by offset: what is inserted meanwhile shifts nothing.

/// Which part of a list is wanted.
#[derive(Debug, Clone)]
pub struct PageRequest<Position> {
    /// The last item already seen; none for the first page.
    pub after: Option<Position>,
    /// How many items at the most; zero is taken as one, or the list would never end.
    pub limit: u32,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<Item, Position> {
    /// In the list's order.
    pub items: Vec<Item>,
    /// Where the next page starts; none where the list ends.
    pub next: Option<Position>,
}
