//! Which row a box stands in.
//!
//! Lives here: arrows that run back, and the longest way to a box.
//! Never here: the order within a row.

use super::Arrow;

/// The row of every box, and which arrows run back to a box already passed. Between the rows of two boxes that an arrow
/// joins there is always one more, for the arrow's label: boxes stand in even rows.
pub(super) fn rows(boxes: usize, arrows: &[Arrow]) -> (Vec<usize>, Vec<bool>) {
    let back = back(boxes, arrows);
    let ways: Vec<(usize, usize)> = arrows.iter().zip(&back).map(|(arrow, back)| if *back { (arrow.to, arrow.from) } else { (arrow.from, arrow.to) }).collect();
    let mut rows = vec![0; boxes];
    // Without circles, the longest way is found after as many rounds as there are boxes.
    for _ in 0..boxes {
        let mut moved = false;
        for (upper, lower) in &ways {
            if rows[*lower] < rows[*upper] + 2 {
                rows[*lower] = rows[*upper] + 2;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    // A box that leads to more than lead to it stands as near to them as it can.
    for at in (1..boxes).rev() {
        let below: Vec<usize> = ways.iter().filter(|(upper, _)| *upper == at).map(|(_, lower)| rows[*lower]).collect();
        let above = ways.iter().filter(|(_, lower)| *lower == at).count();
        if let Some(nearest) = below.iter().min()
            && below.len() > above
            && above == 0
        {
            rows[at] = nearest - 2;
        }
    }
    (rows, back)
}

/// Walks the arrows in order from box 0, then from every box not reached; an arrow to a box on the way here runs back.
fn back(boxes: usize, arrows: &[Arrow]) -> Vec<bool> {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        Never,
        OnTheWay,
        Done,
    }
    let mut seen = vec![Seen::Never; boxes];
    let mut back = vec![false; arrows.len()];
    for start in 0..boxes {
        if seen[start] != Seen::Never {
            continue;
        }
        // A box, and the arrow to look at next.
        let mut way = vec![(start, 0)];
        seen[start] = Seen::OnTheWay;
        while let Some((at, next)) = way.last_mut() {
            let here = *at;
            let Some((number, arrow)) = arrows.iter().enumerate().skip(*next).find(|(_, arrow)| arrow.from == here) else {
                seen[here] = Seen::Done;
                way.pop();
                continue;
            };
            *next = number + 1;
            match seen[arrow.to] {
                Seen::OnTheWay => back[number] = true,
                Seen::Done => {}
                Seen::Never => {
                    seen[arrow.to] = Seen::OnTheWay;
                    way.push((arrow.to, 0));
                }
            }
        }
    }
    back
}
