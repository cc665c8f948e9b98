//! Whether output is coloured.

use std::io::IsTerminal;

use clap::ValueEnum;

use crate::environment::{CLICOLOR_FORCE, Environment, NO_COLOR, TERM};
use crate::report::Human;

/// The choice on the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColourChoice {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Wherever the output goes.
    Always,
    /// Nowhere.
    Never,
}

impl ColourChoice {
    /// The report for people on `stream`, as wide as it is.
    pub(super) fn human(self, environment: &Environment, stream: &impl IsTerminal) -> Human {
        let terminal = stream.is_terminal();
        let columns = columns(stream).unwrap_or(80);
        let human = if self.colours(environment, terminal) {
            Human::coloured(columns)
        } else {
            Human::plain(columns)
        };
        match terminal {
            true => human.with_wrapped_text(),
            false => human,
        }
    }

    /// Whether what goes to `stream` is coloured.
    pub(super) fn is_on(self, environment: &Environment, stream: &impl IsTerminal) -> bool {
        self.colours(environment, stream.is_terminal())
    }

    fn colours(self, environment: &Environment, terminal: bool) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto if environment.get(NO_COLOR).is_some() => false,
            Self::Auto => {
                // A dumb terminal shows escapes as they are.
                (terminal && environment.get(TERM) != Some("dumb"))
                    || environment
                        .get(CLICOLOR_FORCE)
                        .is_some_and(|value| value != "0")
            }
        }
    }
}

/// The columns of a terminal that text is broken to; none where `stream` is none.
pub(super) fn columns(stream: &impl IsTerminal) -> Option<usize> {
    stream.is_terminal().then(|| {
        terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0).clamp(50, 120))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_wins_then_the_environment_then_the_terminal() {
        let env = |variables: &[(&str, &str)]| -> Environment {
            let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
            variables.iter().map(owned).collect()
        };
        let none = env(&[]);
        assert!(ColourChoice::Auto.colours(&none, true));
        assert!(!ColourChoice::Auto.colours(&none, false));
        assert!(!ColourChoice::Auto.colours(&env(&[("NO_COLOR", "1")]), true));
        assert!(!ColourChoice::Auto.colours(&env(&[("TERM", "dumb")]), true));
        assert!(ColourChoice::Auto.colours(&env(&[("TERM", "xterm")]), true));
        assert!(ColourChoice::Auto.colours(&env(&[("CLICOLOR_FORCE", "1")]), false));
        assert!(!ColourChoice::Auto.colours(&env(&[("CLICOLOR_FORCE", "0")]), false));
        assert!(ColourChoice::Always.colours(&env(&[("NO_COLOR", "1")]), false));
        assert!(!ColourChoice::Never.colours(&env(&[("CLICOLOR_FORCE", "1")]), true));
    }
}
