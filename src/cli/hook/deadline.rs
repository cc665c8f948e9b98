//! The gate's own time limit: whatever hangs, the pusher gets an answer.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::cli::{ExitStatus, output};
use crate::config::OnDeadline;
use crate::report::Remote;

/// A running time limit; when it strikes, the process ends with what the operator chose.
#[derive(Debug)]
pub(super) struct Deadline {
    spoken: Arc<AtomicBool>,
    stop: mpsc::Sender<()>,
}

impl Deadline {
    /// Starts the limit, counted from `started`.
    pub(super) fn start(started: Instant, limit: Duration, on_deadline: OnDeadline) -> Self {
        let spoken = Arc::new(AtomicBool::new(false));
        let (stop, stopped) = mpsc::channel();
        let claim = Arc::clone(&spoken);
        let left = limit.saturating_sub(started.elapsed());
        thread::spawn(move || {
            if stopped.recv_timeout(left) == Err(RecvTimeoutError::Timeout)
                && !claim.swap(true, Ordering::SeqCst)
            {
                strike(limit, on_deadline);
            }
        });
        Self { spoken, stop }
    }

    /// The answer is known. Where the limit struck first, this never returns: one answer only.
    pub(super) fn over(self) {
        let _ = self.stop.send(());
        if self.spoken.swap(true, Ordering::SeqCst) {
            loop {
                thread::park();
            }
        }
    }
}

fn strike(limit: Duration, on_deadline: OnDeadline) {
    let mut text = Remote::new();
    let version = env!("CARGO_PKG_VERSION");
    let status = match on_deadline {
        OnDeadline::Reject => {
            text.line(&format!(
                "pushgate {version}: refused: the push could not be judged within {limit:?}"
            ));
            text.help("push again; if it happens again, ask the server's operator, who can raise `gate.deadline` or set `gate.on_deadline: allow`");
            ExitStatus::Findings
        }
        OnDeadline::Allow => {
            text.line(&format!(
                "pushgate {version}: accepted UNCHECKED: the push could not be judged within {limit:?} (`gate.on_deadline: allow`)"
            ));
            ExitStatus::Fine
        }
    };
    output::err(&text.finish());
    process::exit(status as i32);
}
