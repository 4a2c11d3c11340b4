//! Made schemas, programs and records, in pieces, with small limits: the tiers against the general engine.

mod made;

use super::{in_pieces, mutated, number};
use crate::chance::Chance;
use made::{Member, members, object, program, schema};
use wasmrecords::testing::Outcome;

/// What is compared, and how much of it.
#[derive(Default, Debug)]
struct Tally {
    records: usize,
    differences: usize,
}

fn text(chance: &mut Chance, members: &[Member], count: usize, json: bool) -> Vec<u8> {
    let (mut text, style) = (Vec::new(), *chance.pick(&[0, 0, 0, 1, 2]));
    let (faults, end) = (*chance.pick(&[0, 40, 8]), *chance.pick(&["\n", "\n", "\n", "\r\n", "\n\n"]));
    let mut last = String::from("{}");
    for _ in 0..count {
        if chance.below(3) > 0 {
            let style = if chance.below(50) == 0 { chance.below(3) } else { style };
            last = object(chance, members, style);
        }
        if faults > 0 && chance.below(faults) == 0 {
            text.extend(mutated(chance, &last));
        } else {
            text.extend(last.bytes());
        }
        let end = if chance.below(50) == 0 { *chance.pick(&["\n", "\r\n", " \n", "\n \n"]) } else { end };
        text.extend(if json && chance.below(3) == 0 { " ".bytes() } else { end.bytes() });
    }
    if chance.below(4) == 0 && !text.is_empty() {
        text.pop();
    }
    text
}

fn agree(chance: &mut Chance, rounds: usize, tally: &mut Tally) {
    for _ in 0..rounds {
        let most = if chance.below(30) == 0 { 300 } else { 12 };
        let members = members(chance, most, 2);
        let schema = if chance.below(4) == 0 { "true".into() } else { schema(chance, &members) };
        let program = if chance.below(6) == 0 {
            "null".into()
        } else {
            serde_json::to_string(&program(chance, &members)).unwrap()
        };
        let json = chance.below(8) == 0;
        let count = if most > 12 { 30 } else { 150 };
        let input = text(chance, &members, count, json);
        let opening = |tiers: &str, rest: &str| {
            format!(
                "{{\"abi\":1,\"input\":\"{}\",{rest}\"config\":{{\"schema\":{schema},\"jq\":{program},\"tiers\":\"{tiers}\"}}}}",
                if json { "json" } else { "ndjson" }
            )
        };
        let nesting = if chance.below(3) == 0 { 1 + chance.below(5) } else { 128 };
        let record = if chance.below(4) == 0 { 30 + chance.below(200) } else { 1 << 20 };
        let output = if chance.below(5) == 0 { 200 + chance.below(3000) } else { 1 << 20 };
        let rest = format!(
            "\"output\":\"{}\",\"lineage\":{},\"limits\":{{\"nesting\":{nesting},\"record\":{record},\"output\":{output},\"log\":0}},",
            chance.pick(&["ndjson", "ndjson", "ndjson", "ndjson", "pretty"]),
            chance.below(8) == 0
        );
        let piece = 1 + chance.below(2000);
        let general = [usize::MAX, piece].map(|size| in_pieces(&opening("general", &rest), &input, size));
        for (tiers, size, of) in [("exact", usize::MAX, 0), ("all", usize::MAX, 0), ("all", piece, 1)] {
            let (opening, general) = (opening(tiers, &rest), &general[of]);
            tally.records += general.finished;
            let fast = in_pieces(&opening, &input, size);
            if fast != *general {
                tally.differences += 1;
                part(&opening, general, &fast);
            }
        }
    }
}

/// Prints where two outcomes part.
fn part(opening: &str, general: &Outcome, fast: &Outcome) {
    println!("DIFFERS {opening}");
    let lines = |outcome: &Outcome| {
        outcome
            .output
            .split(|b| *b == b'\n')
            .map(|l| String::from_utf8_lossy(l).into_owned())
            .collect::<Vec<_>>()
    };
    let (one, other) = (lines(general), lines(fast));
    let at = (0..one.len().min(other.len())).find(|at| one[*at] != other[*at]);
    println!("  outputs {} {}: {:?}", one.len(), other.len(), at.map(|at| (&one[at], &other[at])));
    let at = general.failures.iter().zip(&fast.failures).find(|(a, b)| a != b);
    println!("  failures {} {}: {at:?}", general.failures.len(), fast.failures.len());
    println!(
        "  finished {} {}, dropped {} {}",
        general.finished, fast.finished, general.dropped, fast.dropped
    );
}

#[test]
fn made_recipes_answer_the_same_in_all_tiers() {
    let mut tally = Tally::default();
    agree(&mut Chance::new(number("SEED", 61) as u64), number("ROUNDS", 60), &mut tally);
    println!("{tally:?}");
    assert_eq!(tally.differences, 0);
}
