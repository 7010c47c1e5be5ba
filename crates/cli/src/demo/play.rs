//! A scenario is played and watched.

use anyhow::Context as _;
use capture::live::Live;
use lab::{Moment, Prepared, Progress, Recording, Report, ScenarioError};

use super::frame_buffer::FrameBuffer;
use super::live_redraw::LiveRedraw;
use super::on_screen::{Frames, OnScreen};

/// What somebody sees of a scenario while it runs.
pub(super) enum Meanwhile {
    Nothing,
    /// The picture, below what is written.
    Lines(LiveRedraw),
    Screen(Box<OnScreen>),
}

impl Meanwhile {
    fn on_moment(
        &mut self,
        moment: &Moment<'_>,
        buffer: &mut FrameBuffer,
        progress: &Progress,
    ) -> anyhow::Result<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::Lines(lines) => lines.on_moment(moment, buffer, progress),
            Self::Screen(screen) => screen.on_moment(moment, buffer, progress),
        }
    }

    /// The scenario has ended.
    fn finish(self, frames: &Frames, report: &Report) -> anyhow::Result<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::Lines(lines) => lines.erase().context("the output can't be written"),
            Self::Screen(screen) => screen.finish(frames, report),
        }
    }
}

/// Captures while the scenario is played, until it has ended and all packets have arrived. `None` where
/// the user has seen enough before.
pub(super) fn play(
    live: &mut Live,
    prepared: Prepared,
    mut saved: Option<Recording>,
    frames: &Frames,
    mut meanwhile: Meanwhile,
) -> anyhow::Result<Option<Report>> {
    let (mut writing, mut drawing) = (Ok(()), Ok(()));
    let running = prepared.start();
    let progress = running.progress();
    let watched = running.watch(live, &mut |moment| {
        if let (Some(saved), Ok(())) = (&mut saved, &writing) {
            writing = saved.add(&moment);
        }
        let mut buffer = frames.lock();
        if let Moment::Frame(frame) = &moment {
            buffer.keep(frame);
        }
        if drawing.is_ok() {
            drawing = meanwhile.on_moment(&moment, &mut buffer, &progress);
        }
    });
    let report = match watched {
        Err(ScenarioError::Stopped) => return Ok(None),
        watched => watched?,
    };
    writing.context("the recording can't be written")?;
    drawing?;
    let stats = live.stats();
    frames.lock().lost += stats.dropped.unwrap_or_default();
    saved.map(|saved| saved.finish(&report, stats)).transpose()?;
    meanwhile.finish(frames, &report)?;
    Ok(Some(report))
}
