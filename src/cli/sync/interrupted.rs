//! What ctrl-C says: whoever ends a sweep should know that nothing is lost by it.

use std::io::{self, IsTerminal, Read};
use std::os::unix::net::UnixStream;

use signal_hook::consts::SIGINT;
use signal_hook::low_level::{emulate_default_handler, pipe};

use crate::cli::output;
use crate::sweep::Purpose;

/// From now on ctrl-C says what becomes of what was done so far, and then ends the process as ever.
///
/// # Errors
/// Where the system gives no more handles.
pub(super) fn explain(purpose: Purpose) -> io::Result<()> {
    let (mut pressed, told) = UnixStream::pair()?;
    pipe::register(SIGINT, told)?;
    std::thread::spawn(move || {
        if pressed.read_exact(&mut [0]).is_ok() {
            say(purpose);
            let _ = emulate_default_handler(SIGINT);
        }
    });
    Ok(())
}

fn say(purpose: Purpose) {
    let mut text = output::notes();
    text.line(match purpose {
        Purpose::Deliver => {
            "stopped; what was done so far is kept, and the next sweep goes on there"
        }
        Purpose::Check => "stopped; what was read so far is kept, and the next sweep goes on there",
        Purpose::Plan => "stopped; nothing was changed",
    });
    // The bar and what the terminal shows of the key stand in the line before.
    let begin = if io::stderr().is_terminal() { "\n" } else { "" };
    output::err(&format!("{begin}{}", text.finish()));
}
