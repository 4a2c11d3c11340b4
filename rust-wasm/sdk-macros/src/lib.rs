//! The macros of the crate `wasmrecords`, which documents and re-exports them.

mod aggregate;
mod attributes;
mod callable;
mod case;
mod field;
mod function;
mod record;
mod returned;
mod stub;
mod transform;
mod wanted;
mod words;

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use syn::{DeriveInput, ItemImpl, parse_macro_input};

/// Reads a type from JSON and writes it as JSON: see `wasmrecords::Record`.
#[proc_macro_derive(Record, attributes(record))]
pub fn record(input: TokenStream) -> TokenStream {
    derived(&parse_macro_input!(input as DeriveInput), record::Kind::Record)
}

/// Reads a transform's config: see `wasmrecords::Config`.
#[proc_macro_derive(Config, attributes(config))]
pub fn config(input: TokenStream) -> TokenStream {
    derived(&parse_macro_input!(input as DeriveInput), record::Kind::Config)
}

/// Makes a function the transform of a module: see `wasmrecords::transform`.
#[proc_macro_attribute]
pub fn transform(arguments: TokenStream, function: TokenStream) -> TokenStream {
    done(callable::read(function).and_then(|function| transform::expand(arguments.into(), &function)))
}

/// Makes a function one that Python can call: see `wasmrecords::function`.
#[proc_macro_attribute]
pub fn function(arguments: TokenStream, function: TokenStream) -> TokenStream {
    done(callable::read(function).and_then(|function| function::expand(arguments.into(), &function)))
}

/// Makes an aggregate a transform of a module: see `wasmrecords::Aggregate`.
#[proc_macro_attribute]
pub fn aggregate(arguments: TokenStream, implementation: TokenStream) -> TokenStream {
    done(aggregate::expand(arguments.into(), &parse_macro_input!(implementation as ItemImpl)))
}

/// With an error stands a stub: what uses the type then says nothing of its own.
fn derived(input: &DeriveInput, kind: record::Kind) -> TokenStream {
    let made = record::derive(input, kind).unwrap_or_else(|error| {
        let mut made = error.to_compile_error();
        made.extend(stub::of(input, kind));
        made
    });
    made.into()
}

fn done(made: syn::Result<Tokens>) -> TokenStream {
    made.unwrap_or_else(|error| error.to_compile_error()).into()
}
