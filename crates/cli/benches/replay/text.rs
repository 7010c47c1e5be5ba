//! Amounts and tables as Markdown.

/// A table; the first row is its head.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let line = |row: &Vec<String>| format!("| {} |\n", row.join(" | "));
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    let columns = rows.first().map_or(0, Vec::len);
    lines.insert(lines.len().min(1), format!("{}|\n", "|---".repeat(columns)));
    lines.concat()
}

/// The head of a table.
pub(crate) fn head(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

/// `1,234,567`
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let (head, tail) = digits.split_at(digits.len() % 3);
    let groups = tail.as_bytes().chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    let head = (!head.is_empty()).then(|| head.to_owned());
    head.into_iter().chain(groups).collect::<Vec<_>>().join(",")
}

/// `0.38 s`, `2.4 s`, `34 s`
pub(crate) fn seconds(seconds: f64) -> String {
    let digits = if seconds < 1.0 { 2 } else { usize::from(seconds < 10.0) };
    format!("{seconds:.digits$} s")
}

pub(crate) fn mebibytes(kib: i64) -> String {
    format!("{} MiB", thousands(kib.unsigned_abs().div_ceil(1024)))
}

pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{} MB", thousands(bytes / 1_000_000))
}
