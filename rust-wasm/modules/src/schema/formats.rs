//! `idn-hostname` and `idn-email`, which the validator only knows with tables of a library: names are put into
//! ASCII, and that is checked by its rules for `hostname` and `email`.

use jsonschema::{Draft, Validator};

/// The formats that are added, for drafts that have them.
pub(super) const ADDED: [(&str, Check); 2] = [("idn-hostname", is_hostname), ("idn-email", is_email)];

/// Whether a string is of a format.
type Check = fn(&str) -> bool;

thread_local! {
    static HOSTNAME: Option<Validator> = of_format("hostname");
    static EMAIL: Option<Validator> = of_format("email");
}

fn of_format(format: &str) -> Option<Validator> {
    let schema = serde_json::json!({"format": format});
    let options = jsonschema::options().with_draft(Draft::Draft202012).offline();
    options.should_validate_formats(true).build(&schema).ok()
}

fn matches(validator: &Option<Validator>, text: String) -> bool {
    validator.as_ref().is_some_and(|validator| validator.is_valid(&text.into()))
}

/// A host name whose labels may have characters beyond ASCII, by RFC 5890.
fn is_hostname(text: &str) -> bool {
    in_ascii(text).is_some_and(|name| HOSTNAME.with(|validator| matches(validator, name)))
}

/// A mail address whose parts may have characters beyond ASCII, by RFC 6531.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    // A number in brackets is ASCII anyway.
    let Some(domain) = (if domain.starts_with('[') { Some(domain.to_owned()) } else { in_ascii(domain) })
    else {
        return false;
    };
    // Any character beyond ASCII may stand where a letter may.
    let local = local.chars().map(|character| if character.is_ascii() { character } else { 'x' });
    let address = local.chain(['@']).chain(domain.chars()).collect();
    EMAIL.with(|validator| matches(validator, address))
}

/// The name as the name system has it; None for a label that cannot be there.
fn in_ascii(name: &str) -> Option<String> {
    let dots = ['.', '\u{3002}', '\u{FF0E}', '\u{FF61}'];
    let labels: Option<Vec<String>> = name.split(dots).map(label_in_ascii).collect();
    labels.map(|labels| labels.join("."))
}

fn label_in_ascii(label: &str) -> Option<String> {
    if label.is_ascii() {
        return Some(label.to_owned());
    }
    let characters: Vec<char> = label.chars().flat_map(char::to_lowercase).collect();
    let hyphens = matches!(characters.as_slice(), ['-', ..] | [.., '-'] | [_, _, '-', '-', ..]);
    // Longer than any label may be: encoding takes time that grows with the square.
    (!hyphens && characters.len() < 64).then(|| format!("xn--{}", punycode(&characters)))
}

/// The encoding of RFC 3492 for labels.
fn punycode(characters: &[char]) -> String {
    let mut out: String = characters.iter().filter(|character| character.is_ascii()).collect();
    let basic = out.len() as u32;
    if basic > 0 {
        out.push('-');
    }
    let (mut next, mut delta, mut bias, mut done) = (128, 0, 72, basic);
    while (done as usize) < characters.len() {
        let code_points = characters.iter().map(|&character| u32::from(character));
        // At most 64 characters of 21 bits: no product is beyond 32 bits.
        let least = code_points.clone().filter(|&code| code >= next).min().unwrap_or(next);
        delta += (least - next) * (done + 1);
        next = least;
        for code in code_points {
            if code < next {
                delta += 1;
            } else if code == next {
                write_number(delta, bias, &mut out);
                bias = adapted(delta, done + 1, done == basic);
                delta = 0;
                done += 1;
            }
        }
        delta += 1;
        next += 1;
    }
    out
}

/// Digits of a base that changes with the place, the last one below its threshold.
fn write_number(mut number: u32, bias: u32, out: &mut String) {
    for place in (36..).step_by(36) {
        let threshold = (place as u32).saturating_sub(bias).clamp(1, 26);
        if number < threshold {
            break;
        }
        out.push(digit(threshold + (number - threshold) % (36 - threshold)));
        number = (number - threshold) / (36 - threshold);
    }
    out.push(digit(number));
}

fn digit(value: u32) -> char {
    char::from_digit(if value < 26 { value + 10 } else { value - 26 }, 36).unwrap_or('a')
}

fn adapted(delta: u32, count: u32, first: bool) -> u32 {
    let mut delta = delta / if first { 700 } else { 2 };
    delta += delta / count;
    let mut steps = 0;
    while delta > 455 {
        delta /= 35;
        steps += 36;
    }
    steps + 36 * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_in_ascii() {
        for (label, expected) in [
            ("example", "example"),
            ("bücher", "xn--bcher-kva"),
            ("Bücher", "xn--bcher-kva"),
            ("münchen-ost", "xn--mnchen-ost-9db"),
            ("他们为什么不说中文", "xn--ihqwcrb4cv8a8dqg056pqjye"),
            ("почемужеонинеговорятпорусски", "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l"),
        ] {
            assert_eq!(label_in_ascii(label).as_deref(), Some(expected), "{label}");
        }
        assert_eq!(label_in_ascii(&"ü".repeat(64)), None);
    }
}
