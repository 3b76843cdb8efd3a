//! YAML as a tree. Aliases are not followed: no export has them, and a few lines of them can stand for a billion items.

use std::collections::HashSet;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};
use zeroize::Zeroizing;

use crate::{
    collect::Collector,
    node::{Kind, Node},
};

/// All documents of a file; `None` where it cannot be read, and the collector has the reason.
pub(crate) fn documents(text: &str, collector: &mut Collector) -> Option<Vec<Node>> {
    let mut tree = Tree::default();
    for event in Parser::new_from_str(text) {
        let taken = match event {
            Ok((event, span)) => tree.take(event, line_of(span.start.line())),
            Err(error) => Err(wrong(&error)),
        };
        if let Err((line, message)) = taken {
            collector.reject(line, message);
            return None;
        }
    }
    Some(tree.done)
}

fn line_of(line: usize) -> u64 {
    u64::try_from(line).unwrap_or(u64::MAX)
}

fn wrong(error: &ScanError) -> (u64, String) {
    // The parser's own words may quote what stands there.
    let marker = error.marker();
    (line_of(marker.line()), format!("is not YAML, or was cut off, at column {}", marker.col() + 1))
}

/// What is open, from the outside in.
#[derive(Default)]
struct Tree {
    open: Vec<Open>,
    done: Vec<Node>,
}

struct Open {
    node: Node,
    /// Of a map: the name whose value comes next.
    name: Option<String>,
    /// Of a map: the names that it has.
    names: HashSet<String>,
}

impl Tree {
    fn take(&mut self, event: Event<'_>, line: u64) -> Result<(), (u64, String)> {
        match event {
            Event::Scalar(text, style, _, tag) => {
                let kind = tag.as_deref().map(|tag| (tag.is_yaml_core_schema(), tag.suffix.as_str()));
                let plain = match kind {
                    None | Some((true, "int" | "float" | "bool" | "null")) => style == ScalarStyle::Plain,
                    Some((true, "str")) => false,
                    Some(_) => return Err((line, "has a YAML tag: write out what it stands for".to_owned())),
                };
                self.add(Node { line, kind: Kind::Scalar { text: Zeroizing::new(text.into_owned()), plain } })
            }
            Event::SequenceStart(..) => self.open(Node { line, kind: Kind::List(Vec::new()) }),
            Event::MappingStart(..) => self.open(Node { line, kind: Kind::Map(Vec::new()) }),
            Event::SequenceEnd | Event::MappingEnd => {
                let closed = self.open.pop().expect("the parser closes what it opened");
                self.add(closed.node)
            }
            Event::Alias(_) => Err((line, "has a YAML alias: write out what it stands for".to_owned())),
            _ => Ok(()),
        }
    }

    fn open(&mut self, node: Node) -> Result<(), (u64, String)> {
        if self.open.len() >= DEEPEST {
            return Err((node.line, "is too deep".to_owned()));
        }
        self.open.push(Open { node, name: None, names: HashSet::new() });
        Ok(())
    }

    fn add(&mut self, node: Node) -> Result<(), (u64, String)> {
        let Some(parent) = self.open.last_mut() else {
            self.done.push(node);
            return Ok(());
        };
        match (&mut parent.node.kind, parent.name.take()) {
            (Kind::List(items), _) => items.push(node),
            (Kind::Map(members), Some(name)) => {
                if !parent.names.insert(name.clone()) {
                    return Err((node.line, "has a name twice in one mapping".to_owned()));
                }
                members.push((name, node));
            }
            (Kind::Map(_), None) => match node.kind {
                Kind::Scalar { text, .. } => parent.name = Some(text.to_string()),
                _ => return Err((node.line, "a name must be text".to_owned())),
            },
            (Kind::Scalar { .. } | Kind::Rounded(_), _) => unreachable!("only lists and maps are opened"),
        }
        Ok(())
    }
}

const DEEPEST: usize = 64;
