//! Replaces the values of chosen members by `null`.

use wasmrecords::prelude::*;

#[derive(Config)]
struct Options {
    /// Names of the members whose values nobody may see.
    fields: Vec<String>,
}

/// Keeps each object, with `null` in place of what is not to be seen.
#[transform]
fn redact(mut record: Value, options: &Options) -> Result<Value, Failure> {
    let Some(members) = record.as_object_mut() else {
        return Err(Failure::new("type", format!("expected object, found {}", record.type_name())));
    };
    for field in &options.fields {
        if let Some(value) = members.get_mut(field) {
            *value = Value::Null;
        }
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use wasmrecords::testing::{Chosen, run};

    #[test]
    fn what_is_chosen_is_null() {
        let opening = r#"{"abi": 1, "input": "ndjson", "output": "ndjson", "config": {"fields": ["email"]}}"#;
        let outcome = run::<Chosen>(opening, b"{\"id\": 1.50, \"email\": \"a@b\"}\n[7]\n").unwrap();
        assert_eq!(outcome.output, b"{\"id\":1.50,\"email\":null}\n");
        assert_eq!(outcome.failures[0].1.message, "expected object, found array");
    }
}
