//! What was built into the binary.

use http::{HeaderMap, HeaderValue, header};

/// A file of the console and its compressed forms.
pub(crate) struct File {
    pub(crate) path: &'static str,
    pub(crate) plain: &'static [u8],
    pub(crate) brotli: Option<&'static [u8]>,
    pub(crate) gzip: Option<&'static [u8]>,
}

/// A form of a file that a browser takes.
pub(crate) struct Chosen {
    pub(crate) bytes: &'static [u8],
    /// As in `Content-Encoding`.
    pub(crate) coding: Option<&'static str>,
}

const FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The file at a path below `/console/`.
pub(crate) fn find(path: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.path == path)
}

impl File {
    /// The smallest form that the browser says it takes.
    pub(crate) fn for_browser(&self, headers: &HeaderMap) -> Chosen {
        let forms = [("br", self.brotli), ("gzip", self.gzip)];
        forms
            .into_iter()
            .find_map(|(coding, bytes)| {
                Some(Chosen { bytes: bytes?, coding: Some(coding) }).filter(|_| takes(headers, coding))
            })
            .unwrap_or(Chosen { bytes: self.plain, coding: None })
    }

    /// Whether its name has a hash of its contents in it, so that it never changes.
    pub(crate) fn is_immutable(&self) -> bool {
        self.path.starts_with("assets/")
    }

    pub(crate) fn media_type(&self) -> HeaderValue {
        HeaderValue::from_static(match self.path.rsplit_once('.').map(|(_, end)| end) {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("html") => "text/html; charset=utf-8",
            Some("svg") => "image/svg+xml",
            Some("woff2") => "font/woff2",
            _ => "application/octet-stream",
        })
    }
}

/// Whether `Accept-Encoding` names a coding without refusing it (RFC 9110 §12.5.3).
fn takes(headers: &HeaderMap, coding: &str) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|item| {
        let (name, weight) = item.split_once(';').unwrap_or((item, ""));
        let refused =
            weight.trim().strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0));
        name.trim().eq_ignore_ascii_case(coding) && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: File =
        File { path: "assets/a-1x2y.js", plain: b"plain", brotli: Some(b"br"), gzip: Some(b"gz") };

    fn chosen(accept: &'static str) -> Option<&'static str> {
        let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(accept))]);
        FILE.for_browser(&headers).coding
    }

    #[test]
    fn the_smallest_form_that_the_browser_takes_is_sent() {
        assert_eq!(chosen("gzip, deflate, br, zstd"), Some("br"));
        assert_eq!(chosen("gzip;q=1.0, br;q=0"), Some("gzip"));
        assert_eq!(chosen("identity"), None);
        assert_eq!(chosen(""), None);
        assert_eq!(FILE.for_browser(&HeaderMap::new()).bytes, b"plain");
    }

    #[test]
    fn only_what_has_a_hash_in_its_name_is_immutable() {
        assert!(FILE.is_immutable());
        assert!(!File { path: "icon.svg", ..FILE }.is_immutable());
    }
}
