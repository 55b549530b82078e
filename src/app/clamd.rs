//! Asks a virus scanner that speaks clamd's INSTREAM: chunks with their length, then one answer.
//!
//! The wire: `zINSTREAM\0`, per chunk four bytes of length (big-endian) and the bytes, four zero
//! bytes, then `stream: OK\0` or `stream: NAME FOUND\0`; early, `INSTREAM size limit exceeded. ERROR\0`.
//! Anything else means: not scanned.

use std::time::Duration;

use futures_util::TryStreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::file::Content;
use crate::{Error, Result};

const CONNECT_LIMIT: Duration = Duration::from_secs(5);
const SCAN_LIMIT: Duration = Duration::from_secs(120);
/// Smaller than any `StreamMaxLength` chunk limit of clamd.
const CHUNK: usize = 64 * 1024;
const LONGEST_ANSWER: u64 = 4096;

/// What the scanner said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Clean,
    /// The name of what it found.
    Infected(String),
    /// More than it takes (`StreamMaxLength`): it will never say yes or no.
    TooLarge,
}

/// Streams a file to the scanner.
///
/// # Errors
/// `Unavailable` when the scanner is away, too slow, or does not say yes or no.
pub async fn scan(address: &str, content: Content) -> Result<Verdict> {
    let connected = timeout(CONNECT_LIMIT, TcpStream::connect(address))
        .await
        .map_err(|_| away("no connection in time"))?;
    let stream = connected.map_err(away)?;
    timeout(SCAN_LIMIT, ask(stream, content)).await.map_err(|_| away("no answer in time"))?
}

async fn ask(mut stream: TcpStream, mut content: Content) -> Result<Verdict> {
    stream.write_all(b"zINSTREAM\0").await.map_err(away)?;
    'content: while let Some(bytes) = content.try_next().await? {
        for chunk in bytes.chunks(CHUNK) {
            let length = u32::try_from(chunk.len()).unwrap_or(0);
            // A scanner that has seen enough closes; its answer says why.
            if stream.write_all(&length.to_be_bytes()).await.is_err()
                || stream.write_all(chunk).await.is_err()
            {
                break 'content;
            }
        }
    }
    let _ = stream.write_all(&[0; 4]).await;
    let mut answer = Vec::new();
    let ended = stream.take(LONGEST_ANSWER).read_to_end(&mut answer).await;
    // One that closed early resets the connection behind its answer.
    if answer.is_empty() {
        ended.map_err(away)?;
    }
    read(&String::from_utf8_lossy(&answer))
}

fn read(answer: &str) -> Result<Verdict> {
    let said = answer.trim_end_matches(['\0', '\n', '\r']).trim_start_matches("stream: ");
    if said == "OK" {
        return Ok(Verdict::Clean);
    }
    if said.starts_with("INSTREAM size limit exceeded") {
        return Ok(Verdict::TooLarge);
    }
    match said.strip_suffix(" FOUND") {
        Some(name) => Ok(Verdict::Infected(name.to_owned())),
        None => Err(away(format!("it said {said:?}"))),
    }
}

fn away(why: impl std::fmt::Display) -> Error {
    Error::unavailable(format!("virus scanner: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::Bytes;
    use futures_util::StreamExt;

    #[test]
    fn only_a_plain_yes_is_clean() {
        assert_eq!(read("stream: OK\0").unwrap(), Verdict::Clean);
        assert_eq!(
            read("stream: Eicar-Test-Signature FOUND\0").unwrap(),
            Verdict::Infected("Eicar-Test-Signature".to_owned())
        );
        assert_eq!(read("INSTREAM size limit exceeded. ERROR\0").unwrap(), Verdict::TooLarge);
        for unclear in
            ["", "Can't allocate memory ERROR\0", "stream: INSTREAM size", "stream: OKAY\0", "OK FOUND?"]
        {
            assert!(read(unclear).is_err(), "{unclear}");
        }
    }

    /// A peer that reads the whole stream as clamd does, and finds the word `virus`.
    async fn scanner() -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::task::JoinSet::from_iter([async move {
            let (mut peer, _) = listener.accept().await.unwrap();
            let mut hello = [0; 10];
            peer.read_exact(&mut hello).await.unwrap();
            assert_eq!(&hello, b"zINSTREAM\0");
            let mut file = Vec::new();
            loop {
                let length = peer.read_u32().await.unwrap();
                if length == 0 {
                    break;
                }
                let mut chunk = vec![0; usize::try_from(length).unwrap()];
                peer.read_exact(&mut chunk).await.unwrap();
                file.extend(chunk);
            }
            let found = String::from_utf8_lossy(&file).contains("virus");
            peer.write_all(if found { b"stream: Test FOUND\0" } else { b"stream: OK\0" }).await.unwrap();
        }])
        .detach_all();
        address
    }

    fn content(parts: &[&'static str]) -> Content {
        let parts: Vec<Result<Bytes>> =
            parts.iter().map(|part| Ok(Bytes::from_static(part.as_bytes()))).collect();
        futures_util::stream::iter(parts).boxed()
    }

    #[tokio::test]
    async fn speaks_with_a_scanner() {
        assert_eq!(scan(&scanner().await, content(&["xin ", "chào"])).await.unwrap(), Verdict::Clean);
        assert_eq!(
            scan(&scanner().await, content(&["a vi", "rus"])).await.unwrap(),
            Verdict::Infected("Test".to_owned())
        );
        let nobody =
            { std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string() };
        assert!(scan(&nobody, content(&["x"])).await.is_err());
    }
}
