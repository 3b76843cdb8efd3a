//! The admin API's document as a page.

use mintgate_e2e::{Gateway, Reply, Request, ReservedPort, Wire};
use serde_json::Value;

fn page(gateway: &Gateway) -> Reply {
    let mut wire = Wire::connect(gateway.admin_address());
    wire.send(&Request::get("/docs/").close().bytes());
    wire.reply()
}

#[test]
fn every_operation_can_be_read_linked_to_and_tried() {
    let gateway = Gateway::before(ReservedPort::new().address());
    let document = gateway.admin().must("GET", "/openapi.json", &Value::Null);
    let page = page(&gateway).text();
    let mut count = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            count += 1;
            let id = operation["operationId"].as_str().expect("an id");
            let start = format!("<article class=\"operation\" id=\"{id}\"");
            let (_, article) = page.split_once(&start).unwrap_or_else(|| panic!("{id} is not on the page"));
            let (article, _) = article.split_once("</article>").expect("an end");
            assert_eq!(page.matches(&format!("<a href=\"#{id}\">")).count(), 1, "{id} in the list");
            let plain = article.replace("<var>", "").replace("</var>", "");
            let line = format!("<span class=\"method {method}\">");
            assert!(article.contains(&line) && plain.contains(path), "{id}: {method} {path}");
            for status in operation["responses"].as_object().expect("responses").keys() {
                assert!(article.contains(&format!("\">{status}</span>")), "{id}: {status}");
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().expect("a name");
                assert!(article.contains(&format!("<code>{name}</code>")), "{id}: {name}");
            }
            for role in operation["x-for"]["roles"].as_array().into_iter().flatten() {
                let role = role.as_str().expect("a role");
                assert!(article.contains(&format!("<span class=\"role\">{role}</span>")), "{id}: {role}");
            }
            assert!(article.contains("curl "), "{id}");
        }
    }
    assert!(count > 40, "{count}");
    for name in document["components"]["schemas"].as_object().expect("schemas").keys() {
        if page.contains(&format!("href=\"#schema-{name}\"")) {
            assert!(page.contains(&format!("id=\"schema-{name}\"")), "{name} is linked to and not there");
        }
    }
}

#[test]
fn whoever_reaches_the_listener_may_read_it_because_it_knows_nothing() {
    let gateway = Gateway::before(ReservedPort::new().address());
    let before = page(&gateway);
    assert_eq!((before.status(), before.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(before.header("set-cookie").is_none());
    let policy = before.header("content-security-policy").expect("a policy");
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    let _ = gateway.admin().new_consumer("somebody-who-is-nobodys-business");
    let other = Gateway::before(ReservedPort::new().address());
    assert_eq!(page(&gateway).text(), before.text());
    assert_eq!(page(&other).text(), before.text(), "it is the same everywhere");
    assert!(!before.text().contains(env!("CARGO_PKG_VERSION")), "nor does it say which version serves it");
}
