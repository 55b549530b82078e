//! One's own account at the desk: posts, and the codes for the day the code generator is lost.

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use askama::Template;
use motcua_app::recovery::{self, CODES};
use motcua_domain::text::Text;

use super::{Desk, Sent};
use crate::pages::frame::Frame;
use crate::pages::visitor::Visitor;
use crate::problem::Failure;

const HERE: &str = "/desk/tai-khoan";

pub fn mount(config: &mut ServiceConfig) {
    config.route(HERE, web::get().to(show)).route("/desk/tai-khoan/ma-du-phong", web::post().to(renew));
}

#[derive(Template)]
#[template(path = "desk/account.html")]
struct AccountPage {
    f: Frame,
    /// Unit and agency of each post.
    posts: Vec<(Text, Text)>,
    left: i64,
    /// Codes just made; shown once.
    codes: Vec<String>,
}

impl AccountPage {
    async fn of(visitor: &Visitor, codes: Vec<String>) -> Result<Self, Failure> {
        let ctx = &visitor.ctx;
        let rules = ctx.app.rules();
        let held = ctx.actor.staff().into_iter().flat_map(|staff| &staff.memberships);
        let posts = held
            .filter(|held| held.holds_on(ctx.today()))
            .filter_map(|held| {
                let office = rules.find_office(held.agency)?;
                Some((office.unit(held.unit)?.name.clone(), office.agency.name.clone()))
            })
            .collect();
        Ok(Self { f: visitor.frame.clone(), posts, left: recovery::left(ctx).await?, codes })
    }
}

async fn show(desk: Desk) -> Result<HttpResponse, Failure> {
    desk.0.page(&AccountPage::of(&desk.0, Vec::new()).await?)
}

async fn renew(sent: Sent) -> Result<HttpResponse, Failure> {
    let codes = recovery::renew(&sent.visitor.ctx).await?;
    sent.visitor.page(&AccountPage::of(&sent.visitor, codes).await?)
}
