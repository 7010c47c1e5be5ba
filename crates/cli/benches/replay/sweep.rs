//! One kind of capture in several sizes.

use std::io;

use crate::common::Usage;
use crate::made;
use crate::plot::{Line, plot};
use crate::programs::{ALL, LIMIT, Program};
use crate::text::{head, mebibytes, megabytes, seconds, table};
use crate::traffic::CONNECTIONS;

/// How many connections the captures have, in halves of the usual number.
const HALVES: [u32; 4] = [1, 2, 4, 8];
/// These are not drawn: one reads nothing, the other is much like its neighbour.
const LEFT_OUT: [&str; 2] = ["cat", "synscope, csv"];

/// What the programs took for each size: the table, and the drawing.
pub(crate) fn sweep(usual: u32) -> io::Result<(String, String)> {
    let programs: Vec<&Program> =
        ALL.iter().filter(|program| !LEFT_OUT.contains(&program.name)).collect();
    let mut lines: Vec<Line> = programs.iter().map(|it| Line::new(it.name)).collect();
    let mut rows = vec![head(&["program"])];
    rows.extend(programs.iter().map(|program| head(&[program.name])));
    for halves in HALVES {
        let file = made(&CONNECTIONS.sized(usual / 2 * halves))?;
        let bytes = file.metadata()?.len();
        rows[0].push(megabytes(bytes));
        for ((program, line), row) in programs.iter().zip(&mut lines).zip(&mut rows[1..]) {
            if bytes > program.largest || line.last().is_some_and(is_slow) {
                row.push("too slow".to_owned());
                continue;
            }
            row.push(match program.measure(&file) {
                Ok(used) => {
                    line.points.push((bytes, used));
                    let wall = seconds(used.wall.as_secs_f64());
                    format!("{wall}, {}", mebibytes(used.peak_kib))
                }
                Err(reason) => reason,
            });
        }
        std::fs::remove_file(file)?;
    }
    Ok((table(&rows), plot(&lines)))
}

/// Whether twice the bytes would take it beyond the limit.
fn is_slow(used: &Usage) -> bool {
    used.wall.as_secs_f64() * 2.0 > f64::from(LIMIT)
}
