/** Signing records between homes: whatever is signed, exported, imported and signed again, no slot is ever signed twice. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  type Address,
  addressOf,
  genesisToJson,
  type Hash,
  publicKeyOf,
  sign,
  toHex,
  verifySignature,
  voteSignBytes,
} from '@synod/chain';
import { acquireLock } from '@synod/node/lock';
import {
  createConsensusSigner,
  isSignedBy,
  NOTHING_SIGNED,
  raisedState,
  type SignState,
  signingRecordOf,
} from '@synod/node/signing';
import fc from 'fast-check';
import { openConsensusSigner } from '../../../node/src/adapters/signer-file.ts';
import { Lab } from '../../../node/test/host/lab.ts';
import { exportProtection, importProtection, showProtection } from '../../src/commands/slashing-protection.ts';
import { parseProtection, protectionToJson } from '../../src/keys/protection-file.ts';
import { writeNodeHome } from '../../src/node-home.ts';
import { synod } from '../command.ts';

const folder = mkdtempSync(join(tmpdir(), 'synod-protection-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const seed = new Uint8Array(32).fill(7);
const publicKey = publicKeyOf(seed);
const operator: Address = addressOf(publicKey);
const chainId = 'lab';
const hashOf = (value: number): Hash => value.toString(16).padStart(64, '0') as Hash;

/** A home: its key and the state it keeps; what it signed by slot. */
class Home {
  state: SignState;
  signer: ReturnType<typeof createConsensusSigner>;

  constructor(state: SignState = NOTHING_SIGNED) {
    this.state = state;
    this.signer = createConsensusSigner({
      chainId,
      operator,
      keys: {
        publicKey,
        sign: (message) => sign(seed, message),
        prove: () => new Uint8Array(80),
        deriveSecret: () => new Uint8Array(32),
        agree: () => null,
      },
      state: {
        initial: state,
        initialLocked: null,
        save: (next) => {
          this.state = next;
        },
      },
    });
  }

  /** The signed slot with its content, or null where it was refused. */
  sign({ height, round, step, block }: Wish): readonly [string, string] | null {
    const blockId = block === 0 ? null : hashOf(block);
    const slot = `${height}/${round}/${step}`;
    if (step === 'propose') {
      const proposed = this.signer.signProposal({ height, round, polRound: -1, blockId: blockId ?? hashOf(9) });
      return proposed.ok ? [slot, blockId ?? hashOf(9)] : null;
    }
    const extension = step === 'precommit' && blockId !== null ? new Uint8Array([height]) : null;
    const signed = this.signer.signVote({ type: step, height, round, blockId, extension });
    if (!signed.ok) return null;
    const bytes = voteSignBytes(chainId, { type: step, height, round, blockId });
    assert.ok(verifySignature(publicKey, bytes, signed.value.signature));
    return [slot, blockId ?? 'nil'];
  }
}

const wish = fc.record({
  height: fc.integer({ min: 1, max: 4 }),
  round: fc.integer({ min: 0, max: 3 }),
  step: fc.constantFrom('propose' as const, 'prevote' as const, 'precommit' as const),
  block: fc.integer({ min: 0, max: 2 }),
});
type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never;

/** Through the file, as people carry it. */
function carried(state: SignState, form: 'complete' | 'minimal'): ReturnType<typeof signingRecordOf> {
  const record = signingRecordOf(state);
  const keys = record === null ? [] : [{ publicKey, record }];
  const text = JSON.stringify(protectionToJson({ chainId, genesisHash: hashOf(1), keys }, form));
  const [key] = parseProtection(JSON.parse(text), 'record.json').keys;
  for (const message of key?.record.messages ?? [])
    assert.ok(isSignedBy(message, { chainId, height: key!.record.height, publicKey }));
  return key?.record ?? null;
}

test('import(export(x)) never allows a double sign, whatever both homes signed before and sign after', () => {
  const moves = fc.array(
    fc.record({
      from: fc.integer({ min: 0, max: 2 }),
      to: fc.integer({ min: 0, max: 2 }),
      minimal: fc.boolean(),
      wishes: fc.array(wish, { maxLength: 6 }),
    }),
    { minLength: 1, maxLength: 6 },
  );
  let carriedSlots = 0;
  fc.assert(
    fc.property(fc.array(wish, { maxLength: 12 }), moves, (first, steps) => {
      // One home signs at a time; the record goes with the key, by way of homes that have older states.
      const homes = [new Home(), new Home(), new Home()];
      const signed = new Map<string, string>();
      const perform = (home: Home, wishes: readonly Wish[]) => {
        for (const one of wishes) {
          const done = home.sign(one);
          if (done === null) continue;
          const [slot, content] = done;
          assert.ok((signed.get(slot) ?? content) === content, `${slot} signed for ${signed.get(slot)} and ${content}`);
          signed.set(slot, content);
        }
      };
      perform(homes[0]!, first);
      let at = 0;
      for (const { to, minimal, wishes } of steps) {
        const record = carried(homes[at]!.state, minimal ? 'minimal' : 'complete');
        if (record !== null) {
          const raised = raisedState(homes[to]!.state, record, chainId);
          assert.deepEqual(raisedState(raised, record, chainId), raised, 'the same record again changes nothing');
          homes[to] = new Home(raised);
          carriedSlots += 1;
        }
        at = to;
        perform(homes[at]!, wishes);
      }
    }),
    { numRuns: 1_000 },
  );
  assert.ok(carriedSlots > 1_000, `${carriedSlots} records were carried`);
});

test('a record raises and never lowers; order and repetition do not matter for what is forbidden', () => {
  const state = fc.array(wish, { maxLength: 10 }).map((wishes) => {
    const home = new Home();
    for (const one of wishes) home.sign(one);
    return home.state;
  });
  const place = ({ height, round, step }: SignState) => [
    height,
    round,
    ['propose', 'prevote', 'precommit'].indexOf(step),
  ];
  const isBelow = (a: readonly number[], b: readonly number[]) => {
    const at = a.findIndex((value, index) => value !== b[index]);
    return at >= 0 && a[at]! < b[at]!;
  };
  fc.assert(
    fc.property(state, state, fc.boolean(), (mine, theirs, minimal) => {
      const record = carried(theirs, minimal ? 'minimal' : 'complete');
      const raised = record === null ? mine : raisedState(mine, record, chainId);
      for (const one of [mine, theirs]) assert.ok(!isBelow(place(raised), place(one)));
      if (record !== null && record.height < mine.height) assert.equal(raised, mine);
    }),
    { numRuns: 500 },
  );
});

test('a state that does not know its own messages closes the height with whatever record meets it', () => {
  const [mine, theirs] = [new Home(), new Home()];
  mine.sign({ height: 3, round: 1, step: 'prevote', block: 1 });
  theirs.sign({ height: 3, round: 2, step: 'prevote', block: 2 });
  const record = carried(theirs.state, 'complete')!;
  const unknown = new Home(raisedState({ ...mine.state, own: [] }, record, chainId));
  assert.equal(unknown.sign({ height: 3, round: 9, step: 'prevote', block: 2 }), null);
  assert.ok(unknown.sign({ height: 4, round: 0, step: 'prevote', block: 2 }));
  const known = new Home(raisedState(mine.state, record, chainId));
  assert.ok(known.sign({ height: 3, round: 9, step: 'prevote', block: 2 }));
});

test('a complete record keeps the lock and its votes, a minimal one closes the height', () => {
  const home = new Home();
  for (const step of ['prevote', 'precommit'] as const) home.sign({ height: 3, round: 1, step, block: 2 });
  const complete = new Home(raisedState(NOTHING_SIGNED, carried(home.state, 'complete')!, chainId));
  assert.deepEqual(complete.signer.signed().votes, home.signer.signed().votes);
  assert.deepEqual(complete.sign({ height: 3, round: 1, step: 'precommit', block: 2 }), ['3/1/precommit', hashOf(2)]);
  assert.equal(complete.sign({ height: 3, round: 1, step: 'precommit', block: 1 }), null);
  assert.ok(complete.sign({ height: 3, round: 2, step: 'prevote', block: 2 }));
  const minimal = new Home(raisedState(NOTHING_SIGNED, carried(home.state, 'minimal')!, chainId));
  assert.deepEqual(minimal.signer.signed().votes, []);
  assert.equal(minimal.sign({ height: 3, round: 2 ** 31, step: 'prevote', block: 2 }), null);
  assert.ok(minimal.sign({ height: 4, round: 0, step: 'prevote', block: 2 }));
});

/** A home on disk with this key, or with none, that signed what is wished. */
function homeOnDisk(name: string, wishes: readonly Wish[], { hasKey = true } = {}): string {
  const home = join(folder, name);
  const { genesis } = new Lab({ validators: 1 });
  const file = {
    formatVersion: 1,
    name,
    rpc: { host: '127.0.0.1', port: 0 },
    p2p: { listen: '/ip4/127.0.0.1/tcp/0', bootstrap: [] },
    modelDirectory: null,
  } as const;
  const keys = hasKey
    ? { operator, consensusSeed: seed, vrfSeed: seed }
    : { operator: null, consensusSeed: null, vrfSeed: null };
  writeNodeHome(home, file, { ...keys, rotated: [], networkSeed: seed, experts: [], devAccounts: [] });
  writeFileSync(join(home, 'genesis.json'), JSON.stringify(genesisToJson(genesis)));
  if (!hasKey) return home;
  const signer = signerAt(home);
  for (const { height, round, step, block } of wishes) {
    const blockId = hashOf(block);
    if (step === 'propose') signer.signProposal({ height, round, polRound: -1, blockId });
    else
      signer.signVote({
        type: step,
        height,
        round,
        blockId,
        extension: step === 'precommit' ? new Uint8Array([1]) : null,
      });
  }
  return home;
}

const signerAt = (home: string) =>
  openConsensusSigner({ chainId, operator, consensusSeed: seed, vrfSeed: seed, stateFile: join(home, 'sign-state') });

test('export, import and show over homes on disk, and what each refuses', { timeout: 60_000 }, async () => {
  const old = homeOnDisk('old', [
    { height: 5, round: 0, step: 'prevote', block: 1 },
    { height: 5, round: 0, step: 'precommit', block: 1 },
  ]);
  const fresh = homeOnDisk('fresh', []);
  const record = join(folder, 'record.json');
  const exported = await synod(['slashing-protection', 'export', '--home', old, '--out', record]);
  assert.equal(exported.code, 0, exported.stderr);
  assert.match(exported.stdout, /this home must not sign/);
  assert.equal(statSync(record).mode & 0o077, 0);
  const document = JSON.parse(readFileSync(record, 'utf8'));
  assert.deepEqual(document.metadata.chain_id, chainId);
  assert.deepEqual(
    document.data[0].signed.map(({ step }: { step: string }) => step),
    ['prevote', 'precommit'],
  );
  assert.ok(!JSON.stringify(document).includes(toHex(seed)));

  const before = readFileSync(join(fresh, 'sign-state'), 'utf8');
  assert.match(importProtection(record, fresh).lines.join('\n'), /raised: last signed height 5, round 0, precommit/);
  const raised = readFileSync(join(fresh, 'sign-state'), 'utf8');
  assert.notEqual(raised, before);
  assert.match(importProtection(record, fresh).lines.join('\n'), /kept/);
  assert.equal(readFileSync(join(fresh, 'sign-state'), 'utf8'), raised, 'importing again writes nothing');
  const vote = { height: 5, round: 0, extension: null } as const;
  assert.equal(signerAt(fresh).signVote({ ...vote, type: 'prevote', blockId: hashOf(2) }).ok, false);
  assert.match(showProtection(fresh).lines.join(), /height 5, round 0, precommit/);

  const keyless = homeOnDisk('keyless', [], { hasKey: false });
  assert.match(importProtection(record, keyless).lines.join('\n'), /no key of this home yet/);
  assert.match(showProtection(keyless).lines.join(), /height 5/);
  // When the key comes, it finds its record.
  assert.match(JSON.stringify(exportProtection(keyless, {}).json), /"height":"5"/);

  const minimal = join(folder, 'minimal.json');
  exportProtection(old, { out: minimal, minimal: true });
  assert.deepEqual(JSON.parse(readFileSync(minimal, 'utf8')).data[0].signed, [{ height: '5' }]);
  assert.match(importProtection(minimal, fresh).lines.join('\n'), /the whole of height 5/);

  const release = acquireLock(fresh);
  for (const run of [() => exportProtection(fresh, {}), () => importProtection(record, fresh)])
    assert.throws(run, { code: 'DATA_DIR_IN_USE' });
  release();

  const change = (apply: (one: typeof document) => void): string => {
    const copy = structuredClone(document);
    apply(copy);
    const file = join(folder, 'changed.json');
    writeFileSync(file, JSON.stringify(copy));
    return file;
  };
  const refused: readonly [string, RegExp, (one: typeof document) => void][] = [
    ['PROTECTION_FOREIGN', /of chain "other"/, (one) => (one.metadata.chain_id = 'other')],
    ['PROTECTION_FOREIGN', /another genesis/, (one) => (one.metadata.genesis_hash = `0x${'ab'.repeat(32)}`)],
    ['PROTECTION_FILE_INVALID', /interchange_format"/, (one) => (one.metadata.interchange_format = 'complete')],
    ['PROTECTION_FILE_INVALID', /did not sign/, (one) => (one.data[0].signed[0].block_hash = `0x${hashOf(3)}`)],
    ['PROTECTION_FILE_INVALID', /did not sign/, (one) => (one.data[0].signed[1].extension.bytes = '0x02')],
    ['PROTECTION_FILE_INVALID', /data\[0\]\.signed\[0\]\.height/, (one) => (one.data[0].signed[0].height = 5)],
    ['PROTECTION_FILE_INVALID', /signed\[1\]\.step/, (one) => (one.data[0].signed[1].step = 'commit')],
    ['PROTECTION_FILE_INVALID', /data\[0\]\.pubkey/, (one) => (one.data[0].pubkey = '0x12')],
    ['PROTECTION_FILE_INVALID', /"data"/, (one) => (one.data = {})],
  ];
  const kept = readFileSync(join(fresh, 'sign-state'), 'utf8');
  for (const [code, message, apply] of refused)
    assert.throws(() => importProtection(change(apply), fresh), { code, message });
  assert.equal(readFileSync(join(fresh, 'sign-state'), 'utf8'), kept);
  const foreign = change((one) => (one.metadata.chain_id = 'other'));
  const ended = await synod(['slashing-protection', 'import', foreign, '--home', fresh]);
  assert.equal(ended.code, 10, ended.stderr);
  assert.throws(() => importProtection(join(folder, 'none.json'), fresh), { code: 'PROTECTION_FILE_MISSING' });
  assert.throws(() => importProtection(record, join(folder, 'nowhere')), { code: 'HOME_INCOMPLETE' });
  // What cannot be read cannot be compared, and is not replaced.
  writeFileSync(join(fresh, 'sign-state'), 'damaged');
  assert.throws(() => importProtection(record, fresh), { code: 'SIGN_STATE_DAMAGED' });
});

test('any JSON is a record or one error', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      try {
        parseProtection(value, 'any');
        assert.fail('no such value is a record');
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'PROTECTION_FILE_INVALID', String(error));
      }
    }),
  );
});
