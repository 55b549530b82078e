//! Proofs over a whole database, read-only: that the record holds, and that no dossier is in limbo.

use chrono::{DateTime, Utc};
use motcua_domain::audit::{self, GENESIS, merkle_root};
use motcua_domain::ids::DossierId;
use motcua_store::{Conn, Pool, seal, upkeep};

use crate::Result;

const CHAINS_AT_ONCE: i64 = 500;
const DOSSIERS_AT_ONCE: i64 = 500;

/// What was checked, and everything that does not hold, in words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    pub chains: usize,
    pub entries: usize,
    pub seals: usize,
    pub broken: Vec<String>,
}

/// Checks every link of every chain, every head, and every seal. `progress` hears of chains done.
///
/// # Errors
/// When the database is away.
pub async fn verify(pool: &Pool, mut progress: impl FnMut(usize)) -> Result<Verified> {
    let mut conn = pool.get().await?;
    let mut verified = Verified::default();
    let mut after = Some(String::new());
    while let Some(name) = after {
        after = verify_chains(&mut conn, &name, &mut verified).await?;
        progress(verified.chains);
    }
    verify_seals(&mut conn, &mut verified).await?;
    Ok(verified)
}

/// Checks the next chains after `after`, by name. Where to go on; none after the last.
pub(crate) async fn verify_chains(
    conn: &mut Conn,
    after: &str,
    verified: &mut Verified,
) -> Result<Option<String>> {
    let chains = motcua_store::audit::chains(conn, after, CHAINS_AT_ONCE).await?;
    for chain in &chains {
        verify_chain(conn, chain, verified).await?;
    }
    Ok(chains.last().cloned())
}

/// Checks one chain.
pub(crate) async fn verify_chain(conn: &mut Conn, chain: &str, verified: &mut Verified) -> Result<()> {
    // The head first: entries that are added meanwhile are beyond it, not missing from it.
    let head = motcua_store::audit::head(conn, chain).await?;
    let mut entries = motcua_store::audit::entries(conn, chain).await?;
    if let Some((seq, _)) = head {
        entries.retain(|(entry, _)| entry.seq <= seq);
    }
    if let Err(broken) = audit::verify(&entries, head) {
        verified.broken.push(format!("chain {chain}: entry {}: {}", broken.seq, broken.what));
    }
    verified.chains = verified.chains.saturating_add(1);
    verified.entries = verified.entries.saturating_add(entries.len());
    Ok(())
}

/// Checks that every seal covers what it covered, and follows the one before.
pub(crate) async fn verify_seals(conn: &mut Conn, verified: &mut Verified) -> Result<()> {
    let mut prev = GENESIS;
    let mut seq = 0_i64;
    let mut after = DateTime::UNIX_EPOCH;
    for (seal, stored) in seal::list(conn).await? {
        seq = seq.saturating_add(1);
        let until = DateTime::from_timestamp_micros(seal.covers_until).unwrap_or(after);
        let leaves = seal::leaves(conn, after, until).await?;
        let wrong = [
            (seal.seq != seq, "a seal is missing or out of order"),
            (seal.prev != prev, "the link to the seal before does not fit"),
            (seal.hash() != stored, "the content does not fit its hash"),
            (
                i64::try_from(leaves.len()) != Ok(seal.leaves),
                "there are more or fewer records than were sealed",
            ),
            (merkle_root(&leaves) != seal.root, "the records are not those that were sealed"),
        ];
        verified.broken.extend(
            wrong
                .iter()
                .filter(|(is_wrong, _)| *is_wrong)
                .map(|(_, what)| format!("seal {}: {what}", seal.seq)),
        );
        prev = stored;
        seq = seal.seq;
        after = until;
        verified.seals = verified.seals.saturating_add(1);
    }
    Ok(())
}

/// An open dossier that nobody is bound to move on, or whose record contradicts itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limbo {
    pub dossier: DossierId,
    pub reference: String,
    pub broken: Vec<String>,
}

/// Finds open dossiers without a next step or a due date, or with broken invariants.
///
/// # Errors
/// When the database is away, or a dossier cannot be read at all.
pub async fn limbo(pool: &Pool, mut progress: impl FnMut(usize)) -> Result<(usize, Vec<Limbo>)> {
    let mut conn = pool.get().await?;
    let (mut after, mut seen, mut found) = (None, 0_usize, Vec::new());
    loop {
        let rows = upkeep::open_dossiers(&mut conn, after, DOSSIERS_AT_ONCE).await?;
        let Some(last) = rows.last() else { break };
        after = Some(last.id);
        seen = seen.saturating_add(rows.len());
        for row in rows {
            let dossier = &row.dossier;
            let mut broken: Vec<String> =
                dossier.broken_invariants().into_iter().map(str::to_owned).collect();
            let is_draft = row.state == "draft";
            let mut want = |holds: bool, what: &str| {
                if !holds {
                    broken.push(what.to_owned());
                }
            };
            want(is_draft || row.next_step.is_some(), "it has no next step");
            want(is_draft || row.next_due_at.is_some(), "it has no due date");
            want(
                row.state == dossier.state.name().as_str(),
                "the state of the row is not that of the dossier",
            );
            want(
                row.next_step.as_deref() == dossier.next_step(),
                "the next step of the row is not that of the dossier",
            );
            want(
                same(row.next_due_at, dossier.next_due_at),
                "the due date of the row is not that of the dossier",
            );
            if !broken.is_empty() {
                found.push(Limbo { dossier: row.id, reference: dossier.reference.clone(), broken });
            }
        }
        progress(seen);
    }
    Ok((seen, found))
}

/// The database keeps microseconds.
fn same(one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) -> bool {
    one.map(|at| at.timestamp_micros()) == other.map(|at| at.timestamp_micros())
}
