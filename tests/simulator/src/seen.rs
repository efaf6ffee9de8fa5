//! What people saw confirmed on their screens: the truth that everything else is measured by.

use crate::people::Form;
use crate::ports::Machine;
use crate::world::World;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tournee_domain::{Amount, ClientCode, FactBody, FactId};
use tournee_sync::device::store::FactKey;

/// One confirmation that somebody saw.
#[derive(Clone)]
pub struct Confirmed {
    pub tap: u64,
    pub fact_id: FactId,
    pub machine: Rc<Machine>,
    pub at: FactKey,
    pub client: ClientCode,
    /// Of a payment.
    pub money: Option<(Amount, String)>,
}

impl Confirmed {
    pub fn new(machine: &Rc<Machine>, form: &Form, body: &FactBody, at: FactKey) -> Self {
        let money = match body {
            FactBody::Payment(payment) => Some((payment.amount, payment.receipt.to_string())),
            _ => None,
        };
        Self {
            tap: form.tap,
            fact_id: form.fact_id,
            machine: machine.clone(),
            at,
            client: form.client.clone(),
            money,
        }
    }
}

/// Everything confirmed in one world.
#[derive(Default)]
pub struct Seen {
    taps: Cell<u64>,
    confirmed: RefCell<Vec<Confirmed>>,
    /// Gone with cleared site data or a backup that was too old: nobody could have kept them.
    excused: RefCell<std::collections::BTreeSet<FactId>>,
}

impl Seen {
    pub fn next_tap(&self) -> u64 {
        self.taps.set(self.taps.get() + 1);
        self.taps.get()
    }

    pub fn confirm(&self, world: &World, confirmed: Confirmed) {
        world.tell(|| {
            let Confirmed { tap, at, money, .. } = &confirmed;
            format!(
                "tap {tap} is confirmed at {}/{}: {money:?}",
                at.epoch, at.seq
            )
        });
        self.confirmed.borrow_mut().push(confirmed);
    }

    pub fn confirmed(&self) -> std::cell::Ref<'_, Vec<Confirmed>> {
        self.confirmed.borrow()
    }

    pub fn excuse(&self, id: FactId) {
        self.excused.borrow_mut().insert(id);
    }

    pub fn is_excused(&self, id: FactId) -> bool {
        self.excused.borrow().contains(&id)
    }
}
