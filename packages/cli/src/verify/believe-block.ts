/**
 * From a trusted HEIGHT@HASH to the block of a proof: by the file alone where that is enough, else with blocks of a node,
 * then compared with what other nodes show. Owns the order and what is told of each step.
 */
import { blockId, type Hash, type Height, type LightBlock, type TrustTrail, verifySignature } from '@synod/chain';
import { type Checkpoint, type LightClientConfig, lightBlockProblem, verifyTrail } from '@synod/consensus';
import { compareWitnesses, type WitnessReport } from './compare-witnesses.ts';
import { fetchTrail } from './complete-trail.ts';
import type { LightSource } from './light-source.ts';
import { failureOf } from './outcome.ts';

export type TrustTerms = {
  readonly trusted: Checkpoint;
  readonly trustPeriodMs: number;
  readonly nowMs: number;
  /** Where missing blocks are fetched, and whose blocks are compared. */
  readonly sources: readonly LightSource[];
  /** File for the evidence of an attack; null names it after its height. */
  readonly evidenceFile: string | null;
};

/** How much of a block's own set signed it. */
export type SignedBlock = {
  readonly height: Height;
  readonly hash: Hash;
  readonly signers: number;
  readonly validators: number;
  /** Ten-thousandths of the power. */
  readonly share: number;
};

export type Believed = {
  readonly direction: 'same' | 'up' | 'down';
  /** Light blocks verified on the way up, the trusted one first; the proof's block is not among them. */
  readonly steps: readonly SignedBlock[];
  /** Headers followed back from the trusted block. */
  readonly headers: number;
  readonly block: SignedBlock;
  /** True when blocks of a node were needed. */
  readonly isFetched: boolean;
  readonly witnesses: readonly WitnessReport[];
};

const CLOCK_DRIFT_MS_MAX = 10_000;

/** Throws the failure that ends the command where the block is not to be believed. */
export async function believeBlock(
  proof: { readonly block: LightBlock; readonly trail: TrustTrail },
  terms: TrustTerms,
): Promise<Believed> {
  const { block } = proof;
  const { trusted, nowMs, sources } = terms;
  const config: LightClientConfig = {
    chainId: block.header.chainId,
    trustingPeriodMs: terms.trustPeriodMs,
    clockDriftMsMax: CLOCK_DRIFT_MS_MAX,
    verify: verifySignature,
  };
  const problem = lightBlockProblem(block, config);
  if (problem !== null) throw failureOf(problem);
  const trail = await believedTrail({ ...proof, trusted, config, nowMs }, sources[0]);
  const { height } = block.header;
  const direction = trusted.height === height ? 'same' : trusted.height < height ? 'up' : 'down';
  const trace = direction === 'up' ? trail.below.filter(({ header }) => header.height >= trusted.height) : [];
  const witnesses = await compareWitnesses({ trace: [...trace, block], config, ...terms });
  return {
    direction,
    steps: trace.map(signedBlock),
    headers: direction === 'down' ? trusted.height - height : 0,
    block: signedBlock(block),
    isFetched: trail !== proof.trail,
    witnesses,
  };
}

type TrailToBelieve = Parameters<typeof verifyTrail>[0];

/** A file whose way is too short is no forgery: a node may supply the rest. */
async function believedTrail(request: TrailToBelieve, source: LightSource | undefined): Promise<TrustTrail> {
  const verdict = verifyTrail(request);
  if (verdict.ok) return request.trail;
  const isShort = verdict.code === 'TRAIL_MISSING' || verdict.code === 'LIGHT_TRUST_INSUFFICIENT';
  if (!isShort || source === undefined) throw failureOf(verdict);
  const trail = await fetchTrail(request, source);
  const again = verifyTrail({ ...request, trail });
  if (!again.ok) throw failureOf(again);
  return trail;
}

/** The share of a certificate that was verified before. */
export function signedBlock({ header, commit, validators }: LightBlock): SignedBlock {
  const total = validators.reduce((sum, { power }) => sum + power, 0n);
  const signed = commit.precommits.reduce((sum, { validator }) => sum + (validators[validator]?.power ?? 0n), 0n);
  return {
    height: header.height,
    hash: blockId(header),
    signers: commit.precommits.length,
    validators: validators.length,
    share: Number((signed * 10_000n) / total),
  };
}
