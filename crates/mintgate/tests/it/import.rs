//! `keys import`, as far as the file alone decides.

use crate::transcript::Folder;

#[test]
fn a_file_that_cannot_be_read_row_by_row_is_refused_by_line() {
    let folder = Folder::new();
    folder.write("keys.csv", "consumer,key\nalice\nbob,sk_live_1,extra\n");
    insta::assert_snapshot!(folder.transcript(&["keys", "import", "keys.csv"]), @r#"
    $ mintgate keys import keys.csv
    -- stderr
    line 2: has 1 columns, and the header has 2
    line 3: has 3 columns, and the header has 2
    mintgate: 2 problems; nothing was imported
    -- status 1
    "#);
}

#[test]
fn r38_what_stands_in_a_file_is_not_repeated() {
    let folder = Folder::new();
    folder.write(
        "keys.jsonl",
        "{\"consumer\":\"a\",\"key\":{\"x\":\"sk_live_51NcM2dLkQ\"}}\nsk_live_51NcM2dLkQ\n",
    );
    let said = folder.transcript(&["keys", "import", "keys.jsonl"]);
    assert!(!said.contains("51NcM2dLkQ"), "{said}");
    insta::assert_snapshot!(said, @r#"
    $ mintgate keys import keys.jsonl
    -- stderr
    line 1: a field has a wrong type, before column 22
    line 2: not a JSON object, at column 1
    mintgate: 2 problems; nothing was imported
    -- status 1
    "#);
}

#[test]
fn a_file_of_unknown_form_is_asked_about() {
    let folder = Folder::new();
    folder.write("keys.txt", "");
    insta::assert_snapshot!(folder.transcript(&["keys", "import", "keys.txt"]), @r#"
    $ mintgate keys import keys.txt
    -- stderr
    mintgate: say --from, with one of csv, jsonl, kong, apisix, tyk, zuplo, unkey: the file's name does not
    -- status 2
    "#);
    insta::assert_snapshot!(folder.transcript(&["keys", "import", "gone.csv"]), @r#"
    $ mintgate keys import gone.csv
    -- stderr
    mintgate: gone.csv: No such file or directory (os error 2)
    -- status 1
    "#);
}
