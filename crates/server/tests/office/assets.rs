//! The app's files: caching, compression, headers.

use crate::support::{Client, Folder, Server};

fn with_app(folder: &Folder) -> String {
    let app = folder.path().join("app");
    std::fs::create_dir_all(app.join("icons")).unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(app.join(name), bytes).unwrap();
    write(
        "index.html",
        "<!doctype html><title>Tournée</title>"
            .repeat(20)
            .as_bytes(),
    );
    write("sw.js", b"// worker");
    write("tournee-0123456789abcdef_bg.wasm", &b"\0asm".repeat(1000));
    write("tournee-0123456789abcdef_bg.wasm.br", b"compressed");
    write("icons/icon.svg", b"<svg/>");
    app.to_str().unwrap().to_owned()
}

fn get(client: &Client, path: &str, headers: &[(&str, &str)]) -> crate::support::Answer {
    client.send("GET", path, headers, &[])
}

#[test]
fn files_are_cached_by_content_and_pages_of_the_app_find_it() {
    let folder = Folder::with_people();
    let app = with_app(&folder);
    let server = Server::start_with(&folder, &["--assets", &app]);
    let client = server.anyone();
    let wasm = "/tournee-0123456789abcdef_bg.wasm";
    for (path, media_type, caching) in [
        ("/", "text/html; charset=utf-8", "no-cache"),
        ("/index.html", "text/html; charset=utf-8", "no-cache"),
        ("/clients/C00001", "text/html; charset=utf-8", "no-cache"),
        ("/sw.js", "text/javascript; charset=utf-8", "no-cache"),
        (
            wasm,
            "application/wasm",
            "public, max-age=31536000, immutable",
        ),
        ("/icons/icon.svg", "image/svg+xml", "no-cache"),
    ] {
        let answer = get(&client, path, &[]);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(
            (
                answer.header("content-type"),
                answer.header("cache-control")
            ),
            (media_type, caching),
            "{path}"
        );
        let tag = answer.header("etag");
        assert_eq!(
            get(&client, path, &[("if-none-match", tag)]).status,
            304,
            "{path}"
        );
    }
    let brotli = get(&client, wasm, &[("accept-encoding", "gzip, br")]);
    assert_eq!(
        (brotli.header("content-encoding"), brotli.body.as_slice()),
        ("br", b"compressed".as_slice())
    );
    assert_eq!(
        get(&client, "/", &[("accept-encoding", "gzip")]).header("content-encoding"),
        "gzip"
    );
    assert_eq!(
        get(&client, wasm, &[("accept-encoding", "identity")])
            .body
            .len(),
        4000
    );
    for missing in [
        "/old-0123456789abcdef.js",
        "/icons",
        "/..%2fCargo.toml",
        "/.hidden",
    ] {
        let status = get(&client, missing, &[]).status;
        assert!(
            status == 404 || (missing == "/icons" && status == 200),
            "{missing}: {status}"
        );
    }
    let gone = get(&client, "/gone.js", &[]);
    assert_eq!(gone.header("cache-control"), "no-store", "only for now");
    let page = get(
        &client,
        "/clients/411.0042",
        &[("accept", "text/html,*/*;q=0.8")],
    );
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    assert_eq!(get(&client, "/api/v1/nothing", &[]).problem().0, 404);
    assert_eq!(client.send("POST", "/", &[], b"x").problem().0, 405);
}

#[test]
fn of_a_pages_own_scripts_only_those_of_the_build_may_run() {
    let folder = Folder::with_people();
    let app = with_app(&folder);
    let page = "<!doctype html><script src=/a.js></script><script>say('Tournée')</script>";
    std::fs::write(std::path::Path::new(&app).join("index.html"), page).unwrap();
    let server = Server::start_with(&folder, &["--assets", &app]);
    let client = server.anyone();
    let scripts = |path: &str, headers: &[(&str, &str)]| {
        let answer = get(&client, path, headers);
        let policy = answer.header("content-security-policy").to_owned();
        let (_, rest) = policy.split_once("script-src ").unwrap();
        (answer.status, rest.split_once(';').unwrap().0.to_owned())
    };
    // printf "say('Tournée')" | openssl dgst -sha256 -binary | base64
    let ours = "'self' 'wasm-unsafe-eval' 'sha256-H3V6wjWqr8lJC36PIdAaVtcp8qzAEMRzUzZquKODHtk='"
        .to_owned();
    let tag = get(&client, "/", &[]).header("etag").to_owned();
    assert_eq!(scripts("/", &[]), (200, ours.clone()));
    assert_eq!(scripts("/clients/C00001", &[]), (200, ours.clone()));
    assert_eq!(scripts("/", &[("if-none-match", &tag)]), (304, ours));
    let plain = "'self' 'wasm-unsafe-eval'".to_owned();
    assert_eq!(scripts("/sw.js", &[]), (200, plain.clone()));
    assert_eq!(scripts("/gone.js", &[]), (404, plain));
}

#[test]
fn every_answer_carries_the_security_headers() {
    let folder = Folder::with_people();
    let app = with_app(&folder);
    let server = Server::start_with(&folder, &["--assets", &app]);
    let client = server.anyone();
    for path in ["/", "/api/v1/session", "/nothing.js", "/healthz"] {
        let answer = get(&client, path, &[]);
        let csp = answer.header("content-security-policy");
        assert!(
            csp.contains("default-src 'none'")
                && !csp.contains("unsafe-inline")
                && !csp.contains("'unsafe-eval'"),
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(
            answer
                .header("permissions-policy")
                .contains("camera=(self), geolocation=(self)")
        );
        assert_eq!(
            answer.header("strict-transport-security"),
            "",
            "not over plain HTTP"
        );
        assert_eq!(answer.header("x-request-id").len(), 32);
    }
    drop(server);
    let server = Server::start_with(&folder, &["--behind-proxy"]);
    assert!(
        get(&server.anyone(), "/healthz", &[])
            .header("strict-transport-security")
            .starts_with("max-age=")
    );
}
