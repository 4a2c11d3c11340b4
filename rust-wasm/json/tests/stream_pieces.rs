//! The stream splitter against a naive model, and the same items wherever the pieces end.

mod chance;

use chance::Chance;
use wasmrecords_json::split::{Item, Lines, State, Stream};

/// An item with offsets in the whole input.
type Told = (usize, usize, Option<(usize, String)>);

fn told(item: Item, base: usize) -> Told {
    match item {
        Item::Record { start, end } => (base + start, base + end, None),
        Item::Broken { start, end, offset, message } => {
            (base + start, base + end, Some((base + offset, message)))
        }
    }
}

/// The items of an input that comes in pieces, cut at `cuts` and at the end. As a host does it: the
/// bytes that were not consumed are given again, together with the next piece.
fn in_pieces(input: &[u8], cuts: &[usize]) -> Vec<Told> {
    let mut items = Vec::new();
    let (mut done, mut state) = (0, State::Between);
    for &cut in cuts.iter().chain([&input.len()]) {
        // The end of the input may be known only when nothing more comes: then as an empty piece.
        let mut stream = Stream::new(&input[done..cut], false, state);
        items.extend(stream.by_ref().map(|item| told(item, done)));
        done += stream.consumed();
        state = State::try_from(u32::from(stream.state())).unwrap();
    }
    let mut stream = Stream::new(&input[done..], true, state);
    items.extend(stream.by_ref().map(|item| told(item, done)));
    assert_eq!(done + stream.consumed(), input.len(), "all is consumed at the end");
    assert_eq!(stream.state(), State::Between);
    items
}

fn whole(input: &[u8]) -> Vec<Told> {
    Stream::new(input, true, State::Between).map(|item| told(item, 0)).collect()
}

/// Begins a new stream behind every item, as after a change of instance.
fn restarted(input: &[u8]) -> Vec<Told> {
    let mut items = Vec::new();
    let (mut done, mut state) = (0, State::Between);
    loop {
        let mut stream = Stream::new(&input[done..], true, state);
        let Some(item) = stream.next() else { return items };
        items.push(told(item, done));
        done += stream.consumed();
        state = stream.state();
    }
}

/// The extents of the items by the plainest means: one byte after the other, no search, no pieces.
/// The third field says whether the item is a record.
fn model(input: &[u8]) -> Vec<(usize, usize, bool)> {
    let mut items = Vec::new();
    let (mut in_array, mut wants_value, mut fresh) = (false, true, false);
    let mut at = 0;
    while at < input.len() {
        let byte = input[at];
        let start = at;
        at += 1;
        match byte {
            b' ' | b'\n' | b'\t' | b'\r' => continue,
            b'[' if !in_array => (in_array, wants_value, fresh) = (true, true, true),
            b']' if in_array => {
                if wants_value && !fresh {
                    items.push((start, at, false));
                }
                (in_array, wants_value) = (false, true);
            }
            b',' if in_array => {
                if wants_value {
                    items.push((start, at, false));
                }
                (wants_value, fresh) = (true, false);
            }
            b',' | b':' | b']' | b'}' => {
                items.push((start, at, false));
                wants_value = !in_array;
            }
            _ => {
                let (mut depth, mut quoted, mut cut) = (0, false, true);
                at = start;
                while at < input.len() {
                    let byte = input[at];
                    at += 1;
                    if quoted {
                        match byte {
                            b'\\' => at = (at + 1).min(input.len()),
                            b'"' => quoted = false,
                            _ => continue,
                        }
                    } else if byte == b'"' {
                        quoted = true;
                    } else if b"[{".contains(&byte) {
                        depth += 1;
                    } else if b"]}".contains(&byte) {
                        depth -= 1;
                    }
                    let scalar = !b"\"[{]}".contains(&input[start]);
                    let next_ends = input.get(at).is_none_or(|next| b" \n\t\r,:[]{}\"".contains(next));
                    if depth == 0 && !quoted && (!scalar || next_ends) {
                        cut = false;
                        break;
                    }
                }
                items.push((start, at, !in_array || wants_value));
                // A value that is cut is the last fault: no second one says that the array is open.
                in_array = in_array && !cut;
                wants_value = !in_array;
            }
        }
    }
    if in_array {
        items.push((at, at, false));
    }
    items
}

fn hostile(chance: &mut Chance) -> Vec<u8> {
    const ALPHABET: &[u8] = b"[[]]{{}},,,::\"\"\"\\ \n\r\t1-ntx\x00\xc3\xa9\xff";
    const TOKENS: [&str; 12] =
        ["[", "]", ",", " ", "{\"a\":1}", "12", "\"x,]\\\"\"", "null", "[1]", "\"", ", ", "{\"k\":[{}]}"];
    let mut input = Vec::new();
    let by_token = chance.below(2) == 0;
    for _ in 0..chance.below(24) {
        match by_token {
            true => input.extend_from_slice(chance.pick(&TOKENS).as_bytes()),
            false => input.push(*chance.pick(ALPHABET)),
        }
    }
    input
}

#[test]
fn hostile_inputs_agree_with_the_model() {
    let mut chance = Chance::new(1);
    for _ in 0..100_000 {
        let input = hostile(&mut chance);
        let extents: Vec<_> =
            whole(&input).into_iter().map(|(start, end, fault)| (start, end, fault.is_none())).collect();
        assert_eq!(extents, model(&input), "{}", input.escape_ascii());
    }
}

#[test]
fn pieces_and_restarts_change_nothing() {
    let mut chance = Chance::new(2);
    for _ in 0..30_000 {
        let input = hostile(&mut chance);
        let items = whole(&input);
        let shown = input.escape_ascii();
        assert_eq!(restarted(&input), items, "{shown}, restarted");
        let every: Vec<usize> = (0..input.len()).collect();
        assert_eq!(in_pieces(&input, &every), items, "{shown}, byte by byte");
        for _ in 0..4 {
            let mut cuts: Vec<usize> = (0..chance.below(4)).map(|_| chance.below(input.len() + 1)).collect();
            cuts.sort_unstable();
            assert_eq!(in_pieces(&input, &cuts), items, "{shown}, cut at {cuts:?}");
        }
    }
}

#[test]
fn every_byte_has_one_owner() {
    let mut chance = Chance::new(3);
    for _ in 0..30_000 {
        let input = hostile(&mut chance);
        let mut end_before = 0;
        let check_gap = |from: usize, to: usize| {
            let gap = &input[from..to];
            assert!(gap.iter().all(|byte| b" \n\r\t[],".contains(byte)), "{}", input.escape_ascii());
        };
        for (start, end, _) in whole(&input) {
            assert!(end_before <= start && start <= end);
            check_gap(end_before, start);
            end_before = end;
        }
        check_gap(end_before, input.len());
    }
}

#[test]
fn lines_are_the_same_in_pieces() {
    let mut chance = Chance::new(4);
    for _ in 0..20_000 {
        let input: Vec<u8> = (0..chance.below(30)).map(|_| *chance.pick(b"\n\n\r\t ab\"{\xff")).collect();
        let whole: Vec<_> = Lines::new(&input, true).collect();
        let naive: Vec<_> = input
            .split(|&byte| byte == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .filter(|line| !line.iter().all(|byte| b" \t\r".contains(byte)))
            .collect();
        assert_eq!(whole.iter().map(|&(start, end)| &input[start..end]).collect::<Vec<_>>(), naive);
        let (mut pieces, mut done) = (Vec::new(), 0);
        for cut in 0..=input.len() {
            let mut lines = Lines::new(&input[done..cut], false);
            pieces.extend(lines.by_ref().map(|(start, end)| (done + start, done + end)));
            done += lines.consumed();
        }
        let mut lines = Lines::new(&input[done..], true);
        pieces.extend(lines.by_ref().map(|(start, end)| (done + start, done + end)));
        assert_eq!(done + lines.consumed(), input.len());
        assert_eq!(pieces, whole, "{}", input.escape_ascii());
    }
}
