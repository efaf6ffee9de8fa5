//! What the office looks after, asked for once for the navigation and the pages: its devices, and what was set aside.

use super::common::load_into;
use crate::locales::Texts;
use crate::state::{OfficeError, use_app};
use leptos::prelude::*;
use tournee_sync::office::{DeviceReport, GapKind, QuarantineEntry, QuarantineState};

/// An answer of the office; `None` while it is on its way.
pub type Asked<T> = RwSignal<Option<Result<T, OfficeError>>>;

#[derive(Clone, Copy)]
pub struct LookedAfter {
    pub devices: Asked<Vec<DeviceReport>>,
    pub quarantine: Asked<Vec<QuarantineEntry>>,
    again: RwSignal<u32>,
}

impl LookedAfter {
    /// Nothing asked yet: [`Self::ask`] does, when the office's part of the program is here.
    pub fn new() -> Self {
        Self {
            devices: RwSignal::new(None),
            quarantine: RwSignal::new(None),
            again: RwSignal::new(0),
        }
    }

    /// Asks now, and again after every exchange with the office.
    pub fn ask(self) {
        let app = use_app();
        let exchanged = Memo::new(move |_| app.sync().with(|status| status.last_success));
        let track = move || {
            exchanged.track();
            self.again.track();
        };
        load_into(self.devices, move || {
            track();
            async move { app.devices().await }
        });
        load_into(self.quarantine, move || {
            track();
            async move { app.quarantine().await }
        });
    }

    pub fn refresh(&self) {
        self.again.update(|again| *again += 1);
    }

    /// How much a place of the navigation has that somebody should look at.
    pub fn urgent(&self, path: &str) -> usize {
        let devices = || {
            self.devices.with(|devices| match devices {
                Some(Ok(devices)) => devices.iter().filter(|device| is_urgent(device)).count(),
                _ => 0,
            })
        };
        let set_aside = || {
            self.quarantine.with(|entries| match entries {
                Some(Ok(entries)) => entries
                    .iter()
                    .filter(|entry| entry.state == QuarantineState::Open)
                    .count(),
                _ => 0,
            })
        };
        match path {
            "/devices" => devices(),
            "/attention" => set_aside(),
            "/more" => devices() + set_aside(),
            _ => 0,
        }
    }
}

/// Whether money may be lost unless somebody calls.
fn is_urgent(device: &DeviceReport) -> bool {
    let silent = device.silent_since_ms.is_some() && device.waiting > 0;
    let lost = device.gaps.iter().any(|gap| gap.kind == GapKind::Lost);
    device.revoked_at_ms.is_none() && (device.frozen || silent || lost)
}

/// Where a device stands, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Urgent,
    /// Something is missing that will probably come.
    Incomplete,
    Silent,
    Well,
    Revoked,
}

impl Standing {
    pub const WORST_FIRST: [Self; 5] = [
        Self::Urgent,
        Self::Incomplete,
        Self::Silent,
        Self::Well,
        Self::Revoked,
    ];

    pub fn of(device: &DeviceReport) -> Self {
        match device {
            device if is_urgent(device) => Self::Urgent,
            device if device.revoked_at_ms.is_some() => Self::Revoked,
            device if !device.gaps.is_empty() => Self::Incomplete,
            device if device.silent_since_ms.is_some() => Self::Silent,
            _ => Self::Well,
        }
    }

    /// The chip's tone and words.
    pub fn chip(self, device: &DeviceReport, t: Texts) -> (&'static str, &'static str) {
        match self {
            Self::Urgent if device.frozen => ("danger", t.device_frozen()),
            Self::Urgent if device.silent_since_ms.is_some() => ("danger", t.device_silent()),
            Self::Urgent => ("danger", t.device_lost()),
            Self::Incomplete => ("warn", t.device_incomplete()),
            Self::Silent => ("warn", t.device_silent()),
            Self::Well => ("ok", t.device_well()),
            Self::Revoked => ("", t.device_revoked()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tournee_sync::office::DeviceGap;
    use wasm_bindgen_test::wasm_bindgen_test;

    /// A device that was heard of just now and has sent everything.
    fn device() -> DeviceReport {
        DeviceReport {
            id: String::new(),
            label: "D01".to_owned(),
            login: String::new(),
            user: String::new(),
            epoch: 1,
            build: String::new(),
            enrolled_at_ms: 0,
            last_seen_ms: Some(0),
            last_fact_ms: None,
            silent_since_ms: None,
            frozen: false,
            revoked_at_ms: None,
            revoked_by: String::new(),
            revoked_reason: String::new(),
            received_through: 3,
            recorded_through: 3,
            waiting: 0,
            gaps: Vec::new(),
        }
    }

    fn check(expected: Standing, change: impl FnOnce(&mut DeviceReport)) {
        let mut changed = device();
        change(&mut changed);
        assert_eq!(Standing::of(&changed), expected, "{changed:?}");
    }

    fn gap(kind: GapKind) -> DeviceGap {
        DeviceGap {
            epoch: 1,
            kind,
            first: 2,
            last: 2,
        }
    }

    #[wasm_bindgen_test]
    fn what_may_lose_money_comes_first_and_silence_alone_does_not() {
        check(Standing::Well, |_| {});
        check(Standing::Well, |device| device.waiting = 4);
        check(Standing::Silent, |device| device.silent_since_ms = Some(0));
        check(Standing::Urgent, |device| {
            device.silent_since_ms = Some(0);
            device.waiting = 1;
        });
        check(Standing::Urgent, |device| device.frozen = true);
        check(Standing::Urgent, |device| {
            device.gaps.push(gap(GapKind::Lost))
        });
        check(Standing::Incomplete, |device| {
            device.gaps.push(gap(GapKind::Missing))
        });
        check(Standing::Incomplete, |device| {
            device.gaps.push(gap(GapKind::Receipts))
        });
    }

    #[wasm_bindgen_test]
    fn a_revoked_device_asks_for_nothing_more() {
        check(Standing::Revoked, |device| {
            device.revoked_at_ms = Some(0);
            device.frozen = true;
            device.gaps.push(gap(GapKind::Lost));
        });
    }
}
