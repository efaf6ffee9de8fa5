//! Guessing passwords is slowed down, per login and per address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Wrong passwords for one login within [`WINDOW`].
pub const LOGIN_FAILURES_MAX: u32 = 10;
/// Wrong passwords from one address within [`WINDOW`]: an agency may share one.
pub const ADDRESS_FAILURES_MAX: u32 = 60;
pub const WINDOW: Duration = Duration::from_secs(5 * 60);
/// Passwords hashed at once: each takes 19 MiB and a core.
const HASHING_MAX: usize = 2;
/// Logins and addresses remembered.
const REMEMBERED_MAX: usize = 20_000;

#[derive(Clone, PartialEq, Eq, Hash)]
enum Who {
    Login(String),
    Address(IpAddr),
}

struct Failures {
    since: Instant,
    count: u32,
}

/// Counts failures.
pub struct SignInGuard {
    failures: Mutex<HashMap<Who, Failures>>,
    pub hashing: Semaphore,
}

impl Default for SignInGuard {
    fn default() -> Self {
        Self {
            failures: Mutex::default(),
            hashing: Semaphore::new(HASHING_MAX),
        }
    }
}

impl SignInGuard {
    /// How long to wait before the next attempt, when there were too many.
    pub fn wait(&self, login: &str, address: IpAddr, now: Instant) -> Option<Duration> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        [
            (Who::Login(login.to_owned()), LOGIN_FAILURES_MAX),
            (Who::Address(address), ADDRESS_FAILURES_MAX),
        ]
        .into_iter()
        .filter_map(|(who, max)| {
            let failures = failures
                .get(&who)
                .filter(|failures| failures.count >= max)?;
            WINDOW.checked_sub(now.saturating_duration_since(failures.since))
        })
        .filter(|wait| !wait.is_zero())
        .max()
    }

    pub fn failed(&self, login: &str, address: IpAddr, now: Instant) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= REMEMBERED_MAX {
            failures.retain(|_, failures| now.saturating_duration_since(failures.since) < WINDOW);
        }
        for who in [Who::Login(login.to_owned()), Who::Address(address)] {
            let entry = failures.entry(who).or_insert(Failures {
                since: now,
                count: 0,
            });
            if now.saturating_duration_since(entry.since) >= WINDOW {
                *entry = Failures {
                    since: now,
                    count: 0,
                };
            }
            entry.count += 1;
        }
    }

    pub fn succeeded(&self, login: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.remove(&Who::Login(login.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn too_many_failures_wait_for_the_window_to_pass() {
        let guard = SignInGuard::default();
        let start = crate::clock::instant();
        let address = |n| IpAddr::V4(Ipv4Addr::new(10, 0, 0, n));
        for n in 0..LOGIN_FAILURES_MAX {
            assert_eq!(
                guard.wait("mariama", address(1), start),
                None,
                "attempt {n}"
            );
            guard.failed("mariama", address(1), start);
        }
        assert_eq!(
            guard.wait("mariama", address(2), start),
            Some(WINDOW),
            "from anywhere"
        );
        assert_eq!(
            guard.wait("ibrahim", address(1), start),
            None,
            "others are free"
        );
        assert_eq!(
            guard.wait("mariama", address(2), start + WINDOW),
            None,
            "later"
        );
        for n in LOGIN_FAILURES_MAX..ADDRESS_FAILURES_MAX {
            guard.failed(&format!("guess{n}"), address(1), start);
        }
        assert_eq!(
            guard.wait("ibrahim", address(1), start),
            Some(WINDOW),
            "the address too"
        );
        assert_eq!(guard.wait("ibrahim", address(2), start), None);
    }
}
