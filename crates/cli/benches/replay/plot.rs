//! Time and memory against the size of a capture, drawn as SVG.

use crate::common::Usage;
use crate::text::thousands;

/// What a program took for each size in bytes.
pub(crate) struct Line {
    name: &'static str,
    pub(crate) points: Vec<(u64, Usage)>,
}

impl Line {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, points: Vec::new() }
    }

    pub(crate) fn last(&self) -> Option<&Usage> {
        self.points.last().map(|(_, used)| used)
    }
}

/// One half of the drawing.
struct Panel<'a> {
    title: &'static str,
    unit: &'static str,
    left: f64,
    /// Names, and points in GB and in the unit.
    lines: Vec<(&'a str, Vec<(f64, f64)>)>,
    /// Powers of ten, the least and the greatest.
    decades: (i32, i32),
    sizes: Vec<f64>,
}

const WIDTH: f64 = 940.0;
const HEIGHT: f64 = 360.0;
const TOP: f64 = 52.0;
const BOTTOM: f64 = 306.0;
/// The width of the part that holds lines; their names stand beside it.
const ACROSS: f64 = 245.0;
/// The least distance between the base lines of two names.
const APART: f64 = 15.0;
const BLACK: &str = "#222222";
/// Colours that keep apart for most eyes (Okabe and Ito), dark enough for text on white.
const COLOURS: [&str; 6] = ["#555555", "#0063a0", "#c04f00", "#00775a", "#98366f", "#7a5c00"];

/// Two panels with logarithmic scales.
pub(crate) fn plot(lines: &[Line]) -> String {
    let wall = |used: &Usage| used.wall.as_secs_f64();
    let peak = |used: &Usage| used.peak_kib as f64 / 1024.0;
    let panels = [
        Panel::new("Time on the clock", "s", 70.0, lines, wall),
        Panel::new("Peak memory", "MiB", 525.0, lines, peak),
    ];
    let panels = panels.map(|panel| panel.svg()).concat();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\" fill=\"{BLACK}\">\n\
         <title>Time and memory of programs that read captures of several sizes</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"8\" fill=\"#ffffff\"/>\n{panels}</svg>\n"
    )
}

impl<'a> Panel<'a> {
    fn new(
        title: &'static str,
        unit: &'static str,
        left: f64,
        lines: &'a [Line],
        value: impl Fn(&Usage) -> f64,
    ) -> Self {
        let point = |(bytes, used): &(u64, Usage)| (*bytes as f64 / 1e9, value(used));
        let lines: Vec<(&str, Vec<_>)> =
            lines.iter().map(|it| (it.name, it.points.iter().map(point).collect())).collect();
        let points = || lines.iter().flat_map(|(_, points)| points);
        let mut sizes: Vec<f64> = points().map(|(size, _)| *size).collect();
        sizes.sort_by(f64::total_cmp);
        sizes.dedup();
        let least = points().map(|(_, value)| *value).fold(1.0, f64::min);
        let most = points().map(|(_, value)| *value).fold(1.0, f64::max);
        let decades = (least.log10().floor() as i32, most.log10().ceil() as i32);
        Self { title, unit, left, lines, decades, sizes }
    }

    fn x(&self, size: f64) -> f64 {
        let first = self.sizes.first().copied().unwrap_or(1.0);
        let last = self.sizes.last().copied().unwrap_or(1.0).max(first * 1.01);
        self.left + 12.0 + (size / first).ln() / (last / first).ln() * (ACROSS - 24.0)
    }

    fn y(&self, value: f64) -> f64 {
        let (least, most) = self.decades;
        let share = (value.log10() - f64::from(least)) / f64::from((most - least).max(1));
        BOTTOM - share * (BOTTOM - TOP)
    }

    /// Title and scales.
    fn svg(&self) -> String {
        let (left, right) = (self.left, self.left + ACROSS);
        let mut svg = vec![format!(
            "<text x=\"{left}\" y=\"24\" font-size=\"14\" font-weight=\"bold\">{}, {}</text>\n",
            self.title, self.unit
        )];
        for decade in self.decades.0..=self.decades.1 {
            let y = self.y(10_f64.powi(decade));
            let value = match u32::try_from(decade) {
                Ok(decade) => thousands(10_u64.pow(decade)),
                Err(_) => 10_f64.powi(decade).to_string(),
            };
            svg.push(format!("<path d=\"M{left} {y:.1}H{right}\" stroke=\"#dddddd\"/>\n"));
            svg.push(text(left - 8.0, y + 4.0, "end", BLACK, &value));
        }
        for &size in &self.sizes {
            let x = self.x(size);
            svg.push(format!("<path d=\"M{x:.1} {BOTTOM}v5\" stroke=\"#888888\"/>\n"));
            svg.push(text(x, BOTTOM + 20.0, "middle", BLACK, &format!("{size:.2}")));
        }
        let middle = left + ACROSS / 2.0;
        svg.push(text(middle, BOTTOM + 42.0, "middle", BLACK, "size of the capture, GB"));
        svg.concat() + &self.curves()
    }

    /// The lines, each with its name at the right.
    fn curves(&self) -> String {
        let mut svg = Vec::new();
        let mut names = Vec::new();
        for ((name, points), colour) in self.lines.iter().zip(COLOURS) {
            let places: Vec<_> = points.iter().map(|&(x, y)| (self.x(x), self.y(y))).collect();
            let Some(&(x, y)) = places.last() else { continue };
            let path: Vec<_> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            svg.push(format!(
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n",
                path.join(" ")
            ));
            let circle = |(x, y)| {
                format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>\n")
            };
            svg.extend(places.into_iter().map(circle));
            names.push((x, y, *name, colour));
        }
        names.sort_by(|one, other| one.1.total_cmp(&other.1));
        // Names that would lie on each other go further down.
        let mut free = TOP;
        for (x, y, name, colour) in names {
            let at = y.max(free);
            free = at + APART;
            let left = self.left + ACROSS + 14.0;
            svg.push(format!(
                "<path d=\"M{:.1} {y:.1}L{:.1} {at:.1}\" stroke=\"{colour}\" stroke-width=\"0.5\"/>\n",
                x + 4.0,
                left - 3.0
            ));
            svg.push(text(left, at + 4.0, "start", colour, name));
        }
        svg.concat()
    }
}

fn text(x: f64, y: f64, anchor: &str, colour: &str, text: &str) -> String {
    format!(
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{text}</text>\n"
    )
}
