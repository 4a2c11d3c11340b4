//! `rename_all`: the styles that names can have, by serde's words for them and with serde's results.

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

    /// The name of a field in this style. It is taken to be in `snake_case`: its words are between the underscores.
    pub fn field(self, name: &str) -> String {
        match STYLES[self.0] {
            "lowercase" | "snake_case" => name.to_owned(),
            "UPPERCASE" | "SCREAMING_SNAKE_CASE" => name.to_ascii_uppercase(),
            "PascalCase" => joined(name),
            "camelCase" => lowered(&joined(name)),
            "kebab-case" => name.replace('_', "-"),
            _ => name.to_ascii_uppercase().replace('_', "-"),
        }
    }

    /// The name of a variant in this style. It is taken to be in `PascalCase`: each capital begins a word.
    pub fn variant(self, name: &str) -> String {
        match STYLES[self.0] {
            "lowercase" => name.to_ascii_lowercase(),
            "UPPERCASE" => name.to_ascii_uppercase(),
            "PascalCase" => name.to_owned(),
            "camelCase" => lowered(name),
            "snake_case" => parted(name),
            "SCREAMING_SNAKE_CASE" => parted(name).to_ascii_uppercase(),
            "kebab-case" => parted(name).replace('_', "-"),
            _ => parted(name).to_ascii_uppercase().replace('_', "-"),
        }
    }
}

/// A name without its underscores: behind each, and at the start, is a capital.
fn joined(name: &str) -> String {
    let mut out = String::new();
    let mut begins = true;
    for character in name.chars() {
        match character {
            '_' => begins = true,
            _ if begins => out.push(character.to_ascii_uppercase()),
            _ => out.push(character),
        }
        begins &= character == '_';
    }
    out
}

/// A name with an underscore before each capital but the first character, in small letters.
fn parted(name: &str) -> String {
    let mut out = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(character.to_ascii_lowercase());
    }
    out
}

/// A name with a small first letter.
fn lowered(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What serde_derive 1.0 makes of these names.
    #[test]
    fn all_styles_are_serdes() {
        for (name, expected) in [
            (
                "min_age",
                ["min_age", "MIN_AGE", "MinAge", "minAge", "min_age", "MIN_AGE", "min-age", "MIN-AGE"],
            ),
            (
                "user_ID",
                ["user_ID", "USER_ID", "UserID", "userID", "user_ID", "USER_ID", "user-ID", "USER-ID"],
            ),
            ("_x1", ["_x1", "_X1", "X1", "x1", "_x1", "_X1", "-x1", "-X1"]),
        ] {
            for (style, expected) in expected.into_iter().enumerate() {
                assert_eq!(Case(style).field(name), expected, "{name} {}", STYLES[style]);
            }
        }
        for (name, expected) in [
            ("MinAge", ["minage", "MINAGE", "MinAge", "minAge", "min_age", "MIN_AGE", "min-age", "MIN-AGE"]),
            (
                "UserID",
                ["userid", "USERID", "UserID", "userID", "user_i_d", "USER_I_D", "user-i-d", "USER-I-D"],
            ),
            ("A", ["a", "A", "A", "a", "a", "A", "a", "A"]),
        ] {
            for (style, expected) in expected.into_iter().enumerate() {
                assert_eq!(Case(style).variant(name), expected, "{name} {}", STYLES[style]);
            }
        }
    }
}
