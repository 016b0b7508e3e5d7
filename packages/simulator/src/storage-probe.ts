/**
 * What a node keeps on its disk, and what it makes of it at a start: the log's bytes, the order of writes and syncs, the signer's memory, the start-up
 * rules (consensus §1.7–§1.9). Owns the questions and the answers that are due; disks under a running network are disk.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeExtendedCommit, type Hash, SynodError, taggedHash, type VoteType } from '@synod/chain';
import {
  createConsensusSigner,
  type FileOperations,
  frameRecord,
  NOTHING_SIGNED,
  openSignStateFile,
  openWal,
  type SignState,
  scanSegment,
  systemFiles,
} from '@synod/node/durable';
import {
  bootOf,
  type ConsensusSigner,
  decideStartUp,
  type FoundOnDisk,
  genesisHead,
  headOf,
  type Signed,
} from '@synod/node/host';
import { castOf } from './cast.ts';
import { agreementOf, keyedHashTier } from './keys.ts';
import type { Prng } from './prng.ts';

/** What is kept or found otherwise than it must, or null. */
export function storageProblem(prng: Prng): string | null {
  return logProblem(prng) ?? syncProblem() ?? memoryProblem(prng) ?? startProblem() ?? bootProblem();
}

/** A torn tail is cut, anything bad before a whole record is damage, and a record is one at its own place only. */
function logProblem(prng: Prng): string | null {
  const segment = 3;
  const records = Array.from({ length: 6 }, (_, index) => new Uint8Array(3 + 5 * index).fill(index + 1));
  const frames: Uint8Array[] = [];
  for (const record of records) frames.push(frameRecord(segment, lengthOf(frames), record));
  const whole = Buffer.concat(frames);
  const starts = frames.map((_, index) => lengthOf(frames.slice(0, index)));
  const ask = (name: string, bytes: Uint8Array, due: { count: number; damage: string | null }): string | null => {
    const found = scanSegment(segment, bytes);
    const isRight = found.records.length === due.count && (found.damage?.kind ?? null) === due.damage;
    return isRight
      ? null
      : `a log with ${name} has ${found.records.length} records and ${found.damage?.kind}, due ${due.count} and ${due.damage}`;
  };
  const flipped = (from: number, to: number): Uint8Array => {
    const bytes = Buffer.from(whole);
    const at = prng.between(from, to - 1);
    bytes[at] = (bytes[at] as number) ^ (1 << prng.below(8));
    return bytes;
  };
  const [last, third] = [starts[5] as number, starts[2] as number];
  const moved = Buffer.concat([whole.subarray(0, third), frameRecord(segment, 0, records[2] as Uint8Array)]);
  const older = Buffer.concat([whole.subarray(0, third), frameRecord(segment - 1, third, records[2] as Uint8Array)]);
  return (
    ask('nothing wrong', whole, { count: 6, damage: null }) ??
    ask('half of its last record', whole.subarray(0, prng.between(last + 1, whole.length - 1)), {
      count: 5,
      damage: 'tornTail',
    }) ??
    ask('a bad last record', flipped(last + 8, whole.length), { count: 5, damage: 'tornTail' }) ??
    ask('a bad record in the middle', flipped(third + 8, starts[3] as number), { count: 2, damage: 'damagedMiddle' }) ??
    ask('a record of another place', moved, { count: 2, damage: 'tornTail' }) ??
    ask('a record of an older segment', older, { count: 2, damage: 'tornTail' })
  );
}

/** Nothing counts as written before it was synced, and nothing goes before what replaces it is there. */
function syncProblem(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'synod-simulated-disk-'));
  const done: string[] = [];
  const noting = <K extends keyof FileOperations>(name: K): FileOperations[K] =>
    ((...values: never[]) => {
      done.push(name);
      return (systemFiles[name] as (...given: never[]) => unknown)(...values);
    }) as FileOperations[K];
  const names = ['writeSync', 'fsyncSync', 'fdatasyncSync', 'renameSync', 'rmSync', 'ftruncateSync'] as const;
  const files = { ...systemFiles, ...Object.fromEntries(names.map((name) => [name, noting(name)])) } as FileOperations;
  const order = (act: () => void): string => {
    done.length = 0;
    act();
    return done.join(' ');
  };
  try {
    const log = openWal({ directory: join(folder, 'wal'), files });
    const written = order(() => {
      log.wal.append(Uint8Array.of(1));
      log.wal.sync();
    });
    const truncated = order(() => log.wal.truncate());
    log.close();
    const owner = { chainId: 'simulation', publicKey: 'aa' };
    const path = join(folder, 'sign-state');
    const state = openSignStateFile({ path, owner, isNew: true, files });
    const saved = order(() => state.save(NOTHING_SIGNED, Uint8Array.of(1)));
    const replaced = order(() => state.save(NOTHING_SIGNED, Uint8Array.of(2)));
    const whole = 'writeSync fdatasyncSync renameSync';
    const due: readonly (readonly [string, string, string])[] = [
      ['a synced log', written, 'writeSync fdatasyncSync'],
      ['a new segment of the log', truncated, 'fsyncSync fsyncSync rmSync'],
      ['a sign state with its lock', saved, `${whole} ${whole} fsyncSync`],
      ['a sign state with another lock', replaced, `${whole} ${whole} fsyncSync rmSync`],
    ];
    const wrong = due.find(([, is, wanted]) => is !== wanted);
    return wrong === undefined ? null : `${wrong[0]} is made by ${wrong[1]}, due ${wrong[2]}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const steps = ['propose', 'prevote', 'precommit'] as const;
/** Spec: consensus §1.7. */
const ownMax = 24;

type Given = { readonly place: string; readonly round: number; readonly id: Hash | null; readonly content: string };

/** A signer goes up only, remembers what it gave at its height, and forgets neither its lock nor the block of it. */
function memoryProblem(prng: Prng): string | null {
  let saved: SignState = NOTHING_SIGNED;
  let isFull = false;
  const signer = signerOf(NOTHING_SIGNED, (state) => {
    if (isFull) throw new Error('no space left');
    saved = state;
  });
  let [height, round, step] = [1, 0, 0];
  let given: Given[] = [];
  let locked: Uint8Array | null = null;
  for (let count = 0; count < 160; count++) {
    const draw = prng.below(100);
    if (draw < 3) [height, round, step, given] = [height + 1, 0, 0, []];
    else if (draw < 60) [round, step] = step === 2 ? [round + 1, 0] : [round, step + 1];
    const kind = steps[step] as (typeof steps)[number];
    const place = `${height}/${round}/${kind}`;
    const id =
      kind === 'propose' || prng.chance(400_000)
        ? taggedHash('simulator/memory', Buffer.from(`${prng.below(3)}`))
        : null;
    const lock = kind === 'precommit' && id !== null ? Uint8Array.of(count) : null;
    const before = given.find((one) => one.place === place);
    isFull = before === undefined && prng.chance(50_000);
    const signed = signs(signer, { height, round, kind, id, lock });
    const due = isFull ? 'SIGN_STATE_WRITE_FAILED' : before === undefined || before.id === id ? 'OK' : 'SIGN_CONFLICT';
    const is = signed.ok ? 'OK' : signed.code;
    if (is !== due) return `the signer says ${is} to ${place}, due ${due}`;
    if (signed.ok && before === undefined) {
      given.push({ place, round, id, content: textOf(signed.value) });
      locked = lock ?? locked;
    } else if (signed.ok && textOf(signed.value) !== before?.content) return `the signer signs ${place} anew`;
    const old = round > 0 ? { height, round: round - 1 } : { height: height - 1, round: 9 };
    if (old.height > 0 && given.length > 0 && signs(signer, { ...old, kind: 'prevote', id, lock: null }).ok)
      return `the signer goes back from ${place}`;
    const problem = rememberProblem(signer, { given, saved, height, locked });
    if (problem !== null) return `after ${place} ${problem}`;
  }
  return null;
}

function rememberProblem(
  signer: ConsensusSigner,
  {
    given,
    saved,
    height,
    locked,
  }: { given: readonly Given[]; saved: SignState; height: number; locked: Uint8Array | null },
): string | null {
  if (given.length === 0) return null;
  const signed = signer.signed();
  const kept = [
    ...signed.votes.map((vote) => ({ place: `${vote.height}/${vote.round}/${vote.type}`, id: vote.blockId })),
    ...signed.proposals.map((one) => ({ place: `${one.height}/${one.round}/propose`, id: one.blockId })),
  ];
  if (kept.length !== Math.min(given.length, ownMax) || saved.own.length !== kept.length)
    return `the signer remembers ${kept.length} of ${given.length}`;
  if (kept.some((one) => !given.some(({ place, id }) => place === one.place && id === one.id)))
    return 'the signer remembers what it never gave';
  const lock = given.findLast(({ place, id }) => place.endsWith('/precommit') && id !== null);
  const needed = given.filter((one) => one === given.at(-1) || one.round === lock?.round);
  if (!needed.every(({ place }) => kept.some((one) => one.place === place)))
    return 'the signer has forgotten its lock, or its last word';
  if (signed.height !== height) return `the signer is at ${signed.height}`;
  return signed.lockedProposal === locked ? null : 'the signer has another locked proposal';
}

type Asked = { height: number; round: number; kind: (typeof steps)[number]; id: Hash | null; lock: Uint8Array | null };

function signs(signer: ConsensusSigner, { height, round, kind, id, lock }: Asked): Signed<unknown> {
  if (kind === 'propose') return signer.signProposal({ height, round, polRound: -1, blockId: id as Hash });
  const extension = kind === 'precommit' && id !== null ? new Uint8Array(2) : null;
  return signer.signVote({ type: kind as VoteType, height, round, blockId: id, extension, lockedProposal: lock });
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part instanceof Uint8Array ? Buffer.from(part).toString('hex') : part,
  );
}

/** Exactly two cases pass, and who could sign twice does not sign. */
function startProblem(): string | null {
  const key = { signStateProblem: null, signedHeight: 5, forgottenHeight: null };
  const fine = { stateHeight: 5, storeHeight: 5, isLogDamaged: false, key };
  const due: readonly (readonly [object, string])[] = [
    [{}, 'start'],
    [{ storeHeight: 6 }, 'start stored'],
    [{ storeHeight: 7 }, 'DATABASE_DAMAGED'],
    [{ storeHeight: 4 }, 'DATABASE_DAMAGED'],
    [{ key: null }, 'NO_KEY'],
    [{ key: { ...key, signStateProblem: 'bad' }, isLogDamaged: true }, 'SIGN_STATE_DAMAGED'],
    [{ key: { ...key, forgottenHeight: 5 }, isLogDamaged: true }, 'SIGN_STATE_OLD'],
    [{ isLogDamaged: true }, 'LOG_DAMAGED'],
  ];
  for (const [facts, wanted] of due) {
    const decision = decideStartUp({ ...fine, ...facts });
    const is =
      decision.kind === 'stop'
        ? decision.code
        : (decision.observes?.cause ?? `start${decision.appliesStored ? ' stored' : ''}`);
    if (is !== wanted) return `with ${JSON.stringify(facts)} the start is ${is}, due ${wanted}`;
  }
  return null;
}

/** What a start finds in the log and in the last blocks. */
function bootProblem(): string | null {
  const { identity, state } = castOf(4, false);
  const own = identity.genesis.validators.findIndex(({ operator }) => operator === memberOf().operator.address);
  const find = (
    signed: Partial<SignState>,
    blocks: Readonly<Record<number, { round: number; isOwn: boolean }>>,
    log: readonly Uint8Array[] = [],
  ) => {
    const store = {
      block: (height: number) => {
        const found = blocks[height];
        if (found === undefined) return null;
        const empty = {
          extension: new Uint8Array(),
          extensionSignature: new Uint8Array(64),
          signature: new Uint8Array(64),
        };
        const precommits = [0, 1, 2, 3]
          .filter((index) => (index === own) === found.isOwn)
          .map((validator) => ({ validator, ...empty }));
        const commit = encodeExtendedCommit({
          height,
          round: found.round,
          blockId: 'aa'.repeat(32) as Hash,
          precommits,
        });
        return { height, hash: 'aa'.repeat(32) as Hash, block: new Uint8Array(), commit };
      },
    } as unknown as FoundOnDisk['store'];
    const signer = signerOf({ ...NOTHING_SIGNED, ...signed }, () => undefined);
    const head = { ...genesisHead(state), height: 2 };
    const found = {
      identity,
      head,
      store,
      storeHeight: 2,
      logRecords: log,
      isLogDamaged: false,
      signer,
      signStateProblem: null,
    };
    return bootOf({ ...found, peerId: 'probe' }).observerReason !== null;
  };
  const [mine, others] = [
    { round: 0, isOwn: true },
    { round: 0, isOwn: false },
  ];
  const due: readonly (readonly [string, boolean, boolean])[] = [
    ['nothing to find', find({ height: 2, step: 'precommit' }, { 1: mine, 2: mine }), false],
    ['a forgotten signature in the block before', find({}, { 1: mine, 2: others }), true],
    ['a forgotten precommit of the round', find({ height: 2, step: 'prevote' }, { 1: mine, 2: mine }), true],
    ['a forgotten later round', find({ height: 2, step: 'precommit' }, { 2: { round: 1, isOwn: true } }), true],
    ['signatures of others', find({}, { 1: others, 2: others }), false],
    ['a record that does not decode', find({ height: 2, step: 'precommit' }, {}, [Uint8Array.of(250)]), true],
  ];
  const wrong = due.find(([, is, wanted]) => is !== wanted);
  if (wrong !== undefined) return `with ${wrong[0]} a node ${wrong[1] ? 'observes' : 'signs'}`;
  try {
    headOf({ height: 0, state, stateRoot: 'aa'.repeat(32) as Hash, store: {} as FoundOnDisk['store'] });
    return 'a state that does not hash to its root is taken';
  } catch (error) {
    return error instanceof SynodError && error.code === 'DATABASE_DAMAGED' ? null : `a start ends with ${error}`;
  }
}

function memberOf() {
  return castOf(4, false).members[0]!;
}

function signerOf(initial: SignState, save: (state: SignState) => void): ConsensusSigner {
  const { consensus, beacon, operator } = memberOf();
  const { sign, prove, deriveSecret } = keyedHashTier;
  return createConsensusSigner({
    chainId: 'simulation',
    operator: operator.address,
    state: { initial, initialLocked: null, save },
    keys: {
      publicKey: consensus.publicKey,
      sign: (message) => sign(consensus, message),
      prove: (alpha) => prove(beacon, alpha),
      deriveSecret: (label) => deriveSecret(consensus, label),
      agree: agreementOf(consensus),
    },
  });
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}
