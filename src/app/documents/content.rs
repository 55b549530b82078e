//! One content on its way in: counted, hashed, recognised, and put into the store part by part.

use std::time::Duration;

use futures_util::{Stream, TryStreamExt};
use motcua_domain::document::{FileKind, HEAD_BYTES, TAIL_BYTES};
use motcua_domain::error_code::ErrorCode;
use motcua_store::document::{Received, Stored};
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use crate::file::{Bytes, Files, Upload};
use crate::{Error, Result};

/// The longest silence of a sender.
const SILENCE: Duration = Duration::from_secs(60);

/// Bytes on their way in; an error ends them. Need not be sent between threads: a request is not.
pub trait Incoming: Stream<Item = Result<Bytes>> + Unpin {}
impl<T: Stream<Item = Result<Bytes>> + Unpin> Incoming for T {}

/// What the content must be.
pub(super) struct Expected {
    limit: u64,
    sha256: Option<String>,
    size: Option<u64>,
}

impl Expected {
    pub(super) fn of(stored: &Stored, limit: u64) -> Self {
        Self { limit, sha256: stored.announced_sha256.clone(), size: stored.announced_size }
    }
}

/// What is found out while bytes pass.
#[derive(Default)]
struct Passing {
    size: u64,
    digest: Sha256,
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl Passing {
    fn see(&mut self, bytes: &[u8], limit: u64) -> Result<()> {
        self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if self.size > limit {
            return Err(Error::of(ErrorCode::FileTooLarge));
        }
        self.digest.update(bytes);
        let wanted = HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend(bytes.iter().take(wanted));
        self.tail.extend_from_slice(bytes);
        // Cut seldom, so that bytes are not moved for every part.
        if self.tail.len() > 2 * TAIL_BYTES {
            self.tail.drain(..self.tail.len().saturating_sub(TAIL_BYTES));
        }
        // A file of no accepted kind is refused before it has all been sent.
        let zip = self.head.starts_with(b"PK");
        if self.head.len() >= HEAD_BYTES && !zip && FileKind::of(&self.head, &[]).is_none() {
            return Err(Error::of(ErrorCode::FileKindRefused));
        }
        Ok(())
    }

    fn settle(self, expected: &Expected, object_key: &str) -> Result<Received> {
        if self.size == 0 {
            return Err(Error::of(ErrorCode::FileEmpty));
        }
        let sha256 = hex::encode(self.digest.finalize());
        let differs = expected.sha256.as_ref().is_some_and(|announced| *announced != sha256);
        if differs || expected.size.is_some_and(|announced| announced != self.size) {
            return Err(Error::of(ErrorCode::ChecksumMismatch));
        }
        let kind =
            FileKind::of(&self.head, &self.tail).ok_or_else(|| Error::of(ErrorCode::FileKindRefused))?;
        Ok(Received { kind, size: self.size, sha256, object_key: object_key.to_owned() })
    }
}

/// Streams a content into the store. Unless all of it is right, nothing stays there.
pub(super) async fn receive(
    files: &Files,
    object_key: &str,
    incoming: impl Incoming,
    expected: &Expected,
) -> Result<Received> {
    let mut upload = files.begin(object_key).await?;
    match pass(&mut upload, incoming, expected.limit)
        .await
        .and_then(|passed| passed.settle(expected, object_key))
    {
        Ok(came) => {
            upload.finish().await?;
            Ok(came)
        }
        Err(error) => {
            upload.abort().await;
            Err(error)
        }
    }
}

async fn pass(upload: &mut Upload, mut incoming: impl Incoming, limit: u64) -> Result<Passing> {
    let mut passing = Passing::default();
    while let Some(bytes) = next(&mut incoming).await? {
        passing.see(&bytes, limit)?;
        upload.write(bytes).await?;
    }
    Ok(passing)
}

/// The SHA-256 of a content that is not kept.
pub(super) async fn print(mut incoming: impl Incoming, limit: u64) -> Result<String> {
    let mut passing = Passing::default();
    while let Some(bytes) = next(&mut incoming).await? {
        passing.see(&bytes, limit)?;
    }
    Ok(hex::encode(passing.digest.finalize()))
}

async fn next(incoming: &mut impl Incoming) -> Result<Option<Bytes>> {
    match timeout(SILENCE, incoming.try_next()).await {
        Ok(next) => next,
        Err(_) => Err(Error::of(ErrorCode::MalformedBody)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::{Content, Place};
    use futures_util::StreamExt;

    fn content(parts: Vec<Vec<u8>>) -> Content {
        futures_util::stream::iter(parts.into_iter().map(|part| Ok(Bytes::from(part)))).boxed()
    }

    fn expected() -> Expected {
        Expected { limit: 4096, sha256: None, size: None }
    }

    async fn code(parts: Vec<Vec<u8>>, expected: Expected) -> ErrorCode {
        let files = Files::open(&Place::Memory).unwrap();
        let error = receive(&files, "k", content(parts), &expected).await.unwrap_err();
        assert!(files.get("k").await.unwrap().is_none());
        error.code
    }

    #[tokio::test]
    async fn what_is_right_is_kept_with_its_print() {
        let files = Files::open(&Place::Memory).unwrap();
        let came = receive(&files, "k", content(vec![b"%PD".to_vec(), b"F-1.7".to_vec()]), &expected())
            .await
            .unwrap();
        assert_eq!((came.kind, came.size), (FileKind::Pdf, 8));
        assert_eq!(came.sha256, hex::encode(Sha256::digest(b"%PDF-1.7")));
        assert_eq!(files.get("k").await.unwrap().unwrap().0, 8);
    }

    #[tokio::test]
    async fn what_is_wrong_leaves_nothing() {
        assert_eq!(code(vec![], expected()).await, ErrorCode::FileEmpty);
        assert_eq!(code(vec![b"MZ not a paper".to_vec()], expected()).await, ErrorCode::FileKindRefused);
        assert_eq!(
            code(vec![vec![0; 2000], b"%PDF-".to_vec()], expected()).await,
            ErrorCode::FileKindRefused
        );
        assert_eq!(code(vec![b"%PDF-".to_vec(), vec![0; 5000]], expected()).await, ErrorCode::FileTooLarge);
        let other = Expected { sha256: Some("0".repeat(64)), ..expected() };
        assert_eq!(code(vec![b"%PDF-1.7".to_vec()], other).await, ErrorCode::ChecksumMismatch);
        let longer = Expected { size: Some(9), ..expected() };
        assert_eq!(code(vec![b"%PDF-1.7".to_vec()], longer).await, ErrorCode::ChecksumMismatch);
    }

    #[tokio::test]
    async fn a_sender_that_breaks_off_leaves_nothing() {
        let files = Files::open(&Place::Memory).unwrap();
        let broken = futures_util::stream::iter([
            Ok(Bytes::from_static(b"%PDF-")),
            Err(Error::of(ErrorCode::MalformedBody)),
        ])
        .boxed();
        assert!(receive(&files, "k", broken, &expected()).await.is_err());
        assert!(files.get("k").await.unwrap().is_none());
    }
}
