/**
 * `synod data verify`: whether a file of `synod data export` is what a chain recorded. Owns the order (each line under its head, then each
 * head's certificate, then trust); nothing is asked of a node that the file has.
 */
import { blockId, SynodError, verifySignature } from '@synod/chain';
import { lightBlockProblem } from '@synod/consensus';
import type { DataHead } from '@synod/rpc/feedback-data';
import pc from 'picocolors';
import { readDataFile } from '../learning/check-data.ts';
import { parseDurationMs } from '../settings/durations.ts';
import { type CommonOptions, print, printJson } from '../terminal/output.ts';
import { type Believed, believeBlock, type TrustTerms } from '../verify/believe-block.ts';
import { wayJson, wayLines, witnessLines } from '../verify/describe.ts';
import { failureOf } from '../verify/outcome.ts';
import { requireChain, trustTerms, type VerifyFlags } from '../verify/verify-terms.ts';

export type DataVerifyFlags = CommonOptions & Partial<Omit<VerifyFlags, keyof CommonOptions>>;

const CLOCK_DRIFT_MS_MAX = 10_000;
/** Its headers lead from one to the next, over as long as feedback was given. */
const TRUST_PERIOD_MS = 14 * 86_400_000;

export async function runDataVerify(file: string, flags: DataVerifyFlags): Promise<void> {
  if (flags.trustPeriod !== undefined) parseDurationMs(flags.trustPeriod, { minMs: 1_000, maxMs: 365 * 86_400_000 });
  const { trust } = flags;
  const terms = trust === undefined ? null : await trustTerms({ ...flags, trust }, TRUST_PERIOD_MS);
  const { heads, ...counts } = await readDataFile(file);
  const believed: Believed[] = [];
  for (const [index, head] of heads.entries()) {
    const { chainId, height } = head.block.header;
    if (flags.chain !== undefined) requireChain(chainId, { ...flags, trust: trust ?? '' }, height);
    if (terms === null) requireSigned(head);
    else believed.push(await believeHead(head, heads[index - 1], terms));
  }
  const [first] = heads as [DataHead, ...DataHead[]];
  if (terms === null) throw undecided(first, counts.items);
  tellProven(flags, { first, counts, believed, terms });
}

/** The first one from what the reader trusts, each later one from the one before, which is believed by then. */
async function believeHead(
  { block, trail }: DataHead,
  before: DataHead | undefined,
  terms: TrustTerms,
): Promise<Believed> {
  if (before === undefined) return await believeBlock({ block, trail }, terms);
  const { header } = before.block;
  const trusted = { height: header.height, hash: blockId(header) };
  return await believeBlock({ block, trail: { below: [before.block], above: [] } }, { ...terms, trusted });
}

type Proven = {
  readonly first: DataHead;
  readonly counts: Omit<Awaited<ReturnType<typeof readDataFile>>, 'heads'>;
  readonly believed: readonly Believed[];
  readonly terms: TrustTerms;
};

function tellProven({ json }: CommonOptions, { first, counts, believed, terms }: Proven): void {
  const { domain, chainId, from, consents } = first;
  if (json) {
    const heads = believed.map((each) => wayJson(each, terms));
    return printJson({ valid: true, chainId, domain, from, consents, ...counts, heads });
  }
  const { items, words, withheld, absent, firstNumber, lastNumber, count } = counts;
  print(`${pc.green('✔')} ${items} feedback of ${domain} are part of ${chainId}`);
  if (items > 0)
    print(`  numbers    ${firstNumber} to ${lastNumber} without a gap, of ${count} that the chain then had`);
  print(
    `  words      ${words} with their blob's hash on chain, ${withheld} given for training alone, ${absent} absent`,
  );
  const [own, ...later] = believed as [Believed, ...Believed[]];
  for (const line of [...wayLines(own, terms), ...witnessLines(own)]) print(line);
  if (later.length > 0)
    print(
      `  later      ${later.length} headers more, each led to from the one before, up to block ${later.at(-1)?.block.height}`,
    );
}

/** Without a trusted block its certificate is still to be good. */
function requireSigned({ block }: DataHead): void {
  const config = {
    chainId: block.header.chainId,
    trustingPeriodMs: Number.MAX_SAFE_INTEGER,
    clockDriftMsMax: CLOCK_DRIFT_MS_MAX,
    verify: verifySignature,
  };
  const problem = lightBlockProblem(block, config);
  if (problem !== null) throw failureOf(problem);
}

function undecided({ block }: DataHead, items: number): SynodError {
  const { height, chainId } = block.header;
  return new SynodError(
    'PROOF_UNDECIDED',
    `All ${items} lines hold together under block ${height} of ${chainId}, but nothing says that this is the chain you mean. Name a block that you trust with --trust HEIGHT@HASH ("synod checkpoint" of a node you trust).`,
    { facts: { reason: 'DATA_TRUST_MISSING', height, items } },
  );
}
