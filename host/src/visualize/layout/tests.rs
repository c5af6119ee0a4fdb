use super::{Arrow, Layout, Size, lay};

fn boxes(many: usize) -> Vec<Size> {
    vec![Size { w: 100.0, h: 40.0 }; many]
}

fn arrows(ways: &[(usize, usize)]) -> Vec<Arrow> {
    ways.iter().map(|(from, to)| Arrow { from: *from, to: *to, label: Some(Size { w: 60.0, h: 16.0 }) }).collect()
}

fn overlap(layout: &Layout) -> bool {
    let apart = |a: usize, b: usize| {
        let (a, b) = (layout.boxes[a], layout.boxes[b]);
        (a.x - b.x).abs() >= 100.0 || (a.y - b.y).abs() >= 40.0
    };
    (0..layout.boxes.len()).any(|a| (a + 1..layout.boxes.len()).any(|b| !apart(a, b)))
}

#[test]
fn a_straight_flow_is_a_straight_line() {
    let layout = lay(&boxes(4), &arrows(&[(0, 1), (1, 2), (2, 3)]));
    assert!(layout.boxes.windows(2).all(|pair| (pair[0].x - pair[1].x).abs() < 0.5 && pair[0].y < pair[1].y), "{layout:?}");
}

#[test]
fn boxes_never_overlap_and_everything_is_inside() {
    let ways = [(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 5), (4, 6), (5, 6), (5, 2), (6, 0), (1, 6)];
    let layout = lay(&boxes(7), &arrows(&ways));
    assert!(!overlap(&layout), "{layout:?}");
    let inside =
        layout.routes.iter().flat_map(|route| &route.points).all(|point| point.x >= -1.0 && point.x <= layout.size.w + 1.0 && point.y <= layout.size.h + 1.0);
    assert!(inside, "{layout:?}");
}

#[test]
fn an_arrow_back_runs_upwards_and_says_so() {
    let layout = lay(&boxes(3), &arrows(&[(0, 1), (1, 2), (2, 1)]));
    assert_eq!(layout.routes.iter().map(|route| route.back).collect::<Vec<_>>(), [false, false, true]);
    let back = &layout.routes[2].points;
    assert!(back[0].y > back[back.len() - 1].y, "{back:?}");
}

#[test]
fn two_ways_that_need_not_cross_do_not() {
    // Written crosswise: 0 leads to 1 and 2, 1 to 4, 2 to 3.
    let layout = lay(&boxes(5), &arrows(&[(0, 1), (0, 2), (1, 4), (2, 3)]));
    let (one, two, three, four) = (layout.boxes[1], layout.boxes[2], layout.boxes[3], layout.boxes[4]);
    assert_eq!(one.x < two.x, four.x < three.x, "{layout:?}");
}

#[test]
fn a_picture_of_nothing_is_no_panic() {
    assert_eq!(lay(&[], &[]).boxes.len(), 0);
    assert_eq!(lay(&boxes(1), &arrows(&[(0, 0)])).boxes.len(), 1);
}
