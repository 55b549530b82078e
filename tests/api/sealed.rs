//! Papers with a digital signature: made with a key of the office, with a time-stamp, and proved by the
//! program alone, years later and with no office at hand.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::{App, HttpResponse, HttpServer, web};
use motcua::domain::procedure::ProcedureKey;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::office::{Office, example, filing};
use crate::support::process::{Desk, Doors, Premises};
use crate::support::server::TestServer;

const PASSWORD: &str = "giấy tờ 2026";
const SCAN: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj <<>> endobj\n%%EOF\n";

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2045, 1, 1);
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
    params
}

/// A folder with a root (`root.pem`), the office's key (`office.p12`), and a time-stamp authority's.
fn keys() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut root = named("Gốc chứng thực");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    root.use_authority_key_identifier_extension = false;
    let key = KeyPair::generate().unwrap();
    std::fs::write(at("root.pem"), root.self_signed(&key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(root, key);
    let mut stamps = named("Dấu thời gian");
    stamps.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let mut only =
        CustomExtension::from_oid_content(&[2, 5, 29, 37], vec![0x30, 0x0a, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 8]);
    only.set_criticality(true);
    stamps.custom_extensions.push(only);
    for (name, params) in [("office", named("Thi hành án dân sự thử nghiệm")), ("tsa", stamps)] {
        let key = KeyPair::generate().unwrap();
        std::fs::write(at(&format!("{name}.pem")), params.signed_by(&key, &issuer).unwrap().pem()).unwrap();
        std::fs::write(at(&format!("{name}.key")), key.serialize_pem()).unwrap();
    }
    let mut pack = Command::new("openssl");
    pack.args(["pkcs12", "-export", "-passout"]).arg(format!("pass:{PASSWORD}"));
    pack.arg("-inkey").arg(at("office.key")).arg("-in").arg(at("office.pem"));
    run(pack.arg("-certfile").arg(at("root.pem")).arg("-out").arg(at("office.p12")));
    let settings = format!(
        "[tsa]\ndefault_tsa = own\n[own]\nserial = {}\nsigner_digest = sha256\ndefault_policy = 1.2.3.4\n\
         digests = sha256\ness_cert_id_alg = sha256\n",
        at("serial").display()
    );
    std::fs::write(at("tsa.cnf"), settings).unwrap();
    folder
}

/// A time-stamp authority behind HTTP, made of `openssl ts`. It is open until it is dropped.
fn authority(folder: &Path) -> (String, actix_web::dev::ServerHandle) {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let folder = folder.to_owned();
    let server = HttpServer::new(move || {
        let folder = folder.clone();
        App::new().default_service(web::post().to(move |request: web::Bytes| {
            let folder = folder.clone();
            async move {
                let number = ASKED.fetch_add(1, Ordering::Relaxed);
                let at = |name: &str| folder.join(name);
                let (asked, answer) = (at(&format!("{number}.tsq")), at(&format!("{number}.tsr")));
                std::fs::write(&asked, &request).unwrap();
                let mut reply = Command::new("openssl");
                reply.args(["ts", "-reply", "-config"]).arg(at("tsa.cnf")).arg("-queryfile").arg(&asked);
                reply.arg("-signer").arg(at("tsa.pem")).arg("-inkey").arg(at("tsa.key"));
                run(reply.arg("-out").arg(&answer));
                HttpResponse::Ok()
                    .content_type("application/timestamp-reply")
                    .body(std::fs::read(answer).unwrap())
            }
        }))
    })
    .workers(1)
    .disable_signals()
    .bind("127.0.0.1:0")
    .unwrap();
    let url = format!("http://{}/tsa", server.addrs()[0]);
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);
    (url, handle)
}

/// A server that seals with the office's key and asks this authority for stamps.
async fn sealing(folder: &Path, authority: &str) -> TestServer {
    let key = format!("pkcs12:{}", folder.join("office.p12").display());
    let server = TestServer::builder().with("MOTCUA_SEAL_KEY", &key).with("MOTCUA_SEAL_SECRET", PASSWORD);
    server.with("MOTCUA_SEAL_TSA", authority).start().await
}

/// What `motcua verify` says: how it ended, and its words.
fn verify(files: &[&Path], keys: Option<&Path>) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_motcua"));
    command.arg("verify").args(files);
    if let Some(keys) = keys {
        command.arg("--keys").arg(keys);
    }
    let output = command.env_clear().output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

/// A dossier with one file, received at the counter; its receipt's id.
async fn received(office: &Office<'_>) -> (Value, Value) {
    let key = ProcedureKey::EnforcementDecision;
    let mut body = filing(key, office.agency, &example(key));
    body["submit"] = json!(false);
    let citizen = office.server.anonymous();
    let view = citizen.create("/api/v1/dossiers", &body).await.expect(201);
    let holder = citizen.with("tracking-key", view["tracking_key"].as_str().unwrap());
    let id = view["id"].as_str().unwrap();
    let paper =
        holder.create(&format!("/api/v1/dossiers/{id}/documents"), &json!({ "name": "bản án.pdf" })).await;
    let paper = paper.expect(201);
    let content = format!("/api/v1/documents/{}/content", paper["id"].as_str().unwrap());
    holder.send(Method::PUT, &content, Some("application/pdf"), SCAN.to_vec(), &[]).await.expect(200);
    let view = holder.read(&view).await.expect(200);
    let filed = holder.act(&view, "submission", &json!({})).await.expect(200);
    let counter = office.counter().await;
    let view = counter.act(&filed, "receipt", &json!({})).await.expect(200);
    let all = counter.get(&format!("/api/v1/dossiers/{id}/papers")).await.expect(200);
    let receipt = all.as_array().unwrap().iter().find(|paper| paper["kind"] == "receipt").unwrap().clone();
    (view, receipt)
}

struct Kept {
    receipt: PathBuf,
    manifest: PathBuf,
    scan: PathBuf,
}

/// What somebody keeps of it, in files.
async fn kept(office: &Office<'_>, receipt: &Value, folder: &Path) -> Kept {
    let counter = office.counter().await;
    let id = receipt["id"].as_str().unwrap();
    let file = counter.get(&format!("/api/v1/papers/{id}/content")).await;
    assert_eq!(file.status.as_u16(), 200);
    let manifest = counter.get(&format!("/api/v1/papers/{id}/manifest")).await;
    assert_eq!((manifest.status.as_u16(), manifest.header("content-type")), (200, Some("application/json")));
    let at = |name: &str| folder.join(name);
    let kept = Kept { receipt: at("receipt.pdf"), manifest: at("manifest.json"), scan: at("scan.pdf") };
    std::fs::write(&kept.receipt, &file.bytes).unwrap();
    std::fs::write(&kept.manifest, &manifest.bytes).unwrap();
    std::fs::write(&kept.scan, SCAN).unwrap();
    kept
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_is_sealed_stamped_and_proves_what_was_filed() {
    let folder = keys();
    let (url, tsa) = authority(folder.path());
    let server = sealing(folder.path(), &url).await;
    let office = Office::open(&server).await;
    let (_, receipt) = received(&office).await;
    let kept = kept(&office, &receipt, folder.path()).await;
    let root = folder.path().join("root.pem");

    let (code, said) = verify(&[&kept.receipt, &kept.manifest, &kept.scan], Some(&root));
    assert_eq!(code, Some(0), "{said}");
    for words in [
        "Thi hành án dân sự thử nghiệm",
        "time-stamp: CN=Dấu thời gian",
        "the manifest of what was filed",
        "as it was filed",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    // A party that did not make it says the same.
    let pdfsig = Command::new("pdfsig").arg("-nocert").arg(&kept.receipt).output().unwrap();
    let pdfsig = String::from_utf8_lossy(&pdfsig.stdout).into_owned();
    assert!(pdfsig.contains("Signature is Valid.") && pdfsig.contains("Total document signed"), "{pdfsig}");

    // Nobody trusted; a byte changed; a manifest of somebody else; a file that was not filed.
    let (code, said) = verify(&[&kept.receipt], None);
    assert_eq!(code, Some(2), "nobody says whom to trust: {said}");
    assert!(said.contains("còn nguyên") && said.contains("--keys"), "{said}");
    let mut bytes = std::fs::read(&kept.receipt).unwrap();
    let place = bytes.len() / 3;
    bytes[place] ^= 1;
    let altered = folder.path().join("altered.pdf");
    std::fs::write(&altered, &bytes).unwrap();
    assert_eq!(verify(&[&altered], Some(&root)).0, Some(1));
    let manifest = std::fs::read_to_string(&kept.manifest).unwrap();
    let other = folder.path().join("other.json");
    std::fs::write(&other, manifest.replace("Nguyễn", "Nguyên")).unwrap();
    let (code, said) = verify(&[&kept.receipt, &other], Some(&root));
    assert_eq!(code, Some(1), "{said}");
    let (code, said) = verify(&[&kept.receipt, &kept.manifest, &root], Some(&root));
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(verify(&[&kept.manifest], Some(&root)).0, Some(2), "no signature");
    assert_eq!(verify(&[Path::new("nowhere.pdf")], Some(&root)).0, Some(2));

    // The office itself tells who sealed it, and a changed copy from the paper.
    let code = receipt["check_code"].as_str().unwrap();
    let checked = server.anonymous().get(&format!("/api/v1/paper-checks/{code}")).await.expect(200);
    assert_eq!(checked["sealed_by"], "Thi hành án dân sự thử nghiệm");
    // Papers that carry no manifest have none to fetch; nor has a stranger.
    let path = format!("/api/v1/papers/{}/manifest", receipt["id"].as_str().unwrap());
    server.anonymous().get(&path).await.problem(404, "not_found");

    // The authority goes away: the counter's next receipt is there at once, without a stamp.
    tsa.stop(false).await;
    let (_, receipt) = received(&office).await;
    let kept = self::kept(&office, &receipt, folder.path()).await;
    let (code, said) = verify(&[&kept.receipt], Some(&root));
    assert_eq!((code, said.contains("time-stamp")), (Some(0), false), "{said}");
    server.close().await;
}

/// Each agency seals with its own key; one that has none yet leaves room for ink. A translation is not sealed,
/// and does not look as if it were.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_agency_seals_with_its_own_key() {
    let folder = keys();
    let key = format!("pkcs12:{}/{{agency}}.p12", folder.path().display());
    let server = TestServer::builder().with("MOTCUA_SEAL_KEY", &key).with("MOTCUA_SEAL_SECRET", PASSWORD);
    let server = server.start().await;
    let office = Office::open(&server).await;
    let content = |receipt: &Value| format!("/api/v1/papers/{}/content", receipt["id"].as_str().unwrap());
    // It is put in place while the office is open.
    let named = server.client().await;
    let named = named.query_one("SELECT key FROM agencies WHERE id = $1", &[&office.agency]).await.unwrap();
    let own = format!("{}.p12", named.get::<_, String>(0));
    std::fs::copy(folder.path().join("office.p12"), folder.path().join(own)).unwrap();
    let (_, receipt) = received(&office).await;
    let counter = office.counter().await;
    let file = counter.get(&content(&receipt)).await.bytes;
    let said = crate::printed::text(&file);
    for words in ["Ký bởi: Thi hành án dân sự thử nghiệm", "Cơ quan: Thi hành án dân sự", "+07:00"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    let translation = counter.get(&format!("{}?lang=en", content(&receipt))).await.bytes;
    let said = crate::printed::text(&translation);
    assert!(said.contains("Working translation") && !said.contains("Signed by"), "{said}");

    let other = office.at(office.elsewhere("one_window_officer").agency);
    let (view, receipt) = received(&other).await;
    let counter = other.counter().await;
    let file = counter.get(&content(&receipt)).await.bytes;
    let said = crate::printed::text(&file);
    assert!(said.contains(view["code"].as_str().unwrap()) && !said.contains("Ký bởi"), "{said}");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_authority_that_does_not_answer_is_waited_for_once() {
    let folder = keys();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/tsa", silent.local_addr().unwrap());
    // It hears every request and says nothing.
    let heard = std::sync::Arc::new(AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&heard);
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for request in silent.incoming() {
            count.fetch_add(1, Ordering::Relaxed);
            open.push(request);
        }
    });
    let server = sealing(folder.path(), &url).await;
    let office = Office::open(&server).await;
    let root = folder.path().join("root.pem");
    for _ in 0..2 {
        let (_, receipt) = received(&office).await;
        let kept = kept(&office, &receipt, folder.path()).await;
        let (code, said) = verify(&[&kept.receipt], Some(&root));
        assert_eq!((code, said.contains("time-stamp")), (Some(0), false), "{said}");
        assert_eq!(heard.load(Ordering::Relaxed), 1, "asked once, then left alone for a while");
    }
    server.close().await;
}

/// A token with the office's key and certificate in it, found through the environment as `settings` say.
fn token(folder: &Path) -> (PathBuf, PathBuf) {
    let known = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"];
    let module = known.iter().map(PathBuf::from).find(|path| path.exists());
    let module = module.unwrap_or_else(|| panic!("SoftHSM 2 is needed for this test: {known:?} are absent"));
    let at = |name: &str| folder.join(name);
    std::fs::create_dir(at("tokens")).unwrap();
    let settings = at("softhsm2.conf");
    std::fs::write(&settings, format!("directories.tokendir = {}\n", at("tokens").display())).unwrap();
    let tool = |name: &str| {
        let mut command = Command::new(name);
        command.env("SOFTHSM2_CONF", &settings);
        command
    };
    let label = ["--init-token", "--free", "--label", "office", "--so-pin", "so-9876", "--pin", "1234"];
    run(tool("softhsm2-util").args(label));
    let mut import = tool("softhsm2-util");
    import.args(["--token", "office", "--label", "head", "--id", "01", "--pin", "1234", "--import"]);
    run(import.arg(at("office.key")));
    run(Command::new("openssl")
        .args(["x509", "-outform", "DER", "-in"])
        .arg(at("office.pem"))
        .arg("-out")
        .arg(at("office.der")));
    let mut write = tool("pkcs11-tool");
    write.arg("--module").arg(&module).args(["--token-label", "office", "--login", "--pin", "1234"]);
    write.args(["--type", "cert", "--label", "head", "--id", "01", "--write-object"]);
    run(write.arg(at("office.der")));
    (module, settings)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_server_seals_with_a_token() {
    let folder = keys();
    let (module, settings) = token(folder.path());
    let premises = Premises::prepare().await;
    let key = format!("pkcs11:{}?token=office&key=head", module.display());
    let settings = settings.to_str().unwrap();
    let seal = [("MOTCUA_SEAL_KEY", &*key), ("MOTCUA_SEAL_SECRET", "1234"), ("SOFTHSM2_CONF", settings)];
    let server = premises.start("serve", &seal).await;
    let doors = Doors::default();
    doors.lock().unwrap().push(server.base.clone());
    let mut desk = Desk::open(&premises, &doors).await;
    let filed = desk.file(&uuid::Uuid::now_v7().to_string()).await;
    desk.receive(&filed, &uuid::Uuid::now_v7().to_string()).await;
    let citizen = Client::new(&server.base).with("tracking-key", filed["tracking_key"].as_str().unwrap());
    let id = filed["id"].as_str().unwrap();
    let all = citizen.get(&format!("/api/v1/dossiers/{id}/papers")).await.expect(200);
    let receipt = all.as_array().unwrap().iter().find(|paper| paper["kind"] == "receipt").unwrap();
    let file = citizen.get(&format!("/api/v1/papers/{}/content", receipt["id"].as_str().unwrap())).await;
    assert_eq!(file.status.as_u16(), 200);
    let kept = folder.path().join("receipt.pdf");
    std::fs::write(&kept, &file.bytes).unwrap();
    let (code, said) = verify(&[&kept], Some(&folder.path().join("root.pem")));
    assert!(code == Some(0) && said.contains("Thi hành án dân sự thử nghiệm"), "{said}");
    server.kill().await;
}
