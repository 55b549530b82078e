//! The papers' bytes: a thin port over one object store, a folder or an S3-compatible service.
//!
//! Uploads and downloads are streams; no file is ever whole in memory. An upload that is dropped or
//! aborted leaves nothing under its key. Keys are made by the application and never hold names that
//! people chose. Who may read what is decided by the callers, never here.

use std::fmt;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::aws::AmazonS3Builder;
use object_store::client::SpawnedReqwestConnector;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use secrecy::{ExposeSecret, SecretString};

use crate::{Error, Result};

/// Bytes as they come or go.
pub use bytes::Bytes;

/// A file on its way out; an error ends it.
pub type Content = BoxStream<'static, Result<Bytes>>;

/// Parts of an upload that may be under way at once; with their size this bounds its memory.
const PARTS_UNDER_WAY: usize = 1;
/// The least an S3 part may have.
const PART_BYTES: usize = 5 * 1024 * 1024;

/// Where papers are kept.
#[derive(Debug, Clone)]
pub enum Place {
    Folder(PathBuf),
    S3 {
        bucket: String,
        /// Absent for Amazon itself.
        endpoint: Option<String>,
        region: String,
        key: SecretString,
        secret: SecretString,
    },
    /// For tests; gone with the process.
    Memory,
}

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Files({})", self.store)
    }
}

impl Files {
    /// Must be called on the runtime that outlives all requests: connections to the service live there.
    ///
    /// # Errors
    /// When the folder cannot be made or the address of the service is wrong.
    pub fn open(place: &Place) -> Result<Self> {
        let store: Arc<dyn ObjectStore> = match place {
            Place::Memory => Arc::new(InMemory::new()),
            Place::Folder(folder) => {
                private_folder(folder)?;
                Arc::new(
                    LocalFileSystem::new_with_prefix(folder)
                        .map_err(failed)?
                        .with_automatic_cleanup(true)
                        .with_fsync(true),
                )
            }
            Place::S3 { bucket, endpoint, region, key, secret } => {
                let mut builder = AmazonS3Builder::new()
                    .with_bucket_name(bucket)
                    .with_region(region)
                    .with_access_key_id(key.expose_secret())
                    .with_secret_access_key(secret.expose_secret())
                    .with_http_connector(SpawnedReqwestConnector::new(tokio::runtime::Handle::current()));
                if let Some(endpoint) = endpoint {
                    builder =
                        builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
                }
                Arc::new(builder.build().map_err(failed)?)
            }
        };
        Ok(Self { store })
    }

    /// Starts an upload.
    ///
    /// # Errors
    /// `Unavailable` when the store is away; the same for all below.
    pub async fn begin(&self, key: &str) -> Result<Upload> {
        let upload = self.store.put_multipart(&Path::from(key)).await.map_err(failed)?;
        Ok(Upload { parts: WriteMultipart::new_with_chunk_size(upload, PART_BYTES) })
    }

    /// Length and bytes of a file; none when there is no such file.
    pub async fn get(&self, key: &str) -> Result<Option<(u64, Content)>> {
        match self.store.get(&Path::from(key)).await {
            Ok(found) => {
                let length = found.meta.size;
                Ok(Some((length, found.into_stream().map(|part| part.map_err(failed)).boxed())))
            }
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// A small file whole: papers, never uploads.
    pub async fn read(&self, key: &str) -> Result<Option<Bytes>> {
        match self.store.get(&Path::from(key)).await {
            Ok(found) => Ok(Some(found.bytes().await.map_err(failed)?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// Removes a file; one that is not there is fine.
    pub async fn delete(&self, key: &str) -> Result<()> {
        match self.store.delete(&Path::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }
}

/// Makes a folder that only this user can look into; one that is there stays as it is.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn private_folder(folder: &std::path::Path) -> Result<()> {
    let cannot = |error: std::io::Error| {
        Error::internal(format!("the folder {} cannot be made: {error}", folder.display()))
    };
    if let Some(parent) = folder.parent() {
        std::fs::create_dir_all(parent).map_err(cannot)?;
    }
    match std::fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists || !folder.is_dir() => {
            Err(cannot(error))
        }
        _ => Ok(()),
    }
}

/// An upload under way.
pub struct Upload {
    parts: WriteMultipart,
}

impl Upload {
    pub async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.parts.wait_for_capacity(PARTS_UNDER_WAY).await.map_err(failed)?;
        self.parts.put(bytes);
        Ok(())
    }

    /// From here on the file is there, whole.
    pub async fn finish(self) -> Result<()> {
        self.parts.finish().await.map_err(failed)?;
        Ok(())
    }

    /// Takes everything back. What cannot be taken back is only space, so it is logged and no error.
    pub async fn abort(self) {
        if let Err(error) = self.parts.abort().await {
            tracing::warn!(%error, "an aborted upload left parts in the store");
        }
    }
}

fn failed(error: object_store::Error) -> Error {
    Error::unavailable(format!("file store: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::TryStreamExt;
    use std::os::unix::fs::PermissionsExt;

    async fn keeps_what_it_is_given(files: Files) {
        let mut upload = files.begin("documents/one").await.unwrap();
        upload.write(Bytes::from_static(b"xin ")).await.unwrap();
        upload.write(Bytes::from_static(b"chao")).await.unwrap();
        upload.finish().await.unwrap();
        let (length, content) = files.get("documents/one").await.unwrap().unwrap();
        let parts: Vec<Bytes> = content.try_collect().await.unwrap();
        assert_eq!((length, parts.concat()), (8, b"xin chao".to_vec()));

        files.delete("documents/one").await.unwrap();
        files.delete("documents/one").await.unwrap();
        assert!(files.get("documents/one").await.unwrap().is_none());

        let mut dropped = files.begin("documents/two").await.unwrap();
        dropped.write(Bytes::from_static(b"half")).await.unwrap();
        dropped.abort().await;
        assert!(files.get("documents/two").await.unwrap().is_none());
    }

    #[tokio::test]
    async fn in_memory() {
        keeps_what_it_is_given(Files::open(&Place::Memory).unwrap()).await;
    }

    #[tokio::test]
    async fn in_a_folder() {
        let folder = std::env::temp_dir().join(format!("motcua-files-{}", std::process::id()));
        keeps_what_it_is_given(Files::open(&Place::Folder(folder.clone())).unwrap()).await;
        let mode = std::fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
