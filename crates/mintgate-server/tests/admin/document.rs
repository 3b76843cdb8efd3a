//! `/openapi.json`.

use mintgate_admin::document;

use crate::api::Api;

#[tokio::test]
async fn the_document_is_served() {
    let api = Api::start().await;
    let served = api.get("/openapi.json").await.done(200);
    assert_eq!(served["openapi"], "3.1.0");
    assert_eq!(served, serde_json::to_value(document()).expect("JSON"));
}
