//! The environment variables by which a Gimlet server learns of its Bitbucket Server.

/// One of the nine variables of Gimlet's configuration reference. (It lists
/// `BITBUCKET_SERVER_CONSUMER_SECRET` twice; the second is a slip for the private key.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variable {
    /// `HOST`
    Host,
    /// `WEBHOOK_SECRET`
    WebhookSecret,
    /// `BITBUCKET_SERVER_ADDRESS`
    Address,
    /// `BITBUCKET_SERVER_USER`
    User,
    /// `BITBUCKET_SERVER_TOKEN`
    Token,
    /// `BITBUCKET_SERVER_CONSUMER_KEY`
    ConsumerKey,
    /// `BITBUCKET_SERVER_CONSUMER_SECRET`
    ConsumerSecret,
    /// `BITBUCKET_SERVER_PRIVATE_KEY`
    PrivateKey,
    /// `BITBUCKET_SERVER_SKIP_VERIFY`
    SkipVerify,
}

impl Variable {
    /// All of them, in the order of the reference.
    pub const ALL: [Self; 9] = [
        Self::Host,
        Self::WebhookSecret,
        Self::Address,
        Self::User,
        Self::Token,
        Self::ConsumerKey,
        Self::ConsumerSecret,
        Self::PrivateKey,
        Self::SkipVerify,
    ];

    /// Other variables of Gimlet's own, which are no slips of these.
    pub(super) const OTHERS: [&'static str; 4] =
        ["BITBUCKET_SERVER_DEBUG", "DEBUG", "TRACE", "GIN_MODE"];

    /// The variable of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|variable| variable.name() == name)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Host => "HOST",
            Self::WebhookSecret => "WEBHOOK_SECRET",
            Self::Address => "BITBUCKET_SERVER_ADDRESS",
            Self::User => "BITBUCKET_SERVER_USER",
            Self::Token => "BITBUCKET_SERVER_TOKEN",
            Self::ConsumerKey => "BITBUCKET_SERVER_CONSUMER_KEY",
            Self::ConsumerSecret => "BITBUCKET_SERVER_CONSUMER_SECRET",
            Self::PrivateKey => "BITBUCKET_SERVER_PRIVATE_KEY",
            Self::SkipVerify => "BITBUCKET_SERVER_SKIP_VERIFY",
        }
    }

    /// What it is for, as the second half of a sentence.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Host => "Gimlet's own address, under which Bitbucket and people reach it",
            Self::WebhookSecret => {
                "the secret by which Gimlet knows that a webhook is Bitbucket's own"
            }
            Self::Address => "the address under which Gimlet reaches Bitbucket Server",
            Self::User => "the Bitbucket user whose personal access token Gimlet uses",
            Self::Token => {
                "the personal access token with which Gimlet reads repositories, registers webhooks \
                 and writes the gitops repository"
            }
            Self::ConsumerKey => "the consumer key of Bitbucket's application link to Gimlet",
            Self::ConsumerSecret => "the shared secret of Bitbucket's application link to Gimlet",
            Self::PrivateKey => {
                "the private key whose public half Bitbucket's application link has: its text, or \
                 the path of its file"
            }
            Self::SkipVerify => "whether Bitbucket's TLS certificate goes unchecked",
        }
    }

    /// How one gets a value.
    pub(super) fn advice(self) -> &'static str {
        match self {
            Self::Host => "set it, for example to `https://gimlet.example.com`",
            Self::WebhookSecret => {
                "make one with `openssl rand -hex 16` and set it; webhooks that Gimlet registered \
                 without it have to be renewed"
            }
            Self::Address => "set it, for example to `https://bitbucket.example.com`",
            Self::User => "set it to the name of the machine account that has the token",
            Self::Token => {
                "create one in Bitbucket under Manage account, Personal access tokens, with Project \
                 read and Repository admin, and set it"
            }
            Self::ConsumerKey => {
                "set it to the consumer key of the application link's incoming authentication; \
                 Gimlet's page uses `OauthKey`"
            }
            Self::ConsumerSecret => {
                "set it to the shared secret of the application link, one made with `openssl rand \
                 -hex 16`"
            }
            Self::PrivateKey => {
                "make one with `openssl genrsa -traditional -out bitbucket.pem 2048`, give \
                 Bitbucket the output of `openssl rsa -in bitbucket.pem -pubout`, and set it to the \
                 file's path or text"
            }
            Self::SkipVerify => "leave it out",
        }
    }

    /// Whether no report may show its value. The private key may be a path, which is none.
    pub(super) fn is_secret(self) -> bool {
        matches!(
            self,
            Self::WebhookSecret | Self::Token | Self::ConsumerSecret | Self::PrivateKey
        )
    }

    /// Whether Gimlet works without it.
    pub(super) fn is_optional(self) -> bool {
        self == Self::SkipVerify
    }
}
