//! What functions give back, taken apart as far as it stands there: an `impl Iterator` is told from all else by no
//! trait.

use crate::callable::{inferred, last_name, local, unnamed};
use crate::record::error;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{GenericArgument, PathArguments, Type, TypeParamBound};

/// How a value becomes outputs.
pub(crate) struct Returned {
    /// What each output looks like.
    pub shape: TokenStream,
    /// What writes them: an expression that is a `Result`.
    pub emit: TokenStream,
    /// The trait does it all.
    plain: bool,
}

impl Returned {
    /// Of a value of this type, with outputs that go to `ctx`.
    pub fn of(kind: &Type, value: &TokenStream, ctx: &Ident) -> syn::Result<Returned> {
        let within = |inner: &Type, value: &TokenStream| Self::of(inner, value, ctx);
        match kind {
            Type::Paren(kind) => return within(&kind.elem, value),
            Type::Group(kind) => return within(&kind.elem, value),
            _ => {}
        }
        if let Some(items) = iterated(kind) {
            let each = local("each");
            let inner = within(items, &quote!(#each))?;
            if inner.plain && !needs_a_loop(kind) {
                return Self::plain(kind, value, ctx);
            }
            let items = quote!(::core::iter::IntoIterator::into_iter(#value));
            let (shape, emit) = (inner.shape, inner.emit);
            let emit = quote!(::core::iter::Iterator::try_for_each(&mut #items, |#each| #emit));
            return Ok(Returned { shape, emit, plain: false });
        }
        let outer = last_name(kind).map(Ident::to_string).unwrap_or_default();
        let arguments = arguments(kind);
        match (outer.as_str(), arguments.as_slice()) {
            ("Option", [inner]) => {
                let some = local("some");
                let inner = within(inner, &quote!(#some))?;
                if inner.plain {
                    return Self::plain(kind, value, ctx);
                }
                let (shape, emit) = (inner.shape, inner.emit);
                let emit = quote! {
                    match #value {
                        ::core::option::Option::Some(#some) => #emit,
                        ::core::option::Option::None => ::core::result::Result::Ok(()),
                    }
                };
                Ok(Returned { shape, emit, plain: false })
            }
            ("Result", [inner, error @ ..]) => {
                let (right, wrong) = (local("right"), local("wrong"));
                let inner = within(inner, &quote!(#right))?;
                let is_failure = |error: &Type| last_name(error).is_some_and(|name| name == "Failure");
                if inner.plain && matches!(error, [error] if is_failure(error)) {
                    return Self::plain(kind, value, ctx);
                }
                let reason = reason(&wrong, error.first().copied());
                let (shape, emit) = (inner.shape, inner.emit);
                let emit = quote! {
                    match #value {
                        ::core::result::Result::Ok(#right) => #emit,
                        ::core::result::Result::Err(#wrong) => ::core::result::Result::Err(#reason),
                    }
                };
                Ok(Returned { shape, emit, plain: false })
            }
            ("Box", [inner]) => {
                let inner = within(inner, &quote!((*#value)))?;
                if inner.plain { Self::plain(kind, value, ctx) } else { Ok(inner) }
            }
            _ => Self::plain(kind, value, ctx),
        }
    }

    /// As the type itself has it.
    fn plain(kind: &Type, value: &TokenStream, ctx: &Ident) -> syn::Result<Returned> {
        if let Some(unnamed) = unnamed(kind) {
            let message = "expected a type with a name, or `impl Iterator<Item = T>` as the whole, or in `Option` or \
                           `Result`: what it is made of stands in the manifest";
            return Err(error(unnamed, message));
        }
        let inferred = inferred(kind);
        let shape = quote!(<#inferred as __wr::Outputs<'_>>::SHAPE);
        Ok(Returned {
            shape,
            emit: quote!(<#inferred as __wr::Outputs<'_>>::emit(#value, #ctx)),
            plain: true,
        })
    }
}

/// The reason that an error is, whatever type of error it has, as far as that is written there.
pub(crate) fn reason(error: &Ident, kind: Option<&Type>) -> TokenStream {
    let named = kind.filter(|kind| unnamed(kind).is_none());
    let kind = named.map_or_else(|| quote!(_), |kind| inferred(kind).into_token_stream());
    quote!({
        use __wr::{Holds as _, Is as _, IsNone as _, Says as _};
        (&&&&__wr::Why(&#error)).wasmrecords_reason().failure::<#kind>(#error)
    })
}

/// The items of a list of outputs.
fn iterated(kind: &Type) -> Option<&Type> {
    match kind {
        Type::ImplTrait(kind) => kind.bounds.iter().find_map(items),
        Type::Array(array) => Some(&array.elem),
        _ => {
            let name = last_name(kind)?;
            let arguments = arguments(kind);
            let [inner] = arguments.as_slice() else { return None };
            match inner {
                Type::TraitObject(object) if name == "Box" => object.bounds.iter().find_map(items),
                inner if name == "Vec" || name == "IntoIter" => Some(inner),
                _ => None,
            }
        }
    }
}

/// The items of an `Iterator<Item = ...>`.
fn items(bound: &TypeParamBound) -> Option<&Type> {
    let TypeParamBound::Trait(bound) = bound else { return None };
    let segment = bound.path.segments.last()?;
    if !segment.ident.to_string().ends_with("Iterator") {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(item) if item.ident == "Item" => Some(&item.ty),
        _ => None,
    })
}

/// Lists that are outputs by no trait.
fn needs_a_loop(kind: &Type) -> bool {
    !matches!(kind, Type::Path(_)) || last_name(kind).is_some_and(|name| name != "Vec")
}

/// The types between a path's angle brackets.
pub(crate) fn arguments(kind: &Type) -> Vec<&Type> {
    let Type::Path(path) = kind else { return Vec::new() };
    let Some(segment) = path.path.segments.last() else { return Vec::new() };
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return Vec::new() };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(kind) => Some(kind),
        _ => None,
    });
    types.collect()
}
