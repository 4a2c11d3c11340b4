//! `#[derive(Record)]` and `#[derive(Config)]` for structs: each field is a member of an object.

use crate::attributes::{OnField, OnType};
use crate::callable::{last_name, lasts, local, names};
use crate::field::{Field, closed, default, finished, or_missing, part, quoted};
use crate::stub::{self, lacks_lifetime};
use crate::words;
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields, GenericParam, Generics, Ident, Lifetime};

/// Which of the two is derived.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Record,
    Config,
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
                let styled = on.rename_all.map_or_else(|| plain.clone(), |case| case.field(&plain));
                let name = on_field.rename.take().unwrap_or(styled);
                fields.push(Field { own, name, kind: field.ty.clone(), on: on_field });
            }
            differ(&fields)?;
            if kind == Kind::Config {
                let message =
                    "expected no lifetime: a config stays when its text is gone, so its texts are `String`s";
                if let Some(lifetime) = input.generics.lifetimes().next() {
                    return Err(error(lifetime, message));
                }
                if let Some(field) = fields.iter().find(|field| lacks_lifetime(&field.kind, &input.generics))
                {
                    return Err(error(&field.kind, message));
                }
            }
            fields.iter().try_for_each(|field| look_at(field, &input.ident))?;
            if fields.iter().any(|field| lacks_lifetime(&field.kind, &input.generics)) {
                return Ok(stub::of(input, kind));
            }
            structure(input, &fields, &on, kind)
        }
        Data::Enum(data) if kind == Kind::Record => words::derive(input, data, &on),
        _ if kind == Kind::Config => {
            let message = "expected a struct with named fields: what may be set. \
                           An enum among its fields has `#[derive(Record)]`";
            Err(error(&input.ident, message))
        }
        _ => Err(error(&input.ident, "expected a struct with named fields, or an enum of words")),
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

/// Refuses types that no shape can be made of, where that can be seen.
fn look_at(field: &Field, whole: &Ident) -> syn::Result<()> {
    if field.on.skip {
        return Ok(());
    }
    if field.on.flatten && last_name(&field.kind).is_some_and(|name| name == "Option") {
        let message =
            "expected a struct, or a map: in the place of an `Option` of a struct make its fields `Option`s";
        return Err(error(&field.kind, message));
    }
    if let Some(lifetime) = lasts(&field.kind) {
        let message = "expected a text that ends with the record, as in `struct Out<'a> { kind: &'a str }`, or a `String`: \
                       what is written can be read as well. A literal fits into both";
        return Err(error(lifetime, message));
    }
    if names(&field.kind, whole) {
        let message = "expected a type that has an end: what a record looks like stands in the manifest as a whole. \
                       `Value`, `Raw` and `Json<T>` take values of any depth";
        return Err(error(&field.kind, message));
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

fn structure(input: &DeriveInput, fields: &[Field], on: &OnType, kind: Kind) -> syn::Result<TokenStream> {
    let name = &input.ident;
    let open = !on.deny_unknown_fields && kind == Kind::Record;
    let (text, generics) = text_lifetime(input)?;
    let (with, _, bounds) = generics.split_for_impl();
    let (_, own, _) = input.generics.split_for_impl();
    // Names that nobody else can mean, whatever fields and types are called.
    let holder = Ident::new("__Partial", Span::call_site());
    let mut mark = String::from("__text");
    while fields.iter().any(|field| field.own == mark) {
        mark.push('_');
    }
    let mark = Ident::new(&mark, Span::call_site());
    let phantom = generics.type_params().map(|parameter| &parameter.ident);
    let (_, holder_own, _) = generics.split_for_impl();

    // What the expressions of defaults do not see.
    let (partial, slots, members) = (local("partial"), local("slots"), local("members"));

    let parts = fields.iter().filter(|field| !field.on.skip).map(|field| part(field, &text));
    let object = quote!(&__wr::Object { parts: &[#(#parts),*], open: #open });
    let (shape, looked_at) = shape(input, fields, on, &object);
    let read: Vec<_> = fields.iter().filter(|field| !field.on.skip).collect();
    let places: Vec<_> = read.iter().map(|field| &field.own).collect();
    let stored = read.iter().map(|field| {
        let kind = &field.kind;
        if field.on.flatten {
            quote!(<#kind as __wr::Members<#text>>::Partial)
        } else {
            quote!(::core::option::Option<#kind>)
        }
    });
    let arms = read.iter().filter(|field| !field.on.flatten).map(|field| {
        let (own, name, kind) = (&field.own, &field.name, &field.kind);
        quote! {
            #name => {
                if #partial.#own.is_some() {
                    return ::core::option::Option::None;
                }
                #partial.#own = ::core::option::Option::Some(<#kind as __wr::Record<#text>>::read(__reader)?);
                ::core::option::Option::Some(__wr::Taken::Yes)
            }
        }
    });
    let flat = read.iter().filter(|field| field.on.flatten).map(|field| {
        let (own, kind) = (&field.own, &field.kind);
        quote! {
            if let __wr::Taken::Yes = <#kind as __wr::Members<#text>>::member(&mut #partial.#own, __name, __reader)? {
                return ::core::option::Option::Some(__wr::Taken::Yes);
            }
        }
    });
    let done = fields.iter().map(|field| finished(field, &text));
    let from_slots = {
        let found = fields.iter().map(|field| {
            let (own, kind) = (&field.own, &field.kind);
            if field.on.skip {
                finished(field, &text)
            } else if field.on.flatten {
                quote!(#own: #slots.flat::<#kind>()?)
            } else {
                or_missing(field, &text, &quote!(<#kind as __wr::Record<#text>>::next(#slots)?))
            }
        });
        let plain = fields.iter().map(|field| {
            let (own, kind) = (&field.own, &field.kind);
            match default(field) {
                _ if field.on.skip => finished(field, &text),
                _ if field.on.flatten => quote!(#own: #members.flat::<#kind>()?),
                None => quote!(#own: <#kind as __wr::Record<#text>>::next_required(#members)?),
                Some(_) => {
                    or_missing(field, &text, &quote!(<#kind as __wr::Record<#text>>::next_plain(#members)?))
                }
            }
        });
        let unused = read.is_empty().then(|| quote!(let _ = #slots;));
        let unused_plain = read.is_empty().then(|| quote!(let _ = #members;));
        quote! {
            #[inline(always)]
            fn from_plain<const ESCAPES: bool>(
                #members: &mut __wr::PlainMembers<#text, '_, ESCAPES>,
            ) -> ::core::option::Option<Self> {
                #unused_plain
                ::core::option::Option::Some(#name { #(#plain),* })
            }

            #[inline(never)]
            fn from_slots(#slots: &mut __wr::Slots<#text, '_>) -> ::core::option::Option<Self> {
                #unused
                ::core::option::Option::Some(#name { #(#found),* })
            }
        }
    };
    let write = |field: &Field, before: char| {
        let (own, kind) = (&field.own, &field.kind);
        if field.on.flatten {
            return quote!(<#kind as __wr::Members<#text>>::write_members(&self.#own, __out););
        }
        let start = format!("{before}{}:", quoted(&field.name));
        quote! {
            __out.raw(#start);
            <#kind as __wr::Record<#text>>::write(&self.#own, __out);
        }
    };
    let written = read.iter().map(|field| write(field, ','));
    let flat_fields: Vec<_> =
        read.iter().filter(|field| field.on.flatten).map(|field| (&field.own, &field.kind)).collect();
    let once = (!flat_fields.is_empty()).then(|| quote!(__wr::write_once(self, __out);));
    let again = (!flat_fields.is_empty()).then(|| {
        let (own, kinds): (Vec<_>, Vec<_>) = flat_fields.iter().copied().unzip();
        quote! {
            fn again(&self, __object: &__wr::Shape) -> ::core::option::Option<&str> {
                ::core::option::Option::None
                    #(.or_else(|| <#kinds as __wr::Members<#text>>::again(&self.#own, __object)))*
            }
        }
    });
    // Of what is flattened nobody knows whether it writes a member.
    let whole = match read.as_slice() {
        [first, others @ ..] if read.iter().all(|field| !field.on.flatten) => {
            let (first, others) = (write(first, '{'), others.iter().map(|field| write(field, ',')));
            quote!(#first #(#others)* __out.raw("}");)
        }
        _ => quote!(__wr::write_object(self, __out);),
    };
    let puts = puts(&read, &text);
    let outputs = outputs(input, &text, &generics);
    let config = (kind == Kind::Config).then(|| {
        // Of a type with parameters there is no shape yet.
        let known = input.generics.params.is_empty();
        let closed = read.iter().filter(|_| known).map(|field| closed(field));
        quote! {
            impl #with ::wasmrecords::Config for #name #own #bounds {}
            #(#closed)*
        }
    });
    Ok(quote! {
        const _: () = {
            use ::wasmrecords::__private as __wr;

            pub struct #holder #with #bounds {
                #(#places: #stored,)*
                #mark: ::core::marker::PhantomData<(&#text (), #(#phantom,)*)>,
            }

            impl #with ::core::default::Default for #holder #holder_own #bounds {
                fn default() -> Self {
                    #holder {
                        #(#places: ::core::default::Default::default(),)*
                        #mark: ::core::marker::PhantomData,
                    }
                }
            }

            impl #with __wr::Record<#text> for #name #own #bounds {
                const SHAPE: __wr::Shape = #shape;

                #[inline]
                fn read(__reader: &mut __wr::Reader<#text>) -> ::core::option::Option<Self> {
                    __wr::read_object(__reader, #open)
                }

                #from_slots

                fn write(&self, __out: &mut __wr::Writer) {
                    #whole
                }

                #puts
            }

            impl #with __wr::Members<#text> for #name #own #bounds {
                type Partial = #holder #holder_own;

                #[inline]
                fn member(
                    #partial: &mut Self::Partial,
                    __name: &str,
                    __reader: &mut __wr::Reader<#text>,
                ) -> ::core::option::Option<__wr::Taken> {
                    match __name {
                        #(#arms)*
                        _ => {
                            #(#flat)*
                            ::core::option::Option::Some(__wr::Taken::No)
                        }
                    }
                }

                #[inline]
                fn finish(#partial: Self::Partial) -> ::core::option::Option<Self> {
                    ::core::option::Option::Some(#name { #(#done),* })
                }

                #[inline]
                fn write_members(&self, __out: &mut __wr::Writer) {
                    #once
                    #(#written)*
                }

                #again
            }

            #outputs
            #config
            #looked_at
        };
    })
}

/// How the object is written in one go: not with flat parts, of which nobody knows whether they write a member.
fn puts(fields: &[&Field], text: &Lifetime) -> Option<TokenStream> {
    if fields.is_empty() || fields.iter().any(|field| field.on.flatten) {
        return None;
    }
    let (mut literals, mut all, mut most, mut put) = (1, Vec::new(), Vec::new(), Vec::new());
    for (place, field) in fields.iter().enumerate() {
        let (own, kind) = (&field.own, &field.kind);
        let start = format!("{}{}:", if place == 0 { '{' } else { ',' }, quoted(&field.name));
        literals += start.len();
        all.push(quote!(<#kind as __wr::Record<#text>>::PUTS));
        most.push(quote!(<#kind as __wr::Record<#text>>::most(&self.#own)));
        put.push(quote!(__room.raw(#start)?; <#kind as __wr::Record<#text>>::put(&self.#own, __room)?;));
    }
    Some(quote! {
        const PUTS: bool = #(#all)&&*;

        #[inline(always)]
        fn most(&self) -> usize {
            #literals #(+ #most)*
        }

        #[inline]
        fn put(&self, __room: &mut __wr::Room<'_>) -> ::core::option::Option<()> {
            #(#put)*
            __room.raw("}")
        }
    })
}

/// The shape of an object, and what has it made at once: one with flat parts may be wrong.
fn shape(
    input: &DeriveInput,
    fields: &[Field],
    on: &OnType,
    object: &TokenStream,
) -> (TokenStream, Option<TokenStream>) {
    let Some(flat) = fields.iter().find(|field| field.on.flatten) else {
        return (quote!(__wr::Shape::Object(#object)), None);
    };
    let (at, name) = (flat.own.span(), &input.ident);
    let lifetime = input.generics.lifetimes().next().map(|_| quote!(<'static>));
    let looked_at = quote!(const _: __wr::Shape = <#name #lifetime as __wr::Record<'static>>::SHAPE;);
    // Of a type with parameters there is no shape yet.
    let is_one = input.generics.params.iter().all(|parameter| matches!(parameter, GenericParam::Lifetime(_)));
    let denies = on.deny_unknown_fields;
    (quote_spanned!(at=> __wr::flattened(#object, #denies)), is_one.then_some(looked_at))
}

/// What makes a type one that a transform can give back.
pub(crate) fn outputs(input: &DeriveInput, text: &Lifetime, generics: &Generics) -> TokenStream {
    let name = &input.ident;
    let (_, own, _) = input.generics.split_for_impl();
    let (with, _, bounds) = generics.split_for_impl();
    quote! {
        impl #with __wr::Outputs<#text> for #name #own #bounds {
            const SHAPE: __wr::Shape = <Self as __wr::Record<#text>>::SHAPE;

            #[inline(always)]
            fn emit(self, __ctx: &mut __wr::Ctx<'_>) -> ::core::result::Result<(), __wr::Failure> {
                __ctx.keep(&self)
            }
        }
    }
}
