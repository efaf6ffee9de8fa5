//! Which records a user's devices get.

use crate::enrol::{Role, User};
use tournee_domain::id::PortfolioCode;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    All,
    Portfolios(Vec<PortfolioCode>),
    /// Clients of no portfolio.
    Unassigned,
    Nothing,
}

impl Scope {
    pub fn of(user: &User) -> Self {
        if user.role.sees_all() {
            Self::All
        } else if user.role == Role::Collector {
            Self::Portfolios(user.portfolios.clone())
        } else {
            Self::Nothing
        }
    }

    /// Whether a client of this portfolio is in the scope; clients of none are seen by those who see all.
    pub fn contains(&self, portfolio: Option<&PortfolioCode>) -> bool {
        match self {
            Self::All => true,
            Self::Portfolios(own) => portfolio.is_some_and(|portfolio| own.contains(portfolio)),
            Self::Unassigned => portfolio.is_none(),
            Self::Nothing => false,
        }
    }

    /// What of this scope lies in one bucket; the bucket of clients without a portfolio is `""`.
    pub fn only(&self, bucket: &str) -> Self {
        let portfolio = PortfolioCode::new(bucket);
        match self {
            Self::All if bucket.is_empty() => Self::Unassigned,
            Self::Unassigned if bucket.is_empty() => Self::Unassigned,
            _ if !bucket.is_empty() && self.contains(Some(&portfolio)) => {
                Self::Portfolios(vec![portfolio])
            }
            _ => Self::Nothing,
        }
    }
}
