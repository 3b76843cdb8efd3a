//! Methods that a route takes.

use std::fmt;

use http::Method;

/// A set of methods, never empty. HEAD belongs to it wherever GET does; OPTIONS only where it was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodSet {
    standard: u8,
    // Methods of other specifications (WebDAV and the like). Empty for nearly every route.
    others: Vec<Method>,
}

/// What cannot be the methods of a route.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMethod {
    /// A route that could never match.
    #[error("a route takes at least one method")]
    None,
    /// CONNECT opens tunnels and TRACE repeats credentials; neither has a place behind a gate.
    #[error("{0} is never forwarded")]
    NeverForwarded(Method),
    /// Not an HTTP method, or not in capitals: `get` is another method than `GET` (RFC 9110 §9.1).
    #[error("`{0}` is not a method in capitals")]
    NotAMethod(String),
}

impl MethodSet {
    /// GET, HEAD, POST, PUT, PATCH and DELETE: what a route takes that names no methods.
    #[must_use]
    pub fn common() -> Self {
        let common = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        Self::new(common).expect("the common methods are forwarded")
    }

    /// The set of `methods`.
    pub fn new(methods: impl IntoIterator<Item = Method>) -> Result<Self, InvalidMethod> {
        let mut set = Self { standard: 0, others: Vec::new() };
        for method in methods {
            if method == Method::CONNECT || method == Method::TRACE {
                return Err(InvalidMethod::NeverForwarded(method));
            }
            match bit(&method) {
                Some(bit) => set.standard |= bit,
                None if set.others.contains(&method) => {}
                None => set.others.push(method),
            }
        }
        if set.standard == 0 && set.others.is_empty() { Err(InvalidMethod::None) } else { Ok(set) }
    }

    /// The set of methods of those names.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidMethod> {
        let methods: Result<Vec<_>, _> = names.into_iter().map(parse_method).collect();
        Self::new(methods?)
    }

    /// Whether a request of that method may pass: it was named, or it is HEAD and GET was named.
    #[must_use]
    pub fn allows(&self, method: &Method) -> bool {
        self.names(method) || (*method == Method::HEAD && self.names(&Method::GET))
    }

    /// Whether the method itself was named.
    #[must_use]
    pub fn names(&self, method: &Method) -> bool {
        match bit(method) {
            Some(bit) => self.standard & bit != 0,
            None => self.others.contains(method),
        }
    }

    /// The methods, in the order of RFC 9110 and then as named.
    pub fn iter(&self) -> impl Iterator<Item = &Method> {
        STANDARD
            .iter()
            .enumerate()
            .filter(|(position, _)| self.standard & 1 << position != 0)
            .map(|(_, method)| method)
            .chain(&self.others)
    }

    /// The methods that both sets name.
    pub(crate) fn overlap(&self, other: &Self) -> Vec<Method> {
        self.iter().filter(|method| other.names(method)).cloned().collect()
    }

    pub(crate) fn extend(&mut self, other: &Self) {
        self.standard |= other.standard;
        for method in &other.others {
            if !self.others.contains(method) {
                self.others.push(method.clone());
            }
        }
    }

    /// With HEAD where GET is, as an `Allow` header must say it.
    pub(crate) fn with_implied_head(mut self) -> Self {
        if self.names(&Method::GET) {
            self.standard |= bit(&Method::HEAD).expect("HEAD is a standard method");
        }
        self
    }
}

impl fmt::Display for MethodSet {
    /// As in an `Allow` header: `GET, HEAD`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, method) in self.iter().enumerate() {
            let separator = if position > 0 { ", " } else { "" };
            write!(formatter, "{separator}{method}")?;
        }
        Ok(())
    }
}

fn parse_method(name: &str) -> Result<Method, InvalidMethod> {
    let method = Method::from_bytes(name.as_bytes()).ok();
    method
        .filter(|_| !name.bytes().any(|byte| byte.is_ascii_lowercase()))
        .ok_or_else(|| InvalidMethod::NotAMethod(name.into()))
}

fn bit(method: &Method) -> Option<u8> {
    STANDARD.iter().position(|standard| standard == method).map(|position| 1 << position)
}

const STANDARD: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_comes_with_get_and_options_only_by_name() {
        let set = MethodSet::parse(["GET"]).expect("a method");
        assert!(set.allows(&Method::HEAD));
        assert!(!set.allows(&Method::OPTIONS));
        assert!(!MethodSet::parse(["POST"]).expect("a method").allows(&Method::HEAD));
        assert!(!MethodSet::common().allows(&Method::OPTIONS));
    }

    #[test]
    fn methods_of_other_specifications_are_taken_by_name() {
        let set = MethodSet::parse(["PROPFIND", "GET", "PROPFIND"]).expect("two methods");
        assert_eq!(set.to_string(), "GET, PROPFIND");
        assert!(set.allows(&Method::from_bytes(b"PROPFIND").expect("a token")));
    }

    #[test]
    fn what_is_never_forwarded_cannot_be_named() {
        for name in ["TRACE", "CONNECT"] {
            assert!(matches!(MethodSet::parse([name]), Err(InvalidMethod::NeverForwarded(_))));
        }
        assert!(matches!(MethodSet::parse(["get"]), Err(InvalidMethod::NotAMethod(_))));
        assert!(matches!(MethodSet::parse(["GET POST"]), Err(InvalidMethod::NotAMethod(_))));
        assert_eq!(MethodSet::parse([]), Err(InvalidMethod::None));
    }
}
