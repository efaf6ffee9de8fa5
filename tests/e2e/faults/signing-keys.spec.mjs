// SYNC 1: the device signs with Ed25519 where the browser has it, with ECDSA P-256 otherwise.
import { expectBooks } from '../support/books.mjs';
import { COLLECTORS, fieldOffice } from '../support/field-office.mjs';
import { Field } from '../support/field.mjs';
import { clientForTheDay } from '../support/ledger.mjs';
import { expect, test } from '../support/scene.mjs';

/** A browser that does not know the name, as most did until 2023. */
const withoutEd25519 = () => {
  if (!isSecureContext) return; // a page that has no keys at all
  const { generateKey } = SubtleCrypto.prototype;
  SubtleCrypto.prototype.generateKey = function (algorithm, ...rest) {
    if ((algorithm.name ?? algorithm) === 'Ed25519') return Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'));
    return generateKey.call(this, algorithm, ...rest);
  };
};

for (const [browser, algorithm] of [['this Chromium', 'Ed25519'], ['a browser without Ed25519', 'ES256']]) {
  test(`facts of ${browser} are signed with ${algorithm}, and the journal proves them`, async ({ scene }) => {
    const office = await fieldOffice(scene);
    const { client } = clientForTheDay('REC01');
    const field = await Field.begin(scene, office, COLLECTORS[0], { before: algorithm === 'Ed25519' ? undefined : withoutEd25519 });
    await field.goOffline();
    const paid = { [await field.takeCash(client, 31_000n)]: 31_000n };
    await field.pullTheBattery(); // the key comes back from the disk
    paid[await field.takeCash(client, 32_000n)] = 32_000n;
    await field.goOnline();
    await field.syncAll();
    const arrived = await expectBooks(scene, office, paid);
    expect(arrived.map((payment) => payment.algorithm)).toEqual([algorithm, algorithm]);
    expect(arrived.flatMap(({ flags }) => flags)).toEqual([]);
  });
}
