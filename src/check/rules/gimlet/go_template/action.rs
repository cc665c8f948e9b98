//! What stands between `{{` and `}}`, token by token.

use std::ops::Range;

use super::{Block, Broken, Fault, Name, Reader, Use, is_name};

/// What has been read of one action.
#[derive(Default)]
pub(super) struct Action<'t> {
    open: usize,
    /// Blocks around it that give `.` another meaning: its own begins behind it.
    moved: usize,
    parentheses: Vec<usize>,
    /// Names with `$`, until it is clear whether they are defined here.
    variables: Vec<(&'t str, Range<usize>)>,
    last: Last,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Nothing,
    Operand,
    /// `|` and its offset.
    Pipe(usize),
    /// `(`, `,`, `=` or `:=`.
    Other,
}

impl Action<'_> {
    /// The action whose `{{` is at `open`.
    pub(super) fn new(open: usize) -> Self {
        Self {
            open,
            ..Self::default()
        }
    }
}

impl<'t> Reader<'t> {
    /// Reads an action to its end.
    pub(super) fn tokens(&mut self, mut action: Action<'t>) -> Result<(), Broken> {
        action.moved = self.moved;
        while !self.closes(&action)? {
            self.token(&mut action)?;
        }
        for (name, at) in action.variables {
            if !self.declared.contains(name) {
                let name = Name::Undefined(name);
                self.template.uses.push(Use { name, at });
            }
        }
        Ok(())
    }

    /// Skips blanks; whether the action ends here.
    fn closes(&mut self, action: &Action<'t>) -> Result<bool, Broken> {
        let rest = self.rest();
        let trimmed = rest.trim_start();
        let gap = rest.len() - trimmed.len();
        let close = match gap {
            1.. if trimmed.starts_with("-}}") => 3,
            _ if trimmed.starts_with("}}") => 2,
            _ if trimmed.is_empty() => return Err(self.unclosed(action)),
            _ => {
                self.at += gap;
                return Ok(false);
            }
        };
        let end = self.at + gap + close;
        let broken = |at, fault| Err(Broken { at, fault });
        if let Some(&open) = action.parentheses.last() {
            return broken(open..open + 1, Fault::OpenParenthesis);
        }
        match action.last {
            Last::Nothing => return broken(action.open..end, Fault::Empty),
            Last::Pipe(at) => return broken(at..at + 1, Fault::Pipe),
            Last::Operand | Last::Other => {}
        }
        self.at = end;
        Ok(true)
    }

    fn unclosed(&self, action: &Action<'_>) -> Broken {
        Broken {
            at: action.open..action.open + 2,
            fault: Fault::Unclosed,
        }
    }

    fn token(&mut self, action: &mut Action<'t>) -> Result<(), Broken> {
        let start = self.at;
        let Some(c) = self.rest().chars().next() else {
            return Err(self.unclosed(action));
        };
        let behind = self.rest()[c.len_utf8()..].chars().next();
        let is_first = action.last == Last::Nothing;
        match c {
            '"' | '`' | '\'' => self.quoted(c)?,
            '.' if behind.is_some_and(is_name) && !behind.is_some_and(|c| c.is_ascii_digit()) => {
                self.at += 1;
                let name = self.name();
                self.field(name, start, action.moved);
                self.terminated()?;
            }
            '.' if !behind.is_some_and(|c| c.is_ascii_digit()) => self.at += 1,
            '$' => {
                self.at += 1;
                let name = self.name();
                if !name.is_empty() {
                    let at = start..self.at;
                    action.variables.push((&self.text[at.clone()], at));
                }
                self.terminated()?;
            }
            '0'..='9' | '+' | '-' | '.' => {
                self.at += 1;
                let number = |c: char| is_name(c) || matches!(c, '.' | '+' | '-');
                let rest = self.rest();
                self.at += rest.find(|c| !number(c)).unwrap_or(rest.len());
            }
            c if is_name(c) => {
                let name = self.name();
                self.word(name, start, is_first);
                self.terminated()?;
            }
            '|' | '(' | ')' | ',' | '=' | ':' => return self.sign(c, action),
            // One brace closes nothing.
            '}' => {
                return Err(Broken {
                    at: action.open..start + 1,
                    fault: Fault::HalfClosed,
                });
            }
            c => {
                return Err(Broken {
                    at: start..start + c.len_utf8(),
                    fault: Fault::Character(c),
                });
            }
        }
        action.last = Last::Operand;
        Ok(())
    }

    fn sign(&mut self, sign: char, action: &mut Action<'t>) -> Result<(), Broken> {
        let at = self.at;
        let broken = |fault| {
            Err(Broken {
                at: at..at + 1,
                fault,
            })
        };
        self.at += 1;
        action.last = match sign {
            '|' if action.last == Last::Operand => Last::Pipe(at),
            '|' => return broken(Fault::Pipe),
            '(' => {
                action.parentheses.push(at);
                Last::Other
            }
            ')' if action.parentheses.pop().is_none() => return broken(Fault::Parenthesis),
            ')' if action.last == Last::Operand => Last::Operand,
            ')' => return broken(Fault::Parenthesis),
            ':' if !self.rest().starts_with('=') => return broken(Fault::Character(':')),
            ':' => {
                self.at += 1;
                let names = action.variables.drain(..).map(|(name, _)| name);
                self.declared.extend(names);
                Last::Other
            }
            _ => Last::Other,
        };
        Ok(())
    }

    fn quoted(&mut self, quote: char) -> Result<(), Broken> {
        let start = self.at;
        let broken = |end, fault| {
            Err(Broken {
                at: start..end,
                fault,
            })
        };
        let (mut escaped, mut inside) = (false, 0);
        for (at, c) in self.text[start + 1..].char_indices() {
            match c {
                '\n' if quote != '`' => break,
                _ if escaped => escaped = false,
                '\\' if quote != '`' => escaped = true,
                c if c == quote => {
                    self.at = start + 1 + at + 1;
                    let is_one = inside == 1 || self.text[start + 1..].starts_with('\\');
                    return match quote {
                        '\'' if !is_one => broken(self.at, Fault::SingleQuotes),
                        _ => Ok(()),
                    };
                }
                _ => {}
            }
            inside += 1;
        }
        broken(start + 1, Fault::Quote)
    }

    /// Reads the name that begins here; it may be empty.
    fn name(&mut self) -> &'t str {
        let rest = self.rest();
        let name = &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())];
        self.at += name.len();
        name
    }

    /// A name ends at a blank, at a sign, or with the action.
    fn terminated(&self) -> Result<(), Broken> {
        match self.rest().chars().next() {
            Some(c) if !c.is_whitespace() && !".,|:()=}".contains(c) => Err(Broken {
                at: self.at..self.at + c.len_utf8(),
                fault: Fault::Character(c),
            }),
            _ => Ok(()),
        }
    }

    fn field(&mut self, name: &'t str, start: usize, moved: usize) {
        let before = &self.text[..start];
        let of_root = before.ends_with('$');
        let of_another = before.ends_with(|c| is_name(c) || c == ')');
        if of_root || !(of_another || moved > 0) {
            self.template.uses.push(Use {
                name: Name::Variable(name),
                at: start..self.at,
            });
        }
    }

    fn word(&mut self, word: &'t str, start: usize, is_first: bool) {
        let at = start..self.at;
        match word {
            "if" | "range" | "with" | "define" | "block" => {
                // `{{ else if }}` opens nothing.
                if is_first {
                    let moves_dot = word != "if";
                    self.moved += usize::from(moves_dot);
                    self.blocks.push(Block { at, moves_dot });
                }
            }
            "end" => match self.blocks.pop() {
                Some(block) => self.moved -= usize::from(block.moves_dot),
                None => self.template.ended.push(at),
            },
            "else" | "template" | "break" | "continue" | "nil" | "true" | "false" => {}
            name => self.template.uses.push(Use {
                name: Name::Function(name),
                at,
            }),
        }
    }
}
