//! Where boxes stand and how arrows run: rows from top to bottom, as few crossings as can be had, arrows as straight.
//!
//! Lives here: the steps of the method (rows, order in rows, places, routes) and what comes out.
//! Never here: what a box is.
//!
//! Ours because what the registry has either hides where an arrow bends or places boxes differently at every run.

mod order;
mod place;
mod rows;

/// Space between neighbours in a row, and above and below every row, in pixels.
const BESIDE: f64 = 24.0;
const BETWEEN: f64 = 10.0;
/// How far apart arrows leave and reach a box, at most.
const SPREAD: f64 = 26.0;

/// Pixels, from the top left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Size {
    pub(super) w: f64,
    pub(super) h: f64,
}

/// An arrow to be laid: which box to which, and how large its label is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) label: Option<Size>,
}

/// How an arrow runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Route {
    /// From where it leaves to where it arrives; between two points it leaves and arrives upright.
    pub(super) points: Vec<Point>,
    /// The middle of its label.
    pub(super) label: Option<Point>,
    /// Whether it runs upwards, to a step already passed.
    pub(super) back: bool,
}

/// A picture's measures.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    /// The middle of every box.
    pub(super) boxes: Vec<Point>,
    pub(super) routes: Vec<Route>,
    pub(super) size: Size,
}

/// Something in a row: a box, or the place where an arrow passes the row.
struct Item {
    size: Size,
    row: usize,
    box_of: Option<usize>,
    /// Neighbours above and below, each with how much a straight line to it is worth.
    above: Vec<(usize, f64)>,
    below: Vec<(usize, f64)>,
}

/// Lays boxes and arrows out. Box 0 is where everything begins.
pub(super) fn lay(boxes: &[Size], arrows: &[Arrow]) -> Layout {
    let (rows, back) = rows::rows(boxes.len(), arrows);
    let mut items: Vec<Item> = boxes
        .iter()
        .zip(&rows)
        .enumerate()
        .map(|(at, (size, row))| Item { size: *size, row: *row, box_of: Some(at), above: Vec::new(), below: Vec::new() })
        .collect();
    // The items an arrow passes, from its upper box to its lower one.
    let mut chains: Vec<Vec<usize>> = Vec::new();
    let mut labels: Vec<Option<usize>> = Vec::new();
    for (arrow, back) in arrows.iter().zip(&back) {
        let (upper, lower) = if *back { (arrow.to, arrow.from) } else { (arrow.from, arrow.to) };
        let labelled = if *back { rows[lower] - 1 } else { rows[upper] + 1 };
        let mut chain = vec![upper];
        let mut label = None;
        for row in rows[upper] + 1..rows[lower] {
            let size = if row == labelled { arrow.label.unwrap_or_default() } else { Size::default() };
            items.push(Item { size, row, box_of: None, above: Vec::new(), below: Vec::new() });
            chain.push(items.len() - 1);
            if row == labelled && arrow.label.is_some() {
                label = Some(items.len() - 1);
            }
        }
        chain.push(lower);
        for pair in chain.windows(2) {
            let worth = match (items[pair[0]].box_of, items[pair[1]].box_of) {
                (Some(_), Some(_)) => 1.0,
                (Some(_), None) | (None, Some(_)) => 2.0,
                (None, None) => 8.0,
            };
            items[pair[0]].below.push((pair[1], worth));
            items[pair[1]].above.push((pair[0], worth));
        }
        chains.push(chain);
        labels.push(label);
    }
    let order = order::order(&items);
    let mut x = place::place(&items, &order);
    place::straighten(&items, &order, &chains, &mut x);
    let (y, heights) = levels(&items, &order);
    let size = Size {
        w: items.iter().zip(&x).map(|(item, x)| x + item.size.w / 2.0).fold(0.0, f64::max),
        h: y.last().zip(heights.last()).map_or(0.0, |(y, height)| y + height / 2.0),
    };
    let middle = |item: usize| Point { x: x[item], y: y[items[item].row] };
    let ports = ports(&items, &chains, &x);
    let routes = chains.iter().zip(&ports).zip(labels.iter().zip(&back)).map(|((chain, (out, into)), (label, back))| {
        let (upper, lower) = (chain[0], chain[chain.len() - 1]);
        let mut points = vec![Point { x: x[upper] + out, y: middle(upper).y + items[upper].size.h / 2.0 }];
        for item in &chain[1..chain.len() - 1] {
            let half = heights[items[*item].row] / 2.0;
            points.extend([Point { x: x[*item], y: middle(*item).y - half }, Point { x: x[*item], y: middle(*item).y + half }]);
        }
        points.push(Point { x: x[lower] + into, y: middle(lower).y - items[lower].size.h / 2.0 });
        if *back {
            points.reverse();
        }
        Route { points, label: label.map(middle), back: *back }
    });
    Layout { boxes: (0..boxes.len()).map(middle).collect(), routes: routes.collect(), size }
}

/// The middle of every row, and how high it is.
fn levels(items: &[Item], order: &[Vec<usize>]) -> (Vec<f64>, Vec<f64>) {
    let heights: Vec<f64> = order.iter().map(|row| row.iter().map(|item| items[*item].size.h).fold(0.0, f64::max)).collect();
    let mut top = 0.0;
    let middles = heights.iter().map(|height| {
        let middle = top + height / 2.0;
        top += height + BETWEEN;
        middle
    });
    (middles.collect(), heights)
}

/// How far from the middle of its upper and of its lower box each arrow leaves and arrives: side by side, in the order in
/// which they fan out.
fn ports(items: &[Item], chains: &[Vec<usize>], x: &[f64]) -> Vec<(f64, f64)> {
    let mut ports = vec![(0.0, 0.0); chains.len()];
    for (item, a_box) in items.iter().enumerate().filter(|(_, item)| item.box_of.is_some()) {
        let room = (a_box.size.w - 24.0).max(0.0);
        let mut leaving: Vec<usize> = (0..chains.len()).filter(|chain| chains[*chain][0] == item).collect();
        leaving.sort_by(|a, b| x[chains[*a][1]].total_cmp(&x[chains[*b][1]]));
        let mut arriving: Vec<usize> = (0..chains.len()).filter(|chain| chains[*chain].last() == Some(&item)).collect();
        arriving.sort_by(|a, b| x[chains[*a][chains[*a].len() - 2]].total_cmp(&x[chains[*b][chains[*b].len() - 2]]));
        for (at, chain) in leaving.iter().enumerate() {
            ports[*chain].0 = beside(at, leaving.len(), room);
        }
        for (at, chain) in arriving.iter().enumerate() {
            ports[*chain].1 = beside(at, arriving.len(), room);
        }
    }
    ports
}

#[expect(clippy::cast_precision_loss, reason = "a box has a handful of arrows")]
fn beside(at: usize, of: usize, room: f64) -> f64 {
    let gap = if of > 1 { SPREAD.min(room / (of - 1) as f64) } else { 0.0 };
    (at as f64 - (of - 1) as f64 / 2.0) * gap
}

#[cfg(test)]
mod tests;
