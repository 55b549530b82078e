//! Pages of a list: where one ends, the next begins.

use chrono::DateTime;
use motcua::store::paging::{BadCursor, Cursor, Page};
use uuid::Uuid;

fn cursor(micros: i64) -> Cursor {
    Cursor { at: DateTime::from_timestamp_micros(micros).unwrap(), id: Uuid::from_u128(7) }
}

#[test]
fn a_cursor_reads_back_as_it_was_written() {
    for micros in [0, 1, -1, 1_777_000_000_123_456] {
        assert_eq!(cursor(micros).to_string().parse(), Ok(cursor(micros)));
    }
}

#[test]
fn anything_else_is_refused() {
    for text in ["", "x", "AAAA", "ÿ", &"A".repeat(500)] {
        assert_eq!(text.parse::<Cursor>(), Err(BadCursor));
    }
}

#[test]
fn the_extra_row_is_not_shown_and_the_cursor_is_the_last_shown() {
    let page = Page::cut(vec![3, 2, 1], 2, |n| cursor(*n));
    assert_eq!((page.items, page.next), (vec![3, 2], Some(cursor(2))));
    let page = Page::cut(vec![3, 2], 2, |n| cursor(*n));
    assert_eq!((page.items.len(), page.next), (2, None));
}
