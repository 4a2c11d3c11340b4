//! What stands behind `#[transform` and `#[aggregate`: capabilities and further outputs.

use crate::record::error;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::parse::Parser;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprArray, ExprMethodCall, Lit, LitStr};

/// A host refuses a manifest with more outputs; the main one is one.
const MOST_OUTPUTS: usize = 16;

#[derive(Default)]
pub(crate) struct Wanted {
    pub capabilities: Vec<LitStr>,
    /// Names of the outputs beyond the main one.
    pub outputs: Vec<LitStr>,
}

impl Wanted {
    pub fn parse(arguments: TokenStream) -> syn::Result<Wanted> {
        let mut wanted = Wanted::default();
        let parser = syn::meta::parser(|meta| {
            let (known, check): (_, fn(&str) -> Option<&'static str>) = if meta.path.is_ident("capabilities")
            {
                (&mut wanted.capabilities, wrong_capability)
            } else if meta.path.is_ident("outputs") {
                (&mut wanted.outputs, wrong_output)
            } else {
                return Err(meta.error(
                    "expected `capabilities = [\"log\", \"clock\", \"random\"]`, or some of them, or \
                         `outputs = [\"audit\"]`",
                ));
            };
            for word in meta.value()?.parse::<ExprArray>()?.elems {
                let word: LitStr = syn::parse2(quote!(#word))?;
                if let Some(message) = check(&word.value()) {
                    return Err(error(word, message));
                }
                if known.iter().any(|other| other.value() == word.value()) {
                    return Err(error(word, "expected each name once"));
                }
                known.push(word);
            }
            Ok(())
        });
        parser.parse2(arguments)?;
        if let Some(name) = wanted.outputs.get(MOST_OUTPUTS - 1) {
            return Err(error(name, "expected at most 15 further outputs"));
        }
        Ok(wanted)
    }

    /// Names of all outputs, as the manifest has them.
    pub fn all_outputs(&self) -> TokenStream {
        let outputs = &self.outputs;
        quote!(&["main", #(#outputs),*])
    }

    /// The method that makes the further outputs; where there are none it is left out, and so is all code for them.
    pub fn outputs_function(&self) -> Option<TokenStream> {
        let outputs = &self.outputs;
        (!outputs.is_empty()).then(|| {
            quote! {
                fn outputs() -> ::core::option::Option<__wr::NamedOutputs> {
                    ::core::option::Option::Some(__wr::NamedOutputs::new(&[#(#outputs),*]))
                }
            }
        })
    }

    /// Refuses a name of no output in `ctx.emit("name", ...)`, as far as the name stands there as it is.
    pub fn check_names(&self, ctx: &Ident, body: &Block) -> syn::Result<()> {
        let mut names = Names { ctx, found: Vec::new() };
        names.visit_block_mut(&mut body.clone());
        let known: Vec<_> = self.outputs.iter().map(|name| format!("{:?}", name.value())).collect();
        for name in names.found {
            let value = name.value();
            if value == "main" {
                return Err(error(name, "what goes to `main` is given back, or goes there by `ctx.keep`"));
            }
            if known.is_empty() {
                let message = format!("no further outputs are named: `outputs = [{value:?}]` names this one");
                return Err(error(name, &message));
            }
            if !known.contains(&format!("{value:?}")) {
                return Err(error(
                    name,
                    &format!("no output is called so: `outputs` has {}", known.join(", ")),
                ));
            }
        }
        Ok(())
    }
}

fn wrong_capability(name: &str) -> Option<&'static str> {
    (!["log", "clock", "random"].contains(&name)).then_some("expected \"log\", \"clock\" or \"random\"")
}

fn wrong_output(name: &str) -> Option<&'static str> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte);
    if name == "main" {
        Some("expected names of further outputs: `main` is there without being named")
    } else if name.is_empty() || name.len() > 64 || !name.bytes().all(is_word) {
        Some("expected a name of 1 to 64 of `A-Z a-z 0-9 _ . : -`")
    } else {
        None
    }
}

/// The names in a function's calls of `ctx.emit`.
struct Names<'c> {
    ctx: &'c Ident,
    found: Vec<LitStr>,
}

impl VisitMut for Names<'_> {
    fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
        if call.method == "emit"
            && matches!(&*call.receiver, Expr::Path(path) if path.path.is_ident(self.ctx))
            && let Some(Expr::Lit(literal)) = call.args.first()
            && let Lit::Str(name) = &literal.lit
        {
            self.found.push(name.clone());
        }
        visit_mut::visit_expr_method_call_mut(self, call);
    }
}
