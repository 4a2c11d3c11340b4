//! `#[aggregate]`: an implementation of `Aggregate` becomes a transform.

use crate::attributes::about;
use crate::callable::{known_by, last_name};
use crate::case::Case;
use crate::record::error;
use crate::wanted::Wanted;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{FnArg, ImplItem, ItemImpl, Pat};

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
    let name = known_by(Case::snake().variant(&name.to_string()), name)?;
    let about = about(&implementation.attrs);
    check_names(&wanted, implementation)?;
    let (capabilities, outputs) = (&wanted.capabilities, wanted.outputs_function());
    let all_outputs = wanted.all_outputs();
    Ok(quote! {
        #implementation

        const _: () = {
            use ::wasmrecords::__private as __wr;

            struct __WasmrecordsMade;

            impl __wr::Declared for __WasmrecordsMade {
                #outputs
            }

            __wr::entry!(__wr::Collector<#kind, __WasmrecordsMade>, __wr::Manifest {
                package: __wr::package!(),
                about: #about,
                capabilities: &[#(#capabilities),*],
                kind: __wr::Kind::Transform {
                    name: #name,
                    config: <<#kind as __wr::Aggregate>::Options as __wr::Record<'static>>::SHAPE,
                    input: <<#kind as __wr::Aggregate>::Input<'static> as __wr::Record<'static>>::SHAPE,
                    output: <<#kind as __wr::Aggregate>::Output as __wr::Outputs<'static>>::SHAPE,
                    outputs: #all_outputs,
                    stateful: true,
                },
            });
        };
    })
}

/// Refuses names of no outputs in the methods: the last parameter of each that has one is the `Ctx`.
fn check_names(wanted: &Wanted, implementation: &ItemImpl) -> syn::Result<()> {
    for item in &implementation.items {
        if let ImplItem::Fn(method) = item
            && let Some(FnArg::Typed(last)) = method.sig.inputs.last()
            && let Pat::Ident(name) = &*last.pat
        {
            wanted.check_names(&name.ident, &method.block)?;
        }
    }
    Ok(())
}
