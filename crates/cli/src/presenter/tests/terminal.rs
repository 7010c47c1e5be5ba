//! A terminal with the control sequences that the program uses; it panics on others.

/// The rows of text that stand on it. It has room for all of them.
#[derive(Debug, Default)]
pub(super) struct Terminal {
    rows: Vec<Vec<char>>,
    /// Row and column.
    cursor: (usize, usize),
}

impl Terminal {
    /// The text on it after this was written, with the cursor in the last row.
    pub(super) fn shows(written: &str) -> String {
        let mut terminal = Self::default();
        let mut rest = written.chars();
        while let Some(character) = rest.next() {
            match character {
                '\n' => terminal.cursor = (terminal.cursor.0 + 1, 0),
                '\r' => terminal.cursor.1 = 0,
                '\x1b' => {
                    assert_eq!(rest.next(), Some('['), "{written:?}");
                    let mut argument = String::new();
                    let command = loop {
                        match rest.next() {
                            Some(part @ ('0'..='9' | '?')) => argument.push(part),
                            command => break command,
                        }
                    };
                    terminal.control(&argument, command);
                }
                character => terminal.put(character),
            }
        }
        let (row, column) = terminal.cursor;
        assert!(column == 0 && terminal.rows.iter().skip(row).all(Vec::is_empty), "{terminal:?}");
        let rows = terminal.rows.iter().take(row);
        rows.map(|row| row.iter().collect::<String>() + "\n").collect()
    }

    fn control(&mut self, argument: &str, command: Option<char>) {
        let (row, column) = self.cursor;
        match (command, argument) {
            (Some('K'), "") => self.row().truncate(column),
            (Some('A'), lines) => {
                let up: usize = lines.parse().unwrap();
                self.cursor.0 = row.checked_sub(up).expect("it does not leave the screen");
            }
            // Everything between these two appears at once.
            (Some('h' | 'l'), "?2026") => {}
            command => panic!("{command:?} is not known"),
        }
    }

    fn put(&mut self, character: char) {
        let column = self.cursor.1;
        let row = self.row();
        row.resize(row.len().max(column + 1), ' ');
        row[column] = character;
        self.cursor.1 += 1;
    }

    fn row(&mut self) -> &mut Vec<char> {
        let at = self.cursor.0;
        self.rows.resize(self.rows.len().max(at + 1), Vec::new());
        &mut self.rows[at]
    }
}
