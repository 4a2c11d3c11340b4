//! Mathematics, by a library of our own: a sandbox has none, and so all machines agree on each digit.

use super::convert::number;
use super::{Answer, Builtin};
use crate::jq::value::whole;
use jaq_core::Error;
use wasmrecords_json::Value;

macro_rules! floats {
    ($($name:ident)*) => {
        vec![$(one!(stringify!($name), |v| number(&v).map(|x| whole(libm::$name(x))))),*]
    };
}

macro_rules! pairs {
    ($($name:ident)*) => {
        vec![$(three!(concat!("_", stringify!($name)), |_, x, y| Ok(whole(libm::$name(number(&x)?, number(&y)?))))),*]
    };
}

pub(super) fn all() -> Vec<Builtin> {
    let mut all = floats!(
        acos acosh asin asinh atan atanh cbrt cos cosh erf erfc exp exp10 exp2 expm1 fabs j0 j1 lgamma log
        log10 log1p log2 rint sin sinh sqrt tan tanh tgamma trunc y0 y1
    );
    all.extend(pairs!(atan2 copysign fdim fmax fmin fmod hypot nextafter pow remainder));
    all.extend([
        one!("floor", |v| rounded(v, f64::floor)),
        one!("ceil", |v| rounded(v, f64::ceil)),
        one!("round", |v| rounded(v, f64::round)),
        one!("nearbyint", |v| number(&v).map(|x| whole(libm::rint(x)))),
        one!("ilogb", |v| number(&v).map(|x| Value::from(libm::ilogb(x) as isize))),
        one!("lgamma_r", |v| {
            let (value, sign) = libm::lgamma_r(number(&v)?);
            Ok([whole(value), Value::from(sign as isize)].into_iter().collect())
        }),
        one!("frexp", |v| {
            let (fraction, exponent) = libm::frexp(number(&v)?);
            Ok([whole(fraction), Value::from(exponent as isize)].into_iter().collect())
        }),
        one!("modf", |v| {
            let (fraction, integer) = libm::modf(number(&v)?);
            Ok([whole(fraction), whole(integer)].into_iter().collect())
        }),
        three!("_jn", |_, n, x| Ok(whole(libm::jn(number(&n)? as i32, number(&x)?)))),
        three!("_yn", |_, n, x| Ok(whole(libm::yn(number(&n)? as i32, number(&x)?)))),
        three!("_scalb", |_, x, e| {
            let (x, exponent) = (number(&x)?, number(&e)?);
            let whole_exponent = exponent.fract() == 0.0 || exponent.is_infinite();
            Ok(whole(if whole_exponent { x * libm::exp2(exponent) } else { f64::NAN }))
        }),
        three!("_ldexp", |_, x, e| scaled(&x, &e)),
        three!("_scalbln", |_, x, e| scaled(&x, &e)),
        four!("_fma", |_, x, y, z| Ok(whole(libm::fma(number(&x)?, number(&y)?, number(&z)?)))),
    ]);
    all
}

fn scaled(x: &Value, exponent: &Value) -> Result<Value, Error<Value>> {
    // The cast saturates, and so does the scaling long before.
    Ok(whole(libm::scalbn(number(x)?, number(exponent)? as i32)))
}

/// Integers are whole as they are, however large.
fn rounded(value: Value, round: fn(f64) -> f64) -> Answer {
    let float = number(&value)?;
    let exact = value.as_number().is_some_and(|number| number.is_exact());
    Ok(if exact { value } else { whole(round(float)) })
}
