//! The one page of the console, with the nonce of its load; or, where the console was not built, a page that says so.

use std::borrow::Cow;

use crate::{files, policy::StyleNonce};

/// Stands in the built page where the nonce belongs.
const PLACE: &str = "STYLE_NONCE";

pub(crate) fn render(nonce: &StyleNonce) -> Cow<'static, str> {
    match files::find("index.html").map(|file| std::str::from_utf8(file.plain).expect("vite writes UTF-8")) {
        Some(page) => Cow::Owned(page.replacen(PLACE, nonce.as_str(), 1)),
        None => Cow::Borrowed(NOT_BUILT),
    }
}

const NOT_BUILT: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta name=\"color-scheme\" content=\"light dark\">
<title>Mintgate</title>
<main>
<h1>The console is not in this binary</h1>
<p>It was built without it. In the source tree, <code>make console</code> builds the console (it needs Node.js 20.19 or
newer); the next <code>cargo build</code> takes it in.</p>
<p>Meanwhile, everything can be done with the command line (<code>mintgate --help</code>) and the admin API
(<a href=\"/openapi.json\">/openapi.json</a>, with an admin token).</p>
</main>
</html>
";
