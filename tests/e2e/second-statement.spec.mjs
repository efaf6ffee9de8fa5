// The field takes payments, some go to accounting, a second statement comes: nothing is counted twice (DOMAIN §2.6).
import { FieldApp } from './support/app.mjs';
import { parseCsv } from './support/csv.mjs';
import { FieldDevice } from './support/field-device.mjs';
import { CLIENTS_CSV, INVOICES_2_CSV, INVOICES_CSV, TRUTH, portfolio, settledOf } from './support/ledger.mjs';
import { OfficeApp } from './support/office-app.mjs';
import { PASSWORD } from './support/office.mjs';
import { expect, test } from './support/scene.mjs';
import { shoot } from './support/screens.mjs';

const MANAGER = { login: 'direction', name: 'Rahila Direction', role: 'manager', password: PASSWORD };
const COLLECTORS = ['REC01', 'REC02', 'REC03', 'REC04'].map((code) => ({
  login: code.toLowerCase(),
  name: `Chargé ${code}`,
  role: 'collector',
  portfolios: [code],
  password: PASSWORD,
}));
/** Taken on the screen, the others by devices without a screen. */
const BY_HAND = 'REC01';

/** Takes the payments of a portfolio with a device of its own; both kinds of key are used. */
async function pushPayments(office, collector, payments) {
  const device = await FieldDevice.enrol(office.url, collector, collector.login === 'rec02' ? 'ES256' : 'Ed25519');
  for (const payment of payments) device.recordCash(payment);
  const results = await device.push();
  expect(results.map(({ status }) => status)).toEqual(payments.map(() => 'accepted'));
}

test('field payments, export, second statement', async ({ scene }, testInfo) => {
  const size = testInfo.project.name;
  const collectorOf = new Map(COLLECTORS.flatMap((collector) => portfolio(collector.portfolios[0]).map((client) => [client, collector])));
  const paymentsOf = (collector, exported) =>
    TRUTH.field_payments.filter((payment) => collectorOf.get(payment.client) === collector && payment.exported === exported);

  const office = await scene.office();
  await office.establish([MANAGER, ...COLLECTORS]);
  const first = await office.command(
    'import', '--clients', CLIENTS_CSV, '--invoices', INVOICES_CSV, '--statement-date', TRUTH.first.statement_date, '--json',
  );
  for (const [key, value] of Object.entries(TRUTH.first)) expect(first[key], key).toEqual(value);
  await office.start();
  const manager = new OfficeApp(await scene.desk(office.url));
  await manager.page.goto('/');
  await manager.signIn(MANAGER);

  await test.step('a hundred payments arrive and are exported', async () => {
    for (const collector of COLLECTORS) await pushPayments(office, collector, paymentsOf(collector, true));
    const rows = parseCsv(await manager.exportPayments());
    expect(rows).toHaveLength(TRUTH.field_payments.filter(({ exported }) => exported).length);
  });

  await test.step('twenty more arrive, five of them taken on a screen', async () => {
    const device = await scene.device(testInfo.project.use.viewport);
    const app = new FieldApp(await device.newPage(office.url));
    for (const collector of COLLECTORS) {
      const payments = paymentsOf(collector, false);
      if (collector.portfolios[0] !== BY_HAND) {
        await pushPayments(office, collector, payments);
        continue;
      }
      await app.signIn(collector);
      expect(payments.length).toBeGreaterThanOrEqual(5);
      for (const { client, invoice, amount } of payments) {
        await app.openClient(client);
        await app.fillPayment({ amount: BigInt(amount), allocations: { [invoice]: BigInt(amount) } });
        await app.confirmPayment();
      }
      await app.upToDate();
    }
  });

  const upload = () => manager.upload({ invoices: INVOICES_2_CSV, date: TRUTH.second.statement_date });
  const flagged = TRUTH.second.flagged_possible_double;

  await test.step('the second statement goes in: open amounts and flags equal the truth', async () => {
    const preview = await upload();
    await shoot(manager.page, size, '30-second-preview');
    expect(preview.bad_rows).toEqual(TRUTH.second.bad_rows);
    expect(preview.open_by_client).toEqual(TRUTH.second.open_by_client_with_field_payments);
    expect(preview.flagged_possible_double).toEqual(flagged);
    await manager.commitImport();
    await manager.openBalance();
    await expect.poll(() => manager.agedTotal()).toBe(BigInt(TRUTH.second.open_total_with_field_payments));
    await manager.openDoubles();
    await expect.poll(() => manager.doubles()).toEqual(flagged);
    await shoot(manager.page, size, '31-doubles');
  });

  await test.step('the same statement again changes nothing', async () => {
    const again = await upload();
    expect([again.created, again.updated, again.changed_gross]).toEqual([0, 0, []]);
    expect(again.open_by_client).toEqual(TRUTH.second.open_by_client_with_field_payments);
    const { fact_id } = await manager.commitImport();
    expect(fact_id).toBeNull();
    await manager.openBalance();
    await expect.poll(() => manager.agedTotal()).toBe(BigInt(TRUTH.second.open_total_with_field_payments));
    await manager.openDoubles();
    await expect.poll(() => manager.doubles()).toEqual(flagged);
  });

  await test.step('the accountant decides: the same money, counted once', async () => {
    const payment = TRUTH.field_payments.find(({ invoice, exported }) => invoice === flagged[0] && !exported);
    const raised = settledOf(INVOICES_2_CSV, flagged[0]) - settledOf(INVOICES_CSV, flagged[0]);
    const counted = raised < BigInt(payment.amount) ? raised : BigInt(payment.amount);
    await manager.resolveDouble(flagged[0], 'same');
    expect(await manager.doubles()).toEqual(flagged.slice(1));
    await manager.openBalance();
    await expect.poll(() => manager.agedTotal()).toBe(BigInt(TRUTH.second.open_total_with_field_payments) + counted);
  });
});
