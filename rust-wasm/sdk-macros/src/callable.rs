//! What transforms and functions have in common: a plain Rust function.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::visit_mut::{self, VisitMut};
use syn::{
    FnArg, GenericArgument, Ident, ItemFn, Lifetime, Pat, PathArguments, ReturnType, Type, TypeParamBound,
};

use crate::record::error;

/// Refuses functions that no host can call.
pub(crate) fn check(function: &ItemFn) -> syn::Result<()> {
    let signature = &function.sig;
    if let Some(token) = &signature.asyncness {
        return Err(error(token, "expected a function that is not async: a module waits for nothing"));
    }
    if let Some(token) = &signature.unsafety {
        return Err(error(token, "expected a safe function"));
    }
    if let Some(parameter) = signature.generics.type_params().next() {
        return Err(error(parameter, "expected a function of known types: a host cannot choose one"));
    }
    if let Some(parameter) = signature.generics.const_params().next() {
        return Err(error(parameter, "expected a function of known types: a host cannot choose one"));
    }
    Ok(())
}

/// The parameters: name and type of each.
pub(crate) fn parameters(function: &ItemFn) -> syn::Result<Vec<(Ident, &Type)>> {
    let mut parameters = Vec::new();
    for (place, input) in function.sig.inputs.iter().enumerate() {
        let FnArg::Typed(typed) = input else {
            return Err(error(input, "expected a free function: there is no `self` in a module"));
        };
        let name = match &*typed.pat {
            Pat::Ident(pattern) => pattern.ident.clone(),
            other => Ident::new(&format!("argument_{place}"), syn::spanned::Spanned::span(other)),
        };
        parameters.push((name, &*typed.ty));
    }
    Ok(parameters)
}

/// The last name of a type's path.
pub(crate) fn last_name(kind: &Type) -> Option<&Ident> {
    match kind {
        Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
        _ => None,
    }
}

/// A type with all its lifetimes made static, as constants have it.
pub(crate) fn lasting(kind: &Type) -> Type {
    struct Lasting;
    impl VisitMut for Lasting {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            *lifetime = Lifetime::new("'static", lifetime.span());
        }

        fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
            reference.lifetime = Some(Lifetime::new("'static", Span::call_site()));
            visit_mut::visit_type_reference_mut(self, reference);
        }
    }
    let mut kind = kind.clone();
    Lasting.visit_type_mut(&mut kind);
    kind
}

/// What a function gives back: how its value is made one with outputs, and the type of that.
pub(crate) struct Returned {
    pub value: TokenStream,
    pub kind: TokenStream,
}

impl Returned {
    /// Of a value in `returned`. `impl Iterator`s, alone or in an `Option` or a `Result`, are wrapped: no trait
    /// tells them from all else.
    pub fn of(function: &ItemFn) -> syn::Result<Returned> {
        let ReturnType::Type(_, kind) = &function.sig.output else {
            return Err(error(&function.sig, "expected a return type: what becomes of a record"));
        };
        Ok(Self::value(kind, &quote!(returned)))
    }

    fn value(kind: &Type, value: &TokenStream) -> Returned {
        if let Some(item) = iterated(kind) {
            let item = lasting(item);
            return Returned { value: quote!(w::Many(#value)), kind: quote!(::std::vec::Vec<#item>) };
        }
        let outer = last_name(kind).filter(|name| *name == "Option" || *name == "Result");
        if let (Some(outer), Some(inner)) = (outer, first_argument(kind))
            && iterated(inner).is_some()
        {
            let inner = Self::value(inner, &quote!(returned)).kind;
            let kind = if outer == "Option" {
                quote!(::core::option::Option<#inner>)
            } else {
                quote!(::core::result::Result<#inner, w::Failure>)
            };
            return Returned { value: quote!(#value.map(w::Many)), kind };
        }
        let kind = lasting(kind);
        Returned { value: value.clone(), kind: quote!(#kind) }
    }
}

/// The items of an `impl Iterator<Item = ...>`.
fn iterated(kind: &Type) -> Option<&Type> {
    let Type::ImplTrait(kind) = kind else { return None };
    kind.bounds.iter().find_map(|bound| {
        let TypeParamBound::Trait(bound) = bound else { return None };
        let segment =
            bound.path.segments.last().filter(|segment| segment.ident.to_string().ends_with("Iterator"))?;
        let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
        arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::AssocType(item) if item.ident == "Item" => Some(&item.ty),
            _ => None,
        })
    })
}

fn first_argument(kind: &Type) -> Option<&Type> {
    let Type::Path(path) = kind else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(kind) => Some(kind),
        _ => None,
    })
}
