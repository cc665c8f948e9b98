//! Where the token is shown.

use maud::{Markup, html};

use super::layout::Viewer;

/// The form, with what was wrong with the last try.
pub(in crate::serve) fn login(viewer: &Viewer, wrong: Option<&str>) -> Markup {
    viewer.page(
        "Log in",
        &html! {
            h1 { "Log in" }
            p { "Who has the token may retry and approve what waits. It stands in the file that " code { "serve.token_file" } " names." }
            @if let Some(wrong) = wrong {
                p.notice role="alert" { (wrong) }
            }
            form.login method="post" action={ (viewer.base) "/login" } {
                label for="token" { "Token" }
                input #token type="password" name="token" required autocomplete="current-password" autofocus;
                button.primary type="submit" { "Log in" }
            }
        },
    )
}
