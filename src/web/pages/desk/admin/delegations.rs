//! Who acts for whom in the agency. A delegation is an absence with a deputy and nothing else: there is
//! no second kind of it, and leaders or the absent themselves arrange and end them.

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use askama::Template;
use chrono::NaiveDate;
use motcua_app::absences::{self, AbsenceView};

use super::tabs;
use crate::pages::desk::Desk;
use crate::pages::frame::Frame;
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig) {
    config.route("/desk/quan-tri/uy-quyen", web::get().to(list));
}

#[derive(Template)]
#[template(path = "desk/admin/delegations.html")]
struct DelegationsPage {
    f: Frame,
    today: NaiveDate,
    all: Vec<AbsenceView>,
}

async fn list(desk: Desk) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let all = absences::delegations(&visitor.ctx).await?;
    visitor.page(&DelegationsPage { f: visitor.frame.clone(), today: visitor.ctx.today(), all })
}
