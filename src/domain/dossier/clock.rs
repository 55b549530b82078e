//! The agency's clock on one dossier. The inputs are kept; the reckoning can be told again
//! at any time.
//! Law: D61 a.19 c.4 (restart after supplement), c.9 (one new date).

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::extension::working_day_after;
use super::facts::Office;
use crate::calendar::local_date;
use crate::deadline::{self, DueDate, Limit, NoDueDate, Pause};
use crate::procedure::{Step, step::StepDue};

/// A new date given once, with an apology.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Extension {
    pub reason: String,
    pub apology: String,
    pub former_due_on: NaiveDate,
    pub new_due_on: NaiveDate,
    pub extended_at: DateTime<Utc>,
}

/// The clock of a received dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Clock {
    pub limit: Limit,
    /// Receipt, or the supplement that restarted it.
    pub started_at: DateTime<Utc>,
    pub pauses: Vec<Pause>,
    pub due_on: NaiveDate,
    /// The appointment: end of office hours on `due_on`.
    pub due_at: DateTime<Utc>,
    pub calendar_version: String,
    pub restarts: u16,
    pub extension: Option<Extension>,
    /// When it stopped for a supplement, or ended.
    pub stopped_at: Option<DateTime<Utc>>,
}

impl Clock {
    /// # Errors
    /// As [`deadline::reckon`].
    pub fn start(office: &Office<'_>, limit: Limit, at: DateTime<Utc>) -> Result<Self, NoDueDate> {
        let due = deadline::reckon(office.calendar, &office.hours, at, limit, &[])?;
        Ok(Self {
            limit,
            started_at: at,
            pauses: Vec::new(),
            due_on: due.due_on,
            due_at: due.due_at.with_timezone(&Utc),
            calendar_version: due.calendar_version,
            restarts: 0,
            extension: None,
            stopped_at: None,
        })
    }

    pub fn runs(&self) -> bool {
        self.stopped_at.is_none() && self.pauses.last().is_none_or(|pause| pause.until.is_some())
    }

    /// Stops for a supplement, or for good.
    #[must_use]
    pub fn stopped(mut self, at: DateTime<Utc>) -> Self {
        if let Some(pause) = self.pauses.last_mut().filter(|pause| pause.until.is_none()) {
            pause.until = Some(local_date(at));
        }
        self.stopped_at = Some(at);
        self
    }

    /// Stands still from today on, until resumed.
    #[must_use]
    pub fn paused(mut self, at: DateTime<Utc>) -> Self {
        self.pauses.push(Pause { from: local_date(at), until: None });
        self
    }

    /// Goes on with the days that were left; no day touched by the pause counts.
    ///
    /// # Errors
    /// As [`deadline::reckon`].
    pub fn resumed(mut self, office: &Office<'_>, at: DateTime<Utc>) -> Result<Self, NoDueDate> {
        if let Some(pause) = self.pauses.last_mut() {
            pause.until = Some(local_date(at));
        }
        self.settle(office)
    }

    /// Counts again from the beginning; the one extension stays used.
    ///
    /// # Errors
    /// As [`deadline::reckon`].
    pub fn restarted(self, office: &Office<'_>, at: DateTime<Utc>) -> Result<Self, NoDueDate> {
        let restarts = self.restarts.saturating_add(1);
        Ok(Self { restarts, extension: self.extension, ..Self::start(office, self.limit, at)? })
    }

    /// Goes on after a supplement where the definition says so.
    ///
    /// # Errors
    /// As [`deadline::reckon`].
    pub fn resumed_after_stop(mut self, office: &Office<'_>, at: DateTime<Utc>) -> Result<Self, NoDueDate> {
        if let Some(stopped) = self.stopped_at.take() {
            self.pauses.push(Pause { from: local_date(stopped), until: Some(local_date(at)) });
        }
        self.settle(office)
    }

    /// Puts the due date off to a given working day.
    #[must_use]
    pub fn extended(mut self, office: &Office<'_>, extension: Extension) -> Self {
        self.due_on = extension.new_due_on;
        self.due_at = deadline::closing_of(&office.hours, extension.new_due_on).with_timezone(&Utc);
        self.extension = Some(extension);
        self
    }

    /// Under another version's limit, from the same start.
    ///
    /// # Errors
    /// As [`deadline::reckon`].
    pub fn relimited(mut self, office: &Office<'_>, limit: Limit) -> Result<Self, NoDueDate> {
        self.limit = limit;
        self.settle(office)
    }

    /// Under another calendar, from the same start; a day that was promised and is now off moves on.
    ///
    /// # Errors
    /// As [`deadline::reckon`].
    pub fn under(self, office: &Office<'_>) -> Result<Self, NoDueDate> {
        let promised = self.extension.as_ref().map(|extension| extension.new_due_on);
        let reckoned =
            deadline::reckon(office.calendar, &office.hours, self.started_at, self.limit, &self.pauses)?;
        let mut clock = self.settle(office)?;
        if let Some(day) = promised.filter(|day| *day > reckoned.due_on) {
            let works = office.calendar.day(day).works();
            let day = if works { Some(day) } else { working_day_after(office.calendar, day, 1) };
            clock.due_on = day.ok_or(NoDueDate::OutOfRange)?;
            clock.due_at = deadline::closing_of(&office.hours, clock.due_on).with_timezone(&Utc);
        }
        Ok(clock)
    }

    fn settle(mut self, office: &Office<'_>) -> Result<Self, NoDueDate> {
        let due =
            deadline::reckon(office.calendar, &office.hours, self.started_at, self.limit, &self.pauses)?;
        // An extension granted stays granted: a pause never brings the date forward.
        let kept = self.extension.as_ref().is_some_and(|extension| extension.new_due_on > due.due_on);
        if !kept {
            self.due_on = due.due_on;
            self.due_at = due.due_at.with_timezone(&Utc);
        }
        self.calendar_version = due.calendar_version;
        Ok(self)
    }

    /// Tells the reckoning again, day by day.
    ///
    /// # Errors
    /// `Paused` while it stands still.
    pub fn explain(&self, office: &Office<'_>) -> Result<DueDate, NoDueDate> {
        deadline::reckon(office.calendar, &office.hours, self.started_at, self.limit, &self.pauses)
    }

    /// When the work of a step should be done.
    ///
    /// # Errors
    /// As [`deadline::step_due`].
    pub fn step_due(&self, office: &Office<'_>, step: &Step) -> Result<DateTime<FixedOffset>, NoDueDate> {
        if step.due == StepDue::SameDay {
            return deadline::forward_due(
                office.calendar,
                &office.hours,
                self.started_at,
                office.definition.clocks.forward_cutoff_minutes,
            );
        }
        if self.extension.is_some() {
            return Ok(self.due_at.with_timezone(&crate::calendar::vietnam()));
        }
        let mut share: u16 = 0;
        for each in &office.definition.route {
            share = share.saturating_add(u16::from(each.half_days));
            if each.key == step.key {
                break;
            }
        }
        deadline::step_due(office.calendar, &office.hours, self.started_at, share, &self.pauses)
    }
}
