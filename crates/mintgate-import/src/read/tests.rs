mod traps;

use proptest::prelude::*;

use super::*;
use crate::{KeyMaterial, Remark};

const SHA256: &str = "7645b023c98c5b2cf325fda01645b167cff974799755cd7fe969457af20829a1";

fn import(format: Format, text: impl AsRef<[u8]>) -> Import {
    import_with(format, text, None)
}

fn import_with(format: Format, text: impl AsRef<[u8]>, hashing: Option<KeyHashing>) -> Import {
    let now = "2026-01-01T00:00:00Z".parse().expect("a time");
    let read = read(format, text.as_ref(), Options { now, hashing });
    // Whatever is said, it does not repeat a key.
    let said = format!("{:?} {:?} {:?}", read.rejected, read.left_out, read.not_carried);
    assert!(!said.contains("51NcM2dLkQ"), "{said}");
    read
}

fn keys(import: &Import) -> Vec<(u64, &str, &str)> {
    fn text(material: &KeyMaterial) -> &str {
        match material {
            KeyMaterial::Text(key) => key.expose(),
            KeyMaterial::Sha256(_) => "sha256",
        }
    }
    import.keys.iter().map(|key| (key.line, key.consumer.as_str(), text(&key.material))).collect()
}

fn lines(remarks: &[Remark]) -> Vec<u64> {
    remarks.iter().map(|remark| remark.line).collect()
}

fn clean(import: &Import) {
    assert!(import.rejected.is_empty(), "{:?}", import.rejected);
}

#[test]
fn csv_is_read_by_its_header_in_any_order() {
    let text = "\u{FEFF}Scopes,Consumer,KEY,label\na b,alice,sk_live_1,\"x, \"\"y\"\"\"\r\n,bob,sk_live_2,\n";
    let read = import(Format::Csv, text);
    clean(&read);
    assert_eq!(keys(&read), [(2, "alice", "sk_live_1"), (3, "bob", "sk_live_2")]);
    assert_eq!(read.keys[0].scopes.to_string(), "a b");
    assert_eq!(read.keys[0].label.as_str(), "x, \"y\"");
}

#[test]
fn a_bad_row_is_named_by_its_line_and_does_not_hide_the_next() {
    let text = b"consumer,key,label\nalice,sk_live_1,\nbob\ncarol,sk_live_3,\"the\nfirst\"\ndave,\xff,\nerin,sk_live_1,\n";
    let read = import(Format::Csv, text);
    assert_eq!(lines(&read.rejected), [3, 4, 6, 7]);
    assert_eq!(read.rejected[3].message, "is the key of line 2");
}

#[test]
fn a_file_without_a_header_or_with_semicolons_is_refused_without_repeating_it() {
    for text in [
        "alice,sk_live_51NcM2dLkQ\n",
        "consumer\n",
        "key\nx\n",
        "consumer,key,key\n",
        "consumer,key,secret\n",
    ] {
        let read = import(Format::Csv, text);
        assert_eq!((read.keys.len(), read.rejected.len()), (0, 1), "{text}");
    }
    let read = import(Format::Csv, "consumer;key\nalice;sk_live_51NcM2dLkQ\n");
    assert!(read.rejected[0].message.contains("semicolons"), "{:?}", read.rejected);
}

#[test]
fn wrong_quotes_and_cut_off_files_are_noticed() {
    let read = import(Format::Csv, "consumer,key,label\nalice,sk_live_1,ok\nbob,sk_live_2,\"cut o");
    assert_eq!(read.rejected, [Remark { line: 3, message: "a quote is opened and not closed".into() }]);
    let read = import(Format::Csv, "consumer,key\nalice,sk_live_1\nb\"ob,sk_live_2\n");
    assert_eq!(lines(&read.rejected), [3]);
    let read = import(Format::Jsonl, "{\"consumer\":\"carol\",\"sha2");
    assert!(read.rejected[0].message.contains("cut off"), "{:?}", read.rejected);
    let read = import(Format::Unkey, format!("[{{\"hash\":\"{SHA256}\",\"ownerId\":\"a\"}},\n{{\"ha"));
    assert_eq!((read.keys.len(), lines(&read.rejected)), (0, vec![2]));
    let read = import(
        Format::Kong,
        "consumers:\n- username: a\n  keyauth_credentials:\n  - key: \"sk_live_51NcM2dLkQ",
    );
    assert_eq!((read.keys.len(), read.rejected.len()), (0, 1));
}

#[test]
fn other_encodings_are_named() {
    let utf16: Vec<u8> =
        b"\xFF\xFE".iter().copied().chain("consumer,key\n".bytes().flat_map(|b| [b, 0])).collect();
    assert!(import(Format::Csv, utf16).rejected[0].message.contains("UTF-16"));
    assert_eq!(lines(&import(Format::Zuplo, b"{}\n\xE9").rejected), [2]);
}

#[test]
fn json_lines_say_which_line_is_wrong_and_never_what_stood_there() {
    let text = concat!(
        "\u{FEFF}{\"consumer\":\"alice\",\"key\":\"sk_live_1\",\"scopes\":[\"a\"]}\n\n",
        "{\"consumer\":\"bob\",\"key\":[\"sk_live_51NcM2dLkQ\"]}\n",
        "{\"consumer\":\"bob\",\"kee\":\"sk_live_51NcM2dLkQ\"}\n",
        "\"sk_live_51NcM2dLkQ\"\n",
        "{\"consumer\":\"dave\",\"subject\":\"user 7\",\"tags\":{\"plan\":\"pro\"},\"metadata\":{\"org\":1}}\n",
        "{\"consumer\":\"dave\",\"subject\":\"user 8\",\"key\":\"sk_live_4\"}\n",
        "{\"consumer\":\"dave\",\"key\":\"sk_live_51NcM2dLkQ\",\"expires\":\"2020-01-01T00:00:00Z\"}\n",
    );
    let read = import(Format::Jsonl, text);
    assert_eq!(keys(&read), [(1, "alice", "sk_live_1")]);
    assert_eq!(lines(&read.rejected), [3, 4, 5, 7, 8]);
    assert!(read.rejected[1].message.starts_with("unknown field `kee`"), "{:?}", read.rejected);
    let dave = &read.consumers[1];
    assert_eq!(dave.subject.as_ref().map(mintgate_types::Subject::as_str), Some("user 7"));
    assert_eq!((dave.tags.len(), &dave.metadata["org"]), (1, &1.into()));
}

#[test]
fn kong_is_read_as_deck_dumps_it() {
    let text = r#"
_format_version: "3.0"
services:
- name: orders
  routes: [{name: r, paths: [/orders]}]
consumers:
- username: alice
  custom_id: "auth0|7"
  tags: [team-a]
  acls:
  - group: orders.read
  keyauth_credentials:
  - key: 0123456789
  - key: "sk_live_2"
    tags: [old]
  plugins:
  - name: rate-limiting
- username: bob
  basicauth_credentials:
  - username: bob
    password: sk_live_51NcM2dLkQ
- custom_id: only
  keyauth_credentials:
  - key: ${{ env "DECK_KEY" }}
"#;
    let read = import(Format::Kong, text);
    assert_eq!(keys(&read), [(13, "alice", "0123456789"), (14, "alice", "sk_live_2")]);
    assert_eq!(read.keys[1].label.as_str(), "old");
    assert_eq!(read.keys[0].scopes.to_string(), "orders.read");
    assert_eq!(read.consumers[0].subject.as_ref().map(ToString::to_string).as_deref(), Some("auth0|7"));
    assert_eq!(lines(&read.rejected), [24]);
    let what: Vec<_> = read.not_carried.iter().map(|kind| (kind.what, kind.first_line)).collect();
    assert_eq!(what, [("basic-auth credentials", 20), ("plugins of consumers, such as rate limits", 17)]);
}

#[test]
fn kong_is_read_as_its_database_is_exported() {
    let text = r"
_format_version: '3.0'
_transform: false
consumers:
- {id: 5a3e, username: alice, custom_id: null, created_at: 1700000000}
keyauth_credentials:
- {id: 77, consumer: 5a3e, key: sk_live_1, ttl: null, created_at: 1700000000}
- {id: 78, consumer: 5a3e, key: sk_live_2, ttl: 60, created_at: 1700000000}
- {id: 79, consumer: gone, key: sk_live_51NcM2dLkQ}
acls:
- {consumer: 5a3e, group: admin}
";
    let read = import(Format::Kong, text);
    assert_eq!(keys(&read), [(7, "alice", "sk_live_1")]);
    assert_eq!(read.keys[0].scopes.to_string(), "admin");
    assert_eq!((lines(&read.left_out), lines(&read.rejected)), (vec![8], vec![9]));
}

#[test]
fn aliases_of_yaml_are_not_followed() {
    let text = "consumers: &a\n- username: a\nother: *a\n";
    assert_eq!(lines(&import(Format::Kong, text).rejected), [3]);
}

#[test]
fn apisix_is_read_from_its_admin_api_from_yaml_and_from_adc() {
    let api = r#"{"list":[
      {"value":{"username":"jack","labels":{"team":"a"},"desc":"d","plugins":{"key-auth":{"key":"sk_live_1"},"limit-count":{}}},
       "key":"/apisix/consumers/jack","createdIndex":1},
      {"value":{"username":"jill","plugins":{"key-auth":{"key":"$secret://vault/1/x"}}},"key":"/apisix/consumers/jill"}],"total":2}
    {"list":[{"key":"/apisix/consumers/jill/credentials/c1","value":{"id":"c1","desc":"new key","labels":{"a":"b"},"plugins":{"key-auth":{"key":"sk_live_2"}}}}],"total":1}"#;
    let read = import(Format::Apisix, api);
    assert_eq!(keys(&read), [(2, "jack", "sk_live_1"), (5, "jill", "sk_live_2")]);
    assert_eq!(lines(&read.rejected), [4]);
    assert_eq!((read.keys[0].label.as_str(), read.keys[1].label.as_str()), ("", "new key"));
    let what: Vec<_> = read.not_carried.iter().map(|kind| kind.what).collect();
    assert_eq!(what, ["labels of credentials", "plugins of consumers, such as rate limits"]);
    assert_eq!((read.consumers[0].tags.len(), &read.consumers[0].metadata["description"]), (1, &"d".into()));
    let yaml = "consumers:\n  - username: jack\n    plugins:\n      key-auth:\n        key: sk_live_1\n  - username: jill\n    \
        credentials:\n      - name: first\n        type: key-auth\n        config:\n          key: sk_live_2\n#END\n";
    let read = import(Format::Apisix, yaml);
    clean(&read);
    assert_eq!(keys(&read), [(5, "jack", "sk_live_1"), (11, "jill", "sk_live_2")]);
    assert_eq!(read.keys[1].label.as_str(), "first");
}

#[test]
fn of_tyk_only_sha256_and_plain_keys_are_taken() {
    let session = r#"{"alias":"a@b.c","expires":0,"rate":1000,"meta_data":{"org":"x"},"tags":["t"],"access_rights":{"1":{}}}"#;
    let dump = |id: &str, hash: &str| {
        format!(
            "{{\"keys\":[\n{{\"key_id\":\"{id}\",\"key_hash\":\"{hash}\",\"data\":{session}}},\n\
            {{\"key_id\":\"x\",\"key_hash\":\"y\",\"data\":{{\"is_inactive\":true}}}}],\"pages\":1}}"
        )
    };
    let read = import_with(Format::Tyk, dump("x", SHA256), Some(KeyHashing::Sha256));
    clean(&read);
    assert_eq!(keys(&read), [(2, "a@b.c", "sha256")]);
    assert_eq!((lines(&read.left_out), read.not_carried.len()), (vec![3], 2));
    assert_eq!(read.consumers[0].metadata["org"], "x");
    let read = import_with(Format::Tyk, dump("x", "41c5cb1e"), Some(KeyHashing::Murmur32));
    assert!(read.rejected[0].message.contains("murmur32"), "{:?}", read.rejected);
    let read = import_with(Format::Tyk, dump("sk_live_1", ""), Some(KeyHashing::None));
    assert_eq!(keys(&read), [(2, "a@b.c", "sk_live_1")]);
    let read = import_with(Format::Tyk, dump("sk_live_51NcM2dLkQ", ""), None);
    assert!(read.rejected[0].message.contains("--key-hash"), "{:?}", read.rejected);
    let redis = format!("{{\"apikey-{SHA256}\":{{\"alias\":\"\",\"expires\":4102444800}}}}\n");
    let read = import_with(Format::Tyk, redis, Some(KeyHashing::Sha256));
    assert_eq!(keys(&read), [(1, "tyk-7645b023c98c", "sha256")]);
    assert!(read.keys[0].expires.is_some());
}

#[test]
fn zuplo_is_read_as_its_api_lists_consumers() {
    let text = r#"{"data":[
      {"name":"acme","description":"Acme","tags":{"orgId":"7"},"metadata":{"plan":"gold"},"managers":[{"email":"a@b.c","sub":"auth0|1"},{"sub":"auth0|2"},{"email":"a@b.c"},{"id":7}],"managerInvites":[{}],
       "apiKeys":[{"id":"key_1","key":"zpka_1234567890","createdOn":"2024-01-01T00:00:00Z","expiresOn":null},
                  {"id":"key_2","key":"zpka_2234567890","expiresOn":"2025-01-01T00:00:00.000Z"}]},
      {"name":"masked","apiKeys":[{"id":"key_3","key":"***********ab1"}]},
      {"name":"without"}],"limit":1000,"offset":0,"total":3}"#;
    let read = import(Format::Zuplo, text);
    assert_eq!(keys(&read), [(2, "acme", "zpka_1234567890")]);
    assert_eq!((lines(&read.left_out), lines(&read.rejected)), (vec![2, 6], vec![5]));
    assert_eq!(read.consumers[0].tags.keys().next().map(mintgate_types::TagName::as_str), Some("orgid"));
    assert_eq!(read.consumers[0].metadata.len(), 2);
    let managers: Vec<_> = read.consumers[0].managers.iter().map(mintgate_types::Manager::as_str).collect();
    assert_eq!(managers, ["a@b.c", "auth0|2"]);
    let what: Vec<_> = read.not_carried.iter().map(|kind| kind.what).collect();
    assert_eq!(what, ["invitations of managers", "managers with neither email nor sub"]);
}

#[test]
fn a_consumer_has_no_more_managers_than_it_may_and_none_who_is_nobody() {
    let managers: Vec<_> = (0..40).map(|number| format!("\"m{number}@b.c\"")).collect();
    let text = format!(
        "{{\"data\":[{{\"name\":\"acme\",\"apiKeys\":[],\"managers\":[\"@\",{}]}}]}}",
        managers.join(",")
    );
    let read = import(Format::Zuplo, text);
    assert_eq!(read.consumers[0].managers.iter().count(), 32);
    let counts: Vec<_> = read.not_carried.iter().map(|kind| (kind.what, kind.count)).collect();
    assert_eq!(
        counts,
        [
            ("managers beyond the 32 that a consumer may have", 8),
            ("managers by whom nobody can be recognised", 1)
        ]
    );
}

#[test]
fn managers_in_lines_of_our_own_are_taken_to_the_letter_or_not_at_all() {
    let read = import(
        Format::Jsonl,
        concat!(
            "{\"consumer\":\"a\",\"key\":\"sk_live_1\",\"managers\":[\"a@b.c\",\"s\"]}\n",
            "{\"consumer\":\"a\",\"key\":\"sk_live_2\",\"managers\":[\"s\",\"a@b.c\"]}\n",
            "{\"consumer\":\"a\",\"key\":\"sk_live_3\",\"managers\":[\"s\"]}\n",
            "{\"consumer\":\"b\",\"key\":\"sk_live_4\",\"managers\":[\"\"]}",
        ),
    );
    assert_eq!((read.keys.len(), lines(&read.rejected)), (2, vec![3, 4]));
    assert_eq!(read.consumers[0].managers.iter().count(), 2);
}

#[test]
fn unkey_is_read_from_its_api_and_from_its_database() {
    let base64 = "dkWwI8mMWyzzJf2gFkWxZ8/5dHmXVc1/6WlFevIIKaE=";
    let text = format!(
        r#"{{"meta":{{"requestId":"r"}},"data":[
          {{"keyId":"key_1","start":"sk_51","name":"prod","plaintext":"sk_live_1","identity":{{"externalId":"auth0|7","meta":{{"plan":"gold"}}}},"meta":{{"plan":"x","team":"y"}},
            "permissions":["documents.read"],"roles":["admin"],"expires":4102444800000,"ratelimits":[{{"limit":1}}]}},
          {{"keyId":"key_2","start":"sk_52","enabled":false,"plaintext":"sk_live_2"}}],"pagination":{{"hasMore":false}}}}
        [{{"id":"key_3","hash":"{base64}","start":"sk_53","owner_id":"u7","meta":"{{\"a\":1}}","expires":null}},
         {{"id":"key_4","hash":{{"value":"x","variant":"argon2"}},"ownerId":"u8"}},
         {{"id":"key_5","start":"sk_51NcM2dLkQ"}}]"#
    );
    let read = import(Format::Unkey, text);
    assert_eq!(keys(&read), [(2, "auth0-7", "sk_live_1"), (5, "u7", "sha256")]);
    assert_eq!(read.consumers[0].subject.as_ref().map(ToString::to_string).as_deref(), Some("auth0|7"));
    assert_eq!(read.consumers[0].metadata["plan"], "gold");
    assert_eq!(read.consumers[0].metadata["team"], "y");
    assert_eq!(read.consumers[1].metadata["a"], 1);
    assert_eq!(
        (read.keys[0].scopes.to_string().as_str(), read.keys[0].label.as_str()),
        ("documents.read", "prod")
    );
    assert_eq!((lines(&read.left_out), lines(&read.rejected)), (vec![4], vec![6, 7]));
    let what: Vec<_> = read.not_carried.iter().map(|kind| kind.what).collect();
    assert_eq!(what.len(), 3, "{what:?}");
}

#[test]
fn two_names_that_would_become_one_are_refused() {
    let text = r#"[{"ownerId":"a|b","plaintext":"sk_live_1"},
        {"ownerId":"a/b","plaintext":"sk_live_2"}]"#;
    let read = import(Format::Unkey, text);
    assert_eq!((read.keys.len(), lines(&read.rejected)), (1, vec![2]));
}

proptest! {
    #[test]
    fn nothing_that_a_file_can_hold_stops_a_reader(
        which in 0..Format::ALL.len(),
        bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..200),
            "[\\[\\]{}\",:a-z \n#&*-]{0,200}".prop_map(String::into_bytes),
            "(consumers|keyauth_credentials|data|keys|key|username|name|hash|[:\n \\[{}\\]\"-]){0,60}".prop_map(String::into_bytes),
        ],
    ) {
        let _ = import(Format::ALL[which].1, bytes);
    }
}
