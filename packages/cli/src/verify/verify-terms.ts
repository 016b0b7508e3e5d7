/**
 * Flags and files that every `synod verify` command takes: what is trusted, for how long, and which nodes may be asked.
 */
import { readFileSync } from 'node:fs';
import { RECEIPT_PROOF_LIMITS, SynodError } from '@synod/chain';
import { parseCheckpoint } from '../join/checkpoint.ts';
import { parseDurationMs } from '../settings/durations.ts';
import { parseUrl } from '../settings/settings.ts';
import type { CommonOptions } from '../terminal/output.ts';
import type { TrustTerms } from './believe-block.ts';
import { createLightSource } from './light-source.ts';
import { failureOf, unreadable } from './outcome.ts';

export type VerifyFlags = CommonOptions & {
  readonly trust: string;
  readonly trustPeriod: string;
  readonly rpc?: readonly string[];
  readonly chain?: string;
  readonly evidence?: string;
};

const DAY_MS = 86_400_000;

export function trustTerms(flags: VerifyFlags): TrustTerms {
  return {
    trusted: parseCheckpoint(flags.trust, '--trust'),
    trustPeriodMs: parseDurationMs(flags.trustPeriod, { minMs: 1_000, maxMs: 365 * DAY_MS }),
    nowMs: Date.now(),
    sources: (flags.rpc ?? []).map((url) => createLightSource(parseUrl(url, '--rpc'))),
    evidenceFile: flags.evidence ?? null,
  };
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
