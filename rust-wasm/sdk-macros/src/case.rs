//! `rename_all`: the styles that names can have, by serde's words for them.

use syn::LitStr;

#[derive(Clone, Copy)]
pub(crate) struct Case(usize);

const STYLES: [&str; 8] = [
    "lowercase",
    "UPPERCASE",
    "PascalCase",
    "camelCase",
    "snake_case",
    "SCREAMING_SNAKE_CASE",
    "kebab-case",
    "SCREAMING-KEBAB-CASE",
];

impl Case {
    /// `snake_case`
    pub fn snake() -> Case {
        Case(4)
    }

    pub fn parse(style: &LitStr) -> syn::Result<Case> {
        let style_name = style.value();
        let known = STYLES.iter().position(|known| *known == style_name);
        known.map(Case).ok_or_else(|| {
            let list = STYLES.map(|style| format!("\"{style}\"")).join(", ");
            syn::Error::new_spanned(style, format!("expected one of {list}"))
        })
    }

    /// The name of a field (in `snake_case`) or a variant (in `PascalCase`) in this style.
    pub fn apply(self, name: &str) -> String {
        let words = words(name);
        let capital = |word: &str| {
            let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
            first.to_uppercase() + rest
        };
        match STYLES[self.0] {
            "lowercase" => words.concat(),
            "UPPERCASE" => words.concat().to_uppercase(),
            "PascalCase" => words.iter().map(|word| capital(word)).collect(),
            "camelCase" => {
                let mut words = words.iter();
                let first = words.next().cloned().unwrap_or_default();
                words.fold(first, |name, word| name + &capital(word))
            }
            "snake_case" => words.join("_"),
            "SCREAMING_SNAKE_CASE" => words.join("_").to_uppercase(),
            "kebab-case" => words.join("-"),
            _ => words.join("-").to_uppercase(),
        }
    }
}

/// The words of a name, in small letters.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for character in name.chars() {
        let last = words.last_mut().map_or(0, |word| word.len());
        if character == '_' || character.is_uppercase() {
            if last > 0 {
                words.push(String::new());
            }
            if character == '_' {
                continue;
            }
        }
        if let Some(word) = words.last_mut() {
            word.extend(character.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_styles() {
        let expected = ["minage", "MINAGE", "MinAge", "minAge", "min_age", "MIN_AGE", "min-age", "MIN-AGE"];
        for (style, expected) in expected.into_iter().enumerate() {
            assert_eq!(Case(style).apply("min_age"), expected);
            assert_eq!(Case(style).apply("MinAge"), expected);
        }
    }
}
