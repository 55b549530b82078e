//! `motcua seed`: the demonstration office.

use std::process::ExitCode;

use super::{DONE, answer, database_url, no};
use crate::app::seed::{self, Added, PARTNER_SECRET, PASSWORD, TOTP_SECRET};
use crate::app::{Clock, Ctx};
use crate::config::Config;
use crate::{install, server};

/// Add the demonstration office (agencies, staff, citizens, a partner, matters), once.
///
/// Does nothing when the database holds any other agency, so it can never touch a real office.
#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_args: Args, mut config: Config) -> ExitCode {
    match database_url(&config) {
        Ok(url) => config.database.url = Some(url.into()),
        Err(code) => return code,
    }
    match demonstration(&config).await {
        Ok(true) => {
            answer(sign_ins());
            DONE
        }
        Ok(false) => no("the database holds a real office; the demonstration office is not added"),
        Err(code) => code,
    }
}

/// Adds what is missing, on the database the configuration names. False in that of a real office.
pub async fn demonstration(config: &Config) -> Result<bool, ExitCode> {
    let added = add(config).await.map_err(no)?;
    if added.refused {
        return Ok(false);
    }
    eprintln!(
        "Demonstration office: {} agencies, {} staff, {} matters added",
        added.agencies, added.staff, added.matters
    );
    Ok(true)
}

async fn add(config: &Config) -> Result<Added, String> {
    let (app, pool) = server::open(config, Clock::Real).await.map_err(|problem| problem.to_string())?;
    let ctx = Ctx::system(app, "seed".to_owned());
    let added = seed::demonstration(&ctx).await;
    pool.close();
    added.map_err(|error| install::said(&error))
}

/// Who can sign in, in both languages.
pub fn sign_ins() -> String {
    format!(
        "  Trình diễn, dữ liệu hư cấu · Demonstration, invented data
    Mật khẩu của mọi người · everyone's password   {PASSWORD}
    Khóa TOTP của công chức · code secret of staff {TOTP_SECRET}
    Mã lúc này · the code of the moment            motcua staff code {TOTP_SECRET}
    Công dân · citizens        thuha@example.vn, thanhle@example.vn, hanhbui@example.vn
    Một cửa · counter          hcm.motcua     Lãnh đạo · leaders   hcm.truong, hcm.pho
    Chấp hành viên · officers  hcm.chv1-4     Văn thư · clerk      hcm.vanthu
    Kiểm tra · inspector       hcm.kiemtra    Quản trị · admin     hcm.quantri
    Cơ quan khác · elsewhere   dn.* (Đồng Nai), cuc.* (cấp trên · superior)
    Đối tác · partner          cong-dich-vu-cong-demo / {PARTNER_SECRET}
"
    )
}
