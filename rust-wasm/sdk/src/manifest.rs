//! The manifest: made while the module is compiled, one JSON object for each transform and function.

use crate::record::shape::Shape;
use crate::record::text::Text;

/// What Cargo says of the package.
#[derive(Clone, Copy)]
pub struct Package {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Its description.
    pub description: &'static str,
    /// The module of the sources: two of one name that are alike are two all the same.
    pub module: &'static str,
}

/// What one transform or function of a module adds to its manifest.
#[derive(Clone, Copy)]
pub struct Manifest {
    /// The package that it is in.
    pub package: Package,
    /// What its author says of it.
    pub about: &'static str,
    /// What it wants beyond its records.
    pub capabilities: &'static [&'static str],
    /// What it is.
    pub kind: Kind,
}

/// A transform or a function.
#[derive(Clone, Copy)]
pub enum Kind {
    /// From records to records.
    Transform {
        /// Its name.
        name: &'static str,
        /// Its config.
        config: Shape,
        /// Its records.
        input: Shape,
        /// Its main output.
        output: Shape,
        /// Names of all its outputs, the main one first.
        outputs: &'static [&'static str],
        /// Whether it keeps something from record to record.
        stateful: bool,
    },
    /// From arguments to a result.
    Function {
        /// Its name.
        name: &'static str,
        /// Name and shape of each parameter.
        parameters: &'static [(&'static str, Shape)],
        /// Its result.
        result: Shape,
    },
}

impl Manifest {
    /// Its name.
    pub const fn name(&self) -> &'static str {
        match self.kind {
            Kind::Transform { name, .. } | Kind::Function { name, .. } => name,
        }
    }

    /// Whether it is called by its name.
    pub const fn is_function(&self) -> bool {
        matches!(self.kind, Kind::Function { .. })
    }

    /// The text, if `N` is at least its length.
    pub const fn text<const N: usize>(&self) -> Text<N> {
        let mut text = Text::new();
        text.raw("{").member("abi", true).raw("1");
        text.member("name", false).string(self.package.name);
        text.member("version", false).string(self.package.version);
        if !self.package.description.is_empty() {
            text.member("description", false).string(self.package.description);
        }
        text.member("sdk", false).raw("\"wasmrecords ").raw(env!("CARGO_PKG_VERSION")).raw("\"");
        text.member("module", false).string(self.package.module);
        match self.kind {
            Kind::Transform { name, config, input, output, outputs, stateful } => {
                text.member("input", false).strings(&["ndjson", "json"]);
                text.member("output", false).strings(&["ndjson", "pretty"]);
                text.member("transforms", false).raw("[{").member("name", true).string(name);
                self.about(&mut text);
                text.member("config_schema", false).schema(&config);
                text.member("input_schema", false).schema(&input);
                text.member("output_schema", false).schema(&output);
                text.member("capabilities", false).strings(self.capabilities);
                if outputs.len() > 1 {
                    text.member("outputs", false).strings(outputs);
                }
                if stateful {
                    text.member("stateful", false).raw("true");
                }
            }
            Kind::Function { name, parameters, result } => {
                text.member("functions", false).raw("[{").member("name", true).string(name);
                self.about(&mut text);
                text.member("parameters", false).raw("[");
                let mut at = 0;
                while at < parameters.len() {
                    let (name, shape) = &parameters[at];
                    text.raw(if at == 0 { "{" } else { ", {" }).member("name", true).string(name);
                    text.member("schema", false).schema(shape).raw("}");
                    at += 1;
                }
                text.raw("]").member("result", false).schema(&result);
            }
        }
        text.raw("}]}\n");
        text
    }

    const fn about<const N: usize>(&self, text: &mut Text<N>) {
        if !self.about.is_empty() {
            text.member("description", false).string(self.about);
        }
    }
}
