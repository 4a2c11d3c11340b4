//! `#[function]`: a function that hosts call by its name, with arguments.

use crate::attributes::about;
use crate::callable::{
    check, ends, free, inferred, is_other_reference, last_name, lasting, local, name_of, parameters, unnamed,
};
use crate::record::error;
use crate::returned::{arguments as within, reason};
use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{ItemFn, ReturnType, Type};

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
    if let Some((_, kind)) = parameters.iter().find(|(_, kind)| is_other_reference(kind)) {
        let message = "expected the argument itself, as `Vec<T>` for `&[T]`: of references there is `&str` alone. \
                       A function has no config and no `Ctx`";
        return Err(error(kind, message));
    }
    parameters.iter().try_for_each(|(_, kind)| ends(kind))?;
    let own = &function.sig.ident;
    let name = name_of(own)?;
    let about = about(&function.attrs);
    let names: Vec<_> = parameters.iter().map(|(name, _)| name).collect();
    let texts = names.iter().map(|name| syn::ext::IdentExt::unraw(*name).to_string());
    // What the parameters are called is the function's own business: `ctx`, or its own name.
    let passed: Vec<_> = (0..names.len()).map(|at| local(&format!("argument_{at}"))).collect();
    let (given, ctx, returned) = (local("given"), local("ctx"), local("returned"));
    let kinds: Vec<_> = parameters.iter().map(|(_, kind)| lasting(kind)).collect();
    // A record is the array of the arguments; the tuple of none would be `null`.
    let pattern = if kinds.is_empty() { quote!(__wr::NoArguments) } else { quote!((#(#passed,)*)) };
    let read = quote_spanned!(function.sig.inputs.span()=> __wr::read_record(#given)?);
    let unit = syn::parse_quote!(());
    let result = match &function.sig.output {
        ReturnType::Type(_, kind) => &**kind,
        ReturnType::Default => &unit,
    };
    let (shape, emit) = given_back(result, &returned, &ctx)?;
    let (free, held) = free(function);
    Ok(quote! {
        #free
        #function

        #held = {
            use ::wasmrecords::__private as __wr;

            struct __WasmrecordsMade;

            impl __wr::Typed for __WasmrecordsMade {
                const INPUT: __wr::Shape = __wr::Shape::Tuple(&[#(<#kinds as __wr::Record<'static>>::SHAPE),*]);

                fn open(__opening: &__wr::Opening) -> ::core::result::Result<Self, __wr::Failure> {
                    __wr::config::<__wr::NoConfig>(&__opening.config).map(|_| __WasmrecordsMade)
                }

                fn run<'text>(
                    &mut self,
                    #given: &mut __wr::Given<'text, '_>,
                    #ctx: &mut __wr::Ctx<'_>,
                ) -> ::core::result::Result<(), __wr::Stop> {
                    let #pattern = #read;
                    let #returned = #own(#(#passed),*);
                    ::core::result::Result::map_err(#emit, __wr::Stop::Failed)
                }
            }

            __wr::entry!(__wr::Runner<__WasmrecordsMade>, __wr::Manifest {
                package: __wr::package!(),
                about: #about,
                capabilities: &[],
                kind: __wr::Kind::Function {
                    name: #name,
                    parameters: &[#((#texts, <#kinds as __wr::Record<'static>>::SHAPE)),*],
                    result: #shape,
                },
            });
        };
    })
}

/// The shape of what a function gives back, and what writes it.
fn given_back(kind: &Type, value: &Ident, ctx: &Ident) -> syn::Result<(TokenStream, TokenStream)> {
    let plain = |kind: &Type, value: &Ident| {
        if let Some(unnamed) = unnamed(kind) {
            let message = "expected a type with a name, as `Vec<T>` for `impl Iterator<Item = T>`: a function gives back \
                           one value";
            return Err(error(unnamed, message));
        }
        let (lasting, inferred) = (lasting(kind), inferred(kind));
        let emit = quote!(<#inferred as __wr::Returned<'_>>::emit(#value, #ctx));
        Ok((quote!(<#lasting as __wr::Returned<'static>>::SHAPE), emit))
    };
    let is_result = last_name(kind).is_some_and(|name| name == "Result");
    match within(kind).as_slice() {
        [inner, error @ ..] if is_result => {
            let (right, wrong) = (local("right"), local("wrong"));
            let (shape, emit) = plain(inner, &right)?;
            let reason = reason(&wrong, error.first().copied());
            let emit = quote! {
                match #value {
                    ::core::result::Result::Ok(#right) => #emit,
                    ::core::result::Result::Err(#wrong) => ::core::result::Result::Err(#reason),
                }
            };
            Ok((shape, emit))
        }
        _ => plain(kind, value),
    }
}
