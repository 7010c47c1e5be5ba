//! Any text as an expectation: it is displayed as it is read, or the error names a place in it.

use answers::expect::{Expectation, LONGEST, Misunderstood};

pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match text.parse::<Expectation>() {
        Ok(expectation) => {
            let displayed = expectation.to_string();
            assert_eq!(displayed.parse(), Ok(expectation), "{displayed}");
        }
        Err(Misunderstood { at, expected }) => {
            assert!(text.is_char_boundary(at) && at <= LONGEST, "{at}");
            assert!(expected.starts_with("expected "), "{expected}");
        }
    }
}
