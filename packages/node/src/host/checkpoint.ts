/**
 * Weak subjectivity (consensus §1.15): a node that is new or was away for long believes no chain but the one that contains
 * a block it was told of by somebody it trusts. Owns the comparison and its error; where the checkpoint comes from is the
 * operator's business.
 */
import { type ChainParams, type Genesis, type Hash, type Height, SynodError, type TimestampMs } from '@synod/chain';

/** A block that the operator trusts to be final. Height 0 names the genesis by its hash. */
export type Checkpoint = { readonly height: Height; readonly hash: Hash };

/** As `synod status` prints it and `--checkpoint` takes it. */
export function checkpointText({ height, hash }: Checkpoint): string {
  return `${height}@0x${hash}`;
}

const HOW_TO_GET_ONE =
  'Ask somebody you trust for the "checkpoint" line of "synod status" on their node, and start again with --checkpoint HEIGHT@HASH.';

/** What a node says whose checkpoint is too old to vouch for the present validators. */
export function checkpointExpired({ height }: Checkpoint): SynodError {
  return new SynodError(
    'CHECKPOINT_EXPIRED',
    `The checkpoint at height ${height} is older than the trusting period: those who signed then may have left, and could forge ` +
      `what came after without losing anything. ${HOW_TO_GET_ONE}`,
    { facts: { height } },
  );
}

/** What a node says when nobody it reaches can show the checkpoint's block. */
export function checkpointUnknown({ height }: Checkpoint): SynodError {
  return new SynodError(
    'CHECKPOINT_UNKNOWN',
    `None of the connected peers still has block ${height}, which the checkpoint names, so nothing newer can be checked against it. ` +
      `${HOW_TO_GET_ONE}`,
    { facts: { height } },
  );
}

/**
 * How long after it was made a header still vouches for its chain, from consensus §1.15: evidence about those who signed it must
 * still be punishable when the period ends, clocks being wrong by the drift. `params` are the chain's where its state is known, since
 * votes change them. Null on a devnet, where nothing is at stake.
 */
export function trustingPeriodMs(genesis: Genesis, params: ChainParams = genesis.params): number | null {
  if (genesis.devnet) return null;
  const { staking, timeouts, clockDriftMsMax } = params;
  const evidenceMs = Math.min(staking.evidenceAgeMs, staking.evidenceAgeHeights * timeouts.blockIntervalMs);
  return Math.max(0, evidenceMs - 2 * clockDriftMsMax);
}

/**
 * Consensus §1.15 for a node that was away: its newest block is older than the trusting period, and no checkpoint from there on
 * was given. Null when it may go on; else `CHECKPOINT_REQUIRED`, to be thrown.
 */
export function absenceProblem(options: {
  readonly genesis: Genesis;
  /** Of the newest state; those of genesis when left out. */
  readonly params?: ChainParams;
  readonly head: { readonly height: Height; readonly timeMs: TimestampMs };
  readonly checkpoint: Checkpoint | null;
  readonly nowMs: TimestampMs;
}): SynodError | null {
  const { genesis, params, head, checkpoint, nowMs } = options;
  const periodMs = trustingPeriodMs(genesis, params);
  const awayMs = nowMs - head.timeMs;
  if (periodMs === null || head.height === 0 || awayMs <= periodMs) return null;
  if (checkpoint !== null && checkpoint.height >= head.height) return null;
  const [awaySeconds, periodSeconds] = [Math.floor(awayMs / 1000), Math.floor(periodMs / 1000)];
  return new SynodError(
    'CHECKPOINT_REQUIRED',
    `This node's newest block ${head.height} is ${awaySeconds} s old, more than the trusting period of ${periodSeconds} s: keys that ` +
      `have left since could show it a forged history. ${HOW_TO_GET_ONE} If the whole network stood still since then, give block ${head.height} itself.`,
    { facts: { height: head.height, awaySeconds, periodSeconds } },
  );
}

/** Throws `CHECKPOINT_MISMATCH` when `hash` is at the checkpoint's height and is not the block it names. */
export function requireCheckpoint(checkpoint: Checkpoint | null, height: Height, hash: Hash): void {
  if (checkpoint === null || checkpoint.height !== height || checkpoint.hash === hash) return;
  throw new SynodError(
    'CHECKPOINT_MISMATCH',
    `The chain offered here has block 0x${hash} at height ${height}, but the checkpoint says 0x${checkpoint.hash}. ` +
      'Either the checkpoint is wrong or these peers follow another chain: nothing of it was kept from that height on. ' +
      'Compare the checkpoint with a source you trust, then start again with the right one and an empty data directory.',
    { facts: { height, found: hash, expected: checkpoint.hash } },
  );
}
