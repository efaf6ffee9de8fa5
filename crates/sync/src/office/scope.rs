//! Which records a user's devices get.

use crate::enrol::{Role, User};
use tournee_domain::id::PortfolioCode;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    All,
    Portfolios(Vec<PortfolioCode>),
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
            Self::Nothing => false,
        }
    }
}
