//! What a program gets from outside: arguments, the files that it imports, the name of its source.

use serde::Deserialize;
use wasmrecords::Failure;
use wasmrecords_json::split::Values;
use wasmrecords_json::{Object, SyntaxError, Value, parse};

/// All that is given to a program. The host reads files and hands them over: it alone knows folders.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Given {
    /// Names without `$` and JSON texts, in the order of `$ARGS.named`.
    pub args: Vec<(String, String)>,
    /// Modules and data files, each once.
    pub files: Vec<File>,
    /// Which file an import means: the importing one (0 is the program, others count from 1), the number of
    /// the import in it, from 0, and the imported one, from 1.
    pub imports: Vec<(usize, usize, usize)>,
    /// The folders in which modules are looked for: `get_search_list`.
    pub folders: Vec<String>,
    /// The name of the source that the records come from: `input_filename`.
    #[serde(skip)]
    pub source: Option<String>,
    /// Levels that an argument or a data file may have.
    #[serde(skip)]
    pub nesting: u32,
}

/// A file that was read by the host.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// What errors and `$__loc__` call it.
    pub name: String,
    /// All of it.
    pub text: String,
}

impl Given {
    /// The arguments, in their order.
    ///
    /// # Errors
    /// `args` with the argument's name as the path, and the offset in its text.
    pub(super) fn arguments(&self) -> Result<Vec<(String, Value)>, Failure> {
        let value = |(name, text): &(String, String)| match parse(text.as_bytes(), self.nesting) {
            Ok(value) => Ok((format!("${name}"), value)),
            Err(why) => Err(no_json(why, 0, "args", name)),
        };
        self.args.iter().map(value).collect()
    }

    /// The file `number` as `import "a" as $a` sees it: an array of all values in it.
    ///
    /// # Errors
    /// `program`, with the place in the file.
    pub(super) fn data(&self, number: usize) -> Result<Value, Failure> {
        let text = self.files[number - 1].text.as_bytes();
        let values = Values::new(text).map(|(start, end)| match parse(&text[start..end], self.nesting) {
            Ok(value) => Ok(value),
            Err(why) => Err(no_json(why, start, "program", &path_of(number))),
        });
        values.collect()
    }
}

/// How a refusal names the file that is wrong.
pub(super) fn path_of(number: usize) -> String {
    if number == 0 { "$".into() } else { format!("$.given.files[{}]", number - 1) }
}

/// `$ARGS`.
pub(super) fn all_arguments(arguments: &[(String, Value)]) -> Value {
    let named = arguments.iter().map(|(name, value)| (&name[1..], value.clone()));
    object([("positional", [].into_iter().collect()), ("named", object(named))])
}

/// An object of these members.
pub(super) fn object<'n>(members: impl IntoIterator<Item = (&'n str, Value)>) -> Value {
    members.into_iter().map(|(name, value)| (name.into(), value)).collect::<Object>().into()
}

fn no_json(why: SyntaxError, start: usize, code: &'static str, path: &str) -> Failure {
    Failure { offset: start + why.offset, path: path.into(), ..Failure::new(code, why.message) }
}
