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

/// `0.38`, `2.4`, `34`
pub(crate) fn rounded(number: f64) -> String {
    let digits = if number < 1.0 { 2 } else { usize::from(number < 10.0) };
    format!("{number:.digits$}")
}

pub(crate) fn seconds(time: f64) -> String {
    format!("{} s", rounded(time))
}

pub(crate) fn mebibytes(kib: i64) -> String {
    format!("{} MiB", thousands(kib.unsigned_abs().div_ceil(1024)))
}

pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{} MB", thousands(bytes / 1_000_000))
}
