//! Turns each measurement in Fahrenheit into one in Celsius.

use wasmrecords::prelude::*;

/// What comes in. Properties that are not named here are passed over.
#[derive(Record)]
pub struct Reading<'a> {
    pub station: &'a str,
    pub fahrenheit: f64,
}

/// What goes out.
#[derive(Record, Debug, PartialEq)]
pub struct Celsius<'a> {
    pub station: &'a str,
    pub celsius: f64,
}

/// Why a reading is none.
#[derive(Debug, PartialEq)]
pub struct TooCold(f64);

impl std::fmt::Display for TooCold {
    fn fmt(&self, text: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(text, "{} °F is below absolute zero", self.0)
    }
}

impl std::error::Error for TooCold {}

/// Readings in Celsius. What returns an error is a failed record, and the others go on.
#[transform]
pub fn celsius(reading: Reading<'_>) -> Result<Celsius<'_>, TooCold> {
    if reading.fahrenheit < -459.67 {
        return Err(TooCold(reading.fahrenheit));
    }
    let celsius = (reading.fahrenheit - 32.0) / 1.8;
    Ok(Celsius { station: reading.station, celsius: (celsius * 100.0).round() / 100.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn water_boils() {
        let reading = Reading { station: "lab", fahrenheit: 212.0 };
        assert_eq!(celsius(reading), Ok(Celsius { station: "lab", celsius: 100.0 }));
    }

    #[test]
    fn nothing_is_colder_than_absolute_zero() {
        let reading = Reading { station: "lab", fahrenheit: -500.0 };
        assert_eq!(celsius(reading), Err(TooCold(-500.0)));
    }
}
