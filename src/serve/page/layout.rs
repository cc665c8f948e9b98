//! What every page has.

use maud::{DOCTYPE, Markup, html};

/// The one style sheet.
pub(in crate::serve) const STYLE: &str = include_str!("style.css");

/// Who looks at a page, and from where links start.
#[derive(Clone, Debug)]
pub(in crate::serve) struct Viewer {
    /// The path below which the page lies, without a slash at its end.
    pub base: String,
    /// What makes forms our own; none of who is not logged in.
    pub form_key: Option<String>,
    /// Whether anybody can log in.
    pub can_log_in: bool,
}

/// One thing to say above everything else.
#[derive(Clone, Debug)]
pub(in crate::serve) struct Notice {
    /// What.
    pub text: String,
    /// What to do.
    pub help: Option<String>,
}

impl Viewer {
    /// A form with one button, for who may act.
    pub(super) fn button(&self, path: &str, words: &str, label: &str) -> Markup {
        html! {
            @if let Some(key) = &self.form_key {
                form method="post" action={ (self.base) (path) } {
                    input type="hidden" name="form_key" value=(key);
                    button type="submit" aria-label=(label) { (words) }
                }
            }
        }
    }

    /// A whole page around its content.
    pub(super) fn page(&self, title: &str, content: &Markup) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (title) " · pushgate" }
                    link rel="icon" href="data:,";
                    link rel="stylesheet" href={ (self.base) "/style.css" };
                }
                body {
                    header {
                        a.brand href={ (self.base) "/" } { "pushgate" }
                        nav {
                            @if self.form_key.is_some() {
                                (self.button("/logout", "Log out", "Log out"))
                            } @else if self.can_log_in {
                                a href={ (self.base) "/login" } { "Log in" }
                            } @else {
                                span.faint { "to look at only" }
                            }
                        }
                    }
                    main { (content) }
                    footer {
                        "pushgate " (env!("CARGO_PKG_VERSION")) " · "
                        a href={ (self.base) "/metrics" } { "metrics" }
                    }
                }
            }
        }
    }
}

/// A page that says one thing.
pub(in crate::serve) fn message(viewer: &Viewer, title: &str, text: &str) -> Markup {
    viewer.page(
        title,
        &html! {
            h1 { (title) }
            p { (super::prose(text)) }
            p { a href={ (viewer.base) "/" } { "Back to the status page" } }
        },
    )
}
