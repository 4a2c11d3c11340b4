//! What is wrong with a transform is said by the compiler, where it is wrong.

#[test]
fn errors() {
    trybuild::TestCases::new().compile_fail("tests/errors/*.rs");
}
