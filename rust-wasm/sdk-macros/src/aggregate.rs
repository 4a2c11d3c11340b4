//! `#[aggregate]`: an implementation of `Aggregate` becomes a transform.

use crate::attributes::about;
use crate::callable::last_name;
use crate::case::Case;
use crate::record::error;
use crate::transform::Wanted;
use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemImpl;

pub(crate) fn expand(arguments: TokenStream, implementation: &ItemImpl) -> syn::Result<TokenStream> {
    let wanted = Wanted::parse(arguments)?;
    let of_aggregate = implementation
        .trait_
        .as_ref()
        .and_then(|(_, path, _)| path.segments.last())
        .is_some_and(|segment| segment.ident == "Aggregate");
    if !of_aggregate {
        return Err(error(&implementation.self_ty, "expected `impl Aggregate for ...`"));
    }
    if let Some(parameter) = implementation.generics.params.first() {
        return Err(error(parameter, "expected a type without parameters: a host cannot choose one"));
    }
    let kind = &implementation.self_ty;
    let Some(name) = last_name(kind) else {
        return Err(error(kind, "expected a type with a name, which the transform has, too"));
    };
    let name = Case::snake().apply(&name.to_string());
    let about = about(&implementation.attrs);
    let capabilities = &wanted.capabilities;
    Ok(quote! {
        #implementation

        const _: () = {
            use ::wasmrecords::__private as w;

            w::entry!(w::Collector<#kind>, w::Manifest {
                package: w::package!(),
                about: #about,
                capabilities: &[#(#capabilities),*],
                kind: w::Kind::Transform {
                    name: #name,
                    config: <<#kind as w::Aggregate>::Options as w::Record<'static>>::SHAPE,
                    input: <<#kind as w::Aggregate>::Input<'static> as w::Record<'static>>::SHAPE,
                    output: <<#kind as w::Aggregate>::Output as w::Outputs>::SHAPE,
                    stateful: true,
                },
            });
        };
    })
}
