//! The pages on the admin listener: the console, and the admin API's document to read.

use std::sync::Arc;

use axum::Router;
use mintgate_types::Entropy;

/// What a browser finds beside the admin API. None of it asks for a credential, because none of it knows anything.
pub(crate) fn router(entropy: Arc<dyn Entropy>) -> Router {
    let document = serde_json::to_value(mintgate_admin::document()).expect("a document is JSON");
    mintgate_console::router(entropy).merge(mintgate_console::reference(&document))
}
