//! The status page, as HTTP and in a real browser.
