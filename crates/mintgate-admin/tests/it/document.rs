//! The OpenAPI document is part of the contract: a change of it is a change to review.

use mintgate_admin::document;

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let mut current = document().to_pretty_json().expect("JSON");
    current.push('\n');
    if current != include_str!("../../../../docs/openapi.json") {
        let draft = concat!(env!("CARGO_TARGET_TMPDIR"), "/openapi.json");
        std::fs::write(draft, current).expect("a draft");
        panic!("the contract changed; if you meant it: cp {draft} docs/openapi.json");
    }
}

#[test]
fn every_operation_documents_refusals_as_problems() {
    let document = serde_json::to_value(document()).expect("JSON");
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let responses = operation["responses"].as_object().expect("responses");
            let bodies = responses.iter().filter(|(status, _)| {
                status.as_str() >= "400" && !(path == "/readyz" && status.as_str() == "503")
            });
            for (status, response) in bodies {
                let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/Problem", "{method} {path} {status}");
            }
        }
    }
}
