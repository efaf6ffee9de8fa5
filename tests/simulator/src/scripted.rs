//! Faults played one after the other, each with what must come of it: the defects that seeds once found. A seed changes
//! its story when the draws change; these do not.

mod faults;
mod found;
mod retained;
mod spoiled;
mod tampered;

use crate::office::Office;
use crate::plan::Plan;
use crate::ports::{Machine, SimPorts};
use crate::scenario::Scenario;
use crate::world::{Owner, World};
use std::cell::RefCell;
use std::rc::Rc;
use tournee_domain::fact::{Payment, PaymentMethod, Visit, VisitOutcome};
use tournee_domain::{Amount, ClientCode, Currency, FactBody, FactId, ReceiptNumber};
use tournee_sync::device::store::{BlobRecord, FactKey};
use tournee_sync::device::{
    Desk, Exchanged, Ports, RecordError, SyncError, exchange, record, sit_down,
};
use uuid::Uuid;

/// Nobody else acts under this number.
const SCRIPT: Owner = Owner(9_999);

struct Stage {
    world: World,
    plan: Rc<Plan>,
    office: Rc<Office>,
    scenario: RefCell<Scenario>,
}

type Hand = Rc<Desk<SimPorts>>;

impl Stage {
    fn new() -> Self {
        let scenario = Scenario::calm();
        Self {
            world: scenario.world.clone(),
            plan: scenario.plan.clone(),
            office: scenario.office.clone(),
            scenario: RefCell::new(scenario),
        }
    }

    /// Lets time pass until it is done.
    fn run<T: 'static>(&self, work: impl Future<Output = T> + 'static) -> T {
        let done: Rc<RefCell<Option<T>>> = Rc::default();
        let told = done.clone();
        self.world
            .spawn(SCRIPT, async move { *told.borrow_mut() = Some(work.await) });
        loop {
            self.world.step(i64::MAX);
            if let Some(value) = done.borrow_mut().take() {
                return value;
            }
        }
    }

    fn machine(&self) -> Rc<Machine> {
        self.scenario.borrow().stations[0].machine.clone()
    }

    fn copy_of(&self, machine: &Rc<Machine>) -> Rc<Machine> {
        self.scenario.borrow().copied(machine)
    }

    fn ports(&self, machine: &Rc<Machine>) -> SimPorts {
        SimPorts::new(&self.world, &self.plan, machine, &self.office, SCRIPT)
    }

    fn sign_in(&self, machine: &Rc<Machine>) -> Hand {
        let (ports, installation) = (self.ports(machine), machine.installation);
        let desk = self.run(async move {
            let session = ports.sign_in().await.expect("a session");
            sit_down(ports, session, installation).await
        });
        Rc::new(desk.expect("it enrols"))
    }

    fn open(&self, machine: &Rc<Machine>) -> Hand {
        let ports = self.ports(machine);
        let desk = self.run(async move { Desk::open(ports).await });
        Rc::new(desk.expect("the store works").expect("somebody enrolled"))
    }

    fn exchange(&self, desk: &Hand) -> Result<Exchanged, SyncError> {
        let desk = desk.clone();
        self.run(async move { exchange(&desk, |_| ()).await })
    }

    fn record(
        &self,
        desk: &Hand,
        id: FactId,
        body: FactBody,
    ) -> Result<(FactBody, FactKey), RecordError> {
        self.record_with(desk, id, body, Vec::new())
    }

    fn record_with(
        &self,
        desk: &Hand,
        id: FactId,
        body: FactBody,
        blobs: Vec<BlobRecord>,
    ) -> Result<(FactBody, FactKey), RecordError> {
        let desk = desk.clone();
        self.run(async move { record(&desk, id, body, blobs, None).await })
    }

    fn new_id(&self) -> FactId {
        FactId(Uuid::from_u128(self.world.chance()))
    }

    fn visit(&self, desk: &Hand) -> (FactId, FactKey) {
        let id = self.new_id();
        let now = desk.ports.now();
        let body = FactBody::Visit(Visit {
            client: ClientCode::new("C1"),
            started_at: now,
            ended_at: now,
            position: None,
            person_met: None,
            outcome: VisitOutcome::Other,
            comments: Vec::new(),
            report: id.to_string(),
            next_action: None,
        });
        let recorded = self.record(desk, id, body);
        (id, recorded.expect("it is recorded").1)
    }

    fn pay(&self, desk: &Hand) -> (FactId, FactKey) {
        let (id, recorded) = self.try_to_pay(desk);
        (id, recorded.expect("it is recorded").1)
    }

    fn try_to_pay(&self, desk: &Hand) -> (FactId, Result<(FactBody, FactKey), RecordError>) {
        let id = self.new_id();
        let recorded = self.record(desk, id, payment("C1", 1_000));
        (id, recorded)
    }

    fn holds(&self, id: FactId) -> bool {
        self.office.ledger().holds(id)
    }

    fn is_aside(&self, id: FactId) -> bool {
        self.office.ledger().aside.contains(&id)
    }

    /// What the office has of a client's payments.
    fn paid(&self, client: &str) -> Vec<Amount> {
        let ledger = self.office.ledger();
        let record = ledger.records.get(&ClientCode::new(client));
        let payments = record.map(|record| record.dossier.payments.iter());
        let amounts = payments.into_iter().flatten().map(|payment| payment.amount);
        amounts.collect()
    }

    /// From now on the office and the network behave as `plan` says.
    fn behave(&mut self, plan: Plan) {
        self.plan = Rc::new(plan);
        self.office.heal(&self.plan);
    }

    /// Whether the fact counts: it is in the journal and changed records.
    fn counts(&self, id: FactId) -> bool {
        let ledger = self.office.ledger();
        let mut entries = ledger.facts.values();
        entries.any(|entry| entry.fact_id == Some(id) && entry.projected)
    }

    fn wait_days(&self, days: u32) {
        let waiting = self.world.wait(days * 24 * 3_600_000);
        self.run(waiting);
    }
}

fn payment(client: &str, amount: i64) -> FactBody {
    FactBody::Payment(Payment {
        client: ClientCode::new(client),
        visit: None,
        date: chrono::NaiveDate::from_ymd_opt(2026, 11, 2).expect("a date"),
        receipt: ReceiptNumber::to_come(),
        currency: Currency::XOF,
        amount: Amount::from(amount),
        method: PaymentMethod::Cash {
            denominations: Vec::new(),
        },
        payer: None,
        allocations: Vec::new(),
        withheld: Vec::new(),
        down_payment: None,
        note: String::new(),
        attachments: Vec::new(),
    })
}

/// A backup made before a device enrolled did not know the device, and nothing of it was ever taken.
#[test]
fn a_device_that_the_backup_does_not_know_is_taken_back() {
    let stage = Stage::new();
    stage.office.back_up();
    let machine = stage.machine();
    let desk = stage.sign_in(&machine);
    let (payment, _) = stage.pay(&desk);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    let label = desk.identity.borrow().device.label.clone();

    assert!(stage.office.restore());
    assert!(!stage.holds(payment));
    // Its session is gone: its signature and the certificate are enough.
    let (later, _) = stage.pay(&desk);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::SessionExpired));
    assert!(stage.holds(payment) && stage.holds(later));

    // Somebody new gets a label that nobody ever had.
    let other = stage.scenario.borrow().stations[1].machine.clone();
    let other = stage.sign_in(&other);
    assert_ne!(other.identity.borrow().device.label, label);
    let again = stage.sign_in(&machine);
    assert_eq!(again.identity.borrow().device.label, label);
    assert_eq!(stage.exchange(&again), Ok(Exchanged::Through));
}

/// A device that enrols before it has sent anything keeps its id and label, and gets an epoch that nobody ever had.
#[test]
fn an_epoch_lost_with_the_office_is_not_given_out_again() {
    let stage = Stage::new();
    let machine = stage.machine();
    let desk = stage.sign_in(&machine);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    let copy = stage.copy_of(&machine);
    stage.office.back_up();
    let again = |machine: &Rc<Machine>| {
        let desk = stage.open(machine);
        stage.run(async move { desk.mark_for_enrolment().await.expect("it is noted") });
        stage.sign_in(machine).identity.borrow().device.epoch
    };
    let lost = again(&machine);
    assert!(stage.office.restore());
    assert!(again(&copy) > lost);
}

/// Seed 1403: the office was put back, a copy of the installation was heard first, and the chain of the former epoch was
/// the copy's. The device compared chains before it noticed the other log, and sent nothing for ever.
#[test]
fn a_former_epoch_that_a_copy_continued_does_not_stop_the_device() {
    let stage = Stage::new();
    stage.office.back_up();
    let machine = stage.machine();
    let desk = stage.sign_in(&machine);
    stage.pay(&desk);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    let copy = stage.copy_of(&machine);
    let (own, _) = stage.pay(&desk);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));

    assert!(stage.office.restore());
    let copied = stage.sign_in(&copy);
    let (others, _) = stage.pay(&copied);
    for _ in 0..2 {
        let _either_way = stage.exchange(&copied);
    }
    assert!(stage.holds(others) && !stage.holds(own));

    let (later, _) = stage.pay(&desk);
    for _ in 0..3 {
        let _it_may_ask_to_enrol = stage.exchange(&desk);
    }
    let desk = stage.sign_in(&machine);
    for _ in 0..3 {
        let _it_sends_what_it_has = stage.exchange(&desk);
    }
    assert!(stage.holds(own) && stage.holds(later));
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
}
