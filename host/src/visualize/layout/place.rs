//! How far from the left everything stands.
//!
//! Lives here: pulling items towards their neighbours in other rows, keeping the order and the space between them.
//! Never here: the order.

use super::{BESIDE, Item};

/// How often the rows are gone through.
const ROUNDS: usize = 60;
/// How often arrows are straightened: each makes room for others.
const PASSES: usize = 4;

/// The middle of every item; the leftmost edge is at 0.
pub(super) fn place(items: &[Item], rows: &[Vec<usize>]) -> Vec<f64> {
    let mut x = vec![0.0; items.len()];
    for row in rows {
        let mut right = 0.0;
        for (number, item) in row.iter().enumerate() {
            let space = if number == 0 { 0.0 } else { space(items, row[number - 1], *item) };
            right += space;
            x[*item] = right;
        }
    }
    for round in 0..ROUNDS {
        let numbers: Vec<usize> = if round % 2 == 0 { (0..rows.len()).collect() } else { (0..rows.len()).rev().collect() };
        for number in numbers {
            let row = &rows[number];
            let wanted: Vec<(f64, f64)> = row.iter().map(|item| pull(&items[*item], &x, x[*item], round)).collect();
            let spaces: Vec<f64> = row.windows(2).map(|pair| space(items, pair[0], pair[1])).collect();
            for (item, place) in row.iter().zip(apart(&wanted, &spaces)) {
                x[*item] = place;
            }
        }
    }
    let left = items.iter().zip(&x).map(|(item, x)| x - item.size.w / 2.0).fold(f64::INFINITY, f64::min);
    x.iter().map(|x| if left.is_finite() { x - left } else { *x }).collect()
}

/// Straightens arrows that pass rows: as many rows in a line as there is room for, nothing else moves.
pub(super) fn straighten(items: &[Item], rows: &[Vec<usize>], chains: &[Vec<usize>], x: &mut [f64]) {
    let mut beside = vec![(None, None); items.len()];
    for row in rows {
        for pair in row.windows(2) {
            beside[pair[0]].1 = Some(pair[1]);
            beside[pair[1]].0 = Some(pair[0]);
        }
    }
    for _ in 0..PASSES {
        for chain in chains {
            let passing = &chain[1..chain.len() - 1];
            let mut from = 0;
            while from < passing.len() {
                let (mut least, mut most) = (f64::NEG_INFINITY, f64::INFINITY);
                let mut to = from;
                while to < passing.len() {
                    let item = passing[to];
                    let left = beside[item].0.map_or(f64::NEG_INFINITY, |left: usize| x[left] + space(items, left, item));
                    let right = beside[item].1.map_or(f64::INFINITY, |right: usize| x[right] - space(items, item, right));
                    if least.max(left) > most.min(right) && to > from {
                        break;
                    }
                    (least, most) = (least.max(left), most.min(right));
                    to += 1;
                }
                // Where the arrow comes from, where it goes to, or as near to that as there is room.
                let wish = if to == passing.len() && from > 0 {
                    x[chain[chain.len() - 1]]
                } else if from == 0 {
                    x[chain[0]]
                } else {
                    x[passing[from]]
                };
                let line = wish.max(least).min(most.max(least));
                passing[from..to].iter().for_each(|item| x[*item] = line);
                from = to;
            }
        }
    }
}

/// Where an item's neighbours would have it, and how strongly. The last rounds listen to both sides.
fn pull(item: &Item, x: &[f64], here: f64, round: usize) -> (f64, f64) {
    let above = item.above.iter();
    let below = item.below.iter();
    let near: Vec<&(usize, f64)> = match round {
        round if round + 12 > ROUNDS => above.chain(below).collect(),
        round if round % 2 == 0 && !item.above.is_empty() => above.collect(),
        _ if !item.below.is_empty() => below.collect(),
        _ => above.collect(),
    };
    let weight: f64 = near.iter().map(|(_, worth)| worth).sum();
    if weight == 0.0 { (here, 0.01) } else { (near.iter().map(|(other, worth)| x[*other] * worth).sum::<f64>() / weight, weight) }
}

/// From middle to middle.
fn space(items: &[Item], left: usize, right: usize) -> f64 {
    let gap = if items[left].box_of.is_some() || items[right].box_of.is_some() { BESIDE } else { BESIDE / 2.0 };
    f64::midpoint(items[left].size.w, items[right].size.w) + gap
}

/// The places nearest to the wanted ones (least squares, by weight) that keep this much space between neighbours: whoever
/// would come too close moves together with the other.
fn apart(wanted: &[(f64, f64)], spaces: &[f64]) -> Vec<f64> {
    let mut offset = 0.0;
    let offsets: Vec<f64> = std::iter::once(0.0)
        .chain(spaces.iter().map(|space| {
            offset += space;
            offset
        }))
        .collect();
    // Groups that move together: sum of weighted wishes, weight, how many.
    let mut groups: Vec<(f64, f64, usize)> = Vec::new();
    for ((place, weight), offset) in wanted.iter().zip(&offsets) {
        groups.push(((place - offset) * weight, *weight, 1));
        while let [.., (left, left_weight, _), (right, right_weight, _)] = groups.as_slice() {
            if left / left_weight <= right / right_weight {
                break;
            }
            let (sum, weight, count) = groups.pop().unwrap_or_default();
            if let Some(last) = groups.last_mut() {
                *last = (last.0 + sum, last.1 + weight, last.2 + count);
            }
        }
    }
    let places = groups.iter().flat_map(|(sum, weight, count)| std::iter::repeat_n(sum / weight, *count));
    places.zip(&offsets).map(|(place, offset)| place + offset).collect()
}
