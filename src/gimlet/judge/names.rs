//! Which settings are there: repeated, misspelt, missing.

use super::super::given::Kind;
use super::super::private_key::looks_like_key;
use super::super::variable::Variable;
use super::Judge;
use crate::check::{Draft, Inspection, code, nearest};
use crate::finding::RuleId;

const MISSING: RuleId = RuleId::of("gimlet-server/missing");
const REPEATED: RuleId = RuleId::of("gimlet-server/repeated");
const MISSPELT: RuleId = RuleId::of("gimlet-server/misspelt");

impl Judge<'_> {
    /// Names that are given twice, or that are nearly one of ours.
    pub(super) fn names(&self, inspection: &mut Inspection) {
        let given = &self.settings.given;
        for (number, later) in given.iter().enumerate() {
            let earlier = given[..number]
                .iter()
                .find(|earlier| earlier.name == later.name);
            let Some(earlier) = earlier.filter(|_| later.variable().is_some()) else {
                continue;
            };
            // Overriding a whole Secret by one variable is what `env` beside `envFrom` is for.
            if self.settings.kind != Kind::Dotenv && earlier.key != later.key {
                continue;
            }
            // Gimlet's page lists the consumer secret twice, with a private key as its example.
            let is_slip = later.variable() == Some(Variable::ConsumerSecret)
                && later.text().is_some_and(looks_like_key);
            let help = if is_slip {
                "name this one BITBUCKET_SERVER_PRIVATE_KEY; Gimlet's page has a slip there"
                    .to_owned()
            } else {
                "remove one of the two".to_owned()
            };
            let message = format!(
                "{} is set a second time, and only one of them counts",
                later.name
            );
            let mut draft = Draft::new(REPEATED, later.key, self.of_container(message))
                .at(later.document, later.pointer.clone())
                .help(help);
            if earlier.document == later.document {
                draft = draft.related(earlier.key, "the first one");
            }
            inspection.error(draft);
        }
        let missing: Vec<&str> = Variable::ALL
            .into_iter()
            .filter(|&variable| self.settings.get(variable).is_none())
            .map(Variable::name)
            .collect();
        for given in given {
            if given.variable().is_some() || Variable::OTHERS.contains(&given.name.as_str()) {
                continue;
            }
            if let Some(meant) = nearest(&given.name, missing.iter().copied()) {
                let message = format!("Gimlet does not read {}", code(&given.name));
                inspection.error(
                    Draft::new(MISSPELT, given.key, self.of_container(message))
                        .at(given.document, given.pointer.clone())
                        .label(format!("did you mean `{meant}`?"))
                        .help(format!("rename it to `{meant}`")),
                );
            }
        }
    }

    /// What is not set, and why that matters.
    pub(super) fn missing(&self, variable: Variable, inspection: &mut Inspection) {
        // What a misspelt one was meant to be is said there.
        let is_misspelt = self.settings.given.iter().any(|given| {
            given.variable().is_none() && nearest(&given.name, [variable.name()]).is_some()
        });
        if variable.is_optional() || is_misspelt {
            return;
        }
        let name = variable.name();
        let draft = |message: String, help: String| {
            Draft::new(MISSING, self.settings.home, self.of_container(message))
                .at(self.settings.document, self.settings.pointer.clone())
                .help(help)
        };
        if let Some(unseen) = self.settings.unseen.first() {
            let message = format!("{name} is not set in this file: {}", variable.meaning());
            let help = format!("make sure that {unseen} has it: it is not in this file");
            inspection.warning(draft(message, help));
            return;
        }
        let mut message = format!("{name} is not set: {}", variable.meaning());
        let partner = match variable {
            Variable::ConsumerKey => Some(Variable::PrivateKey),
            Variable::PrivateKey => Some(Variable::ConsumerKey),
            _ => None,
        };
        if let Some(partner) = partner.filter(|&partner| self.settings.get(partner).is_some()) {
            message.push_str(&format!("; {} is of no use without it", partner.name()));
        }
        let how = match self.settings.kind {
            Kind::Container { .. } if variable.is_secret() && variable != Variable::PrivateKey => {
                format!(
                    "{}; in a manifest by `valueFrom.secretKeyRef`",
                    variable.advice()
                )
            }
            _ => variable.advice().to_owned(),
        };
        inspection.error(draft(message, how));
    }
}
