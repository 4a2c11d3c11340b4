//! What transforms and functions have in common: a plain Rust function.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{FnArg, Ident, ItemFn, Lifetime, Pat, TraitItemFn, Type, TypeImplTrait};

use crate::record::error;

/// The function behind an attribute.
pub(crate) fn read(function: proc_macro::TokenStream) -> syn::Result<ItemFn> {
    syn::parse(function.clone()).map_err(|wrong| match syn::parse::<TraitItemFn>(function) {
        Ok(item) => {
            error(item.sig, "expected a free function, which has a body: a host calls nothing of a trait")
        }
        Err(_) => wrong,
    })
}

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

/// What the compiler refuses among the functions of a type, telling to move it to the module, for no macro sees where
/// its function stands; and the constant that holds what is made of the function, of which it says nothing there.
pub(crate) fn free(function: &ItemFn) -> (TokenStream, TokenStream) {
    let own = &function.sig.ident;
    let free = quote_spanned!(own.span()=> use ::wasmrecords as _;);
    let name = format_ident!("__wasmrecords_{}", own.unraw());
    (free, quote!(#[allow(dead_code, non_upper_case_globals, reason = "it holds items")] const #name: ()))
}

/// A host refuses a manifest with a longer name.
const LONGEST: usize = 64;

/// The name by which hosts know a function.
pub(crate) fn name_of(function: &Ident) -> syn::Result<String> {
    known_by(function.unraw().to_string(), function)
}

/// A name by which hosts know something, if they take it.
pub(crate) fn known_by(name: String, at: &Ident) -> syn::Result<String> {
    if name.len() > LONGEST || !name.is_ascii() {
        let message =
            format!("expected a name of at most {LONGEST} of `A-Z a-z 0-9 _`: hosts know it by that");
        return Err(error(at, &message));
    }
    Ok(name)
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
        if let Some(unnamed) = unnamed(&typed.ty) {
            return Err(error(unnamed, "expected a type with a name: a host cannot choose one"));
        }
        parameters.push((name, &*typed.ty));
    }
    Ok(parameters)
}

/// A name of the macro's own: nothing that people write is it, whatever they call their functions. Constants are seen
/// all the same, and would be patterns in its place: so it is none that people would take.
pub(crate) fn local(name: &str) -> Ident {
    Ident::new(&format!("__{name}"), Span::mixed_site())
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
    with_lifetime(kind, "'static")
}

/// A type with all its lifetimes left to the compiler, as expressions may have it.
pub(crate) fn inferred(kind: &Type) -> Type {
    with_lifetime(kind, "'_")
}

fn with_lifetime(kind: &Type, name: &str) -> Type {
    struct One<'n>(&'n str);
    impl VisitMut for One<'_> {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            *lifetime = Lifetime::new(self.0, lifetime.span());
        }

        fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
            reference.lifetime = Some(Lifetime::new(self.0, Span::call_site()));
            visit_mut::visit_type_reference_mut(self, reference);
        }
    }
    let mut kind = kind.clone();
    One(name).visit_type_mut(&mut kind);
    kind
}

/// The first `impl Trait` in a type.
pub(crate) fn unnamed(kind: &Type) -> Option<TypeImplTrait> {
    struct Unnamed(Option<TypeImplTrait>);
    impl Visit<'_> for Unnamed {
        fn visit_type_impl_trait(&mut self, kind: &TypeImplTrait) {
            self.0.get_or_insert_with(|| kind.clone());
        }
    }
    let mut unnamed = Unnamed(None);
    unnamed.visit_type(kind);
    unnamed.0
}

/// Whether a type has this name in it, on its own or as `Self`.
pub(crate) fn names(kind: &Type, name: &Ident) -> bool {
    struct Names<'n>(&'n Ident, bool);
    impl Visit<'_> for Names<'_> {
        fn visit_type_path(&mut self, kind: &syn::TypePath) {
            self.1 |= kind.path.is_ident("Self")
                || (kind.path.segments.len() == 1 && kind.path.segments[0].ident == *self.0);
            // Whatever `Json` takes has no shape here.
            if kind.path.segments.last().is_none_or(|last| last.ident != "Json") {
                visit::visit_type_path(self, kind);
            }
        }
    }
    let mut names = Names(name, false);
    names.visit_type(kind);
    names.1
}

/// The first lifetime of a type that is `'static`.
pub(crate) fn lasts(kind: &Type) -> Option<Lifetime> {
    struct Lasting(Option<Lifetime>);
    impl Visit<'_> for Lasting {
        fn visit_lifetime(&mut self, lifetime: &Lifetime) {
            if lifetime.ident == "static" {
                self.0.get_or_insert_with(|| lifetime.clone());
            }
        }
    }
    let mut lasting = Lasting(None);
    lasting.visit_type(kind);
    lasting.0
}

/// Refuses what is read from a text and would stay when that is gone.
pub(crate) fn ends(kind: &Type) -> syn::Result<()> {
    let message = "expected no `'static`: a text that was read is there as long as its record";
    lasts(kind).map_or(Ok(()), |lifetime| Err(error(lifetime, message)))
}

/// Whether a type is a reference to something else than a text.
pub(crate) fn is_other_reference(kind: &Type) -> bool {
    let Type::Reference(reference) = kind else { return false };
    !matches!(&*reference.elem, Type::Path(path) if path.path.is_ident("str"))
}
