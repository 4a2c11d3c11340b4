//! One field of a record or a config: how it is described, and what it is made of.

use crate::attributes::{Default_, OnField};
use crate::callable::{last_name, local};
use crate::returned::arguments;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Ident, Lifetime, Lit, Type, UnOp};

pub(crate) struct Field {
    /// Its own name.
    pub own: Ident,
    /// The name of the member.
    pub name: String,
    pub kind: Type,
    pub on: OnField,
}

/// The description of a member.
pub(crate) fn part(field: &Field, text: &Lifetime) -> TokenStream {
    let kind = &field.kind;
    if field.on.flatten {
        return quote!(__wr::Part::Flat(&<#kind as __wr::Record<#text>>::SHAPE));
    }
    let (name, about) = (&field.name, &field.on.about);
    let default = match &field.on.default {
        Some(Default_::Value(value)) => match json(value) {
            Some(json) => quote!(::core::option::Option::Some(#json)),
            None => quote!(::core::option::Option::None),
        },
        _ => quote!(::core::option::Option::None),
    };
    let required = match &field.on.default {
        Some(_) => quote!(false),
        None => quote!(!<#kind as __wr::Record<#text>>::OPTIONAL),
    };
    quote! {
        __wr::Part::Member(__wr::Member {
            name: #name,
            shape: <#kind as __wr::Record<#text>>::SHAPE,
            required: #required,
            default: #default,
            about: #about,
        })
    }
}

/// Refuses a field of a config that passes over what it does not know.
pub(crate) fn closed(field: &Field) -> TokenStream {
    let kind = &field.kind;
    quote_spanned!(kind.span()=> const _: () = __wr::closed(&<#kind as __wr::Record<'static>>::SHAPE);)
}

/// A field of the finished struct.
pub(crate) fn finished(field: &Field, text: &Lifetime) -> TokenStream {
    let (own, kind, partial) = (&field.own, &field.kind, local("partial"));
    if field.on.skip {
        let default = default(field).unwrap_or_else(|| of_type(kind));
        return quote!(#own: #default);
    }
    if field.on.flatten {
        return quote!(#own: <#kind as __wr::Members<#text>>::finish(#partial.#own)?);
    }
    or_missing(field, text, &quote!(#partial.#own))
}

/// A field with what was found for it, or what it is without.
pub(crate) fn or_missing(field: &Field, text: &Lifetime, found: &TokenStream) -> TokenStream {
    let (own, kind, value) = (&field.own, &field.kind, local("value"));
    let otherwise = default(field).unwrap_or_else(|| quote!(<#kind as __wr::Record<#text>>::absent()?));
    quote! {
        #own: match #found {
            ::core::option::Option::Some(#value) => #value,
            ::core::option::Option::None => #otherwise,
        }
    }
}

/// What a field is where it is not there, if its attributes say so.
pub(crate) fn default(field: &Field) -> Option<TokenStream> {
    let kind = &field.kind;
    Some(match field.on.default.as_ref()? {
        Default_::Value(value) if is_string(value) => text(kind, value),
        Default_::Value(value) => quote!(#value),
        Default_::Type => of_type(kind),
    })
}

/// The default of a type; the compiler says at the type that it has none.
fn of_type(kind: &Type) -> TokenStream {
    quote_spanned!(kind.span()=> <#kind as ::core::default::Default>::default())
}

/// A literal as a type of texts. (Its lifetime is left to the compiler: a `&'a str` is made of no `&'static str`, but of
/// one that is as short.)
fn text(kind: &Type, value: &Expr) -> TokenStream {
    let outer = last_name(kind).map(Ident::to_string).unwrap_or_default();
    match (outer.as_str(), arguments(kind).as_slice()) {
        ("Option", [inner]) => {
            let inner = text(inner, value);
            quote!(::core::option::Option::Some(#inner))
        }
        ("Box", [inner]) => {
            let inner = text(inner, value);
            quote!(::std::boxed::Box::new(#inner))
        }
        _ => quote!(<#kind as ::core::convert::From<&'_ str>>::from(#value)),
    }
}

fn is_string(value: &Expr) -> bool {
    matches!(value, Expr::Lit(literal) if matches!(literal.lit, Lit::Str(_)))
}

/// A literal as JSON.
fn json(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Bool(value) => Some(value.value.to_string()),
            Lit::Int(value) => Some(value.base10_digits().to_owned()),
            Lit::Float(value) => value.base10_parse::<f64>().ok().map(|value| format!("{value:?}")),
            Lit::Str(value) => Some(quoted(&value.value())),
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => {
            json(&unary.expr).map(|value| format!("-{value}"))
        }
        _ => None,
    }
}

/// A JSON string, as the SDK writes one.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            control if control < ' ' || control == '\u{7f}' => {
                out.push_str(&format!("\\u{:04x}", control as u32))
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
