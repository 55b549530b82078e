//! Where the server listens, how the world reaches it, and how much it takes from one address.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::Reader;

#[derive(Debug, Clone)]
pub struct Http {
    pub addr: SocketAddr,
    /// Without a final slash; links in mail and documents start with it.
    pub public_url: String,
    pub cors_origins: Vec<String>,
    /// Only these may say for whom they forward.
    pub trusted_proxies: Vec<IpAddr>,
    pub rate_limit_per_minute: u32,
}

impl Http {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let addr = reader.parse(
            "MOTCUA_HTTP_ADDR",
            SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            "an address and a port, such as 127.0.0.1:8080",
        );
        let public_url = reader.text("MOTCUA_PUBLIC_URL", &format!("http://{addr}"));
        if !is_web_address(&public_url) {
            reader.problem("MOTCUA_PUBLIC_URL", "must start with http:// or https://");
        }
        let cors_origins: Vec<String> = reader.list("MOTCUA_CORS_ORIGINS", "origins");
        if !cors_origins.iter().all(|origin| is_web_address(origin)) {
            reader.problem(
                "MOTCUA_CORS_ORIGINS",
                "must be origins such as https://portal.example, separated by commas",
            );
        }
        Self {
            addr,
            public_url: public_url.trim_end_matches('/').to_owned(),
            cors_origins,
            trusted_proxies: reader.list("MOTCUA_TRUSTED_PROXIES", "IP addresses"),
            rate_limit_per_minute: reader.within("MOTCUA_RATE_LIMIT_PER_MINUTE", 300, 1, 1_000_000),
        }
    }
}

pub(super) fn is_web_address(text: &str) -> bool {
    ["http://", "https://"].iter().any(|start| text.strip_prefix(start).is_some_and(|rest| !rest.is_empty()))
}
