//! An office for one test: a root, certificates under it, keys from openssl, all in a folder that
//! goes when the test ends.

use std::path::PathBuf;
use std::process::{Command, Output};

use chrono::{DateTime, Utc};
use motcua_seal::{About, Pkcs12, SealError, Stamper};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use tempfile::TempDir;

pub const PAPER: &[u8] = include_bytes!("paper.pdf");
pub const PASSWORD: &str = "giấy tờ";

pub struct Office {
    pub folder: TempDir,
    pub root: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

/// Runs a tool and shows what it said when it failed.
pub fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    assert!(
        output.status.success(),
        "{command:?}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

fn key(algorithm: &str) -> KeyPair {
    let option = if algorithm == "EC" { "ec_paramgen_curve:P-256" } else { "rsa_keygen_bits:2048" };
    let made = run(Command::new("openssl").args(["genpkey", "-algorithm", algorithm, "-pkeyopt", option]));
    KeyPair::from_pem(&String::from_utf8(made.stdout).unwrap()).unwrap()
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "VN");
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2045, 1, 1);
    params.use_authority_key_identifier_extension = true;
    params
}

impl Office {
    pub fn open() -> Self {
        let mut params = named("Root");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.use_authority_key_identifier_extension = false;
        let key = key("RSA");
        let root = params.self_signed(&key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("root.pem"), root.pem()).unwrap();
        Self { folder, root: root.der().to_vec(), issuer: Issuer::new(params, key) }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn trusted(&self) -> Vec<Vec<u8>> {
        vec![self.root.clone()]
    }

    /// `NAME.key` and `NAME.pem` for a person.
    pub fn person(&self, name: &str, algorithm: &str, change: impl FnOnce(&mut CertificateParams)) {
        let mut params = named(name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
        change(&mut params);
        let key = key(algorithm);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        std::fs::write(self.path(&format!("{name}.key")), key.serialize_pem()).unwrap();
        std::fs::write(self.path(&format!("{name}.pem")), certificate.pem()).unwrap();
        std::fs::write(self.path(&format!("{name}.der")), certificate.der()).unwrap();
    }

    /// The person's key and chain as a PKCS#12 file.
    pub fn file(&self, name: &str) -> Vec<u8> {
        let to = self.path(&format!("{name}.p12"));
        let mut command = Command::new("openssl");
        command.args(["pkcs12", "-export", "-passout"]).arg(format!("pass:{PASSWORD}"));
        command.arg("-inkey").arg(self.path(&format!("{name}.key")));
        command.arg("-in").arg(self.path(&format!("{name}.pem")));
        command.arg("-certfile").arg(self.path("root.pem")).arg("-out").arg(&to);
        run(&mut command);
        std::fs::read(to).unwrap()
    }

    pub fn signer(&self, name: &str, algorithm: &str) -> Pkcs12 {
        self.person(name, algorithm, |_| {});
        Pkcs12::open(&self.file(name), &PASSWORD.into()).unwrap()
    }

    pub fn stamper(&self) -> OpensslStamper<'_> {
        self.person("tsa", "RSA", |params| {
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            let only = vec![0x30, 0x0a, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 8];
            let mut usage = CustomExtension::from_oid_content(&[2, 5, 29, 37], only);
            usage.set_criticality(true);
            params.custom_extensions.push(usage);
        });
        let settings = format!(
            "[tsa]\ndefault_tsa = own\n[own]\nserial = {}\nsigner_digest = sha256\ndefault_policy = 1.2.3.4\n\
             digests = sha256\ness_cert_id_alg = sha256\nclock_precision_digits = 3\n",
            self.path("serial").display()
        );
        std::fs::write(self.path("tsa.cnf"), settings).unwrap();
        OpensslStamper(self)
    }
}

/// A time-stamp authority made of `openssl ts`.
pub struct OpensslStamper<'a>(&'a Office);

impl Stamper for OpensslStamper<'_> {
    fn stamp(&self, request: &[u8]) -> Result<Vec<u8>, SealError> {
        let office = self.0;
        std::fs::write(office.path("request"), request).unwrap();
        let mut command = Command::new("openssl");
        command.args(["ts", "-reply", "-config"]).arg(office.path("tsa.cnf"));
        command.arg("-queryfile").arg(office.path("request")).arg("-out").arg(office.path("answer"));
        command.arg("-signer").arg(office.path("tsa.pem")).arg("-inkey").arg(office.path("tsa.key"));
        run(&mut command);
        Ok(std::fs::read(office.path("answer")).unwrap())
    }
}

pub fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_323_045, 0).unwrap()
}

pub fn about() -> About {
    About {
        name: "Trần Văn Bình".into(),
        reason: Some("Ký số (phiếu)".into()),
        location: Some("Hà Nội".into()),
        contact: None,
        at: at(),
        place: None,
    }
}
