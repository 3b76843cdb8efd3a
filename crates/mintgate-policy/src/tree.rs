//! Patterns as a tree of segments.
//!
//! At each segment a literal is tried before `{name}`, and that before `{*name}`: the first segment in which two
//! patterns differ decides which is more specific. Order of insertion plays no part. A search visits each node at
//! most once.

use std::sync::Arc;

use crate::{
    method::MethodSet,
    path::{RequestPath, decoded},
    pattern::{PathPattern, Segment},
    route::Route,
};

/// The routes of one host.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree(Node);

/// The routes of one pattern; their methods do not overlap.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    routes: Vec<Arc<Route>>,
    allow: MethodSet,
}

/// A path with a `;` whose part before it is a literal of some pattern. Origins differ on whether it is that literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ambiguous;

#[derive(Debug, Clone, Default)]
struct Node {
    // Sorted by literal.
    literals: Vec<(Box<[u8]>, Node)>,
    one: Option<Box<Node>>,
    here: Option<Leaf>,
    rest: Option<Leaf>,
}

impl Tree {
    /// Adds a route, or returns those of the same pattern that take some of its methods.
    pub(crate) fn insert(
        &mut self,
        pattern: &PathPattern,
        route: &Arc<Route>,
    ) -> Result<(), Vec<Arc<Route>>> {
        let leaf = self.0.leaf(pattern.segments());
        match leaf {
            None => *leaf = Some(Leaf::new(route)),
            Some(leaf) => leaf.insert(route)?,
        }
        Ok(())
    }

    /// The leaf of the most specific pattern that matches.
    pub(crate) fn find(&self, path: &RequestPath<'_>) -> Result<Option<&Leaf>, Ambiguous> {
        self.0.find(path.segments(), path)
    }
}

impl Node {
    fn leaf(&mut self, segments: &[Segment]) -> &mut Option<Leaf> {
        match segments {
            [] => &mut self.here,
            [Segment::Rest, ..] => &mut self.rest,
            [Segment::One, tail @ ..] => self.one.get_or_insert_default().leaf(tail),
            [Segment::Literal(literal), tail @ ..] => {
                let at = match self.position(literal) {
                    Ok(at) => at,
                    Err(at) => {
                        self.literals.insert(at, (literal.clone(), Self::default()));
                        at
                    }
                };
                self.literals[at].1.leaf(tail)
            }
        }
    }

    fn find(&self, remaining: &str, path: &RequestPath<'_>) -> Result<Option<&Leaf>, Ambiguous> {
        if remaining.is_empty() {
            return Ok(self.here.as_ref().or(self.rest.as_ref()));
        }
        // A slash at the end leaves an empty tail, as no slash does: it plays no part.
        let (segment, tail) = remaining.split_once('/').unwrap_or((remaining, ""));
        let literal = self.literal(segment.as_bytes(), path)?;
        for child in [literal, self.one.as_deref()].into_iter().flatten() {
            if let Some(leaf) = child.find(tail, path)? {
                return Ok(Some(leaf));
            }
        }
        Ok(self.rest.as_ref())
    }

    fn literal(&self, segment: &[u8], path: &RequestPath<'_>) -> Result<Option<&Self>, Ambiguous> {
        if path.has_semicolons() && self.has_stem_of(segment) {
            return Err(Ambiguous);
        }
        if path.has_escapes() && segment.contains(&b'%') {
            let mut literals = self.literals.iter();
            let found = literals.find(|(literal, _)| decoded(segment).eq(literal.iter().copied()));
            return Ok(found.map(|(_, node)| node));
        }
        Ok(self.position(segment).ok().map(|at| &self.literals[at].1))
    }

    /// Whether a literal equals what stands before the first `;` of `segment`. Literals have no `;` themselves.
    fn has_stem_of(&self, segment: &[u8]) -> bool {
        let stem = || decoded(segment).take_while(|byte| *byte != b';');
        let has_semicolon = decoded(segment).any(|byte| byte == b';');
        has_semicolon && self.literals.iter().any(|(literal, _)| stem().eq(literal.iter().copied()))
    }

    fn position(&self, literal: &[u8]) -> Result<usize, usize> {
        self.literals.binary_search_by(|(other, _)| other.as_ref().cmp(literal))
    }
}

impl Leaf {
    fn new(route: &Arc<Route>) -> Self {
        let allow = route.methods().clone().with_implied_head();
        Self { routes: vec![Arc::clone(route)], allow }
    }

    fn insert(&mut self, route: &Arc<Route>) -> Result<(), Vec<Arc<Route>>> {
        let overlaps = |other: &&Arc<Route>| !other.methods().overlap(route.methods()).is_empty();
        let rivals: Vec<_> = self.routes.iter().filter(overlaps).cloned().collect();
        if !rivals.is_empty() {
            return Err(rivals);
        }
        self.allow.extend(&route.methods().clone().with_implied_head());
        self.routes.push(Arc::clone(route));
        Ok(())
    }

    /// The route that takes `method`. One that names HEAD comes before one that takes it because it takes GET.
    pub(crate) fn route(&self, method: &http::Method) -> Option<&Arc<Route>> {
        let naming = self.routes.iter().find(|route| route.methods().names(method));
        naming.or_else(|| self.routes.iter().find(|route| route.methods().allows(method)))
    }

    /// All methods that the pattern takes.
    pub(crate) fn allow(&self) -> &MethodSet {
        &self.allow
    }
}
