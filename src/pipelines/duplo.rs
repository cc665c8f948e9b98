//! DuploCloud's API, as far as the image of a service goes (facts about Bitbucket, §4.4).

use serde_json::{Value, json};

use crate::http::{Answer, Client, Method, Outcome, Problem, Request, Secret, api_root, segment};
use crate::image::ImageReference;
use crate::visible::one_line;

/// How much of the server's text is shown.
const LONGEST_TEXT: usize = 300;

/// Names that are listed at most where one is not found.
const MOST_NAMES: usize = 20;

/// A pod that runs, in DuploCloud's numbers.
const RUNS: u64 = 1;

/// A pod that is gone.
const DELETED: u64 = 6;

/// How DuploCloud is reached.
#[derive(Clone, Debug)]
pub struct DuploSettings {
    /// The portal's address, with or without a slash at its end.
    pub host: String,
    /// The token of a service user.
    pub token: Secret,
}

/// A client of DuploCloud.
pub struct Duplo {
    http: Client,
    root: String,
    token: Secret,
}

/// A service of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceImage {
    tenant: String,
    service: String,
    /// The tags by which its hosts are chosen, which the older call wants back.
    tags: Value,
    /// How many of it are to run.
    pub replicas: u64,
}

/// How far an update has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// Pods that run the new image.
    pub new: u64,
    /// Pods that still are of another image.
    pub old: u64,
    /// Pods that are to run.
    pub wanted: u64,
}

impl Running {
    /// Whether all that should run run the new image, and nothing else does.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.old == 0 && self.new >= self.wanted
    }
}

impl Duplo {
    /// The name that DuploCloud gives the container of a service that is no sidecar.
    pub const MAIN_CONTAINER: &'static str = "duplo-main-container";

    /// A client.
    ///
    /// # Errors
    /// Where the address is none.
    pub fn new(http: Client, settings: DuploSettings) -> Result<Self, Problem> {
        let root = api_root(&settings.host).ok_or_else(|| {
            let help = "set it to the portal's address, for example https://example.duplocloud.net";
            Problem::refused("DUPLO_HOST is no address", Some(help.to_owned()))
        })?;
        Ok(Self {
            http,
            root: root.to_owned(),
            token: settings.token,
        })
    }

    /// A service by the names of tenant and service.
    ///
    /// # Errors
    /// Where there is none of these names, or what DuploCloud says.
    pub fn find(&self, tenant: &str, service: &str) -> Result<ServiceImage, Problem> {
        let tenants = self.list("adminproxy/GetTenantNames")?;
        let id = tenants
            .iter()
            .find(|one| one["AccountName"].as_str() == Some(tenant))
            .and_then(|one| one["TenantId"].as_str())
            .ok_or_else(|| unknown("tenant", tenant, &tenants, "AccountName"))?;
        let services = self.list(&format!(
            "subscriptions/{}/GetReplicationControllers",
            segment(id)
        ))?;
        let found = services
            .iter()
            .find(|one| one["Name"].as_str() == Some(service))
            .ok_or_else(|| unknown("service", service, &services, "Name"))?;
        Ok(ServiceImage {
            tenant: id.to_owned(),
            service: service.to_owned(),
            tags: found["Template"]["AllocationTags"].clone(),
            replicas: found["Replicas"].as_u64().unwrap_or(1),
        })
    }

    /// Has a container of the service run another image.
    ///
    /// # Errors
    /// What DuploCloud says.
    pub fn update(
        &self,
        service: &ServiceImage,
        container: &str,
        image: &ImageReference,
    ) -> Result<(), Problem> {
        let tenant = segment(&service.tenant);
        let newer = format!(
            "v3/subscriptions/{tenant}/containers/replicationController/{}/containerimage",
            segment(&service.service)
        );
        let images = json!([{ "ContainerName": container, "ImageName": image.as_str() }]);
        let answer = self.call(Method::Put, &newer, Some(&images))?;
        if answer.status() != 404 {
            return self.done(&answer);
        }
        if container != Self::MAIN_CONTAINER {
            let message = "this DuploCloud can change the image of the main container only";
            let help = "leave `--container` out, or have the portal updated to one with the v3 API";
            return Err(Problem::refused(message, Some(help.to_owned())));
        }
        let change = json!({
            "Name": service.service,
            "Image": image.as_str(),
            "AllocationTags": match &service.tags {
                Value::Null => json!(""),
                tags => tags.clone(),
            },
        });
        let older = format!("subscriptions/{tenant}/ReplicationControllerChange");
        let answer = self.call(Method::Post, &older, Some(&change))?;
        self.done(&answer)
    }

    /// How far the update of a service to an image has come.
    ///
    /// # Errors
    /// What DuploCloud says.
    pub fn running(
        &self,
        service: &ServiceImage,
        image: &ImageReference,
    ) -> Result<Running, Problem> {
        let pods = self.list(&format!(
            "subscriptions/{}/GetPods",
            segment(&service.tenant)
        ))?;
        let mut running = Running {
            new: 0,
            old: 0,
            wanted: service.replicas,
        };
        let ours = pods
            .iter()
            .filter(|pod| pod["Name"].as_str() == Some(&service.service));
        for pod in ours {
            let status = pod["CurrentStatus"].as_u64();
            let containers = pod["Containers"].as_array();
            let is_new = containers.is_some_and(|containers| {
                containers
                    .iter()
                    .any(|one| one["Image"].as_str() == Some(image.as_str()))
            });
            match (is_new, status) {
                (_, Some(DELETED)) => {}
                (true, Some(RUNS)) => running.new += 1,
                (true, _) => {}
                (false, _) => running.old += 1,
            }
        }
        Ok(running)
    }

    fn done(&self, answer: &Answer) -> Result<(), Problem> {
        match answer.is_success() && !is_page(answer) {
            true => Ok(()),
            false => Err(self.problem(answer)),
        }
    }

    fn list(&self, path: &str) -> Result<Vec<Value>, Problem> {
        let answer = self.call(Method::Get, path, None)?;
        if !answer.is_success() || is_page(&answer) {
            return Err(self.problem(&answer));
        }
        answer.json().map_err(|_| self.problem(&answer))
    }

    fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer, Problem> {
        let url = format!("{}/{path}", self.root);
        let mut request = Request::new(method, url).authorization("Bearer", &self.token);
        if let Some(body) = body {
            request = request
                .json(body)
                .map_err(|_| Problem::refused("the request can't be written as JSON", None))?;
        }
        self.http
            .send(request)
            .map_err(|failure| Problem::of_failure(failure, |text| self.token.hide_in(text)))
    }

    fn problem(&self, answer: &Answer) -> Problem {
        let (words, help) = match answer.status() {
            401 | 403 => (
                "DuploCloud does not accept the token, or does not let it do this",
                Some("check DUPLO_TOKEN, and that its service user has access to the tenant"),
            ),
            404 => (
                "DuploCloud does not know this call",
                Some("check that DUPLO_HOST is the portal's address and nothing more"),
            ),
            200..=299 => (
                "the answer is not one of DuploCloud's API",
                Some("check that DUPLO_HOST is the portal's address and nothing more"),
            ),
            429 => ("DuploCloud asks for a pause", Some("try again later")),
            500..=599 => (
                "DuploCloud itself failed",
                Some("try again later, or look into the portal"),
            ),
            _ => ("DuploCloud refuses the change", None),
        };
        let mut message = words.to_owned();
        // Of a web page or an empty answer there is nothing to tell.
        if let Ok(body) = answer.json::<Value>() {
            let text = body["Message"]
                .as_str()
                .or(body["message"].as_str())
                .or(body.as_str());
            if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
                let text = one_line(&self.token.hide_in(text), LONGEST_TEXT);
                message.push_str(&format!(" (it says: {text})"));
            }
        }
        let outcome = match answer.is_success() {
            true => Outcome::Blocked,
            false => answer.outcome(),
        };
        Problem {
            outcome,
            ..Problem::refused(message, help.map(str::to_owned))
        }
    }
}

/// The portal answers calls that it does not know with its own page, and 200.
fn is_page(answer: &Answer) -> bool {
    answer.body().trim_ascii_start().starts_with(b"<")
}

fn unknown(what: &str, name: &str, all: &[Value], key: &str) -> Problem {
    let mut names: Vec<String> = all
        .iter()
        .filter_map(|one| one[key].as_str())
        .map(|name| format!("`{}`", one_line(name, 60)))
        .collect();
    names.sort();
    let more = names.len().saturating_sub(MOST_NAMES);
    names.truncate(MOST_NAMES);
    let mut help = match names.is_empty() {
        true => {
            format!("the token sees no {what} at all: check what its service user has access to")
        }
        false => format!("there are {}", names.join(", ")),
    };
    if more > 0 {
        help.push_str(&format!(" and {more} more"));
    }
    Problem::refused(
        format!("there is no {what} `{}`", one_line(name, 60)),
        Some(help),
    )
}
