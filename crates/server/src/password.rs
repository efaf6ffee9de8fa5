//! Passwords, stored as argon2id (DESIGN §3). Hashing is slow on purpose: call from a blocking thread.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use rand::rngs::OsRng;
use std::sync::LazyLock;

/// Longer ones are refused: hashing time must not be the sender's to choose.
pub const PASSWORD_MAX_BYTES: usize = 256;
pub const PASSWORD_MIN_CHARS: usize = 8;

/// OWASP's first choice: 19 MiB, two passes, one lane (SYNC §4).
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("constant parameters are valid");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The PHC string to store.
///
/// # Panics
/// Never: argon2 accepts every password of at most [`PASSWORD_MAX_BYTES`].
pub fn hash(password: &str) -> String {
    let salt = SaltString::generate(&mut OsRng);
    argon2()
        .hash_password(password.as_bytes(), &salt)
        .expect("argon2 hashes any short password")
        .to_string()
}

/// Whether the password is right. With `None`, for an unknown login, it takes as long and says no.
pub fn verify(password: &str, stored: Option<&str>) -> bool {
    static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody has this password"));
    let right = PasswordHash::new(stored.unwrap_or(&NOBODY)).is_ok_and(|stored| {
        argon2()
            .verify_password(password.as_bytes(), &stored)
            .is_ok()
    });
    right && stored.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_of_a_known_login_is_right() {
        let stored = hash("tournee-demo");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify("tournee-demo", Some(&stored)));
        assert!(!verify("tournee-demO", Some(&stored)));
        assert!(!verify("nobody has this password", None));
    }
}
