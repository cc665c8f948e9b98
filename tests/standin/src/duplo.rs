//! A stand-in for DuploCloud: tenants, services and their pods.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::fault::Fault;
use crate::request::{Recorded, Reply};
use crate::server::{Server, lock, stands_in};

const TENANT: &str = "5e0c7f2a-0000-4000-8000-000000000001";

/// DuploCloud, on loopback. It has the tenant `dev` with the services `hello` (2 replicas) and `other`.
pub struct DuploStandIn {
    server: Server,
    state: Arc<Mutex<State>>,
}

/// Which calls the portal knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DuploVersion {
    /// The v3 API too.
    V3,
    /// Only what was there before.
    V2,
}

struct State {
    version: DuploVersion,
    token: String,
    services: Vec<Service>,
    /// How often pods are looked at before one more runs the new image; never, where there is none.
    looks: Option<usize>,
    looked: usize,
}

struct Service {
    name: &'static str,
    image: String,
    tags: &'static str,
    /// The image and the status of each pod.
    pods: Vec<(String, u64)>,
}

stands_in!(DuploStandIn);

impl DuploStandIn {
    /// Starts one that takes requests with this token only.
    ///
    /// # Errors
    /// Where no port of the loopback interface is free.
    pub fn start(version: DuploVersion, token: &str) -> io::Result<Self> {
        let service = |name, tags| Service {
            name,
            image: format!("registry.example.com/{name}:1"),
            tags,
            pods: vec![(format!("registry.example.com/{name}:1"), 1); 2],
        };
        let state = Arc::new(Mutex::new(State {
            version,
            token: format!("Bearer {token}"),
            services: vec![service("hello", "web"), service("other", "")],
            looks: Some(2),
            looked: 0,
        }));
        let served = Arc::clone(&state);
        let server = Server::start(None, move |request: &Recorded| {
            lock(&served).answer(request)
        })?;
        Ok(Self { server, state })
    }

    /// From now on no pod comes up with a new image.
    pub fn never_run(&self) {
        lock(&self.state).looks = None;
    }

    /// The image that a service was told to run.
    #[must_use]
    pub fn image(&self, service: &str) -> Option<String> {
        let state = lock(&self.state);
        let found = state.services.iter().find(|one| one.name == service);
        found.map(|one| one.image.clone())
    }

    /// Lets the next request whose path holds `part` fail.
    pub fn fail_next(&self, part: &str, fault: &Fault) {
        self.server.fail_next_on(part, 1, fault);
    }
}

impl State {
    fn answer(&mut self, request: &Recorded) -> Reply {
        if request.header("authorization") != Some(&self.token) {
            return Reply::json(
                401,
                &json!({"Message": "Authorization has been denied for this request."}),
            );
        }
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        match (request.method.as_str(), path.as_slice()) {
            ("GET", ["adminproxy", "GetTenantNames"]) => Reply::json(
                200,
                &json!([
                    {"AccountName": "default", "TenantId": "5e0c7f2a-0000-4000-8000-000000000000"},
                    {"AccountName": "dev", "TenantId": TENANT},
                ]),
            ),
            ("GET", ["subscriptions", TENANT, "GetReplicationControllers"]) => {
                let all: Vec<Value> = self.services.iter().map(Service::shown).collect();
                Reply::json(200, &json!(all))
            }
            ("GET", ["subscriptions", TENANT, "GetPods"]) => self.pods(),
            (
                "PUT",
                [
                    "v3",
                    "subscriptions",
                    TENANT,
                    "containers",
                    "replicationController",
                    name,
                    "containerimage",
                ],
            ) if self.version == DuploVersion::V3 => {
                let image = &request.body[0];
                if image["ContainerName"] != "duplo-main-container" {
                    return Reply::json(400, &json!({"Message": "no such container"}));
                }
                self.change(name, image["ImageName"].as_str())
            }
            ("POST", ["subscriptions", TENANT, "ReplicationControllerChange"]) => {
                let name = request.body["Name"].as_str().unwrap_or_default();
                let tags = self
                    .services
                    .iter()
                    .find(|one| one.name == name)
                    .map(|one| one.tags);
                if request.body["AllocationTags"].as_str() != tags {
                    return Reply::json(
                        400,
                        &json!({"Message": "the allocation tags would be lost"}),
                    );
                }
                self.change(name, request.body["Image"].as_str())
            }
            // A path with `//` in it is another one, and the portal's page.
            _ if request.path.contains("//") => Reply {
                status: 200,
                headers: Vec::new(),
                body: b"<!doctype html><title>DuploCloud</title>".to_vec(),
            },
            _ => Reply::empty(404),
        }
    }

    fn change(&mut self, name: &str, image: Option<&str>) -> Reply {
        let found = self.services.iter_mut().find(|one| one.name == name);
        match (found, image) {
            (Some(service), Some(image)) => {
                service.image = image.to_owned();
                Reply::json(200, &Value::Null)
            }
            _ => Reply::json(400, &json!({"Message": "bad request"})),
        }
    }

    /// The pods; with every few looks one more of them is replaced.
    fn pods(&mut self) -> Reply {
        self.looked += 1;
        if self
            .looks
            .is_some_and(|looks| self.looked.is_multiple_of(looks))
        {
            for service in &mut self.services {
                let old = service
                    .pods
                    .iter_mut()
                    .find(|(image, _)| *image != service.image);
                if let Some(pod) = old {
                    *pod = (service.image.clone(), 1);
                }
            }
        }
        let pods: Vec<Value> = self
            .services
            .iter()
            .flat_map(|service| {
                service.pods.iter().map(|(image, status)| {
                    json!({
                        "Name": service.name,
                        "CurrentStatus": status,
                        "DesiredStatus": 1,
                        "Containers": [{"Name": service.name, "Image": image}],
                    })
                })
            })
            .collect();
        Reply::json(200, &json!(pods))
    }
}

impl Service {
    fn shown(&self) -> Value {
        json!({
            "Name": self.name,
            "Replicas": self.pods.len(),
            "Template": {"AllocationTags": self.tags, "Containers": [{"Name": self.name, "Image": self.image}]},
        })
    }
}
