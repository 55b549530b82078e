//! A permit: proof that the policy allowed one thing on one subject.
//!
//! The only constructor judges. Store writers take a permit, so a write without a judgement
//! does not compile.

use chrono::NaiveDate;

use super::{Ground, Permission, Subject, Verdict, judge};
use crate::actor::Actor;
use crate::error_code::ErrorCode;

/// Proof of an allowed permission on a value.
#[derive(Debug, Clone)]
pub struct Permit<T> {
    value: T,
    permission: Permission,
    ground: Ground,
}

/// Why there is no permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    Forbidden(ErrorCode),
    Hidden,
}

impl<T> Permit<T> {
    /// # Errors
    /// When the policy forbids or hides.
    pub fn ask(
        actor: &Actor,
        permission: Permission,
        subject: &Subject,
        today: NaiveDate,
        value: T,
    ) -> Result<Self, Denied> {
        match judge(actor, permission, subject, today) {
            Verdict::Allow(ground) => Ok(Self { value, permission, ground }),
            Verdict::Forbid(code) => Err(Denied::Forbidden(code)),
            Verdict::Hide => Err(Denied::Hidden),
        }
    }

    pub fn get(&self) -> &T {
        &self.value
    }

    pub fn into_inner(self) -> T {
        self.value
    }

    pub fn permission(&self) -> Permission {
        self.permission
    }

    pub fn ground(&self) -> Ground {
        self.ground
    }
}
