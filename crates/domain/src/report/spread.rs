//! An entry of several instalments and activities as items that never lose a unit.

/// Items in the order instalment by instalment, activity by activity.
pub(super) struct Spread<'a> {
    instalments: &'a [i64],
    parts: &'a [i64],
    gross: i64,
}

impl<'a> Spread<'a> {
    /// `None` unless there is one of each at least, both add up to the same, and no part has another sign.
    pub fn new(instalments: &'a [i64], parts: &'a [i64]) -> Option<Self> {
        let gross = instalments
            .iter()
            .try_fold(0_i64, |a, b| a.checked_add(*b))?;
        let whole = parts.iter().try_fold(0_i64, |a, b| a.checked_add(*b))?;
        let same_sign = |amount: &i64| amount.signum() * gross.signum() >= 0;
        let good = !instalments.is_empty()
            && !parts.is_empty()
            && gross == whole
            && (gross != 0 || (instalments.len() == 1 && parts.len() == 1))
            && instalments.iter().chain(parts).all(same_sign);
        good.then_some(Self {
            instalments,
            parts,
            gross,
        })
    }

    pub fn len(&self) -> usize {
        self.instalments.len() * self.parts.len()
    }

    pub fn grosses(&self) -> Vec<i64> {
        self.instalments
            .iter()
            .flat_map(|amount| pro_rata(*amount, self.parts, self.gross))
            .collect()
    }

    /// `amount` over all items in proportion to their gross.
    pub fn share(&self, amount: i64) -> Vec<i64> {
        pro_rata(amount, &self.grosses(), self.gross)
    }

    /// Calls `place` with item, day and amount. Settlements, oldest first, fill the instalments in their order; what one
    /// has takes the activities in proportion (DOMAIN §2.2). The state after each settlement is spread, not the settlement,
    /// so that an entry settled in full leaves nothing on any item.
    pub fn settle(&self, settlements: &[(i32, i64)], mut place: impl FnMut(usize, i32, i64)) {
        let mut before = vec![0; self.len()];
        let mut settled = 0;
        for (day, amount) in settlements {
            settled += amount;
            let after = self.settled(settled);
            for (item, (now, then)) in after.iter().zip(&before).enumerate() {
                if now != then {
                    place(item, *day, now - then);
                }
            }
            before = after;
        }
    }

    /// What `settled` in all makes of each item; less than nothing and more than the gross fall on the last instalment.
    fn settled(&self, settled: i64) -> Vec<i64> {
        let sign = if self.gross < 0 { -1 } else { 1 };
        let mut left = settled;
        let last = self.instalments.len() - 1;
        let mut items = Vec::with_capacity(self.len());
        for (place, instalment) in self.instalments.iter().enumerate() {
            let taken = match place == last {
                true => left,
                false => (left * sign).clamp(0, instalment * sign) * sign,
            };
            left -= taken;
            items.extend(pro_rata(taken, self.parts, self.gross));
        }
        items
    }
}

/// `amount` in proportion to `weights`, whose sum is `whole`; the parts add up to it.
fn pro_rata(amount: i64, weights: &[i64], whole: i64) -> Vec<i64> {
    if weights.len() == 1 {
        return vec![amount];
    }
    let (mut weight, mut given) = (0_i128, 0_i64);
    weights
        .iter()
        .map(|one| {
            weight += i128::from(*one);
            // At most `amount`, since the weights have one sign and add up to `whole`.
            let until = i128::from(amount) * weight / i128::from(whole.max(1).max(whole.abs()));
            let until = if whole < 0 { -until } else { until };
            let until = i64::try_from(until).unwrap_or(amount);
            let part = until - given;
            given = until;
            part
        })
        .collect()
}
