//! The order of boxes and passing arrows within their rows.
//!
//! Lives here: crossings, and how they become fewer.
//! Never here: how far apart anything stands.

use super::Item;

/// How often the rows are gone through, down and up.
const ROUNDS: usize = 16;

/// The items of every row from left to right.
pub(super) fn order(items: &[Item]) -> Vec<Vec<usize>> {
    let mut rows = first(items);
    let mut best = rows.clone();
    let mut fewest = crossings(items, &rows);
    for round in 0..ROUNDS {
        sweep(items, &mut rows, round % 2 == 0);
        exchange(items, &mut rows);
        let now = crossings(items, &rows);
        if now < fewest {
            fewest = now;
            best.clone_from(&rows);
        }
    }
    best
}

/// As the flow is written: what a walk from the first box meets first stands on the left.
fn first(items: &[Item]) -> Vec<Vec<usize>> {
    let last = items.iter().map(|item| item.row).max().unwrap_or(0);
    let mut rows = vec![Vec::new(); last + 1];
    let mut met = vec![false; items.len()];
    for start in 0..items.len() {
        let mut way = vec![start];
        while let Some(item) = way.pop() {
            if std::mem::replace(&mut met[item], true) {
                continue;
            }
            rows[items[item].row].push(item);
            way.extend(items[item].below.iter().rev().map(|(below, _)| *below));
        }
    }
    rows
}

/// Orders every row by the middle of its neighbours in the row before.
fn sweep(items: &[Item], rows: &mut [Vec<usize>], down: bool) {
    let mut at = positions(items, rows);
    let numbers: Vec<usize> = if down { (1..rows.len()).collect() } else { (0..rows.len().saturating_sub(1)).rev().collect() };
    for number in numbers {
        let mut wanted: Vec<(f64, usize)> = rows[number]
            .iter()
            .map(|item| {
                let near = if down { &items[*item].above } else { &items[*item].below };
                let sum: f64 = near.iter().map(|(other, _)| at[*other]).sum();
                (if near.is_empty() { at[*item] } else { sum / near.len().max(1) as f64 }, *item)
            })
            .collect();
        wanted.sort_by(|a, b| a.0.total_cmp(&b.0));
        rows[number] = wanted.into_iter().map(|(_, item)| item).collect();
        for (position, item) in rows[number].iter().enumerate() {
            at[*item] = position as f64;
        }
    }
}

/// Exchanges neighbours while that makes crossings fewer.
fn exchange(items: &[Item], rows: &mut [Vec<usize>]) {
    let mut at = positions(items, rows);
    for _ in 0..6 {
        let mut better = false;
        for row in rows.iter_mut() {
            for left in 0..row.len().saturating_sub(1) {
                let (a, b) = (row[left], row[left + 1]);
                let count = |a: usize, b: usize| between(&items[a].above, &items[b].above, &at) + between(&items[a].below, &items[b].below, &at);
                if count(b, a) < count(a, b) {
                    row.swap(left, left + 1);
                    at.swap(a, b);
                    better = true;
                }
            }
        }
        if !better {
            break;
        }
    }
}

/// How often arrows of a left item cross arrows of a right one.
fn between(left: &[(usize, f64)], right: &[(usize, f64)], at: &[f64]) -> usize {
    left.iter().map(|(a, _)| right.iter().filter(|(b, _)| at[*b] < at[*a]).count()).sum()
}

fn crossings(items: &[Item], rows: &[Vec<usize>]) -> usize {
    let at = positions(items, rows);
    let of_row = |row: &Vec<usize>| -> usize {
        let pairs = row.iter().enumerate().flat_map(|(left, a)| row[left + 1..].iter().map(move |b| (*a, *b)));
        pairs.map(|(a, b)| between(&items[a].below, &items[b].below, &at)).sum()
    };
    rows.iter().map(of_row).sum()
}

fn positions(items: &[Item], rows: &[Vec<usize>]) -> Vec<f64> {
    let mut at = vec![0.0; items.len()];
    for row in rows {
        for (position, item) in row.iter().enumerate() {
            at[*item] = position as f64;
        }
    }
    at
}
