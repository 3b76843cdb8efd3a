use mintgate_jwt::Jwks;

use super::vectors;

#[test]
fn every_key_set_reads_as_its_vector_states() {
    for case in vectors("jwks.json")["cases"].as_array().expect("a list") {
        let set = Jwks::parse(case["text"].as_str().expect("a text").as_bytes());
        let usable = set.ok().map(|set| set.len() as u64);
        assert_eq!(usable, case["usable"].as_u64(), "{}", case["name"]);
    }
}
