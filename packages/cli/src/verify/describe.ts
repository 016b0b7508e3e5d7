/**
 * The words for what was verified: one short line a step, from the trusted block to what it stands for. Owns layout only.
 */
import { formatSyn } from '@synod/chain';
import pc from 'picocolors';
import type { Believed, SignedBlock, TrustTerms } from './believe-block.ts';

export function shortHash(hash: string): string {
  return `0x${hash.slice(0, 4)}…${hash.slice(-4)}`;
}

/** Lines of the way from trust to the proof's block. */
export function wayLines(believed: Believed, { trusted }: TrustTerms): string[] {
  const { direction, steps, headers, block } = believed;
  const lines = [`  trusted    block ${trusted.height}  ${shortHash(trusted.hash)}`];
  for (const step of steps.slice(1)) lines.push(`  step       ${signedText(step)}`);
  if (direction === 'down') lines.push(`  back       ${headers} headers, each naming the one before by its hash`);
  lines.push(`  header     ${signedText(block)}`);
  return lines;
}

/** Lines about other nodes; none where none was asked. */
export function witnessLines({ witnesses }: Believed): string[] {
  return witnesses.map(({ url, says, reason }) => {
    if (says === 'same') return `  witness    ${url} shows the same`;
    return pc.yellow(`  ! witness  ${url} ${says === 'silent' ? 'does not tell' : 'is faulty'}: ${reason}`);
  });
}

/** The way as `--json` tells it. */
export function wayJson(believed: Believed, { trusted }: TrustTerms): object {
  return {
    trusted: { height: trusted.height, hash: `0x${trusted.hash}` },
    direction: believed.direction,
    steps: believed.steps.map(signedJson),
    headers: believed.headers,
    block: signedJson(believed.block),
    fetched: believed.isFetched,
    witnesses: believed.witnesses,
  };
}

export function amountText(amount: bigint): string {
  return formatSyn(amount);
}

/** Millionths as people read them: 873000 is "0.873". */
export function scoreText(ppm: number): string {
  return (ppm / 1_000_000).toFixed(3);
}

function signedText({ height, hash, signers, validators, share }: SignedBlock): string {
  return `block ${height}  ${shortHash(hash)}  signed by ${signers} of ${validators} validators, ${(share / 100).toFixed(1)} % of the power`;
}

function signedJson({ height, hash, signers, validators, share }: SignedBlock): object {
  return { height, hash: `0x${hash}`, signers, validators, powerShare: (share / 10_000).toFixed(4) };
}
