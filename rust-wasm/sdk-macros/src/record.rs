//! `#[derive(Record)]` and `#[derive(Config)]` for structs: each field is a member of an object.

use crate::attributes::{Default_, OnField, OnType};
use crate::words;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Expr, Fields, Generics, Ident, Lifetime, Lit, Type, UnOp};

/// Which of the two is derived.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Record,
    Config,
}

struct Field {
    /// Its own name.
    own: Ident,
    /// The name of the member.
    name: String,
    kind: Type,
    on: OnField,
}

pub(crate) fn derive(input: &DeriveInput, kind: Kind) -> syn::Result<TokenStream> {
    let namespace = if kind == Kind::Record { "record" } else { "config" };
    let on = OnType::read(&input.attrs, namespace)?;
    match &input.data {
        Data::Struct(data) => {
            let Fields::Named(named) = &data.fields else {
                return Err(error(
                    input,
                    "expected a struct with named fields: they are the members of an object",
                ));
            };
            let mut fields = Vec::new();
            for field in &named.named {
                let own = field.ident.clone().ok_or_else(|| error(field, "expected a name"))?;
                let mut on_field = OnField::read(&field.attrs, namespace)?;
                let plain = own.unraw().to_string();
                let styled = on.rename_all.map_or_else(|| plain.clone(), |case| case.apply(&plain));
                let name = on_field.rename.take().unwrap_or(styled);
                fields.push(Field { own, name, kind: field.ty.clone(), on: on_field });
            }
            differ(&fields)?;
            structure(input, &fields, !on.deny_unknown_fields && kind == Kind::Record, kind)
        }
        Data::Enum(data) if kind == Kind::Record => words::derive(input, data, &on),
        _ if kind == Kind::Config => {
            Err(error(input, "expected a struct with named fields: what may be set"))
        }
        _ => Err(error(input, "expected a struct with named fields, or an enum of words")),
    }
}

pub(crate) fn error(at: impl quote::ToTokens, message: &str) -> syn::Error {
    syn::Error::new_spanned(at, message)
}

fn differ(fields: &[Field]) -> syn::Result<()> {
    for (place, field) in fields.iter().enumerate() {
        let listed = |field: &Field| !field.on.skip && !field.on.flatten;
        if listed(field) && fields[..place].iter().any(|other| listed(other) && other.name == field.name) {
            return Err(error(&field.own, &format!("two members have the name \"{}\"", field.name)));
        }
    }
    Ok(())
}

/// The lifetime of a record's text, and the generics of an `impl` for it: those of the type, and the lifetime if the
/// type has none.
pub(crate) fn text_lifetime(input: &DeriveInput) -> syn::Result<(Lifetime, Generics)> {
    let mut generics = input.generics.clone();
    let lifetimes: Vec<_> = generics.lifetimes().map(|parameter| parameter.lifetime.clone()).collect();
    let text = match lifetimes.as_slice() {
        [] => {
            let text = Lifetime::new("'text", Span::call_site());
            generics.params.insert(0, syn::parse_quote!(#text));
            text
        }
        [text] => text.clone(),
        [_, second, ..] => return Err(error(second, "expected one lifetime: that of the record's text")),
    };
    for parameter in input.generics.type_params() {
        let name = &parameter.ident;
        generics.make_where_clause().predicates.push(syn::parse_quote!(#name: ::wasmrecords::Record<#text>));
    }
    Ok((text, generics))
}

fn structure(input: &DeriveInput, fields: &[Field], open: bool, kind: Kind) -> syn::Result<TokenStream> {
    let name = &input.ident;
    let (text, generics) = text_lifetime(input)?;
    let (with, _, bounds) = generics.split_for_impl();
    let (_, own, _) = input.generics.split_for_impl();
    // Names that nobody else can mean, whatever fields and types are called.
    let partial = Ident::new("__Partial", Span::call_site());
    let mark = Ident::new("__text", Span::call_site());
    let phantom = generics.type_params().map(|parameter| &parameter.ident);
    let (_, partial_own, _) = generics.split_for_impl();

    let parts = fields.iter().filter(|field| !field.on.skip).map(|field| part(field, &text));
    let read: Vec<_> = fields.iter().filter(|field| !field.on.skip).collect();
    let places: Vec<_> = read.iter().map(|field| &field.own).collect();
    let stored = read.iter().map(|field| {
        let kind = &field.kind;
        if field.on.flatten {
            quote!(<#kind as w::Members<#text>>::Partial)
        } else {
            quote!(::core::option::Option<#kind>)
        }
    });
    let arms = read.iter().filter(|field| !field.on.flatten).map(|field| {
        let (own, name, kind) = (&field.own, &field.name, &field.kind);
        quote! {
            #name => {
                if partial.#own.is_some() {
                    return ::core::option::Option::None;
                }
                partial.#own = ::core::option::Option::Some(<#kind as w::Record<#text>>::read(reader)?);
                ::core::option::Option::Some(w::Taken::Yes)
            }
        }
    });
    let flat = read.iter().filter(|field| field.on.flatten).map(|field| {
        let (own, kind) = (&field.own, &field.kind);
        quote! {
            if let w::Taken::Yes = <#kind as w::Members<#text>>::member(&mut partial.#own, name, reader)? {
                return ::core::option::Option::Some(w::Taken::Yes);
            }
        }
    });
    let done = fields.iter().map(|field| finished(field, &text));
    // Of what is flattened nobody knows how many members there are.
    let from_slots = read.iter().all(|field| !field.on.flatten).then(|| {
        let found = fields.iter().map(|field| {
            let (own, kind) = (&field.own, &field.kind);
            if field.on.skip {
                finished(field, &text)
            } else {
                value(field, &text, &quote!(slots.member::<#kind>()?), own)
            }
        });
        let plain = fields.iter().map(|field| {
            let (own, kind) = (&field.own, &field.kind);
            match default(field) {
                _ if field.on.skip => finished(field, &text),
                None => quote!(#own: members.required::<#kind>()?),
                Some(_) => value(field, &text, &quote!(members.member::<#kind>()?), own),
            }
        });
        let unused = read.is_empty().then(|| quote!(let _ = slots;));
        let unused_plain = read.is_empty().then(|| quote!(let _ = members;));
        quote! {
            #[inline(always)]
            fn from_plain<const ESCAPES: bool>(
                members: &mut w::PlainMembers<#text, '_, ESCAPES>,
            ) -> ::core::option::Option<Self> {
                #unused_plain
                ::core::option::Option::Some(#name { #(#plain),* })
            }

            #[inline(never)]
            fn from_slots(slots: &mut w::Slots<#text, '_>) -> ::core::option::Option<Self> {
                #unused
                ::core::option::Option::Some(#name { #(#found),* })
            }
        }
    });
    let write = |field: &Field, before: char| {
        let (own, kind) = (&field.own, &field.kind);
        if field.on.flatten {
            return quote!(<#kind as w::Members<#text>>::write_members(&self.#own, out););
        }
        let start = format!("{before}{}:", quoted(&field.name));
        quote! {
            out.raw(#start);
            <#kind as w::Record<#text>>::write(&self.#own, out);
        }
    };
    let written = read.iter().map(|field| write(field, ','));
    // Of what is flattened nobody knows whether it writes a member.
    let whole = match read.as_slice() {
        [first, others @ ..] if read.iter().all(|field| !field.on.flatten) => {
            let (first, others) = (write(first, '{'), others.iter().map(|field| write(field, ',')));
            quote!(#first #(#others)* out.raw("}");)
        }
        _ => quote!(w::write_object(self, out);),
    };
    let outputs = outputs(input, &text, &generics);
    let config =
        (kind == Kind::Config).then(|| quote!(impl #with ::wasmrecords::Config for #name #own #bounds {}));
    Ok(quote! {
        const _: () = {
            use ::wasmrecords::__private as w;

            pub struct #partial #partial_own #bounds {
                #(#places: #stored,)*
                #mark: ::core::marker::PhantomData<(&#text (), #(#phantom,)*)>,
            }

            impl #with ::core::default::Default for #partial #partial_own #bounds {
                fn default() -> Self {
                    #partial {
                        #(#places: ::core::default::Default::default(),)*
                        #mark: ::core::marker::PhantomData,
                    }
                }
            }

            impl #with w::Record<#text> for #name #own #bounds {
                const SHAPE: w::Shape = w::Shape::Object(&w::Object { parts: &[#(#parts),*], open: #open });

                #[inline]
                fn read(reader: &mut w::Reader<#text>) -> ::core::option::Option<Self> {
                    w::read_object(reader, #open)
                }

                #from_slots

                fn write(&self, out: &mut w::Writer) {
                    #whole
                }
            }

            impl #with w::Members<#text> for #name #own #bounds {
                type Partial = #partial #partial_own;

                #[inline]
                fn member(
                    partial: &mut Self::Partial,
                    name: &str,
                    reader: &mut w::Reader<#text>,
                ) -> ::core::option::Option<w::Taken> {
                    match name {
                        #(#arms)*
                        _ => {
                            #(#flat)*
                            ::core::option::Option::Some(w::Taken::No)
                        }
                    }
                }

                #[inline]
                fn finish(partial: Self::Partial) -> ::core::option::Option<Self> {
                    ::core::option::Option::Some(#name { #(#done),* })
                }

                #[inline]
                fn write_members(&self, out: &mut w::Writer) {
                    #(#written)*
                }
            }

            #outputs
            #config
        };
    })
}

/// What makes a type one that a transform can give back.
pub(crate) fn outputs(input: &DeriveInput, text: &Lifetime, generics: &Generics) -> TokenStream {
    let name = &input.ident;
    let (_, own, _) = input.generics.split_for_impl();
    let (mut generics, mut text) = (generics.clone(), text.clone());
    if input.generics.lifetimes().next().is_none() {
        // A lifetime that is only the trait's cannot stand on this impl.
        generics = input.generics.clone();
        text = Lifetime::new("'static", Span::call_site());
        for parameter in input.generics.type_params() {
            let name = &parameter.ident;
            let bounds = &mut generics.make_where_clause().predicates;
            bounds.push(syn::parse_quote!(#name: for<'text> w::Record<'text>));
        }
    }
    let (with, _, bounds) = generics.split_for_impl();
    quote! {
        impl #with w::Outputs for #name #own #bounds {
            const SHAPE: w::Shape = <Self as w::Record<#text>>::SHAPE;

            #[inline(always)]
            fn emit(self, ctx: &mut w::Ctx<'_>) -> ::core::result::Result<(), w::Failure> {
                ctx.keep(&self)
            }
        }
    }
}

/// The description of a member.
fn part(field: &Field, text: &Lifetime) -> TokenStream {
    let kind = &field.kind;
    if field.on.flatten {
        return quote!(w::Part::Flat(&<#kind as w::Record<#text>>::SHAPE));
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
        None => quote!(!<#kind as w::Record<#text>>::SHAPE.takes_null()),
    };
    quote! {
        w::Part::Member(w::Member {
            name: #name,
            shape: <#kind as w::Record<#text>>::SHAPE,
            required: #required,
            default: #default,
            about: #about,
        })
    }
}

/// A field of the finished struct.
fn finished(field: &Field, text: &Lifetime) -> TokenStream {
    let (own, kind) = (&field.own, &field.kind);
    if field.on.skip {
        let default = default(field).unwrap_or_else(|| quote!(::core::default::Default::default()));
        return quote!(#own: #default);
    }
    if field.on.flatten {
        return quote!(#own: <#kind as w::Members<#text>>::finish(partial.#own)?);
    }
    value(field, text, &quote!(partial.#own), own)
}

/// A field with what was found for it, or what it is without.
fn value(field: &Field, text: &Lifetime, found: &TokenStream, own: &Ident) -> TokenStream {
    let kind = &field.kind;
    let otherwise = default(field).unwrap_or_else(|| quote!(<#kind as w::Record<#text>>::absent()?));
    quote! {
        #own: match #found {
            ::core::option::Option::Some(value) => value,
            ::core::option::Option::None => #otherwise,
        }
    }
}

/// What a field is where it is not there, if its attributes say so.
fn default(field: &Field) -> Option<TokenStream> {
    let kind = &field.kind;
    Some(match field.on.default.as_ref()? {
        Default_::Value(value) if is_string(value) => {
            quote!(<#kind as ::core::convert::From<&'static str>>::from(#value))
        }
        Default_::Value(value) => quote!(#value),
        Default_::Type => quote!(::core::default::Default::default()),
    })
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

/// A JSON string.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            control if control < ' ' || control == '\u{7f}' => {
                out.push_str(&format!("\\u{:04x}", control as u32))
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
