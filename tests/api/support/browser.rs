//! A browser without script: cookies, pages, and forms as they stand on them.

use std::collections::HashMap;

use reqwest::header::{LOCATION, SET_COOKIE};
use secrecy::SecretString;

use super::office::{PASSWORD, Person};
use super::server::TestServer;

/// A browser: cookies, and the page it looks at.
pub struct Browser<'a> {
    server: &'a TestServer,
    http: reqwest::Client,
    pub cookies: HashMap<String, String>,
    pub page: String,
    pub at: String,
    pub status: u16,
}

impl<'a> Browser<'a> {
    pub fn new(server: &'a TestServer) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { server, http, cookies: HashMap::new(), page: String::new(), at: String::new(), status: 0 }
    }

    pub async fn send(&mut self, method: reqwest::Method, path: &str, form: &[(String, String)]) {
        let (mut method, mut path) = (method, path.to_owned());
        let mut form = form.to_vec();
        loop {
            let cookies: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let mut request = self
                .http
                .request(method.clone(), format!("{}{path}", self.server.base()))
                .header("accept", "text/html")
                .header("cookie", cookies.join("; "));
            if method == reqwest::Method::POST {
                let body: Vec<String> =
                    form.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
                request =
                    request.header("content-type", "application/x-www-form-urlencoded").body(body.join("&"));
            }
            let response = request.send().await.unwrap();
            for set in response.headers().get_all(SET_COOKIE) {
                let (name, rest) = set.to_str().unwrap().split_once('=').unwrap();
                let value = rest.split(';').next().unwrap();
                if value.is_empty() {
                    self.cookies.remove(name);
                } else {
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
            }
            let to = response.headers().get(LOCATION).map(|to| to.to_str().unwrap().to_owned());
            self.status = response.status().as_u16();
            self.at.clone_from(&path);
            self.page = response.text().await.unwrap();
            let Some(to) = to else { return };
            (method, path, form) = (reqwest::Method::GET, to, Vec::new());
        }
    }

    /// A file, as it comes.
    pub async fn file(&mut self, path: &str) -> Vec<u8> {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.http.get(format!("{}{path}", self.server.base()));
        let response = request.header("cookie", cookies.join("; ")).send().await.unwrap();
        self.status = response.status().as_u16();
        response.bytes().await.unwrap().to_vec()
    }

    pub async fn open(&mut self, path: &str) {
        self.send(reqwest::Method::GET, path, &[]).await;
    }

    /// The form that is sent to this address, with what it holds already; radio buttons and lists as
    /// they are chosen.
    pub fn form(&self, action: &str) -> Vec<(String, String)> {
        let found = self.page.split("<form ").find(|form| form.contains(&format!("action=\"{action}\"")));
        let form = found.unwrap_or_else(|| panic!("no form to {action} on {}:\n{}", self.at, self.page));
        let form = form.split("</form>").next().unwrap();
        let mut fields = Vec::new();
        for tag in form.split('<').skip(1) {
            let attribute = |name: &str| {
                let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
                Some(unescape(rest.split('"').next()?))
            };
            let Some(name) = attribute("name") else { continue };
            if tag.starts_with("input") {
                let chosen = tag.contains(" checked")
                    || !["radio", "checkbox"].contains(&&*attribute("type").unwrap_or_default());
                if chosen {
                    fields.push((name, attribute("value").unwrap_or_default()));
                }
            } else if tag.starts_with("textarea") {
                let text = tag.split_once('>').unwrap().1;
                fields.push((name, unescape(text)));
            }
        }
        fields
    }

    /// The form that is sent back to the page it stands on.
    pub fn form_of_page(&self) -> Vec<(String, String)> {
        let page = self.page.replacen("<form method=\"post\">", "<form method=\"post\" action=\"here\">", 1);
        Self { page, ..Self::new(self.server) }.form("here")
    }

    /// Fills in a form of the page and sends it.
    pub async fn submit(&mut self, action: &str, typed: &[(&str, &str)]) {
        let mut fields = self.form(action);
        for (name, value) in typed {
            fields.retain(|(known, _)| known != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        self.send(reqwest::Method::POST, action, &fields).await;
    }

    #[track_caller]
    pub fn sees(&self, text: &str) {
        assert!(
            unescape(&self.page).contains(text),
            "{} ({}) does not say {text:?}:\n{}",
            self.at,
            self.status,
            self.page
        );
    }

    pub async fn sign_in(&mut self, person: &Person) {
        pass(self.server, 31);
        if !self.page.contains("action=\"/desk/dang-nhap\"") {
            self.open("/desk/dang-nhap").await;
        }
        let code = motcua::app::sessions::code_at(
            &SecretString::from(motcua::app::seed::TOTP_SECRET),
            self.server.now(),
        )
        .unwrap();
        self.submit(
            "/desk/dang-nhap",
            &[("user_name", &person.login), ("password", PASSWORD), ("code", &code)],
        )
        .await;
        pass(self.server, 31);
    }

    pub async fn act(&mut self, id: &str, act: &str, typed: &[(&str, &str)]) {
        let page = format!("/desk/ho-so/{id}");
        if !self.at.starts_with(&page) {
            self.open(&page).await;
            assert_eq!(self.status, 200, "{}", self.page);
        }
        self.submit(&format!("{page}/{act}"), typed).await;
    }
}

fn escape(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Lets time pass: a code of the moment works once.
pub fn pass(server: &TestServer, seconds: i64) {
    server.move_to(&(server.now() + chrono::TimeDelta::seconds(seconds)).to_rfc3339());
}

pub fn unescape(text: &str) -> String {
    let pairs = [
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

pub async fn signed_in<'a>(server: &'a TestServer, person: &Person) -> Browser<'a> {
    let mut browser = Browser::new(server);
    browser.open("/desk").await;
    assert!(browser.at.starts_with("/desk/dang-nhap?ve="), "{}", browser.at);
    browser.sign_in(person).await;
    assert_eq!((browser.status, browser.at.as_str()), (200, "/desk"), "{}", browser.page);
    browser
}
