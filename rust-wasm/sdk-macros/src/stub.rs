//! What stands in the place of an `impl` that cannot be made: the compiler says the one thing that is wrong with a type,
//! and not at each use of it that the `impl` is missing.

use crate::callable::last_name;
use crate::record::{Kind, outputs, text_lifetime};
use proc_macro2::TokenStream;
use quote::quote;
use syn::visit::{self, Visit};
use syn::{DeriveInput, Generics, Lifetime, PathArguments, Type};

/// The stub of a type; nothing for one whose generics are what is wrong.
pub(crate) fn of(input: &DeriveInput, kind: Kind) -> TokenStream {
    let Ok((text, generics)) = text_lifetime(input) else { return TokenStream::new() };
    let name = &input.ident;
    let (with, _, bounds) = generics.split_for_impl();
    let (_, own, _) = input.generics.split_for_impl();
    let outputs = outputs(input, &text, &generics);
    let config = (kind == Kind::Config && input.generics.lifetimes().next().is_none())
        .then(|| quote!(impl #with ::wasmrecords::Config for #name #own #bounds {}));
    quote! {
        const _: () = {
            use ::wasmrecords::__private as __wr;

            impl #with __wr::Record<#text> for #name #own #bounds {
                const SHAPE: __wr::Shape = __wr::Shape::Any;

                fn read(_: &mut __wr::Reader<#text>) -> ::core::option::Option<Self> {
                    ::core::option::Option::None
                }

                fn write(&self, _: &mut __wr::Writer) {}
            }

            impl #with __wr::Members<#text> for #name #own #bounds {
                type Partial = ();

                fn member(
                    _: &mut (),
                    _: &str,
                    _: &mut __wr::Reader<#text>,
                ) -> ::core::option::Option<__wr::Taken> {
                    ::core::option::Option::None
                }

                fn finish(_: ()) -> ::core::option::Option<Self> {
                    ::core::option::Option::None
                }

                fn write_members(&self, _: &mut __wr::Writer) {}
            }

            #outputs
            #config
        };
    }
}

/// Whether a lifetime is missing in a type, or is none of those of the struct: the compiler says so, and would say it
/// again of what a macro makes of it.
pub(crate) fn lacks_lifetime(kind: &Type, generics: &Generics) -> bool {
    struct Lacking<'g>(bool, &'g Generics);
    impl Visit<'_> for Lacking<'_> {
        fn visit_lifetime(&mut self, lifetime: &Lifetime) {
            let known = self.1.lifetimes().any(|parameter| parameter.lifetime == *lifetime);
            self.0 |= !known && lifetime.ident != "static";
        }

        fn visit_type_reference(&mut self, kind: &syn::TypeReference) {
            self.0 |= kind.lifetime.is_none();
            visit::visit_type_reference(self, kind);
        }

        fn visit_type_path(&mut self, kind: &syn::TypePath) {
            let is_cow = last_name(&Type::Path(kind.clone())).is_some_and(|name| name == "Cow");
            if is_cow && let Some(last) = kind.path.segments.last() {
                let has = matches!(&last.arguments, PathArguments::AngleBracketed(given)
                    if given.args.iter().any(|each| matches!(each, syn::GenericArgument::Lifetime(_))));
                self.0 |= !has;
            }
            visit::visit_type_path(self, kind);
        }

        /// These have lifetimes of their own.
        fn visit_type_bare_fn(&mut self, _: &syn::TypeBareFn) {}
    }
    let mut lacking = Lacking(false, generics);
    lacking.visit_type(kind);
    lacking.0
}
