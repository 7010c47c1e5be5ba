//! What a replay reads and writes beside the captures and the output.

use std::path::Path;

#[cfg(unix)]
use crate::args::PaceArgs;
#[cfg(target_os = "linux")]
use crate::calls::Calls;
use crate::files::Files;
use crate::layout::Content;
use crate::output::Output;
#[cfg(unix)]
use crate::pace;
use crate::presenter::Before;

/// What is read and written beside the captures and the output.
#[derive(Debug, Default)]
pub(crate) struct Aside<'a> {
    /// The packets of the attempts that are shown go there.
    pub(crate) extract: Option<&'a Path>,
    /// The calls of a demo, drawn in the pictures.
    #[cfg(target_os = "linux")]
    pub(crate) calls: Option<&'a Path>,
    /// How the pictures grow.
    #[cfg(unix)]
    pub(crate) pace: PaceArgs,
}

impl Aside<'_> {
    /// That it goes with the inputs and with what is shown of the attempts.
    pub(crate) fn check(&self, has_stream: bool, content: Content) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.extract.is_none() || !has_stream,
            "--extract reads its input twice, which a pipe does not allow: save it to a file first"
        );
        anyhow::ensure!(
            !self.has_calls() || content == Content::Pictures,
            "--calls draws calls in pictures: it needs --format timeline, svg, mermaid or markdown"
        );
        anyhow::ensure!(
            !self.has_calls() || !has_stream,
            "--calls needs the attempts in their order, which a pipe does not keep: save it to a file \
             first"
        );
        Ok(())
    }

    #[cfg(target_os = "linux")]
    const fn has_calls(&self) -> bool {
        self.calls.is_some()
    }

    #[cfg(not(target_os = "linux"))]
    const fn has_calls(&self) -> bool {
        false
    }

    /// The files of a run, with those that are read here.
    pub(crate) fn reading(&self, files: Files) -> Files {
        #[cfg(target_os = "linux")]
        let files = self.calls.into_iter().fold(files, Files::and_reading);
        files
    }

    /// A view that adds the calls to each attempt, where there are some.
    pub(crate) fn calls(&self) -> anyhow::Result<Option<Before>> {
        #[cfg(target_os = "linux")]
        if let Some(path) = self.calls {
            let calls = Calls::read(path)?;
            return Ok(Some(Box::new(|view| calls.beside(view))));
        }
        Ok(None)
    }

    /// A view that draws at the pace that is asked for, where one is.
    pub(crate) fn pictures(&self, output: &Output) -> anyhow::Result<Option<Before>> {
        #[cfg(unix)]
        let pictures = pace::pictures(self.pace, output)?;
        // Elsewhere no terminal can be asked for its keys.
        #[cfg(not(unix))]
        let (pictures, _) = (None, output);
        Ok(pictures)
    }
}
