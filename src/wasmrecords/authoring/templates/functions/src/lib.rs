//! Functions that Python calls by their names.

use wasmrecords::prelude::*;

/// Multiplies two integers.
#[function]
pub fn multiply(a: i64, b: i64) -> i64 {
    a * b
}

/// The mean of some numbers. An error becomes an exception of the caller's.
#[function]
pub fn mean(values: Vec<f64>) -> Result<f64, Failure> {
    if values.is_empty() {
        return Err(Failure::new("empty", "the mean of no values"));
    }
    Ok(values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_means() {
        assert_eq!(multiply(6, 7), 42);
        assert_eq!(mean(vec![1.0, 2.0]).ok(), Some(1.5));
        assert!(mean(vec![]).is_err());
    }
}
