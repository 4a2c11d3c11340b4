//! `#[function]`: a function that hosts call by its name, with arguments.

use crate::attributes::about;
use crate::callable::{check, lasting, parameters};
use crate::record::error;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{ItemFn, ReturnType};

/// A record is the array of so many arguments at the most: tuples of Rust end soon after.
const MOST: usize = 8;

pub(crate) fn expand(arguments: TokenStream, function: &ItemFn) -> syn::Result<TokenStream> {
    if !arguments.is_empty() {
        return Err(error(arguments, "expected `#[function]` alone"));
    }
    check(function)?;
    let parameters = parameters(function)?;
    if parameters.len() > MOST {
        let message = "expected at most 8 parameters: a struct with `#[derive(Record)]` holds more";
        return Err(error(&function.sig.inputs, message));
    }
    let own = &function.sig.ident;
    let name = syn::ext::IdentExt::unraw(own).to_string();
    let about = about(&function.attrs);
    let names: Vec<_> = parameters.iter().map(|(name, _)| name).collect();
    let texts = names.iter().map(|name| syn::ext::IdentExt::unraw(*name).to_string());
    // What the parameters are called is the function's own business: `ctx`, or its own name.
    let given: Vec<_> =
        (0..names.len()).map(|at| Ident::new(&format!("argument_{at}"), Span::mixed_site())).collect();
    let kinds: Vec<_> = parameters.iter().map(|(_, kind)| lasting(kind)).collect();
    // A record is the array of the arguments; the tuple of none would be `null`.
    let (pattern, arguments) = match kinds.as_slice() {
        [] => (quote!(w::NoArguments), quote!(w::NoArguments)),
        kinds => (quote!((#(#given,)*)), quote!((#(#kinds,)*))),
    };
    let result = match &function.sig.output {
        ReturnType::Type(_, kind) => {
            let kind = lasting(kind);
            quote!(#kind)
        }
        ReturnType::Default => quote!(()),
    };
    Ok(quote! {
        #function

        const _: () = {
            use ::wasmrecords::__private as w;

            struct Made;

            impl w::Typed for Made {
                const INPUT: w::Shape = <#arguments as w::Record<'static>>::SHAPE;

                fn open(opening: &w::Opening) -> ::core::result::Result<Self, w::Failure> {
                    w::config::<w::NoConfig>(&opening.config).map(|_| Made)
                }

                fn run<'text>(
                    &mut self,
                    given: &mut w::Given<'text, '_>,
                    ctx: &mut w::Ctx<'_>,
                ) -> ::core::result::Result<(), w::Stop> {
                    let #pattern = w::read_record(given)?;
                    w::Returned::emit(#own(#(#given),*), ctx).map_err(w::Stop::Failed)
                }
            }

            w::entry!(w::Runner<Made>, w::Manifest {
                package: w::package!(),
                about: #about,
                capabilities: &[],
                kind: w::Kind::Function {
                    name: #name,
                    parameters: &[#((#texts, <#kinds as w::Record<'static>>::SHAPE)),*],
                    result: <#result as w::Returned<'static>>::SHAPE,
                },
            });
        };
    })
}
