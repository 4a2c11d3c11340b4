//! What a module asks of the system, natively and as WASI has it. Of the standard library's own way there the parts
//! around it are the larger ones: locks, lines, and the text of each error.

/// So many things that were left in memory there, as the [reply](crate::reply) says, or a row of it.
///
/// # Safety
/// They are there, as long as what is given back, and nobody writes to them meanwhile.
pub(crate) unsafe fn left<'l, T: Copy>(address: usize, count: usize) -> &'l [T] {
    if count == 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(address as *const T, count) }
}

pub(crate) use imp::{clock, constructors, exit, random, said, standard, words};

#[cfg(target_family = "wasm")]
mod imp {
    use std::io::{self, Read, Write};

    /// A buffer for the host.
    #[repr(C)]
    struct Buffer {
        at: *const u8,
        length: usize,
    }

    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    unsafe extern "C" {
        fn fd_read(file: u32, buffers: *const Buffer, count: usize, read: *mut usize) -> u16;
        fn fd_write(file: u32, buffers: *const Buffer, count: usize, written: *mut usize) -> u16;
        fn random_get(bytes: *mut u8, length: usize) -> u16;
        fn clock_time_get(clock: u32, precision: u64, time: *mut u64) -> u16;
        fn proc_exit(status: u32) -> !;
        fn args_sizes_get(count: *mut usize, bytes: *mut usize) -> u16;
        fn args_get(starts: *mut usize, bytes: *mut u8) -> u16;
    }

    /// The words of the command line; none if one is no text.
    pub(crate) fn words() -> Option<Vec<String>> {
        let (mut count, mut bytes) = (0, 0);
        // SAFETY: the host writes two numbers there, which are borrowed.
        if unsafe { args_sizes_get(&mut count, &mut bytes) } != 0 {
            return Some(Vec::new());
        }
        let (mut starts, mut text) = (vec![0; count], vec![0; bytes]);
        // SAFETY: there is as much room as the host has just asked for.
        if unsafe { args_get(starts.as_mut_ptr(), text.as_mut_ptr()) } != 0 {
            return Some(Vec::new());
        }
        // The first one is the command itself; behind each there is a zero.
        let words = text.strip_suffix(b"\0").unwrap_or_default().split(|byte| *byte == 0).skip(1);
        words.map(|word| String::from_utf8(word.to_vec()).ok()).collect()
    }

    /// One of the files that are open when a command starts.
    #[derive(Clone, Copy)]
    pub(crate) struct Standard(u32);

    /// Standard input, output and errors.
    pub(crate) fn standard() -> (Standard, Standard, Standard) {
        (Standard(0), Standard(1), Standard(2))
    }

    impl Read for Standard {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let (buffer, mut read) = (Buffer { at: into.as_mut_ptr(), length: into.len() }, 0);
            // SAFETY: the host writes at most so many bytes there, which are borrowed, and their number.
            ended(unsafe { fd_read(self.0, &buffer, 1, &mut read) }, read)
        }
    }

    impl Write for Standard {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let (buffer, mut written) = (Buffer { at: bytes.as_ptr(), length: bytes.len() }, 0);
            // SAFETY: the host reads so many bytes there, which are borrowed, and writes how many it took.
            ended(unsafe { fd_write(self.0, &buffer, 1, &mut written) }, written)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn ended(status: u16, bytes: usize) -> io::Result<usize> {
        if status == 0 { Ok(bytes) } else { Err(io::Error::from_raw_os_error(status.into())) }
    }

    /// What an error of a file is, in words. The table of all of them is the C library's, and large.
    pub(crate) fn said(error: &io::Error) -> String {
        let Some(number) = error.raw_os_error() else { return "failed to write whole buffer".to_owned() };
        let words = match number {
            2 => "Permission denied",
            8 => "Bad file descriptor",
            22 => "File too large",
            28 => "Invalid argument",
            29 => "I/O error",
            31 => "Is a directory",
            51 => "No space left on device",
            76 => "Capabilities insufficient",
            _ => "input or output failed",
        };
        format!("{words} (os error {})", number as u32)
    }

    /// Ends the process.
    pub(crate) fn exit(status: i32) -> ! {
        // SAFETY: nothing is left to be done.
        unsafe { proc_exit(status as u32) }
    }

    /// Random bytes, as far as the host grants them.
    pub(crate) fn random(bytes: &mut [u8]) -> Option<()> {
        // SAFETY: the host writes so many bytes there, which are borrowed.
        (unsafe { random_get(bytes.as_mut_ptr(), bytes.len()) } == 0).then_some(())
    }

    /// Nanoseconds since the beginning of 1970, as far as the host grants a clock.
    pub(crate) fn clock() -> Option<u64> {
        let mut time = 0;
        // SAFETY: the host writes one number there, which is borrowed.
        (unsafe { clock_time_get(0, 1, &mut time) } == 0).then_some(time)
    }

    /// A `bin` exports plugin functions too, and lld wraps each export of a command so that the C
    /// constructors run again at every call. To name `__wasm_call_ctors` turns that off; then somebody has
    /// to call it, once.
    pub(crate) fn constructors() {
        unsafe extern "C" {
            fn __wasm_call_ctors();
        }
        // SAFETY: made by the linker for exactly this purpose; the caller calls it once, and `_start`,
        // the other one who does, never runs in an instance that is used as a plugin.
        unsafe { __wasm_call_ctors() }
    }
}

#[cfg(not(target_family = "wasm"))]
mod imp {
    use std::io;
    use std::time::{SystemTime, UNIX_EPOCH};

    /// Standard input, output and errors.
    pub(crate) fn standard() -> (io::Stdin, io::Stdout, io::Stderr) {
        (io::stdin(), io::stdout(), io::stderr())
    }

    /// The words of the command line; none if one is no text.
    pub(crate) fn words() -> Option<Vec<String>> {
        std::env::args_os().skip(1).map(|word| word.into_string().ok()).collect()
    }

    /// What an error of a file is, in words.
    pub(crate) fn said(error: &io::Error) -> String {
        error.to_string()
    }

    /// Ends the process.
    pub(crate) fn exit(status: i32) -> ! {
        std::process::exit(status)
    }

    /// Random bytes of the standard library's hash tables: good enough for tests.
    pub(crate) fn random(bytes: &mut [u8]) -> Option<()> {
        use std::hash::{BuildHasher, Hasher, RandomState};
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&RandomState::new().build_hasher().finish().to_le_bytes()[..chunk.len()]);
        }
        Some(())
    }

    /// Nanoseconds since the beginning of 1970, by the machine's clock.
    pub(crate) fn clock() -> Option<u64> {
        SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_nanos().try_into().ok()
    }

    /// Whoever links a native program sees to these.
    pub(crate) fn constructors() {}
}
