//! `#[record(...)]` and `#[config(...)]`, in serde's words.

use crate::case::Case;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Expr, Lit, LitStr, Meta};

/// What stands on a type.
#[derive(Default)]
pub(crate) struct OnType {
    pub rename_all: Option<Case>,
    pub deny_unknown_fields: bool,
}

/// What stands on a field or a variant.
#[derive(Default)]
pub(crate) struct OnField {
    pub rename: Option<String>,
    pub default: Option<Default_>,
    pub skip: bool,
    pub flatten: bool,
    pub about: String,
}

const TYPES: &str = "expected `rename_all = \"...\"` or `deny_unknown_fields`";
/// What to do in the place of an enum with fields.
pub(crate) const KINDS: &str = "a record of several kinds is a struct with one member for the kind, and with those of \
                                all kinds as `Option`s";

/// The value of a field that is not there.
pub(crate) enum Default_ {
    /// The type's own.
    Type,
    /// This one.
    Value(Box<Expr>),
}

impl OnType {
    pub fn read(attributes: &[Attribute], namespace: &str) -> syn::Result<Self> {
        let mut on = OnType::default();
        each(attributes, namespace, |meta| {
            if meta.path.is_ident("rename_all") {
                on.rename_all = Some(Case::parse(&meta.value()?.parse::<LitStr>()?)?);
            } else if meta.path.is_ident("deny_unknown_fields") {
                on.deny_unknown_fields = true;
            } else {
                let several = ["tag", "content", "untagged"].iter().any(|word| meta.path.is_ident(word));
                return Err(meta.error(if several { format!("{TYPES}: {KINDS}") } else { TYPES.to_owned() }));
            }
            Ok(())
        })?;
        Ok(on)
    }
}

impl OnField {
    pub fn read(attributes: &[Attribute], namespace: &str) -> syn::Result<Self> {
        let mut on = OnField { about: about(attributes), ..OnField::default() };
        each(attributes, namespace, |meta| {
            if meta.path.is_ident("rename") {
                on.rename = Some(meta.value()?.parse::<LitStr>()?.value());
            } else if meta.path.is_ident("default") {
                on.default = Some(match meta.value() {
                    Ok(value) => Default_::Value(value.parse()?),
                    Err(_) => Default_::Type,
                });
            } else if meta.path.is_ident("skip") {
                on.skip = true;
            } else if meta.path.is_ident("flatten") {
                on.flatten = true;
            } else {
                return Err(meta.error("expected `rename`, `default`, `skip` or `flatten`"));
            }
            if on.flatten && (on.rename.is_some() || on.default.is_some() || on.skip) {
                return Err(meta.error("`flatten` stands alone: its members have their own attributes"));
            }
            Ok(())
        })?;
        Ok(on)
    }
}

fn each(
    attributes: &[Attribute],
    namespace: &str,
    mut read: impl FnMut(ParseNestedMeta<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(namespace)) {
        attribute.parse_nested_meta(&mut read)?;
    }
    Ok(())
}

/// The documentation of an item: its lines, without the space in front of each.
pub(crate) fn about(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attribute in attributes {
        if let Meta::NameValue(pair) = &attribute.meta
            && pair.path.is_ident("doc")
            && let Expr::Lit(literal) = &pair.value
            && let Lit::Str(text) = &literal.lit
        {
            lines.push(text.value().trim().to_owned());
        }
    }
    lines.join("\n").trim().to_owned()
}
