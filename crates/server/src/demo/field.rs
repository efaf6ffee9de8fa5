//! What the demo's collectors did these last days: visits, payments, papers, through devices of their own.

use crate::database::organisations::OrganisationRecord;
use crate::database::{devices, records, users};
use crate::error::{Error, Result};
use crate::ingest::{self, PushRefused};
use crate::office::Office;
use crate::{clock, random};
use chrono::{
    DateTime, Datelike, Days, Duration, FixedOffset, NaiveDate, NaiveTime, TimeZone, Weekday,
};
use ed25519_dalek::{Signer, SigningKey};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::value::RawValue;
use tournee_domain::allocation::{OpenItem, oldest_first};
use tournee_domain::dossier::{DischargeState, Dossier, SlipState};
use tournee_domain::fact::{
    BODY_SCHEMA, Discharge, DischargeOutcome, FactBody, Payment, PaymentMethod, Person, SlipReturn,
    Visit, VisitOutcome,
};
use tournee_domain::format::{Language, amount_with_currency};
use tournee_domain::{Amount, DeviceId, FactId, ReceiptNumber};
use tournee_sync::encoding::{Bytes, Hash};
use tournee_sync::enrol::{EnrolledDevice, Role, User};
use tournee_sync::envelope::{FactText, SealedFact, Times, chain_hash};
use tournee_sync::key::{Algorithm, PublicKey};
use tournee_sync::office::Enrolment;
use tournee_sync::push::PushRequest;

const SEED: u64 = 20_261_102;
/// Working days that are told of, the last of them yesterday.
const DAYS: u64 = 6;
const VISITS_A_DAY: usize = 3;
const BUILD: &str = "demo";

/// Above, debts are paid through a bank (DOMAIN §5).
const CASH_MAX: i64 = 5_000_000;
/// What a telephone's wallet holds.
const WALLET_MAX: i64 = 2_000_000;

const PEOPLE: [(&str, &str); 6] = [
    ("Hadiza Maman", "comptable"),
    ("Oumarou Seyni", "directeur"),
    ("Rakia Idrissa", "caissière"),
    ("Boubé Hassane", "chef comptable"),
    ("Zeinabou Ali", "assistante de direction"),
    ("Laouali Moussa", "magasinier"),
];
const BANKS: [&str; 4] = ["BOA Niger", "Sonibank", "Ecobank Niger", "BIA Niger"];

/// Tells the collectors' last days.
///
/// # Errors
/// When the database fails.
pub async fn tell(
    office: &Office,
    organisation: &OrganisationRecord,
    yesterday: NaiveDate,
) -> Result<()> {
    let mut tx = office.database.read().await?;
    let collectors: Vec<User> = users::all(&mut tx, organisation.id)
        .await?
        .into_iter()
        .map(|record| record.user)
        .filter(|user| user.role == Role::Collector)
        .collect();
    let dossiers = records::all_dossiers(&mut tx, organisation.id).await?;
    drop(tx);
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    for user in collectors {
        let portfolio: Vec<&Dossier> = dossiers
            .values()
            .filter(|dossier| {
                dossier
                    .client
                    .portfolio
                    .as_ref()
                    .is_some_and(|code| user.portfolios.contains(code))
            })
            .filter(|dossier| oldest_overdue(dossier, yesterday).is_some())
            .collect();
        let mut collector = Collector::enrol(office, organisation, user, rng.r#gen()).await?;
        let mut clients = portfolio.into_iter().step_by(3);
        for day in working_days(yesterday) {
            for round in 0..VISITS_A_DAY {
                if let Some(dossier) = clients.next() {
                    collector.call_on(&mut rng, dossier, day, round);
                }
            }
        }
        collector.send(office).await?;
    }
    Ok(())
}

fn working_days(yesterday: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    (0..DAYS)
        .rev()
        .map(move |back| yesterday - Days::new(back))
        .filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun))
}

fn oldest_overdue(dossier: &Dossier, today: NaiveDate) -> Option<i64> {
    let overdue = dossier
        .invoices
        .iter()
        .filter(|invoice| invoice.open().is_positive());
    overdue
        .map(|invoice| invoice.days_overdue(today))
        .filter(|days| *days > 0)
        .max()
}

/// A collector with a device.
struct Collector<'a> {
    organisation: &'a OrganisationRecord,
    user: User,
    device: EnrolledDevice,
    key: SigningKey,
    public: PublicKey,
    facts: Vec<SealedFact>,
    head: Hash,
    receipts: u32,
    /// Chance for the ids of facts: the same each time.
    ids: ChaCha8Rng,
}

impl<'a> Collector<'a> {
    async fn enrol(
        office: &Office,
        organisation: &'a OrganisationRecord,
        user: User,
        seed: [u8; 32],
    ) -> Result<Self> {
        let key = SigningKey::from_bytes(&seed);
        let public = PublicKey {
            algorithm: Algorithm::Ed25519,
            bytes: Bytes(key.verifying_key().to_bytes().to_vec()),
        };
        let mut tx = office.database.write().await?;
        let enrolment = Enrolment {
            new_id: DeviceId(random::uuid()),
            installation: random::uuid(),
            user: user.id,
            key: &public,
            build: BUILD,
            now_ms: clock::now_ms(),
        };
        let device = devices::enrol(&mut tx, organisation.id, &enrolment)
            .await?
            .ok_or_else(|| Error::Corrupt("a demo device is revoked".to_owned()))?;
        tx.commit().await?;
        Ok(Self {
            organisation,
            user,
            device,
            key,
            public,
            facts: Vec::new(),
            head: Hash::GENESIS,
            receipts: 0,
            ids: ChaCha8Rng::from_seed(seed),
        })
    }

    /// One visit, with what came of it.
    fn call_on(&mut self, rng: &mut ChaCha8Rng, dossier: &Dossier, day: NaiveDate, round: usize) {
        let client = dossier.client.code.clone();
        let start = NaiveTime::from_hms_opt(8, 20, 0).unwrap_or_default()
            + Duration::minutes(i64::try_from(round).unwrap_or(0) * 110 + rng.gen_range(0..40));
        let local = day.and_time(start);
        let started_at = self
            .organisation
            .zone
            .from_local_datetime(&local)
            .earliest();
        let Some(started_at) = started_at.map(|at| at.fixed_offset()) else {
            return;
        };
        let (name, function) = PEOPLE[rng.gen_range(0..PEOPLE.len())];
        let person = Person {
            name: name.to_owned(),
            function: function.to_owned(),
        };
        let visit = self.fact_id(started_at);
        let chance = rng.gen_range(0..100);
        let paid = (chance < 55)
            .then(|| self.collect(rng, dossier, visit, started_at))
            .flatten();
        let papers = chance % 3 == 0 && self.papers(dossier, visit, started_at, &person);
        let (outcome, report) = match (paid, papers) {
            (Some(amount), _) => (
                VisitOutcome::PartlyPaid,
                format!(
                    "Encaissement de {}, reçu remis sur place.",
                    amount_with_currency(amount, self.organisation.currency, Language::Fr)
                ),
            ),
            (None, true) => (
                VisitOutcome::PapersObtained,
                "Documents signés par le client.".to_owned(),
            ),
            (None, false) if chance < 75 => (
                VisitOutcome::Promised,
                "Le client promet un règlement la semaine prochaine.".to_owned(),
            ),
            (None, false) => (
                VisitOutcome::PersonAbsent,
                "Le responsable est en mission ; repasser jeudi.".to_owned(),
            ),
        };
        let body = Visit {
            client,
            started_at,
            ended_at: started_at + Duration::minutes(35),
            position: None,
            person_met: (outcome != VisitOutcome::PersonAbsent).then_some(person),
            outcome,
            comments: Vec::new(),
            report,
            next_action: None,
        };
        self.write(
            visit,
            started_at + Duration::minutes(35),
            &FactBody::Visit(body),
        );
    }

    /// A payment of some of what is overdue; its amount.
    fn collect(
        &mut self,
        rng: &mut ChaCha8Rng,
        dossier: &Dossier,
        visit: FactId,
        at: DateTime<FixedOffset>,
    ) -> Option<Amount> {
        let items: Vec<OpenItem> = dossier
            .invoices
            .iter()
            .map(|invoice| OpenItem {
                invoice: invoice.number.clone(),
                due_date: invoice.due_date,
                open: invoice.open(),
                charges: invoice.charges,
            })
            .collect();
        let oldest = items
            .iter()
            .filter(|item| item.open.is_positive())
            .min_by_key(|item| item.due_date)?;
        let amount = oldest.open;
        self.receipts += 1;
        let method = match rng.gen_range(0..10) {
            0..=4 if amount <= CASH_MAX.into() => PaymentMethod::Cash {
                denominations: Vec::new(),
            },
            chance if chance < 8 || amount > WALLET_MAX.into() => PaymentMethod::Cheque {
                bank: BANKS[rng.gen_range(0..BANKS.len())].to_owned(),
                number: rng.gen_range(1_000_000..9_999_999).to_string(),
                drawer: dossier.client.name.clone(),
                date: at.date_naive(),
            },
            _ => PaymentMethod::MobileMoney {
                operator: "Airtel Money".to_owned(),
                phone: dossier.client.phone.clone(),
                transaction: format!(
                    "MP{}.{:04}.{}",
                    at.format("%y%m%d"),
                    rng.gen_range(0..9_999),
                    self.receipts
                ),
            },
        };
        let payment = Payment {
            client: dossier.client.code.clone(),
            visit: Some(visit),
            date: at.date_naive(),
            receipt: ReceiptNumber {
                agency: self.user.agency.clone(),
                device_label: self.device.label.clone(),
                epoch: self.device.epoch,
                n: self.receipts,
            },
            currency: self.organisation.currency,
            amount,
            method,
            payer: None,
            allocations: oldest_first(&items, amount).allocations,
            withheld: Vec::new(),
            down_payment: None,
            note: String::new(),
            attachments: Vec::new(),
        };
        let at = at + Duration::minutes(20);
        let fact_id = self.fact_id(at);
        self.write(fact_id, at, &FactBody::Payment(payment));
        Some(amount)
    }

    /// A discharge or a delivery slip, where one is due.
    fn papers(
        &mut self,
        dossier: &Dossier,
        visit: FactId,
        at: DateTime<FixedOffset>,
        person: &Person,
    ) -> bool {
        let at = at + Duration::minutes(28);
        let date = at.date_naive();
        let client = dossier.client.code.clone();
        let mut obtained = false;
        for invoice in dossier
            .invoices
            .iter()
            .filter(|invoice| invoice.open().is_positive())
            .take(2)
        {
            if let SlipState::Expected { slip } = &invoice.slip {
                let body = SlipReturn {
                    client: client.clone(),
                    visit: Some(visit),
                    invoice: invoice.number.clone(),
                    slip: slip.clone(),
                    date,
                    signer: person.clone(),
                    reserves: String::new(),
                    attachments: Vec::new(),
                };
                let fact_id = self.fact_id(at);
                self.write(fact_id, at, &FactBody::SlipReturn(body));
                obtained = true;
            }
            if invoice.discharge == DischargeState::ToDeposit {
                let body = Discharge {
                    client: client.clone(),
                    visit: Some(visit),
                    invoice: invoice.number.clone(),
                    date,
                    outcome: DischargeOutcome::Discharged {
                        signer: person.clone(),
                        stamped: true,
                    },
                    attachments: Vec::new(),
                };
                let fact_id = self.fact_id(at);
                self.write(fact_id, at, &FactBody::Discharge(body));
                obtained = true;
            }
        }
        obtained
    }

    /// A UUIDv7 of the moment the form was opened.
    fn fact_id(&mut self, at: DateTime<FixedOffset>) -> FactId {
        let millis = at.timestamp_millis().unsigned_abs();
        let id = uuid::Builder::from_unix_timestamp_millis(millis, &self.ids.r#gen());
        FactId(id.into_uuid())
    }

    fn write(&mut self, fact_id: FactId, at: DateTime<FixedOffset>, body: &FactBody) {
        let Ok(json) = serde_json::to_string(body).and_then(RawValue::from_string) else {
            return;
        };
        let text = FactText {
            organisation: self.organisation.id,
            device: self.device.id,
            epoch: self.device.epoch,
            seq: self.facts.len() as u64 + 1,
            fact_id,
            user: self.user.id,
            type_name: body.type_name().to_owned(),
            schema: BODY_SCHEMA,
            times: Times {
                device: at,
                zone: self.organisation.zone.name().to_owned(),
                office_offset_ms: Some(0),
                office_offset_age_s: Some(3_600),
            },
            base_cursor: None,
            body: json,
        }
        .write();
        let hash = chain_hash(self.head, &text);
        self.facts.push(SealedFact {
            text,
            previous: self.head,
            hash,
            signature: Bytes(self.key.sign(&hash.0).to_bytes().to_vec()),
            key: self.public.id(),
        });
        self.head = hash;
    }

    async fn send(self, office: &Office) -> Result<()> {
        let mut from_seq = 1;
        for facts in self.facts.chunks(tournee_sync::push::PUSH_FACTS_MAX) {
            let request = PushRequest {
                protocol: tournee_sync::PROTOCOL,
                build: BUILD.to_owned(),
                device: self.device.id,
                epoch: self.device.epoch,
                from_seq,
                facts: facts.to_vec(),
                certificate: None,
                heartbeat: None,
            };
            from_seq += facts.len() as u64;
            ingest::push(office, self.organisation, request, None)
                .await
                .map_err(|error| match error {
                    PushRefused::Failed(error) => error,
                    other => Error::Corrupt(format!("the demo's facts: {other}")),
                })?;
        }
        Ok(())
    }
}
