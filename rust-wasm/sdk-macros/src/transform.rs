//! `#[transform]`: a function from a record to what becomes of it.

use crate::attributes::about;
use crate::callable::{Returned, check, last_name, lasting, parameters};
use crate::record::error;
use crate::wanted::Wanted;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{ItemFn, Type};

/// What a parameter behind the record is for.
enum Role<'f> {
    Options(&'f Type),
    Ctx,
}

pub(crate) fn expand(arguments: TokenStream, function: &ItemFn) -> syn::Result<TokenStream> {
    let wanted = Wanted::parse(arguments)?;
    check(function)?;
    let parameters = parameters(function)?;
    let Some(((_, record), others)) = parameters.split_first() else {
        return Err(error(&function.sig, "expected a parameter for the record"));
    };
    if matches!(record, Type::Reference(reference) if !matches!(&*reference.elem, Type::Path(path) if path.path.is_ident("str")))
    {
        return Err(error(record, "expected the record itself as the first parameter, not a reference"));
    }
    let mut roles = Vec::new();
    for (name, kind) in others {
        roles.push(role(kind)?);
        if let Some(Role::Ctx) = roles.last() {
            wanted.check_names(name, &function.block)?;
        }
    }
    let options: Vec<_> = roles
        .iter()
        .filter_map(|role| match role {
            Role::Options(kind) => Some(*kind),
            Role::Ctx => None,
        })
        .collect();
    if let [_, second, ..] = options.as_slice() {
        return Err(error(second, "expected one parameter for the config"));
    }
    if roles.len() - options.len() > 1 {
        return Err(error(&function.sig.inputs, "expected one parameter of the type `&mut Ctx`"));
    }
    let options = options.first().map_or_else(|| quote!(w::NoConfig), |kind| quote!(#kind));
    let passed = roles.iter().map(|role| match role {
        Role::Options(_) => quote!(&self.0),
        Role::Ctx => quote!(ctx),
    });

    let alone = !roles.iter().any(|role| matches!(role, Role::Ctx));
    if let Some(name) = wanted.outputs.first().filter(|_| alone) {
        return Err(error(name, "expected a parameter `ctx: &mut Ctx`: `ctx.emit` is how records get there"));
    }
    let own = &function.sig.ident;
    // The function itself may be called so.
    let read = Ident::new("record", Span::mixed_site());
    let name = syn::ext::IdentExt::unraw(own).to_string();
    let about = about(&function.attrs);
    let lasting = lasting(record);
    let Returned { value, kind } = Returned::of(function)?;
    let (capabilities, outputs) = (&wanted.capabilities, wanted.outputs_function());
    let all_outputs = wanted.all_outputs();
    Ok(quote! {
        #function

        const _: () = {
            use ::wasmrecords::__private as w;

            struct Made(#options);

            impl w::Typed for Made {
                const INPUT: w::Shape = <#lasting as w::Record<'static>>::SHAPE;

                #outputs

                fn open(opening: &w::Opening) -> ::core::result::Result<Self, w::Failure> {
                    ::core::result::Result::Ok(Made(w::config(&opening.config)?))
                }

                fn run<'text>(
                    &mut self,
                    given: &mut w::Given<'text, '_>,
                    ctx: &mut w::Ctx<'_>,
                ) -> ::core::result::Result<(), w::Stop> {
                    let #read = w::read_record(given)?;
                    let returned = #own(#read, #(#passed),*);
                    w::Outputs::emit(#value, ctx).map_err(w::Stop::Failed)
                }
            }

            w::entry!(w::Runner<Made>, w::Manifest {
                package: w::package!(),
                about: #about,
                capabilities: &[#(#capabilities),*],
                kind: w::Kind::Transform {
                    name: #name,
                    config: <#options as w::Record<'static>>::SHAPE,
                    input: <Made as w::Typed>::INPUT,
                    output: <#kind as w::Outputs>::SHAPE,
                    outputs: #all_outputs,
                    stateful: false,
                },
            });
        };
    })
}

fn role(kind: &Type) -> syn::Result<Role<'_>> {
    let message = "expected `&Options` for the config or `&mut Ctx`: these may stand behind the record";
    let Type::Reference(reference) = kind else { return Err(error(kind, message)) };
    let is_ctx = last_name(&reference.elem).is_some_and(|name| name == "Ctx");
    match (is_ctx, reference.mutability) {
        (true, Some(_)) => Ok(Role::Ctx),
        (false, None) => Ok(Role::Options(&reference.elem)),
        (true, None) => Err(error(kind, "expected `&mut Ctx`")),
        (false, Some(_)) => Err(error(kind, message)),
    }
}
