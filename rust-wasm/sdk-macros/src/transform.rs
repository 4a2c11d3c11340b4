//! `#[transform]`: a function from a record to what becomes of it.

use crate::attributes::about;
use crate::callable::{
    check, ends, free, is_other_reference, last_name, lasting, local, name_of, parameters,
};
use crate::record::error;
use crate::returned::Returned;
use crate::wanted::Wanted;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{ItemFn, ReturnType, Type};

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
    if is_other_reference(record) {
        return Err(error(record, "expected the record itself as the first parameter, not a reference"));
    }
    ends(record)?;
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
    let options = options.first().map_or_else(|| quote!(__wr::NoConfig), |kind| quote!(#kind));
    let (read, given, ctx, returned) = (local("record"), local("given"), local("ctx"), local("returned"));
    let passed = roles.iter().map(|role| match role {
        Role::Options(_) => quote!(&self.0),
        Role::Ctx => quote!(#ctx),
    });

    let alone = !roles.iter().any(|role| matches!(role, Role::Ctx));
    if let Some(name) = wanted.outputs.first().filter(|_| alone) {
        return Err(error(name, "expected a parameter `ctx: &mut Ctx`: `ctx.emit` is how records get there"));
    }
    let own = &function.sig.ident;
    let name = name_of(own)?;
    let about = about(&function.attrs);
    let lasting = lasting(record);
    let ReturnType::Type(_, kind) = &function.sig.output else {
        return Err(error(&function.sig, "expected a return type: what becomes of a record"));
    };
    let Returned { shape, emit, .. } = Returned::of(kind, &quote!(#returned), &ctx)?;
    let reads = quote_spanned!(record.span()=> __wr::read_record(#given)?);
    let (capabilities, outputs) = (&wanted.capabilities, wanted.outputs_function());
    let all_outputs = wanted.all_outputs();
    let (free, held) = free(function);
    Ok(quote! {
        #free
        #function

        #held = {
            use ::wasmrecords::__private as __wr;

            struct __WasmrecordsMade(#options);

            impl __wr::Typed for __WasmrecordsMade {
                const INPUT: __wr::Shape = <#lasting as __wr::Record<'static>>::SHAPE;

                #outputs

                fn open(__opening: &__wr::Opening) -> ::core::result::Result<Self, __wr::Failure> {
                    ::core::result::Result::Ok(__WasmrecordsMade(<#options as __wr::Config>::opened(&__opening.config)?))
                }

                fn run<'text>(
                    &mut self,
                    #given: &mut __wr::Given<'text, '_>,
                    #ctx: &mut __wr::Ctx<'_>,
                ) -> ::core::result::Result<(), __wr::Stop> {
                    let #read = #reads;
                    let #returned = #own(#read, #(#passed),*);
                    ::core::result::Result::map_err(#emit, __wr::Stop::Failed)
                }
            }

            __wr::entry!(__wr::Runner<__WasmrecordsMade>, __wr::Manifest {
                package: __wr::package!(),
                about: #about,
                capabilities: &[#(#capabilities),*],
                kind: __wr::Kind::Transform {
                    name: #name,
                    config: <#options as __wr::Config>::CONFIG,
                    input: <__WasmrecordsMade as __wr::Typed>::INPUT,
                    output: #shape,
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
    let Some(named) = last_name(&reference.elem).filter(|name| *name != "str") else {
        return Err(error(kind, message));
    };
    let is_ctx = named == "Ctx";
    match (is_ctx, reference.mutability) {
        (true, Some(_)) => Ok(Role::Ctx),
        (false, None) => Ok(Role::Options(&reference.elem)),
        (true, None) => Err(error(kind, "expected `&mut Ctx`")),
        (false, Some(_)) => Err(error(kind, message)),
    }
}
