//! What people do with a tab: sign in, record, try again, and leave the rest to the exchange.

use crate::defect::Defect;
use crate::office::Office;
use crate::plan::Plan;
use crate::ports::{Machine, SimPorts};
use crate::seen::{Confirmed, Seen};
use crate::world::{Owner, World};
use chrono::NaiveDate;
use std::cell::RefCell;
use std::rc::Rc;
use tournee_domain::allocation::oldest_first;
use tournee_domain::fact::{
    Attachment, AttachmentKind, DayClosed, Payment, PaymentMethod, PaymentReversed, Person,
    SlipReturn, Visit, VisitOutcome,
};
use tournee_domain::{
    Amount, BlobHash, ClientCode, Currency, FactBody, FactId, InvoiceNumber, ReceiptNumber,
};
use tournee_sync::device::store::BlobRecord;
use tournee_sync::device::{Desk, Exchanged, Ports, RecordError, exchange, record, sit_down};
use tournee_sync::encoding::Hash;
use uuid::Uuid;

/// Between two records, at most.
const THINKING_MS: u32 = 40 * 60_000;
/// Between two exchanges, at most.
const EXCHANGE_EVERY_MS: u32 = 10 * 60_000;

/// A form as the user holds it: its draft survives what the tab does not.
#[derive(Clone)]
pub struct Form {
    /// Which tap of which person this is.
    pub tap: u64,
    pub fact_id: FactId,
    pub client: ClientCode,
    body: FactBody,
    blobs: Vec<BlobRecord>,
}

type SharedDesk = Rc<RefCell<Rc<Desk<SimPorts>>>>;

/// One tab of one machine.
#[derive(Clone)]
pub struct Tab {
    pub world: World,
    pub plan: Rc<Plan>,
    pub machine: Rc<Machine>,
    pub office: Rc<Office>,
    pub owner: Owner,
    pub seen: Rc<Seen>,
}

impl Tab {
    /// Opens the app and works until killed.
    pub async fn run(self) {
        let desk = Rc::new(RefCell::new(Rc::new(self.open().await)));
        let exchanging = self.clone().exchange_for_ever(desk.clone());
        self.world.spawn(self.owner, exchanging);
        self.work_for_ever(desk).await;
    }

    fn ports(&self) -> SimPorts {
        let Self {
            world,
            plan,
            machine,
            office,
            owner,
            ..
        } = self;
        SimPorts::new(world, plan, machine, office, *owner)
    }

    async fn open(&self) -> Desk<SimPorts> {
        loop {
            match Desk::open(self.ports()).await {
                Ok(Some(desk)) => return desk,
                Ok(None) => {
                    if let Some(desk) = self.sign_in().await {
                        return desk;
                    }
                }
                // A dead connection: the next attempt opens another.
                Err(_) => {}
            }
            self.world.wait_below(20_000).await;
        }
    }

    async fn sign_in(&self) -> Option<Desk<SimPorts>> {
        let ports = self.ports();
        let session = ports.sign_in().await.ok()?;
        let desk = sit_down(ports, session, self.machine.installation).await;
        match desk {
            Ok(desk) => {
                self.world.tell(|| {
                    let device = desk.identity.borrow().device.clone();
                    format!(
                        "{:?} works as {} in epoch {}",
                        self.owner, device.label, device.epoch
                    )
                });
                Some(desk)
            }
            Err(error) => {
                self.world
                    .tell(|| format!("{:?} enrols not: {error}", self.owner));
                None
            }
        }
    }

    async fn exchange_for_ever(self, desk: SharedDesk) {
        loop {
            self.world.wait_below(EXCHANGE_EVERY_MS).await;
            let present = desk.borrow().clone();
            let exchanged = exchange(&present, |_| ()).await;
            self.world
                .tell(|| format!("{:?} exchanges: {exchanged:?}", self.owner));
            let again = present.identity.borrow().enrol_again;
            let asks = again || exchanged == Ok(Exchanged::SessionExpired);
            // Somebody reads the screen now and then.
            if asks
                && self.world.happens(400)
                && let Some(fresh) = self.sign_in().await
            {
                *desk.borrow_mut() = Rc::new(fresh);
            }
        }
    }

    async fn work_for_ever(self, desk: SharedDesk) {
        loop {
            let draft = self.machine.draft.borrow().clone();
            // What was being typed when the tab died is on the screen again.
            let form = match draft {
                Some(form) => form,
                None => {
                    self.world.wait_below(THINKING_MS).await;
                    if !self.plan.thinking {
                        return;
                    }
                    let present = desk.borrow().clone();
                    match self.fill_in(&present).await {
                        Some(form) => form,
                        None => continue,
                    }
                }
            };
            *self.machine.draft.borrow_mut() = Some(form.clone());
            let present = desk.borrow().clone();
            self.confirm(&present, form).await;
        }
    }

    /// Fills a form about a client of the portfolio.
    async fn fill_in(&self, desk: &Desk<SimPorts>) -> Option<Form> {
        let world = &self.world;
        let shown = desk.portfolio.borrow().shown();
        if shown.is_empty() || !desk.identity.borrow().user.role.records() {
            return None;
        }
        let client = world.pick(&shown).code.clone();
        let tap = self.seen.next_tap();
        let (body, blobs) = match world.below(10) {
            0..5 => (self.payment(desk, &client, tap).await, Vec::new()),
            5 => (self.correction(desk, &client, tap).await, Vec::new()),
            6..8 => (visit(desk, &client, tap), Vec::new()),
            _ => {
                let bytes = world.chance().to_be_bytes().to_vec();
                let date = desk.ports.now().date_naive();
                let (slip, photo) = returned_slip(&client, &format!("BL{tap}"), date, bytes);
                (slip, vec![photo])
            }
        };
        Some(Form {
            tap,
            fact_id: FactId(Uuid::from_u128(world.chance())),
            client,
            body,
            blobs,
        })
    }

    async fn payment(&self, desk: &Desk<SimPorts>, client: &ClientCode, tap: u64) -> FactBody {
        let amount = Amount::from(i64::from(self.world.below(200) + 1) * 1_000);
        let dossier = desk.dossier(client).await.ok().flatten();
        let items = dossier.map(|dossier| dossier.open_items(Currency::XOF));
        FactBody::Payment(Payment {
            client: client.clone(),
            visit: None,
            date: desk.ports.now().date_naive(),
            receipt: ReceiptNumber::to_come(),
            currency: Currency::XOF,
            amount,
            method: PaymentMethod::Cash {
                denominations: Vec::new(),
            },
            payer: None,
            allocations: oldest_first(&items.unwrap_or_default(), amount).allocations,
            withheld: Vec::new(),
            down_payment: None,
            note: format!("tap {tap}"),
            attachments: Vec::new(),
        })
    }

    /// Takes back a payment of this client that still counts, or else closes the day.
    async fn correction(&self, desk: &Desk<SimPorts>, client: &ClientCode, tap: u64) -> FactBody {
        let date = desk.ports.now().date_naive();
        let dossier = desk.dossier(client).await.ok().flatten();
        let payments = dossier.map(|dossier| dossier.payments).unwrap_or_default();
        let standing = payments.iter().find(|payment| payment.reversed.is_none());
        match standing {
            Some(payment) => FactBody::PaymentReversed(PaymentReversed {
                client: client.clone(),
                payment: payment.id,
                reverses: payment.receipt.clone(),
                receipt: ReceiptNumber::to_come(),
                date,
                currency: payment.currency,
                amount: payment.amount,
                reason: format!("tap {tap}"),
            }),
            None => FactBody::DayClosed(DayClosed {
                date,
                ..DayClosed::default()
            }),
        }
    }

    /// Taps *confirm* until it is recorded, or gives up when the device says that it will not be.
    async fn confirm(&self, desk: &Desk<SimPorts>, mut form: Form) {
        loop {
            let (body, blobs) = (form.body.clone(), form.blobs.clone());
            match record(desk, form.fact_id, body, blobs, None).await {
                Ok((body, at)) => {
                    self.machine.draft.borrow_mut().take();
                    self.seen
                        .confirm(&self.world, Confirmed::new(&self.machine, &form, &body, at));
                    return;
                }
                Err(
                    RecordError::StorageBroken(_) | RecordError::Contended | RecordError::Key(_),
                ) => {
                    self.world.wait_below(5_000).await;
                    if self.plan.defect == Some(Defect::RetriesUnderNewId) {
                        form.fact_id = FactId(Uuid::from_u128(self.world.chance()));
                    }
                }
                Err(error) => {
                    self.world.tell(|| format!("{:?}: {error}", self.owner));
                    self.machine.draft.borrow_mut().take();
                    return;
                }
            }
        }
    }
}

fn visit(desk: &Desk<SimPorts>, client: &ClientCode, tap: u64) -> FactBody {
    let now = desk.ports.now();
    FactBody::Visit(Visit {
        client: client.clone(),
        started_at: now,
        ended_at: now,
        position: None,
        person_met: None,
        outcome: VisitOutcome::Other,
        comments: Vec::new(),
        report: format!("tap {tap}"),
        next_action: None,
    })
}

/// The delivery slip of a client's first invoice came back, with a photo of it.
pub fn returned_slip(
    client: &ClientCode,
    slip: &str,
    date: NaiveDate,
    photo: Vec<u8>,
) -> (FactBody, BlobRecord) {
    let blob = BlobRecord {
        hash: BlobHash::new(&Hash::of(&photo).to_string()),
        media_type: "image/jpeg".to_owned(),
        bytes: photo,
    };
    let photo = Attachment {
        kind: AttachmentKind::Photo,
        hash: blob.hash.clone(),
        media_type: blob.media_type.clone(),
        size_bytes: u32::try_from(blob.bytes.len()).expect("small"),
    };
    let body = FactBody::SlipReturn(SlipReturn {
        client: client.clone(),
        visit: None,
        invoice: InvoiceNumber::new(&format!("{client}-1")),
        slip: slip.to_owned(),
        date,
        signer: Person {
            name: "Amadou".to_owned(),
            function: String::new(),
        },
        reserves: String::new(),
        attachments: vec![photo],
    });
    (body, blob)
}
