//! Makes the file of a paper. Whoever asks for it before makes it at once; the job finds it made then.

use motcua_domain::ids::PaperId;

use super::Outcome;
use crate::{App, papers};
use motcua_domain::error_code::ErrorCode;

pub(super) async fn run(app: &App, id: PaperId) -> Outcome {
    match papers::make(app, id).await {
        Ok(_) => Outcome::Done,
        // Its dossier is gone, and it with it.
        Err(error) if error.code == ErrorCode::NotFound => Outcome::Done,
        Err(error) => {
            Outcome::Retry { after: None, why: error.private().unwrap_or(error.code.as_str()).to_owned() }
        }
    }
}
