//! `#[derive(Record)]` for enums without fields: each variant is a word.

use crate::attributes::{KINDS, OnField, OnType};
use crate::record::{error, outputs, text_lifetime};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{DataEnum, DeriveInput, Fields};

pub(crate) fn derive(input: &DeriveInput, data: &DataEnum, on: &OnType) -> syn::Result<TokenStream> {
    let name = &input.ident;
    let (text, generics) = text_lifetime(input)?;
    let (with, _, bounds) = generics.split_for_impl();
    let (_, own, _) = input.generics.split_for_impl();
    if data.variants.is_empty() {
        return Err(error(input, "expected at least one variant"));
    }
    if on.deny_unknown_fields {
        return Err(error(name, "`deny_unknown_fields` is for structs: an enum of words has no fields"));
    }
    let (mut variants, mut words) = (Vec::new(), Vec::new());
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            let message = format!("expected a variant without fields: it is written as a string; {KINDS}");
            return Err(error(variant, &message));
        }
        let on_variant = OnField::read(&variant.attrs, "record")?;
        if on_variant.default.is_some() || on_variant.skip || on_variant.flatten {
            let message = "a variant has `rename` alone: it is a word, and each of them is read and written";
            return Err(error(variant, message));
        }
        let plain = variant.ident.unraw().to_string();
        let styled = on.rename_all.map_or_else(|| plain.clone(), |case| case.variant(&plain));
        let word = on_variant.rename.unwrap_or(styled);
        if words.contains(&word) {
            return Err(error(variant, &format!("two variants are written as \"{word}\"")));
        }
        variants.push(&variant.ident);
        words.push(word);
    }
    let most = words.iter().map(String::len).max().unwrap_or_default() + 2;
    let outputs = outputs(input, &text, &generics);
    Ok(quote! {
        const _: () = {
            use ::wasmrecords::__private as __wr;

            impl #with __wr::Record<#text> for #name #own #bounds {
                const SHAPE: __wr::Shape = __wr::Shape::Words(&[#(#words),*]);

                fn read(__reader: &mut __wr::Reader<#text>) -> ::core::option::Option<Self> {
                    match &*__reader.string()? {
                        #(#words => ::core::option::Option::Some(#name::#variants),)*
                        _ => ::core::option::Option::None,
                    }
                }

                #[inline]
                fn read_plain(__value: __wr::PlainValue<#text, '_>) -> ::core::option::Option<Self> {
                    match __value.str() {
                        #(#words => ::core::option::Option::Some(#name::#variants),)*
                        _ => ::core::option::Option::None,
                    }
                }

                fn write(&self, __out: &mut __wr::Writer) {
                    __out.string(match self {
                        #(#name::#variants => #words,)*
                    });
                }

                const PUTS: bool = true;

                #[inline]
                fn most(&self) -> usize {
                    #most
                }

                #[inline]
                fn put(&self, __room: &mut __wr::Room<'_>) -> ::core::option::Option<()> {
                    __room.string(match self {
                        #(#name::#variants => #words,)*
                    })
                }
            }

            #outputs
        };
    })
}
