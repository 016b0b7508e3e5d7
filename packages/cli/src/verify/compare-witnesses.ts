/**
 * What other nodes show at the heights that were verified (spec: light-client §9): they agree, they do not tell, or somebody
 * with enough keys signed two blocks of one height. Owns asking and the alarm; the judgement is the light client's.
 */
import { blockId, type Height, type LightBlock, SynodError } from '@synod/chain';
import {
  type Conflict,
  type ConflictStep,
  detectAttack,
  findConflict,
  type LightClientAttack,
  type LightClientConfig,
  type LightRefusal,
  narrowConflict,
  narrowFurther,
} from '@synod/consensus';
import { writeEvidenceFile } from './evidence-file.ts';
import type { LightSource } from './light-source.ts';

const noAnswers: ReadonlySet<string> = new Set(['NODE_UNREACHABLE', 'TIMEOUT', 'NODE_ANSWER_INVALID']);

export type WitnessReport = {
  readonly url: string;
  /** `faulty`: it shows a block that nobody has to believe. */
  readonly says: 'same' | 'silent' | 'faulty';
  readonly reason: string | null;
};

export type Comparison = {
  /** Verified blocks, rising; the last is the proof's. */
  readonly trace: readonly LightBlock[];
  readonly config: LightClientConfig;
  readonly sources: readonly LightSource[];
  readonly evidenceFile: string | null;
};

/** Throws `LIGHT_CLIENT_ATTACK`, or `PROOF_UNDECIDED` where two certified blocks are shown and nothing tells who lies. */
export async function compareWitnesses(comparison: Comparison): Promise<readonly WitnessReport[]> {
  return Promise.all(comparison.sources.map((source) => askWitness(source, comparison)));
}

async function askWitness(source: LightSource, comparison: Comparison): Promise<WitnessReport> {
  const { url } = source;
  const { trace } = comparison;
  const shown = new Map<Height, LightBlock>();
  try {
    for (const { header } of trace) {
      const block = await source.lightBlock(header.height);
      if (block !== null) shown.set(header.height, block);
    }
    const conflict = await conflictWith(source, trace, shown);
    if (conflict === null) {
      const isTold = shown.size > 0;
      return { url, says: isTold ? 'same' : 'silent', reason: isTold ? null : 'it has none of these blocks' };
    }
    return await judge(conflict, source, comparison);
  } catch (error) {
    if (!isNoAnswer(error)) throw error;
    return { url, says: error.code === 'NODE_ANSWER_INVALID' ? 'faulty' : 'silent', reason: error.message };
  }
}

/** Where nothing verified lies below the conflict, the parent is fetched: the trusted header names it by its id. */
async function conflictWith(
  source: LightSource,
  trace: readonly LightBlock[],
  shown: ReadonlyMap<Height, LightBlock>,
): Promise<(Omit<Conflict, 'common'> & { readonly common: LightBlock | null }) | null> {
  const found = findConflict(trace, (height) => shown.get(height) ?? null);
  if (found !== null) return found;
  const [trusted] = trace;
  const conflicting = trusted === undefined ? undefined : shown.get(trusted.header.height);
  if (trusted === undefined || conflicting === undefined) return null;
  if (blockId(conflicting.header) === blockId(trusted.header)) return null;
  const parent = await source.lightBlock(trusted.header.height - 1);
  const isParent = parent !== null && blockId(parent.header) === trusted.header.lastBlockId;
  return { common: isParent ? parent : null, trusted, conflicting };
}

async function judge(
  { common, ...pair }: Omit<Conflict, 'common'> & { readonly common: LightBlock | null },
  witness: LightSource,
  comparison: Comparison,
): Promise<WitnessReport> {
  const { url } = witness;
  const { height } = pair.trusted.header;
  if (common === null) throw unjudged(height, url, null);
  const step = await narrowDown({ common, ...pair }, witness, comparison);
  if (step === null) throw unjudged(height, url, { ok: false, code: 'LIGHT_TRUST_INSUFFICIENT', facts: { height } });
  if (step.kind === 'found') {
    const verdict = detectAttack({ ...step.conflict, config: comparison.config });
    if (!verdict.ok) throw unjudged(height, url, verdict);
    const file = comparison.evidenceFile ?? `light-client-attack-${verdict.attack.height}.json`;
    throw alarm(verdict.attack, { url, config: comparison.config, file });
  }
  const { refusal } = step;
  if (step.kind === 'tooLong' || step.side === 'trusted') throw unjudged(height, url, refusal);
  return { url, says: 'faulty', reason: `it shows another block ${height} that does not verify (${refusal.code})` };
}

/** Asks both sides for blocks in between until one step judges the conflict; null where a side does not have one. */
async function narrowDown(
  conflict: Conflict,
  witness: LightSource,
  { sources, config }: Comparison,
): Promise<Exclude<ConflictStep, { kind: 'fetch' }> | null> {
  const others = sources.filter((source) => source !== witness);
  let step = narrowConflict(conflict, config);
  while (step.kind === 'fetch') {
    const conflicting = await witness.lightBlock(step.height);
    const trusted = await firstShown(others, step.height);
    if (trusted === null || conflicting === null) return null;
    step = narrowFurther(step.search, { trusted, conflicting });
  }
  return step;
}

/** For the verified side any other node will do: what it shows is verified like the rest. */
async function firstShown(sources: readonly LightSource[], height: Height): Promise<LightBlock | null> {
  for (const source of sources) {
    try {
      const block = await source.lightBlock(height);
      if (block !== null) return block;
    } catch (error) {
      if (!isNoAnswer(error)) throw error;
    }
  }
  return null;
}

function isNoAnswer(error: unknown): error is SynodError {
  return error instanceof SynodError && noAnswers.has(error.code);
}

function unjudged(height: Height, url: string, refusal: LightRefusal<string> | null): SynodError {
  return new SynodError(
    'PROOF_UNDECIDED',
    `${url} shows another block ${height}, and what it shows does not tell which of the two is the chain's. Trust a newer block, or ask more nodes with --rpc.`,
    { facts: { reason: refusal?.code ?? 'WITNESS_DIFFERS', height, url } },
  );
}

type Finding = { readonly url: string; readonly config: LightClientConfig; readonly file: string };

function alarm(attack: LightClientAttack, found: Finding): SynodError {
  const { url } = found;
  const evidence = keepEvidence(attack, found);
  const { kind, height, culprits, signedBoth } = attack;
  const named =
    culprits.length > 0
      ? `Proven guilty: ${culprits.join(', ')}.`
      : `Nobody can be proven guilty; ${signedBoth.join(', ') || 'nobody'} signed both.`;
  return new SynodError(
    'LIGHT_CLIENT_ATTACK',
    `ATTACK (${kind}): two certified blocks of height ${height} exist; ${url} shows the other one. ` +
      `Believe neither, and act on nothing from this chain before you know more.\n${named}\n` +
      evidence.text,
    { facts: { reason: kind, height, url, evidence: evidence.file, culprits: culprits.join(' ') } },
  );
}

/** A disk that is full must not silence the alarm. */
function keepEvidence(attack: LightClientAttack, { file, ...seen }: Finding): { file: string | null; text: string } {
  try {
    writeEvidenceFile(file, attack, seen);
    const next =
      attack.culprits.length > 0
        ? `Hand it to a node that you trust to be on the right chain:  synod evidence submit ${file} --rpc URL`
        : 'Show it to the operators of the network.';
    return { file, text: `The evidence is in ${file}. ${next}` };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      file: null,
      text: `The evidence could not be written (${why}). Name another file with --evidence and verify again.`,
    };
  }
}
