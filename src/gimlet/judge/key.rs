//! The private key: by its path or as text, in a form that Gimlet can use.

use super::super::given::{Given, KeyAt, Kind, is_path};
use super::super::private_key::{KeyFault, bits};
use super::super::variable::Variable;
use super::Judge;
use crate::check::{Draft, Inspection, code};
use crate::finding::RuleId;

const PRIVATE_KEY: RuleId = RuleId::of("gimlet-server/private-key");

/// A shorter key can be broken; Gimlet's page makes one of 1024.
const FEWEST_BITS: usize = 2048;

/// Where the text of a key stands.
enum Held<'a> {
    /// In the variable itself.
    Variable,
    /// In a file that the variable names.
    File(&'a str),
}

impl Held<'_> {
    fn words(&self) -> String {
        match self {
            Self::Variable => "the key in BITBUCKET_SERVER_PRIVATE_KEY".to_owned(),
            Self::File(path) => format!("the key in {}", code(path)),
        }
    }

    /// The file that commands work on.
    fn file(&self) -> &str {
        match self {
            Self::Variable => "bitbucket.pem",
            Self::File(path) => path,
        }
    }
}

impl Judge<'_> {
    /// Both a path and the text of a key are taken.
    pub(super) fn private_key(&self, given: &Given, text: &str, inspection: &mut Inspection) {
        if !is_path(text) {
            self.key_text(given, text, &Held::Variable, inspection);
            return;
        }
        let path = text.trim();
        let draft = |message: String| self.draft(PRIVATE_KEY, given, message);
        match self.files.key_at(path) {
            KeyAt::Unseen => {}
            KeyAt::Text(key) => self.key_text(given, &key, &Held::File(path), inspection),
            KeyAt::Missing(why) => inspection.error(
                draft(format!(
                    "BITBUCKET_SERVER_PRIVATE_KEY names {}, but {why}",
                    code(path)
                ))
                .help("mount the Secret with the key there, or name the path where it is mounted"),
            ),
            KeyAt::NotHere(why) => inspection.warning(
                draft(format!(
                    "the key in {} can't be checked here: {why}",
                    code(path)
                ))
                .help(
                    "Gimlet must find a file there; check it with this command where Gimlet runs",
                ),
            ),
        }
    }

    fn key_text(&self, given: &Given, text: &str, held: &Held<'_>, inspection: &mut Inspection) {
        let draft = |message: String| -> Draft { self.draft(PRIVATE_KEY, given, message) };
        let (subject, file) = (held.words(), held.file());
        match bits(text) {
            Ok(bits) if bits < FEWEST_BITS => inspection.warning(
                draft(format!(
                    "{subject} has {bits} bits, and fewer than {FEWEST_BITS} are not safe"
                ))
                .help(
                    "make one with `openssl genrsa -traditional -out bitbucket.pem 2048`, and give \
                         Bitbucket the output of `openssl rsa -in bitbucket.pem -pubout`",
                ),
            ),
            Ok(_) => {}
            // Nowhere is it documented that Gimlet does not read it.
            Err(fault @ KeyFault::Pkcs8) => {
                inspection.warning(draft(format!("{subject} {}", fault.words())).help(format!(
                    "bring it into that form: `openssl rsa -traditional -in {file} -out gimlet.pem`"
                )))
            }
            Err(fault) => {
                let help = self.key_advice(&fault, held);
                inspection.error(draft(format!("{subject} {}", fault.words())).help(help));
            }
        }
    }

    fn key_advice(&self, fault: &KeyFault, held: &Held<'_>) -> String {
        let file = held.file();
        match fault {
            KeyFault::LiteralNewlines | KeyFault::OneLine | KeyFault::Cut => {
                self.lines(fault, held)
            }
            KeyFault::Encrypted => format!(
                "take the passphrase off: `openssl rsa -traditional -in {file} -out gimlet.pem`"
            ),
            KeyFault::OpenSsh => {
                format!("bring it into PEM form: `ssh-keygen -p -m PEM -N '' -f {file}`")
            }
            KeyFault::Several => "keep one of the two".to_owned(),
            KeyFault::Public => {
                "set the private one; the public half goes into Bitbucket's application link"
                    .to_owned()
            }
            KeyFault::Certificate | KeyFault::NotRsa(_) | KeyFault::NoKey | KeyFault::Pkcs8 => {
                Variable::PrivateKey.advice().to_owned()
            }
        }
    }

    /// How a key gets its lines back.
    fn lines(&self, fault: &KeyFault, held: &Held<'_>) -> String {
        let file = held.file();
        match (held, &self.settings.kind) {
            (Held::File(_), _) if *fault == KeyFault::LiteralNewlines => {
                format!("run `sed -i 's/\\\\n/\\n/g' {file}`")
            }
            (Held::File(_), _) => {
                "copy the key's file again, as `openssl genrsa` wrote it, with all its lines"
                    .to_owned()
            }
            (Held::Variable, Kind::Dotenv) => {
                "put the whole key in double quotes, with its lines as they are in the file"
                    .to_owned()
            }
            (Held::Variable, Kind::Environment) => format!(
                "set it from the file: `export BITBUCKET_SERVER_PRIVATE_KEY=\"$(cat {file})\"`, or name \
                 the path"
            ),
            (Held::Variable, Kind::Container { .. }) => {
                "write it as a block (`|`) with its lines, or mount the Secret and name the path: \
                 `pushgate gimlet manifest` writes it so"
                    .to_owned()
            }
        }
    }
}
