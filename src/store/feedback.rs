//! What people say about the pages: kept for a while, read by who keeps the service.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::schema::feedback as f;
use crate::{Conn, Result, Tx};

/// One remark.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = f)]
pub struct Feedback {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub about: String,
    pub says: String,
    pub language: String,
}

pub async fn insert(tx: &mut Tx, feedback: &Feedback) -> Result<()> {
    diesel::insert_into(f::table).values(feedback).execute(tx.conn()).await?;
    Ok(())
}

/// The newest first.
pub async fn newest(conn: &mut Conn, limit: i64) -> Result<Vec<Feedback>> {
    Ok(Feedback::query().order((f::at.desc(), f::id)).limit(limit).load(conn).await?)
}
