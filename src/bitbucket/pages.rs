//! Lists that come in pages: `start`, `limit`, `isLastPage`, `nextPageStart`.

use std::collections::VecDeque;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::call::Call;
use super::client::Client;
use super::problem::Problem;

/// Values that are asked for at once: the server gives no more (facts: cap 1,000).
const AT_ONCE: u32 = 1000;

/// No list of a server is longer; one that is has no end.
const LONGEST: usize = 1_000_000;

/// Pages without a value, one after the other, that a server may give: it leaves out what the user
/// may not see.
const MOST_EMPTY: usize = 1000;

/// The values of a list. An error ends it and is never taken for its end. `P` is what a page comes
/// in.
pub(super) struct Pages<'a, T, P = Page<T>> {
    client: &'a Client,
    envelope: PhantomData<P>,
    call: Option<Call>,
    start: u64,
    values: VecDeque<T>,
    seen: usize,
    empty: usize,
}

/// One page. `nextPageStart` is not `start + limit`, and may be null on the last page.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page<T> {
    pub(super) values: Vec<T>,
    pub(super) is_last_page: bool,
    pub(super) next_page_start: Option<u64>,
}

impl<'a, T, P: DeserializeOwned + Into<Page<T>>> Pages<'a, T, P> {
    pub(super) fn new(client: &'a Client, call: Call) -> Self {
        Self {
            client,
            envelope: PhantomData,
            call: Some(call.query("limit", AT_ONCE)),
            start: 0,
            values: VecDeque::new(),
            seen: 0,
            empty: 0,
        }
    }

    /// Reads the next page; what is left to ask is put back.
    fn turn(&mut self, call: Call) -> Result<(), Problem> {
        let call = call.query("start", self.start);
        let wrong = |why: &str| Problem::not_understood(call.what(), why);
        let answer = self.client.call(&call)?;
        let page: Page<T> = self.client.understood::<P>(call.what(), &answer)?.into();
        self.seen += page.values.len();
        self.empty = match page.values.len() {
            0 => self.empty + 1,
            _ => 0,
        };
        if self.seen > LONGEST || self.empty > MOST_EMPTY {
            return Err(wrong("the list has no end"));
        }
        if page.is_last_page {
            self.values = page.values.into();
            return Ok(());
        }
        match page.next_page_start {
            None => {
                return Err(wrong(
                    "a page tells neither its end nor the next one's start",
                ));
            }
            Some(next) if next <= self.start => {
                return Err(wrong("a page names itself or an earlier one as the next"));
            }
            Some(next) => self.start = next,
        }
        self.values = page.values.into();
        self.call = Some(call);
        Ok(())
    }
}

impl<T, P: DeserializeOwned + Into<Page<T>>> Iterator for Pages<'_, T, P> {
    type Item = Result<T, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(value) = self.values.pop_front() {
                return Some(Ok(value));
            }
            let call = self.call.take()?;
            if let Err(problem) = self.turn(call) {
                return Some(Err(problem));
            }
        }
    }
}
