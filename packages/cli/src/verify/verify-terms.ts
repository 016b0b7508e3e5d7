/**
 * Flags and files that every `synod verify` command takes: what is trusted, for how long, and which nodes may be asked.
 */
import { readFileSync } from 'node:fs';
import { defaultChainParams, RECEIPT_PROOF_LIMITS, SynodError } from '@synod/chain';
import { parseCheckpoint } from '../join/checkpoint.ts';
import { durationText, parseDurationMs } from '../settings/durations.ts';
import { parseUrl } from '../settings/settings.ts';
import { type CommonOptions, note } from '../terminal/output.ts';
import type { TrustTerms } from './believe-block.ts';
import { createLightSource } from './light-source.ts';
import { failureOf, unreadable } from './outcome.ts';

export type VerifyFlags = CommonOptions & {
  readonly trust: string;
  readonly trustPeriod?: string;
  readonly rpc?: readonly string[];
  readonly chain?: string;
  readonly evidence?: string;
};

const DAY_MS = 86_400_000;

/**
 * Longest default. Nothing tells the chain's own so that it need not be believed: a node may lie, and whoever has left a chain of the
 * default parameters goes unpunished for what it signs after a little more than that.
 */
const TRUST_PERIOD_MS = defaultChainParams().staking.trustingPeriodMs;

/** `longestMs` is what an older block may vouch for where its reader says nothing. */
export async function trustTerms(flags: VerifyFlags, longestMs: number = TRUST_PERIOD_MS): Promise<TrustTerms> {
  const trusted = parseCheckpoint(flags.trust, '--trust');
  const given =
    flags.trustPeriod === undefined ? null : parseDurationMs(flags.trustPeriod, { minMs: 1_000, maxMs: 365 * DAY_MS });
  const sources = (flags.rpc ?? []).map((url) => createLightSource(parseUrl(url, '--rpc')));
  const told = await Promise.all(sources.map((source) => source.trustingPeriodMs()));
  return {
    trusted,
    trustPeriodMs: trustPeriod(given, told, longestMs),
    nowMs: Date.now(),
    sources,
    evidenceFile: flags.evidence ?? null,
  };
}

/** What was asked for, else the shortest that a node tells: nobody is believed for longer because a node says so. */
function trustPeriod(given: number | null, told: readonly (number | null)[], longestMs: number): number {
  const own = Math.min(longestMs, ...told.filter((each) => each !== null));
  if (given === null) return own;
  if (told.some((each) => each !== null && given > each)) {
    note(
      `! --trust-period is longer than the chain's own of ${durationText(Math.min(...told.filter((each) => each !== null)))}: validators of a block that old may have left and lie unpunished.`,
    );
  }
  return given;
}

/** The text of a file, or of standard input for `-`. Throws `NOT_FOUND` where there is none. */
export function readProofText(file: string): string {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    if (!(error instanceof Error) || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new SynodError('NOT_FOUND', `There is no file ${file}. Get one with:  synod receipt ID --out FILE`, {
      facts: { file },
      cause: error,
    });
  }
  if (text.length <= RECEIPT_PROOF_LIMITS.textCharactersMax) return text;
  throw unreadable(file, `it has more than ${RECEIPT_PROOF_LIMITS.textCharactersMax} characters`);
}

/** With `--chain`, a file of another chain is refused before anything else is looked at. */
export function requireChain(chainId: string, flags: VerifyFlags, height: number): void {
  if (flags.chain === undefined || flags.chain === chainId) return;
  throw failureOf({ ok: false, code: 'LIGHT_CHAIN_ID', facts: { height, chainId, expected: flags.chain } });
}
