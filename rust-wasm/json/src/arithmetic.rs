//! Arithmetic: exact for integers of any size, as floats with all others.

use crate::Number;
use crate::number::Computed;
use num_bigint::BigInt;
use std::borrow::Cow;

impl Number {
    /// `self + other`
    #[must_use]
    pub fn add(&self, other: &Number) -> Number {
        self.calculate(other, i64::checked_add, |a, b| a + b, |a, b| a + b)
    }

    /// `self - other`
    #[must_use]
    pub fn subtract(&self, other: &Number) -> Number {
        self.calculate(other, i64::checked_sub, |a, b| a - b, |a, b| a - b)
    }

    /// `self * other`
    #[must_use]
    pub fn multiply(&self, other: &Number) -> Number {
        self.calculate(other, i64::checked_mul, |a, b| a * b, |a, b| a * b)
    }

    /// The quotient: an integer if it comes out even, and a float if not.
    #[must_use]
    pub fn divide(&self, other: &Number) -> Number {
        if let (Computed::Int(a), Computed::Int(b)) = (self.computed(), other.computed())
            && a.checked_rem(b) == Some(0)
            && let Some(quotient) = a.checked_div(b)
        {
            return Number::Int(quotient);
        }
        Number::Float(self.as_f64() / other.as_f64())
    }

    /// The remainder with the sign of `self`, of whole numbers: fractions are cut off first. None if that
    /// makes `other` zero.
    #[must_use]
    pub fn remainder(&self, other: &Number) -> Option<Number> {
        match (self.computed(), other.computed()) {
            (Computed::Int(_) | Computed::Big(_), Computed::Int(_) | Computed::Big(_)) => {
                let (a, b) = (self.exact()?, other.exact()?);
                (*b != BigInt::ZERO).then(|| Number::integer(&*a % &*b))
            }
            _ => {
                let (a, b) = (self.as_f64(), other.as_f64());
                if a.is_nan() || b.is_nan() {
                    return Some(Number::Float(f64::NAN));
                }
                // The casts saturate.
                let divisor = (b as i64).unsigned_abs();
                let rest = (a as i64).unsigned_abs().checked_rem(divisor)? as i64;
                Some(Number::Int(if a < 0.0 { -rest } else { rest }))
            }
        }
    }

    /// `-self`; what was written keeps its digits.
    #[must_use]
    pub fn negate(&self) -> Number {
        if let Number::Digits(digits) = self {
            return match digits.strip_prefix('-') {
                Some(positive) => Number::written(positive, || digits.sub(positive)),
                None => Number::Digits(format!("-{digits}").into()),
            };
        }
        match self.computed() {
            Computed::Int(0) => Number::Int(0),
            Computed::Int(value) => {
                value.checked_neg().map_or_else(|| Number::integer(-BigInt::from(value)), Number::Int)
            }
            Computed::Big(value) => Number::integer(-&*value),
            Computed::Float(value) => Number::Float(-value),
        }
    }

    /// The absolute value.
    #[must_use]
    pub fn absolute(&self) -> Number {
        if self.as_f64() < 0.0 { self.negate() } else { self.clone() }
    }

    fn exact(&self) -> Option<Cow<'_, BigInt>> {
        match self.computed() {
            Computed::Int(value) => Some(Cow::Owned(value.into())),
            Computed::Big(value) => Some(value),
            Computed::Float(_) => None,
        }
    }

    #[inline]
    fn calculate(
        &self,
        other: &Number,
        int: fn(i64, i64) -> Option<i64>,
        big: fn(&BigInt, &BigInt) -> BigInt,
        float: fn(f64, f64) -> f64,
    ) -> Number {
        if let (Number::Int(a), Number::Int(b)) = (self, other)
            && let Some(value) = int(*a, *b)
        {
            return Number::Int(value);
        }
        match (self.exact(), other.exact()) {
            (Some(a), Some(b)) => Number::integer(big(&a, &b)),
            _ => Number::Float(float(self.as_f64(), other.as_f64())),
        }
    }
}
