//! Generates manual pages, completions and the JSON Schema from the declarations.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context as _;
use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::status::Status;

pub(crate) fn completions(command: &mut Command, shell: Shell) -> anyhow::Result<Status> {
    // The generator panics where it can't write; memory takes everything.
    let mut script = Vec::new();
    clap_complete::generate(shell, command, "synscope", &mut script);
    print(&script)
}

/// Prints the manual page, or writes it and those of all subcommands into `dir`, which it creates.
pub(crate) fn man(command: Command, dir: Option<&Path>) -> anyhow::Result<Status> {
    if let Some(dir) = dir {
        fs::create_dir_all(dir)
            .with_context(|| format!("{}: can't create the directory", dir.display()))?;
        clap_mangen::generate_to(command, dir)
            .with_context(|| format!("{}: can't write the manual pages", dir.display()))?;
        return Ok(Status::Fine);
    }
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    print(&page)
}

pub(crate) fn schema() -> anyhow::Result<Status> {
    print(format!("{:#}\n", render::json_schema()).as_bytes())
}

/// Prints a text as it is.
pub(crate) fn print(text: &[u8]) -> anyhow::Result<Status> {
    io::stdout().write_all(text).context("standard output")?;
    Ok(Status::Fine)
}
