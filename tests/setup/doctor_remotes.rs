//! `doctor` of webhooks, Port and Algorithmia: what is wrong with them, and what to do.

use standin::{AlgorithmiaStandIn, Fault, PortStandIn, TlsStandIn};

use crate::doctor::of_item;
use crate::world::World;

#[test]
fn credentials_of_port_s_other_region_are_told_with_its_address() {
    let (europe, america) = (PortStandIn::start().unwrap(), PortStandIn::start().unwrap());
    let names = [
        ("api.getport.io", europe.url()),
        ("api.us.getport.io", america.url()),
        ("api.us.port.io", america.url()),
    ];
    let names = names.each_ref().map(|(name, url)| (*name, url.as_str()));
    let Some(tls) = TlsStandIn::start(&names).unwrap() else {
        return;
    };
    let mut world = World::of_version("9.2.0");
    world.set("PORT_CLIENT_ID", europe.client_id());
    world.set("PORT_CLIENT_SECRET", europe.client_secret());
    world.set("HTTPS_PROXY", &tls.proxy());
    let config = world.home.path().join("config.yaml");
    let file = tls.certificate().display().to_string();
    std::fs::write(&config, format!("http: {{ ca_file: {file} }}\n")).unwrap();
    let named = ["--config", config.to_str().unwrap()];
    let of = |world: &World| of_item(world, "port.credentials", &named);
    let refuse = |port: &PortStandIn| port.fail_by(|_| Some(Fault::status(401)));
    let mut told = vec![of(&world)];
    // The default is Europe, and these are not known there.
    refuse(&europe);
    told.push(of(&world));
    for (address, refuses) in [
        ("https://api.us.port.io", &america),
        ("https://api.getport.io/v1", &europe),
    ] {
        europe.mend();
        america.mend();
        refuse(refuses);
        world.set("PORT_API_URL", address);
        told.push(of(&world));
    }
    // Those that neither knows are simply wrong.
    refuse(&america);
    told.push(of(&world));
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn webhooks_that_do_not_arrive_are_told() {
    let mut world = World::of_version("9.2.0");
    let of = |world: &World| of_item(world, "webhooks.calls", &["--repository", "PRJ/hello"]);
    let mut told = vec![of(&world)];
    let url = "https://gate.example.com/hook?token=hidden";
    world.run(&[
        "bitbucket",
        "webhooks",
        "ensure",
        "--url",
        url,
        "--project",
        "PRJ",
    ]);
    told.push(of(&world));
    world
        .bitbucket
        .set_last_call(1, "FAILURE", "401\u{1b}[0m Unauthorized");
    told.push(of(&world));
    world.bitbucket.set_last_call(1, "SUCCESS", "200");
    told.push(of(&world));
    for secret in ["short", ""] {
        world.set("WEBHOOK_SECRET", secret);
        told.push(of_item(&world, "webhooks.secret", &[]));
    }
    world.set("BITBUCKET_SERVER_CONSUMER_KEY", "OauthKey");
    told.push(of_item(&world, "webhooks.secret", &[]));
    assert!(!told.concat().contains("hidden"));
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn the_webhooks_secret_is_the_one_that_serve_uses() {
    let mut world = World::of_version("9.2.0");
    let (config, file) = (
        world.home.path().join("config.yaml"),
        world.home.path().join("webhook-secret"),
    );
    let named = ["--config", config.to_str().unwrap()];
    let of = |world: &World| of_item(world, "webhooks.secret", &named);
    std::fs::write(&config, "serve: { secret_file: webhook-secret }\n").unwrap();
    let mut told = vec![of(&world)];
    world.set("WEBHOOK_SECRET", "");
    told.push(of(&world));
    let secret = "fedcba9876543210fedcba9876543210";
    for text in [secret, "short", "\n"] {
        std::fs::write(&file, text).unwrap();
        told.push(of(&world));
    }
    world.set("WEBHOOK_SECRET", "brief");
    told.push(of(&world));
    world.set("WEBHOOK_SECRET", "");
    std::fs::write(&config, "serve: [\n").unwrap();
    told.push(of(&world));
    assert!(!told.concat().contains(secret));
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn every_failure_of_port_and_algorithmia_is_told_with_its_remedy() {
    let port = PortStandIn::start().unwrap();
    let algorithmia = AlgorithmiaStandIn::start().unwrap();
    let mut world = World::of_version("9.2.0");
    let mut told = Vec::new();
    world.set("PORT_CLIENT_ID", port.client_id());
    world.set("PORT_API_URL", &port.url());
    world.set("PORT_CLIENT_SECRET", "a-wrong-secret");
    told.push(of_item(&world, "port.credentials", &[]));
    world.set("PORT_CLIENT_SECRET", port.client_secret());
    world.set("PORT_API_URL", "api.getport.io");
    told.push(of_item(&world, "port.credentials", &[]));
    world.set("ALGORITHMIA_API", &algorithmia.url());
    world.set("ALGORITHMIA_API_KEY", "simWrongKey");
    told.push(of_item(&world, "algorithmia.credentials", &[]));
    world.set("ALGORITHMIA_API_KEY", algorithmia.api_key());
    // A key for builds is no administrator's, and needs not be.
    told.push(of_item(&world, "algorithmia.credentials", &[]));
    told.push(of_item(&world, "algorithmia.scm", &[]));
    world.set("ALGORITHMIA_ADMIN_API_KEY", algorithmia.api_key());
    world.set("ALGORITHMIA_API_KEY", algorithmia.admin_key());
    told.push(of_item(&world, "algorithmia.scm", &[]));
    world.set("ALGORITHMIA_ADMIN_API_KEY", "");
    world.set("ALGORITHMIA_API_KEY", algorithmia.api_key());
    let config = world.home.path().join("config.yaml");
    std::fs::write(
        &config,
        "algorithmia:\n  builds:\n    - { repository: PRJ/hello, algorithm: acme/none, ssh_key_file: none.pem }\n",
    )
    .unwrap();
    let config = ["--config", config.to_str().unwrap()];
    told.push(of_item(&world, "algorithmia.algorithms", &config));
    told.push(of_item(&world, "algorithmia.ssh_keys", &config));
    let host = algorithmia.url().trim_start_matches("http://").to_owned();
    let own = port.url().trim_start_matches("http://").to_owned();
    insta::assert_snapshot!(
        told.join("\n\n")
            .replace(&host, "ALGORITHMIA")
            .replace(&own, "PORT")
    );
}
