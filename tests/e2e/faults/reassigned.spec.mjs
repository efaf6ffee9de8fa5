// SYNC §2, fault 17: a client changes hands while its collector is offline with a payment.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FieldApp } from '../support/app.mjs';
import { expectBooks } from '../support/books.mjs';
import { COLLECTORS, fieldOffice } from '../support/field-office.mjs';
import { Field } from '../support/field.mjs';
import { TRUTH, clientForTheDay } from '../support/ledger.mjs';
import { expect, test } from '../support/scene.mjs';
import { shoot } from '../support/screens.mjs';
import { PHONE } from '../support/viewports.mjs';

test('a payment taken offline after the client moved counts, is flagged, and its receipt stays', async ({ scene }, testInfo) => {
  const office = await fieldOffice(scene);
  const [former, next] = COLLECTORS;
  const { client } = clientForTheDay('REC01');
  const field = await Field.begin(scene, office, former);
  await field.goOffline();

  const moved = join(await scene.folder(), 'clients.csv');
  await writeFile(moved, `Code client;Raison sociale;Chargé de recouvrement\r\n${client};Client parti;${next.portfolios[0]}\r\n`);
  await office.command('import', '--clients', moved, '--statement-date', '2026-11-03');
  const amount = 120_000n;
  const receipt = await field.takeCash(client, amount);

  await field.goOnline();
  await field.syncAll();
  await field.app.upToDate();
  const [arrived] = await expectBooks(scene, office, { [receipt]: amount });
  expect(arrived.flags).toEqual(['out_of_scope']);

  await field.app.go('clients');
  await field.page.getByTestId('client-search').fill(client);
  await expect(field.app.row(client)).toHaveCount(0); // the client has left this device
  await field.app.go('cash');
  await expect(field.page.getByTestId('receipt-line')).toContainText(receipt);
  await field.page.getByTestId('receipt-line').click();
  await expect(field.page.getByTestId('receipt-number')).toContainText(receipt); // the receipt has not
  await shoot(field.page, testInfo.project.name, '51-receipt-of-a-client-that-moved');

  const theirs = new FieldApp(await scene.desk(office.url, { viewport: PHONE }));
  await theirs.page.goto('/');
  await theirs.signIn(next);
  await theirs.openClient(client);
  expect(await theirs.balance()).toBe(BigInt(TRUTH.first.open_by_client[client]) - amount);
});
