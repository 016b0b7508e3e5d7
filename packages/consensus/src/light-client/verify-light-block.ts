/**
 * Whether a light block follows from a trusted one: the next height by its parent's word, any later height by the
 * signatures of those whom the trusted block names, an earlier one by hash links (spec: light-client §3, §4).
 * Owns no fetching: bisection.ts says which block to ask for.
 */
import type { Hash, Header, Height, LightBlock, TimestampMs, Validator } from '@synod/chain';
import { isSkip } from '../vote-keeper.ts';
import { idOf, lightBlockProblem, nextSetOf } from './check-light-block.ts';
import { type LightClientConfig, type LightRefusal, type LightVerdict, refuse } from './light-verdict.ts';

/** A height and the block id that somebody vouches for outside the chain (consensus §1.15). */
export type Checkpoint = { readonly height: Height; readonly hash: Hash };

export type LightStep = {
  /** Verified before, or a checkpoint's block. */
  readonly trusted: LightBlock;
  readonly untrusted: LightBlock;
  readonly config: LightClientConfig;
  /** The local clock. */
  readonly nowMs: TimestampMs;
};

/** Accepts the block of a checkpoint: the one with that height and id that holds together by itself (light-client §3.1). */
export function verifyCheckpoint(request: {
  readonly checkpoint: Checkpoint;
  readonly block: LightBlock;
  readonly config: LightClientConfig;
}): LightVerdict {
  const { checkpoint, block, config } = request;
  const { height } = block.header;
  if (height !== checkpoint.height) return refuse('CHECKPOINT_HEIGHT_DIFFERS', height, { trusted: checkpoint.height });
  if (idOf(block.header) !== checkpoint.hash) return refuse('CHECKPOINT_HASH_DIFFERS', height);
  return lightBlockProblem(block, config) ?? { ok: true };
}

/** Accepts the block right after the trusted one (light-client §3.3). */
export function verifyAdjacent(step: LightStep): LightVerdict {
  const { trusted, untrusted, config } = step;
  const { height } = untrusted.header;
  if (height !== trusted.header.height + 1) return refuse('LIGHT_HEIGHT_NOT_ADJACENT', height);
  return stepProblem(step) ?? lightBlockProblem(untrusted, config) ?? { ok: true };
}

/**
 * Accepts a block at any later height, signed by more than 1/3 of the power of the trusted block's next set
 * (light-client §3.4). The very next height must keep the stricter adjacent rule. `LIGHT_TRUST_INSUFFICIENT` is no verdict
 * on the block: ask for one in between.
 */
export function verifySkipping(step: LightStep): LightVerdict {
  return stepProblem(step) ?? lightBlockProblem(step.untrusted, step.config) ?? { ok: true };
}

/** What keeps the step from being taken, apart from the untrusted block's own faults: no signature is checked here. */
export function stepProblem({ trusted, untrusted, config, nowMs }: LightStep): LightRefusal | null {
  const { height, time } = untrusted.header;
  const expiresMs = trusted.header.time + config.trustingPeriodMs;
  if (expiresMs <= nowMs) return refuse('LIGHT_TRUST_EXPIRED', trusted.header.height, { expiresMs });
  if (time >= nowMs + config.clockDriftMsMax) return refuse('LIGHT_HEADER_FROM_FUTURE', height, { time });
  return linkProblem(trusted, untrusted);
}

/** The part of a step that no clock decides (light-client §3.2–§3.4). */
export function linkProblem(trusted: LightBlock, untrusted: LightBlock): LightRefusal | null {
  const [before, after] = [trusted.header, untrusted.header];
  const { height } = after;
  if (after.chainId !== before.chainId) return refuse('LIGHT_CHAIN_ID', height, { chainId: after.chainId });
  if (after.protocolVersion !== before.protocolVersion) return refuse('LIGHT_VERSION', height);
  if (height <= before.height) return refuse('LIGHT_HEIGHT_NOT_RISING', height, { trusted: before.height });
  if (after.time <= before.time) return refuse('LIGHT_TIME_NOT_RISING', height, { time: after.time });
  return height === before.height + 1 ? adjacentProblem(before, after) : overlapProblem(trusted, untrusted);
}

function adjacentProblem(before: Header, after: Header): LightRefusal | null {
  if (after.lastBlockId !== idOf(before)) return refuse('LIGHT_LINK_BROKEN', after.height);
  return after.validatorsHash === before.nextValidatorsHash ? null : refuse('LIGHT_SET_UNEXPECTED', after.height);
}

function overlapProblem(trusted: LightBlock, untrusted: LightBlock): LightRefusal | null {
  const known = nextSetOf(trusted);
  const power = powerOf(signersAmong(known, untrusted));
  if (isSkip(power, powerOf(known))) return null;
  return refuse('LIGHT_TRUST_INSUFFICIENT', untrusted.header.height, { trusted: trusted.header.height });
}

/**
 * Members of `known` whose keys signed the block's certificate, as `known` names them: names and powers that the block
 * gives are its maker's. Each member counts once.
 */
export function signersAmong(known: readonly Validator[], { commit, validators }: LightBlock): readonly Validator[] {
  const keys = new Set(commit.precommits.map(({ validator }) => validators[validator]?.publicKey));
  return known.filter(({ publicKey }) => keys.has(publicKey));
}

function powerOf(members: readonly Validator[]): bigint {
  return members.reduce((sum, { power }) => sum + power, 0n);
}

/**
 * Accepts an earlier header because trusted ones lead back to it: `above` holds the headers from the one after it up to the
 * checkpoint's, rising without a gap (light-client §4). Needs no signature and no clock: an id names all before it.
 */
export function verifyBackward(request: {
  readonly checkpoint: Checkpoint;
  readonly header: Header;
  readonly above: readonly Header[];
}): LightVerdict {
  const { checkpoint, header, above } = request;
  const row = [header, ...above];
  const last = row[row.length - 1] ?? header;
  if (last.height !== checkpoint.height) {
    return refuse('CHECKPOINT_HEIGHT_DIFFERS', last.height, { trusted: checkpoint.height });
  }
  if (idOf(last) !== checkpoint.hash) return refuse('CHECKPOINT_HASH_DIFFERS', last.height);
  for (let i = above.length; i > 0; i--) {
    const [child, parent] = [row[i] as Header, row[i - 1] as Header];
    if (child.height !== parent.height + 1) return refuse('LIGHT_HEIGHT_NOT_ADJACENT', parent.height);
    if (child.lastBlockId !== idOf(parent)) return refuse('LIGHT_LINK_BROKEN', parent.height);
  }
  return { ok: true };
}
