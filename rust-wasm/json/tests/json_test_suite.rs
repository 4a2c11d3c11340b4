//! JSONTestSuite (Nicolas Seriot's), each file as a single record.

use std::path::Path;

use wasmrecords_json::parse;

/// How the files come out on which RFC 8259 leaves the choice: `None` is read, else the error's code.
/// Numbers of any size are read, as nothing is computed. Lone surrogates are no characters, so they are
/// refused, like everything that is not UTF-8. A byte order mark is the business of whoever opens a source.
const FREE: [(&str, Option<&str>); 35] = [
    ("i_number_double_huge_neg_exp.json", None),
    ("i_number_huge_exp.json", None),
    ("i_number_neg_int_huge_exp.json", None),
    ("i_number_pos_double_huge_exp.json", None),
    ("i_number_real_neg_overflow.json", None),
    ("i_number_real_pos_overflow.json", None),
    ("i_number_real_underflow.json", None),
    ("i_number_too_big_neg_int.json", None),
    ("i_number_too_big_pos_int.json", None),
    ("i_number_very_big_negative_int.json", None),
    ("i_object_key_lone_2nd_surrogate.json", Some("json")),
    ("i_string_1st_surrogate_but_2nd_missing.json", Some("json")),
    ("i_string_1st_valid_surrogate_2nd_invalid.json", Some("json")),
    ("i_string_UTF-16LE_with_BOM.json", Some("utf8")),
    ("i_string_UTF-8_invalid_sequence.json", Some("utf8")),
    ("i_string_UTF8_surrogate_U+D800.json", Some("utf8")),
    ("i_string_incomplete_surrogate_and_escape_valid.json", Some("json")),
    ("i_string_incomplete_surrogate_pair.json", Some("json")),
    ("i_string_incomplete_surrogates_escape_valid.json", Some("json")),
    ("i_string_invalid_lonely_surrogate.json", Some("json")),
    ("i_string_invalid_surrogate.json", Some("json")),
    ("i_string_invalid_utf-8.json", Some("utf8")),
    ("i_string_inverted_surrogates_U+1D11E.json", Some("json")),
    ("i_string_iso_latin_1.json", Some("utf8")),
    ("i_string_lone_second_surrogate.json", Some("json")),
    ("i_string_lone_utf8_continuation_byte.json", Some("utf8")),
    ("i_string_not_in_unicode_range.json", Some("utf8")),
    ("i_string_overlong_sequence_2_bytes.json", Some("utf8")),
    ("i_string_overlong_sequence_6_bytes.json", Some("utf8")),
    ("i_string_overlong_sequence_6_bytes_null.json", Some("utf8")),
    ("i_string_truncated-utf-8.json", Some("utf8")),
    ("i_string_utf16BE_no_BOM.json", Some("json")),
    ("i_string_utf16LE_no_BOM.json", Some("json")),
    ("i_structure_500_nested_arrays.json", Some("nesting")),
    ("i_structure_UTF-8_BOM_empty_object.json", Some("json")),
];

/// The code of the error, if the text is refused.
fn outcome(text: &[u8]) -> Option<&'static str> {
    parse(text, 128).err().map(|error| error.kind.code())
}

#[test]
fn every_file_comes_out_as_it_must() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/JSONTestSuite/test_parsing");
    let Ok(files) = std::fs::read_dir(&folder) else {
        println!("skipped: JSONTestSuite is not at {}", folder.display());
        return;
    };
    let mut free = Vec::new();
    let mut count = 0;
    for file in files {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let outcome = outcome(&std::fs::read(&path).unwrap());
        match name.split_once('_').map(|(kind, _)| kind) {
            Some("y") => assert_eq!(outcome, None, "{name}"),
            Some("n") => assert!(outcome.is_some(), "{name} is read"),
            Some("i") => free.push((name, outcome)),
            _ => panic!("{name} is of no kind"),
        }
        count += 1;
    }
    assert!(count > 300, "only {count} files");
    free.sort();
    let free: Vec<_> = free.iter().map(|(name, outcome)| (name.as_str(), *outcome)).collect();
    assert_eq!(free, FREE);
}

#[test]
fn unbounded_nesting_is_an_error_of_its_own() {
    assert_eq!(outcome(&b"[".repeat(100_000)), Some("nesting"));
    assert_eq!(outcome(&br#"[{"":"#.repeat(50_000)), Some("nesting"));
}
