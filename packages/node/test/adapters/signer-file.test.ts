/** The signer's rule and its state on disk (consensus §1.7), with a crash at every operation. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  addressOf,
  extensionSignBytes,
  type Hash,
  proposalSignBytes,
  publicKeyOf,
  verifySignature,
  voteSignBytes,
} from '@synod/chain';
import fc from 'fast-check';
import { createExpertSigner } from '../../src/adapters/expert-signer.ts';
import { SIGN_STATE_LIMITS } from '../../src/adapters/sign-state-file.ts';
import {
  beginSignState,
  type ConsensusSignerOptions,
  openConsensusSigner,
  openSignerSafely,
} from '../../src/adapters/signer-file.ts';
import { identitySignBytes } from '../../src/host/identity.ts';
import { filesFailingAt, temporaryDirectory } from './temporary.ts';

const consensusSeed = new Uint8Array(32).fill(1);
const vrfSeed = new Uint8Array(32).fill(2);
const publicKey = publicKeyOf(consensusSeed);
const operator = addressOf(publicKey);
const idA = 'aa'.repeat(32) as Hash;
const idB = 'bb'.repeat(32) as Hash;
const extension = new Uint8Array([1, 2, 3]);

function open(directory: string, options: Partial<ConsensusSignerOptions> = {}) {
  const stateFile = join(directory, 'sign-state.json');
  return openConsensusSigner({ chainId: 'test', operator, consensusSeed, vrfSeed, stateFile, ...options });
}

type Signer = ReturnType<typeof open>;
const prevote = (signer: Signer, height: number, round: number, blockId: Hash | null) =>
  signer.signVote({ type: 'prevote', height, round, blockId, extension: null });
const precommit = (signer: Signer, height: number, round: number, blockId: Hash | null, bytes = extension) =>
  signer.signVote({ type: 'precommit', height, round, blockId, extension: blockId && bytes });
const propose = (signer: Signer, height: number, round: number, blockId: Hash) =>
  signer.signProposal({ height, round, polRound: -1, blockId });

function codeOf(result: { readonly ok: boolean; readonly code?: string }): string {
  return result.ok ? 'OK' : result.code!;
}

test('a key made for a node that has followed the chain begins its state once, and never over an old one', (context) => {
  const stateFile = join(temporaryDirectory(context), 'sign-state.json');
  const begin = (seed = consensusSeed) => beginSignState({ stateFile, chainId: 'test', consensusSeed: seed });
  const reopen = () =>
    openConsensusSigner({ chainId: 'test', operator, consensusSeed, vrfSeed, stateFile, isNew: false });
  assert.throws(reopen, { code: 'SIGN_STATE_DAMAGED' });
  begin();
  assert.equal(codeOf(prevote(reopen(), 7, 0, idA)), 'OK');
  begin();
  assert.equal(reopen().signed().height, 7, 'what was signed stays');
  assert.throws(() => begin(vrfSeed), { code: 'SIGN_STATE_FOREIGN' });
  rmSync(stateFile);
  assert.throws(() => begin(), { code: 'SIGN_STATE_DAMAGED' });
});

test('signatures verify under the sign bytes of their kind', (context) => {
  const signer = open(temporaryDirectory(context));
  const proposal = propose(signer, 1, 0, idA);
  assert.ok(proposal.ok);
  const content = { height: 1, round: 0, polRound: -1, blockId: idA };
  assert.ok(verifySignature(publicKey, proposalSignBytes('test', content), proposal.value));
  const vote = precommit(signer, 1, 0, idA);
  assert.ok(vote.ok && vote.value.extension);
  const voteBytes = voteSignBytes('test', { type: 'precommit', height: 1, round: 0, blockId: idA });
  assert.ok(verifySignature(publicKey, voteBytes, vote.value.signature));
  const extended = extensionSignBytes('test', { height: 1, round: 0, blockId: idA, extension });
  assert.ok(verifySignature(publicKey, extended, vote.value.extension.signature));
  assert.equal(signer.signed().height, 1);
  assert.equal(signer.proveBeacon(new Uint8Array(8))?.length, 80);
});

test('the same bytes give the old signature, other bytes at the slot are refused, in memory and after a restart', (context) => {
  const directory = temporaryDirectory(context);
  const before = open(directory);
  const first = prevote(before, 5, 1, idA);
  assert.ok(first.ok);
  for (const signer of [before, open(directory)]) {
    assert.deepEqual(prevote(signer, 5, 1, idA), first);
    assert.equal(codeOf(prevote(signer, 5, 1, idB)), 'SIGN_CONFLICT');
    assert.equal(codeOf(prevote(signer, 5, 1, null)), 'SIGN_CONFLICT');
    assert.equal(codeOf(propose(signer, 5, 1, idA)), 'SIGN_SLOT_OLD');
    assert.equal(codeOf(precommit(signer, 5, 0, idA)), 'SIGN_SLOT_OLD');
    assert.equal(codeOf(precommit(signer, 4, 9, idA)), 'SIGN_SLOT_OLD');
  }
});

test('a repeated precommit returns the extension that was signed first', (context) => {
  const directory = temporaryDirectory(context);
  const first = precommit(open(directory), 2, 0, idA);
  const again = precommit(open(directory), 2, 0, idA, new Uint8Array([9]));
  assert.ok(first.ok);
  assert.deepEqual(again, first);
  assert.deepEqual(first.value.extension?.bytes, extension);
});

test('what was signed at the height comes back after a restart, with the locked proposal', (context) => {
  const directory = temporaryDirectory(context);
  const before = open(directory);
  const locked = new Uint8Array([7, 7, 7]);
  prevote(before, 8, 0, idA);
  propose(before, 9, 0, idA);
  prevote(before, 9, 0, idA);
  before.signVote({
    type: 'precommit',
    height: 9,
    round: 0,
    blockId: idA,
    extension,
    lockedProposal: locked,
  });
  prevote(before, 9, 1, null);
  const after = open(directory).signed();
  assert.deepEqual(after, before.signed());
  assert.deepEqual([after.height, after.round, after.step], [9, 1, 'prevote']);
  assert.deepEqual(
    after.votes.map(({ type, round, blockId, validator }) => [type, round, blockId, validator]),
    [
      ['prevote', 0, idA, operator],
      ['precommit', 0, idA, operator],
      ['prevote', 1, null, operator],
    ],
  );
  assert.deepEqual(after.proposals, before.signed().proposals);
  assert.equal(after.proposals[0]?.blockId, idA);
  assert.deepEqual(after.lockedProposal, locked);
  for (const vote of after.votes) {
    assert.ok(verifySignature(publicKey, voteSignBytes('test', vote), vote.signature));
  }
  assert.deepEqual(after.votes[1]?.extension?.bytes, extension);
});

test('what was signed is told anew after every signature, and the same until the next', (context) => {
  const signer = open(temporaryDirectory(context));
  assert.equal(signer.signed().height, 0);
  assert.equal(codeOf(prevote(signer, 3, 0, idA)), 'OK');
  assert.deepEqual([signer.signed().height, signer.signed().votes.length], [3, 1]);
  assert.equal(signer.signed(), signer.signed());
  assert.equal(codeOf(prevote(signer, 3, 0, idB)), 'SIGN_CONFLICT');
  assert.equal(signer.signed().votes.length, 1);
  assert.equal(codeOf(precommit(signer, 3, 0, idA)), 'OK');
  assert.equal(signer.signed().votes.length, 2);
});

test('a locked proposal that is damaged or missing is forgotten, the lock is not', (context) => {
  const directory = temporaryDirectory(context);
  const slot = { type: 'precommit', height: 1, round: 0, blockId: idA, extension } as const;
  open(directory).signVote({ ...slot, lockedProposal: new Uint8Array(100) });
  const path = join(directory, readdirSync(directory).find((name) => name.includes('.locked'))!);
  const bytes = readFileSync(path);
  for (const damage of [Buffer.from(bytes).fill(1, 40, 41), bytes.subarray(0, 20), null]) {
    if (damage === null) rmSync(path);
    else writeFileSync(path, damage);
    const { lockedProposal, votes } = open(directory).signed();
    assert.equal(lockedProposal, null);
    assert.equal(votes[0]?.blockId, idA);
  }
});

test('own messages are bounded: votes for nil go first, what the lock stands on stays', (context) => {
  const directory = temporaryDirectory(context);
  const signer = open(directory);
  prevote(signer, 1, 0, idA);
  precommit(signer, 1, 0, idA);
  for (let round = 1; round < 40; round++) {
    prevote(signer, 1, round, round % 8 === 0 ? idB : null);
    precommit(signer, 1, round, null);
  }
  const { votes } = open(directory).signed();
  assert.equal(votes.length, SIGN_STATE_LIMITS.ownMessagesMax);
  const blocks = votes.filter(({ blockId }) => blockId !== null);
  assert.deepEqual(
    blocks.map(({ type, round }) => `${type} ${round}`),
    ['prevote 0', 'precommit 0', 'prevote 8', 'prevote 16', 'prevote 24', 'prevote 32'],
  );
  assert.ok(readFileSync(join(directory, 'sign-state.json')).length < 20_000);
});

test('a file of format 1 loads, guards its slot, and is format 3 after the next signature', (context) => {
  const directory = temporaryDirectory(context);
  const path = join(directory, 'sign-state.json');
  assert.ok(prevote(open(directory), 5, 0, idA).ok);
  const content = JSON.parse(readFileSync(path, 'utf8').split('\n')[0]!);
  const { own: _, ...slot } = content.state;
  const { locked: _none, ...rest } = content;
  const body = JSON.stringify({ ...rest, formatVersion: 1, state: slot });
  writeFileSync(path, `${body}\n${createHash('sha256').update(body).digest('hex')}\n`);
  const signer = open(directory);
  assert.deepEqual(signer.signed().votes, []);
  assert.equal(codeOf(prevote(signer, 5, 0, idB)), 'SIGN_CONFLICT');
  assert.ok(precommit(signer, 5, 0, idA).ok);
  assert.equal(JSON.parse(readFileSync(path, 'utf8').split('\n')[0]!).formatVersion, 3);
  assert.equal(open(directory).signed().votes.length, 1);
});

test('a sign state that cannot be trusted gives a signer that proves who it is and signs no vote', (context) => {
  const directory = temporaryDirectory(context);
  const stateFile = join(directory, 'sign-state.json');
  prevote(open(directory), 3, 0, idA);
  writeFileSync(stateFile, 'x');
  const options = { chainId: 'test', operator, consensusSeed, vrfSeed, stateFile };
  const { signer, signStateProblem } = openSignerSafely(options);
  assert.match(signStateProblem ?? '', /cannot be trusted.*sign twice.*newest copy/);
  assert.equal(codeOf(prevote(signer, 9, 0, idA)), 'SIGN_STATE_DAMAGED');
  assert.equal(codeOf(propose(signer, 9, 0, idA)), 'SIGN_STATE_DAMAGED');
  assert.ok(verifySignature(publicKey, identitySignBytes('test', 'me'), signer.signIdentity('me')!));
  assert.equal(readFileSync(stateFile, 'utf8'), 'x');
  assert.throws(
    () => openSignerSafely({ ...options, chainId: 'other', stateFile: directory + 2, files: filesFailingAt(0) }),
    {
      code: 'SIGN_STATE_WRITE_FAILED',
    },
  );
});

test('slots rise in the order height, round, step', (context) => {
  const signer = open(temporaryDirectory(context));
  const codes = [
    propose(signer, 1, 0, idA),
    prevote(signer, 1, 0, idA),
    precommit(signer, 1, 0, null),
    propose(signer, 1, 1, idB),
    precommit(signer, 1, 1, idB),
    prevote(signer, 2, 0, null),
  ].map(codeOf);
  assert.deepEqual(codes, Array(6).fill('OK'));
});

test('places that do not exist and misplaced extensions are refused', (context) => {
  const signer = open(temporaryDirectory(context));
  for (const bad of [Number.NaN, -1, 0, 1.5, 2 ** 53, Number.POSITIVE_INFINITY]) {
    assert.equal(codeOf(prevote(signer, bad, 0, idA)), 'SIGN_REQUEST_INVALID');
    assert.equal(codeOf(propose(signer, bad, 0, idA)), 'SIGN_REQUEST_INVALID');
  }
  for (const bad of [Number.NaN, -1, 0.5]) assert.equal(codeOf(prevote(signer, 1, bad, idA)), 'SIGN_REQUEST_INVALID');
  for (const polRound of [-2, 0, Number.NaN]) {
    assert.equal(codeOf(signer.signProposal({ height: 1, round: 0, polRound, blockId: idA })), 'SIGN_REQUEST_INVALID');
  }
  const at = { height: 1, round: 0 } as const;
  const wrong = [
    { type: 'prevote', ...at, blockId: idA, extension },
    { type: 'precommit', ...at, blockId: null, extension },
    { type: 'precommit', ...at, blockId: idA, extension: null },
    { type: 'precommit', ...at, blockId: idA, extension: new Uint8Array(1024 * 1024 + 1) },
  ] as const;
  for (const slot of wrong) assert.equal(codeOf(signer.signVote(slot)), 'SIGN_REQUEST_INVALID');
  assert.equal(signer.signed().height, 0);
});

test('a crash at every operation: what was returned is on disk, what was not returned may be signed again', (context) => {
  let returned = 0;
  for (let failAt = 0; ; failAt++) {
    const directory = temporaryDirectory(context);
    const before = open(directory);
    assert.ok(prevote(before, 1, 0, idA).ok);
    const crashing = open(directory, { files: filesFailingAt(failAt) });
    const result = prevote(crashing, 2, 0, idA);
    assert.equal(codeOf(result), failAt < filesNeeded(context) ? 'SIGN_STATE_WRITE_FAILED' : 'OK');
    const after = open(directory);
    // The first signature is never forgotten, whatever happened to the second.
    assert.equal(codeOf(prevote(after, 1, 0, idB)), after.signed().height === 1 ? 'SIGN_CONFLICT' : 'SIGN_SLOT_OLD');
    if (!result.ok) continue;
    returned++;
    assert.equal(codeOf(prevote(after, 2, 0, idB)), 'SIGN_CONFLICT');
    break;
  }
  assert.equal(returned, 1);
});

/** Operations of one save. */
function filesNeeded(context: Parameters<typeof temporaryDirectory>[0]): number {
  const directory = temporaryDirectory(context);
  open(directory);
  const files = filesFailingAt(Number.POSITIVE_INFINITY);
  assert.ok(prevote(open(directory, { files }), 1, 0, idA).ok);
  return files.calls.length;
}

test('a save writes, syncs, renames and syncs the directory, in this order', (context) => {
  const directory = temporaryDirectory(context);
  open(directory);
  const files = filesFailingAt(Number.POSITIVE_INFINITY);
  prevote(open(directory, { files }), 1, 0, idA);
  const order = files.calls.filter((name) => name !== 'openSync' && name !== 'closeSync');
  assert.deepEqual(order, ['writeSync', 'fdatasyncSync', 'renameSync', 'fsyncSync']);
});

test('a temporary file left by a crash before the rename is passed over', (context) => {
  const directory = temporaryDirectory(context);
  assert.ok(prevote(open(directory), 3, 0, idA).ok);
  writeFileSync(join(directory, '.sign-state.json.new'), '{"half":');
  const signer = open(directory);
  assert.equal(signer.signed().height, 3);
  assert.ok(prevote(signer, 4, 0, idA).ok);
});

test('a missing file is damage when its marker or blocks are there, and a beginning otherwise', (context) => {
  const directory = temporaryDirectory(context);
  open(directory);
  rmSync(join(directory, 'sign-state.json'));
  assert.throws(() => open(directory), { name: 'SynodError', code: 'SIGN_STATE_DAMAGED' });
  assert.equal(existsSync(join(directory, 'sign-state.json')), false);
  const fresh = temporaryDirectory(context);
  assert.throws(() => open(fresh, { isNew: false }), { code: 'SIGN_STATE_DAMAGED' });
  assert.deepEqual(readdirSync(fresh), []);
});

test('a crash between the first state and its marker is repaired at the next start', (context) => {
  const directory = temporaryDirectory(context);
  prevote(open(directory), 1, 0, idA);
  rmSync(join(directory, 'sign-state.json.exists'));
  assert.equal(open(directory, { isNew: false }).signed().height, 1);
  rmSync(join(directory, 'sign-state.json'));
  assert.throws(() => open(directory), { code: 'SIGN_STATE_DAMAGED' });
});

test('any changed byte and any cut of the file is damage', (context) => {
  const directory = temporaryDirectory(context);
  precommit(open(directory), 7, 0, idA);
  const path = join(directory, 'sign-state.json');
  const bytes = readFileSync(path);
  const mutation = fc.record({ at: fc.nat(bytes.length - 1), bit: fc.nat(7), cut: fc.boolean() });
  fc.assert(
    fc.property(mutation, ({ at, bit, cut }) => {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1 << bit;
      writeFileSync(path, cut ? bytes.subarray(0, at) : changed);
      assert.throws(() => open(directory), { code: 'SIGN_STATE_DAMAGED' });
    }),
    { numRuns: 200 },
  );
  writeFileSync(path, bytes);
  assert.equal(open(directory).signed().height, 7);
});

test('the state of another chain or key is refused and named', (context) => {
  const directory = temporaryDirectory(context);
  open(directory);
  assert.throws(() => open(directory, { chainId: 'other' }), {
    code: 'SIGN_STATE_FOREIGN',
    message: /"test".*"other"/s,
  });
  assert.throws(() => open(directory, { consensusSeed: vrfSeed }), { code: 'SIGN_STATE_FOREIGN' });
});

test('a state file that cannot be read or begun is an error', (context) => {
  const directory = temporaryDirectory(context);
  assert.throws(() => open(directory, { stateFile: directory }), { code: 'SIGN_STATE_DAMAGED' });
  const failing = { stateFile: join(directory, 'new.json'), files: filesFailingAt(0) };
  assert.throws(() => open(directory, failing), { code: 'SIGN_STATE_WRITE_FAILED' });
});

test('secrets depend on key and label, and an expert signs with its key', (context) => {
  const signer = open(temporaryDirectory(context));
  assert.deepEqual(signer.deriveSecret('a'), signer.deriveSecret('a'));
  assert.equal(signer.deriveSecret('a').length, 32);
  assert.notDeepEqual(signer.deriveSecret('a'), signer.deriveSecret('b'));
  const expert = createExpertSigner(vrfSeed);
  assert.notDeepEqual(expert.deriveSecret('a'), signer.deriveSecret('a'));
  assert.equal(expert.address, addressOf(publicKeyOf(vrfSeed)));
  const message = new Uint8Array([1]);
  assert.ok(verifySignature(publicKeyOf(vrfSeed), message, expert.sign(message)));
});
