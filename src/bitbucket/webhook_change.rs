//! What has to be done so that a webhook is there once: pure, so that a dry run tells the same.

use super::webhooks::{KnownBy, SetSecret, WantedWebhook, Webhook};

/// What has to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct WebhookChange {
    /// What becomes of the wanted one.
    pub step: WebhookStep,
    /// Further ones of the same name and address, which would call it twice.
    pub doubles: Vec<Webhook>,
}

/// What becomes of the wanted webhook.
#[derive(Clone, Debug, PartialEq)]
pub enum WebhookStep {
    /// It is missing.
    Create,
    /// It differs, and how.
    Update {
        /// The webhook.
        old: Webhook,
        /// In words.
        because: Vec<&'static str>,
    },
    /// It is there already.
    Keep(Webhook),
}

impl WebhookChange {
    /// What has to be done with these webhooks, so that the wanted one is there once.
    #[must_use]
    pub fn needed(existing: &[Webhook], wanted: &WantedWebhook) -> Self {
        let of_address = |webhook: &&Webhook| webhook.calls(&wanted.url);
        let of_name = |webhook: &&Webhook| {
            wanted.known_by == KnownBy::AddressOrName && webhook.name == wanted.name
        };
        // Of several that call the address the one of the right name stays, else the oldest.
        let chosen = existing
            .iter()
            .filter(of_address)
            .min_by_key(|webhook| (webhook.name != wanted.name, webhook.id))
            .or_else(|| {
                existing
                    .iter()
                    .filter(of_name)
                    .min_by_key(|webhook| webhook.id)
            });
        let Some(chosen) = chosen else {
            return Self {
                step: WebhookStep::Create,
                doubles: Vec::new(),
            };
        };
        let doubles = existing
            .iter()
            .filter(of_address)
            .filter(|webhook| webhook.id != chosen.id && webhook.name == chosen.name)
            .cloned()
            .collect();
        let mut because = chosen.differences(wanted);
        if wanted.set_secret == SetSecret::Always && because.is_empty() {
            because.push("the secret is to be set again");
        }
        let old = chosen.clone();
        let step = match because.is_empty() {
            true => WebhookStep::Keep(old),
            false => WebhookStep::Update { old, because },
        };
        Self { step, doubles }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::bitbucket::PUSHED;
    use crate::http::Secret;

    fn wanted() -> WantedWebhook {
        WantedWebhook {
            name: "pushgate".to_owned(),
            known_by: KnownBy::Address,
            url: "https://gate.example.com/hook".to_owned(),
            events: vec![PUSHED.to_owned()],
            secret: Secret::new("s3cret-enough"),
            set_secret: SetSecret::WithChanges,
        }
    }

    fn webhook(changes: serde_json::Value) -> Webhook {
        let mut whole = json!({
            "id": 1, "name": "pushgate", "url": "https://gate.example.com/hook",
            "events": [PUSHED], "active": true, "configuration": {"createdBy": "x"},
        });
        for (key, value) in changes.as_object().unwrap() {
            whole[key] = value.clone();
        }
        serde_json::from_value(whole).unwrap()
    }

    fn because(existing: &[Webhook], wanted: &WantedWebhook) -> Vec<&'static str> {
        match WebhookChange::needed(existing, wanted).step {
            WebhookStep::Update { because, .. } => because,
            WebhookStep::Keep(_) => vec!["kept"],
            WebhookStep::Create => vec!["created"],
        }
    }

    #[test]
    fn what_is_there_stays_and_what_differs_is_told() {
        let cases = [
            (json!({}), "kept"),
            (json!({"url": "HTTPS://Gate.Example.com/hook/"}), "kept"),
            (
                json!({"name": "by hand", "events": [PUSHED, "pr:opened"]}),
                "kept",
            ),
            (json!({"configuration": {"secret": "****"}}), "kept"),
            (
                json!({"configuration": {"secret": "s3cret-enough"}}),
                "kept",
            ),
            (
                json!({"configuration": {"secret": "older"}}),
                "another secret",
            ),
            (json!({"active": false}), "not active"),
            (json!({"events": ["pr:opened"]}), "not called on all events"),
            (
                json!({"sslVerificationRequired": false}),
                "the address's certificate is not looked at",
            ),
            (json!({"url": "https://gate.example.com/Hook"}), "created"),
            (json!({"url": "https://other.example.com/hook"}), "created"),
        ];
        for (changes, expected) in cases {
            let existing = [webhook(changes.clone())];
            assert_eq!(because(&existing, &wanted()), [expected], "{changes}");
        }
        assert_eq!(because(&[], &wanted()), ["created"]);
        let again = WantedWebhook {
            set_secret: SetSecret::Always,
            ..wanted()
        };
        assert_eq!(
            because(&[webhook(json!({}))], &again),
            ["the secret is to be set again"]
        );
    }

    #[test]
    fn a_name_counts_only_where_it_was_given() {
        let moved = [webhook(json!({"url": "https://old.example.com/hook"}))];
        assert_eq!(because(&moved, &wanted()), ["created"]);
        let named = WantedWebhook {
            known_by: KnownBy::AddressOrName,
            ..wanted()
        };
        assert_eq!(because(&moved, &named), ["another address"]);
    }

    #[test]
    fn doubles_go_and_those_of_another_name_stay() {
        let existing = [
            webhook(json!({"id": 7, "name": "by hand"})),
            webhook(json!({"id": 5})),
            webhook(json!({"id": 3})),
            webhook(json!({"id": 2, "url": "https://old.example.com/hook"})),
        ];
        let change = WebhookChange::needed(&existing, &wanted());
        assert!(matches!(&change.step, WebhookStep::Keep(kept) if kept.id == 3));
        let doubles: Vec<u64> = change.doubles.iter().map(|double| double.id).collect();
        assert_eq!(doubles, [5]);
    }
}
