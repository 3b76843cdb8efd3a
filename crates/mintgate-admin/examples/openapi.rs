//! Prints the OpenAPI document of the admin API, for `make generate`.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let document = mintgate_admin::document().to_pretty_json().map_err(std::io::Error::other)?;
    writeln!(std::io::stdout(), "{document}")
}
