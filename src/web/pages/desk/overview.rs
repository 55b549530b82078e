//! What a leader or an inspector sees of the whole agency: tables first, and one chart drawn here
//! whose figures the table beside it says too.

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use askama::Template;
use motcua_app::desk::{self, Overview};

use super::Desk;
use crate::pages::frame::Frame;
use crate::problem::Failure;

pub fn mount(config: &mut ServiceConfig) {
    config.route("/desk/tong-quan", web::get().to(overview));
}

/// A bar of the chart, in its own units.
struct Bar {
    label: String,
    count: i64,
    top: usize,
    width: i64,
}

const BAR: usize = 36;
const WIDEST: i64 = 150;

#[derive(Template)]
#[template(path = "desk/overview.html")]
struct OverviewPage {
    f: Frame,
    overview: Overview,
    bars: Vec<Bar>,
    height: usize,
}

async fn overview(desk: Desk) -> Result<HttpResponse, Failure> {
    let Desk(visitor) = desk;
    let f = &visitor.frame;
    let overview = desk::overview(&visitor.ctx).await?;
    let names = [
        f.say("đến 5 ngày", "up to 5 days"),
        f.say("6–10 ngày", "6–10 days"),
        f.say("11–30 ngày", "11–30 days"),
        f.say("trên 30 ngày", "over 30 days"),
    ];
    let most = overview.figures.ages.iter().copied().max().unwrap_or_default().max(1);
    let bars: Vec<Bar> = names
        .iter()
        .zip(&overview.figures.ages)
        .enumerate()
        .map(|(at, (label, count))| Bar {
            label: (*label).to_owned(),
            count: *count,
            top: at.saturating_mul(BAR),
            width: count.saturating_mul(WIDEST).checked_div(most).unwrap_or_default(),
        })
        .collect();
    let height = bars.len().saturating_mul(BAR);
    visitor.page(&OverviewPage { f: f.clone(), overview, bars, height })
}
