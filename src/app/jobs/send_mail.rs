//! Sends one letter. It may leave twice when a run is cut off after the server took it; the message
//! id stays the same, so that mail programs recognise the second one.

use motcua_domain::ids::MessageId;
use motcua_store::message::{self, Message};

use super::{Outcome, Try};
use crate::mail::{Letter, Mailer, NotSent};
use crate::{App, Result};

pub(super) async fn run(app: &App, mailer: &Mailer, id: MessageId, this: Try) -> Outcome {
    let found = match find(app, id).await {
        Ok(Some(found)) if found.state == "queued" => found,
        // Gone with its dossier, or sent by a run whose outcome was not recorded.
        Ok(_) => return Outcome::Done,
        Err(error) => return error.into(),
    };
    let letter = Letter {
        id,
        recipient: &found.recipient,
        subject: &found.subject,
        body: &found.body,
        language: &found.language,
        at: app.now(),
    };
    let sent = mailer.send(&letter).await;
    if let Err(error) = record(app, id, &sent, this).await {
        return error.into();
    }
    // What the server said may name the recipient: it stands with the message, not with the job.
    match sent {
        Ok(()) => Outcome::Done,
        Err(NotSent::Later(_)) => Outcome::Retry {
            after: None,
            why: "the mail server did not take it yet; the message says why".to_owned(),
        },
        Err(NotSent::Never(_)) => {
            Outcome::Fail("the mail cannot be delivered; the message says why".to_owned())
        }
    }
}

async fn find(app: &App, id: MessageId) -> Result<Option<Message>> {
    Ok(message::find(&mut *app.conn().await?, id).await?)
}

async fn record(app: &App, id: MessageId, sent: &Result<(), NotSent>, this: Try) -> Result<()> {
    let mut conn = app.conn().await?;
    match sent {
        Ok(()) => message::mark_sent(&mut conn, id, app.now()).await?,
        Err(NotSent::Later(why)) => message::mark_failed(&mut conn, id, why, this.last).await?,
        Err(NotSent::Never(why)) => message::mark_failed(&mut conn, id, why, true).await?,
    }
    Ok(())
}
