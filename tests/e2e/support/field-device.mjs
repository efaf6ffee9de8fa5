import { createHash, createPublicKey, generateKeyPairSync, randomBytes, randomUUID, sign, verify } from 'node:crypto';
import { Api } from './api.mjs';

/** Protocol and body schema this test device speaks; it is written from SYNC.md, not from the app's code. */
const PROTOCOL = 1;
const SCHEMA = 1;
const BUILD = 'e2e';
const GENESIS = '0'.repeat(64);
/** Facts in one push (SYNC 13). */
const PUSH_FACTS_MAX = 100;

/** A UUIDv7: the time, then chance. */
export function uuid7(now_ms = Date.now()) {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now_ms, 0, 6);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A collector's device without a browser: enrols, chains, signs and pushes facts, and checks the acknowledgements. */
export class FieldDevice {
  /** Signs in and enrols. `algorithm` is `Ed25519` or `ES256`. */
  static async enrol(base, credentials, algorithm = 'Ed25519') {
    const device = new FieldDevice();
    device.api = await Api.signIn(base, credentials);
    const pair = algorithm === 'Ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = pair.publicKey.export({ format: 'jwk' });
    const coordinate = (text) => Buffer.from(text, 'base64url');
    const bytes = algorithm === 'Ed25519' ? coordinate(jwk.x) : Buffer.concat([Buffer.of(4), coordinate(jwk.x), coordinate(jwk.y)]);
    device.algorithm = algorithm;
    device.privateKey = pair.privateKey;
    device.keyId = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    const enrolled = await device.api.json('POST', '/enrol', {
      protocol: PROTOCOL,
      installation: randomUUID(),
      key: { algorithm, bytes: bytes.toString('base64url') },
      build: BUILD,
    });
    Object.assign(device, { organisation: enrolled.organisation, user: enrolled.user, device: enrolled.device, officeKey: enrolled.office_key });
    return device;
  }

  constructor() {
    this.seq = 0;
    this.receipts = 0;
    this.head = GENESIS;
    this.waiting = [];
  }

  /** Chains and signs a fact; it waits until `push`. Returns its id. */
  record(type, body, { fact_id = uuid7(), schema = SCHEMA } = {}) {
    this.seq += 1;
    const text = JSON.stringify({
      organisation: this.organisation.id,
      device: this.device.id,
      epoch: this.device.epoch,
      seq: this.seq,
      fact_id,
      user: this.user.id,
      type,
      schema,
      times: { device: new Date().toISOString().replace('Z', '+00:00'), zone: this.organisation.time_zone },
      base_cursor: null,
      body,
    });
    const hash = createHash('sha256').update(Buffer.from(this.head, 'hex')).update(text).digest();
    this.waiting.push({ text, previous: this.head, hash: hash.toString('hex'), signature: this.#sign(hash).toString('base64url'), key: this.keyId });
    this.head = hash.toString('hex');
    return fact_id;
  }

  /** A cash payment on one invoice, with the next receipt number of this device. */
  recordCash({ client, invoice, amount, date }) {
    this.receipts += 1;
    const receipt = `${this.user.agency || 'SIE'}-${this.device.label}-E${this.device.epoch}-${String(this.receipts).padStart(6, '0')}`;
    return this.record('payment', {
      client,
      date,
      receipt,
      currency: this.organisation.currency,
      amount,
      method: { kind: 'cash' },
      allocations: [{ invoice, amount }],
    });
  }

  /** Pushes what waits, without the session: the signature is enough (SYNC 37). Returns one result per fact. */
  async push() {
    const anonymous = new Api(this.api.base);
    const results = [];
    while (this.waiting.length > 0) {
      const facts = this.waiting.slice(0, PUSH_FACTS_MAX);
      const answer = await anonymous.json('POST', '/push', {
        protocol: PROTOCOL,
        build: BUILD,
        device: this.device.id,
        epoch: this.device.epoch,
        from_seq: JSON.parse(facts[0].text).seq,
        facts,
      });
      this.#checkAck(answer.ack, JSON.parse(facts.at(-1).text).seq, facts.at(-1).hash);
      results.push(...answer.results);
      this.waiting.splice(0, facts.length);
    }
    return results;
  }

  /** The same device once more, as a restored backup of it: same key, same past. */
  copy() {
    const copy = Object.assign(new FieldDevice(), this);
    copy.waiting = [...this.waiting];
    return copy;
  }

  /** Pushes what waits although the office will set it aside; gives the answer as it is. */
  async pushAside() {
    const facts = this.waiting.splice(0);
    const { seq } = JSON.parse(facts[0].text);
    return new Api(this.api.base).json('POST', '/push', { protocol: PROTOCOL, build: BUILD, device: this.device.id, epoch: this.device.epoch, from_seq: seq, facts });
  }

  /** Every record this device's user may see. */
  async pullAll() {
    const records = [];
    for (let cursor = null; ; ) {
      const page = await this.api.json('POST', '/pull', { protocol: PROTOCOL, build: BUILD, device: this.device.id, epoch: this.device.epoch, ...(cursor ? { cursor } : {}) });
      records.push(...page.records);
      if (!page.more) return records;
      cursor = page.cursor;
    }
  }

  #sign(hash) {
    return this.algorithm === 'Ed25519'
      ? sign(null, hash, this.privateKey)
      : sign('sha256', hash, { key: this.privateKey, dsaEncoding: 'ieee-p1363' });
  }

  /** A typed, signed acknowledgement that covers what was sent; anything else is failure (SYNC 18). */
  #checkAck({ text, signature }, seq, hash) {
    const point = Buffer.from(this.officeKey.bytes, 'base64url');
    const key = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') } });
    const good = verify('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
    if (!good) throw new Error('the acknowledgement is not signed by the office');
    const ack = JSON.parse(text);
    if (ack.acked_through !== seq || ack.chain_hash !== hash) throw new Error(`the office acknowledged ${text}, not fact ${seq} ${hash}`);
  }
}
