//! Papers that came to the counter after their request was filed: by post with a cover sheet, or by hand.

use actix_multipart::Multipart;
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use motcua_domain::error_code::ErrorCode;
use motcua_domain::ids::DossierId;

use super::Desk;
use crate::Web;
use crate::pages::papers::take;
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig) {
    config.route("/desk/ho-so/{id}/giay-to", web::post().to(attach));
}

async fn attach(
    request: HttpRequest,
    web: Data<Web>,
    desk: Desk,
    path: Path<DossierId>,
    form: Multipart,
) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let id = path.into_inner();
    match take(&request, &web, &visitor.ctx, id, form).await {
        Ok(taken) => Ok(visitor.go(format!("/desk/ho-so/{id}?nhan={}#giay-to", taken.len()))),
        // A wrong form token is no matter of the dossier.
        Err(Failure(error)) if error.code != ErrorCode::NotPermitted => {
            super::dossier::said_no(&visitor, id, &error).await
        }
        Err(failure) => Err(failure),
    }
}
