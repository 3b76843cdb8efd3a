//! Files from which a key could go to the wrong consumer, live longer than it should, or be another key.

use super::*;

fn ends(import: &Import) -> Vec<Option<String>> {
    import.keys.iter().map(|key| key.expires.map(|expires| expires.to_string())).collect()
}

fn messages(import: &Import) -> Vec<(u64, &str)> {
    import.rejected.iter().map(|remark| (remark.line, remark.message.as_str())).collect()
}

#[test]
fn kong_s_database_says_when_a_key_ends_and_not_how_long_it_lives() {
    let text = "consumers:\n- {id: 5a3e, username: alice}\nkeyauth_credentials:\n\
        - {consumer: 5a3e, key: sk_live_1, ttl: 1893456000, created_at: 1700000000}\n\
        - {consumer: 5a3e, key: sk_live_2, ttl: 1700000060, created_at: 1700000000}\n\
        - {consumer: 5a3e, key: sk_live_3, ttl: 3600}\n\
        - {consumer: 5a3e, key: sk_live_4, ttl: 99.5}\n\
        - {consumer: 5a3e, key: sk_live_5, ttl: a day}\n";
    let read = import(Format::Kong, text);
    let known = |text: &str| Some(text.to_owned());
    assert_eq!(ends(&read), [known("2030-01-01T00:00:00Z"), known("2026-01-01T01:00:00Z")]);
    assert_eq!((lines(&read.left_out), lines(&read.rejected)), (vec![5], vec![7, 8]));
}

#[test]
fn two_consumers_of_kong_do_not_get_one_subject() {
    let text = "consumers:\n- username: alice\n  custom_id: bob\n  keyauth_credentials: [{key: sk_live_1}]\n\
        - username: bob\n  keyauth_credentials: [{key: sk_live_2}]\n";
    let read = import(Format::Kong, text);
    assert_eq!(keys(&read), [(4, "alice", "sk_live_1")]);
    assert_eq!(messages(&read), [(5, "the consumer would have the subject of the one of line 2")]);
}

#[test]
fn keys_of_one_name_that_say_different_things_are_not_merged() {
    let zuplo = "[{\"name\":\"a\",\"metadata\":{\"org\":1},\"apiKeys\":[{\"key\":\"sk_live_1\"}]},\n\
        {\"name\":\"a\",\"metadata\":{\"org\":2},\"apiKeys\":[{\"key\":\"sk_live_2\"}]},\n\
        {\"name\":\"a\",\"metadata\":{\"org\":1},\"apiKeys\":[{\"key\":\"sk_live_3\"}]}]";
    let read = import(Format::Zuplo, zuplo);
    assert_eq!((keys(&read).len(), lines(&read.rejected)), (2, vec![2]));
    let tyk = "{\"keys\":[{\"key_id\":\"sk_live_1\",\"data\":{\"alias\":\"test\",\"meta_data\":{\"org\":1}}},\n\
        {\"key_id\":\"sk_live_2\",\"data\":{\"alias\":\"test\",\"meta_data\":{\"org\":2}}}]}";
    let read = import_with(Format::Tyk, tyk, Some(KeyHashing::None));
    assert_eq!((keys(&read), lines(&read.rejected)), (vec![(1, "test", "sk_live_1")], vec![2]));
}

#[test]
fn a_consumer_of_apisix_may_stand_behind_its_credentials() {
    let text = r#"{"list":[{"key":"/apisix/consumers/jill/credentials/c1","value":{"plugins":{"key-auth":{"key":"sk_live_1"}}}}]}
        {"list":[{"key":"/apisix/consumers/jill","value":{"username":"jill","desc":"she"}}]}"#;
    let read = import(Format::Apisix, text);
    clean(&read);
    assert_eq!((read.consumers.len(), &read.consumers[0].metadata["description"]), (1, &"she".into()));
}

#[test]
fn an_end_that_cannot_be_read_is_not_taken_for_none() {
    let tyk = |expires: &str| {
        format!("{{\"key_id\":\"sk_live_1\",\"data\":{{\"alias\":\"a\",\"expires\":{expires}}}}}")
    };
    for expires in ["\"soon\"", "1e30", "1893456000.5", "{}", "9999999999999"] {
        let read = import_with(Format::Tyk, tyk(expires), Some(KeyHashing::None));
        assert_eq!((read.keys.len(), lines(&read.rejected)), (0, vec![1]), "{expires}");
    }
    for (expires, end) in
        [("0", None), ("-1", None), ("null", None), ("1893456000.0", Some("2030-01-01T00:00:00Z"))]
    {
        let read = import_with(Format::Tyk, tyk(expires), Some(KeyHashing::None));
        assert_eq!(ends(&read), [end.map(str::to_owned)], "{expires}");
    }
    let unkey = r#"{"id":"k","ownerId":"o","plaintext":"sk_live_1","expires":"2030-01-01 00:00:00.000"}"#;
    assert_eq!(ends(&import(Format::Unkey, unkey)), [Some("2030-01-01T00:00:00Z".to_owned())]);
}

#[test]
fn what_two_programs_read_differently_is_not_guessed_at() {
    for text in [
        r#"[{"name":"a","apiKeys":[{"key":"sk_live_1","key":"sk_live_51NcM2dLkQ"}]}]"#,
        r#"[{"name":"a","name":"b","apiKeys":[{"key":"sk_live_1"}]}]"#,
        r#"{"data":[{"name":"a","apiKeys":[{"key":"sk_live_1"}]}],"data":[]}"#,
        r#"[{"name":"a","apiKeys":[{"key":123456789012345678901234567890}]}]"#,
    ] {
        let read = import(Format::Zuplo, text);
        assert_eq!((read.keys.len(), lines(&read.rejected)), (0, vec![1]), "{text}");
    }
    let tagged =
        "consumers:\n- username: a\n  keyauth_credentials:\n  - key: !!binary c2tfbGl2ZV81MU5jTTJkTGtR\n";
    assert_eq!(lines(&import(Format::Kong, tagged).rejected), [4]);
    let named = tagged.replace("!!binary c2tfbGl2ZV81MU5jTTJkTGtR", "!!str 00012345");
    assert_eq!(keys(&import(Format::Kong, named)), [(4, "a", "00012345")]);
}

#[test]
fn empty_pages_of_lua_hold_nothing() {
    for text in [r#"{"total":0,"list":{}}"#, r#"{"node":{"dir":true,"nodes":{},"key":"/apisix/consumers"}}"#]
    {
        let read = import(Format::Apisix, text);
        clean(&read);
        assert!(read.consumers.is_empty());
    }
}

#[test]
fn lines_that_end_in_cr_alone_are_lines() {
    let read = import(Format::Csv, "consumer,key\ralice,sk_live_1\rbob\rcarol,sk_live_3\rd\"ave,sk_live_4\r");
    assert_eq!(keys(&read), [(2, "alice", "sk_live_1"), (4, "carol", "sk_live_3")]);
    assert_eq!(lines(&read.rejected), [3, 5]);
}

#[test]
fn utf_16_is_named_without_its_mark_too() {
    for bytes in [&b"c\0o\0n\0"[..], b"\0c\0o\0n"] {
        assert!(import(Format::Csv, bytes).rejected[0].message.contains("UTF-16"));
    }
}

#[test]
fn a_consumer_that_cannot_be_is_not_made_for_its_keys() {
    let text = format!("{{\"consumer\":\"a\",\"subject\":\"{}\",\"key\":\"sk_live_1\"}}\n", "s".repeat(2000));
    let read = import(Format::Jsonl, text);
    assert_eq!((read.consumers.len(), read.keys.len(), lines(&read.rejected)), (0, 0, vec![1]));
}

#[test]
fn r38_a_key_that_stands_as_a_name_is_not_repeated() {
    let text = "{\"sk_live_51NcM2dLkQ\":\"alice\"}\n{\"kee\":1}\n{\"consumer\":\"a\",\"sha256\":\"x\",\"sha256\":\"y\"}\n";
    let read = import(Format::Jsonl, text);
    let said = messages(&read);
    assert_eq!(said[0], (1, "has an unknown field, before column 21"));
    assert!(said[1].1.starts_with("unknown field `kee`"), "{said:?}");
    assert_eq!(said[2].0, 3);
}
