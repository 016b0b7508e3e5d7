/**
 * `synod verify proof`: whether a file of `state_getProof` proves its record, or the absence of one, to somebody who trusts
 * one block. Owns the order; what a record says to people is record-text.ts.
 */
import { verifyStateAt } from '@synod/consensus';
import { type ProvenState, readStateProof } from '@synod/rpc/proofs';
import pc from 'picocolors';
import { print, printJson } from '../terminal/output.ts';
import { believeBlock } from '../verify/believe-block.ts';
import { shortHash, wayJson, wayLines, witnessLines } from '../verify/describe.ts';
import { failureOf, unreadable } from '../verify/outcome.ts';
import { recordLines } from '../verify/record-text.ts';
import { readProofText, requireChain, trustTerms, type VerifyFlags } from '../verify/verify-terms.ts';

export async function runVerifyProof(file: string, flags: VerifyFlags): Promise<void> {
  const terms = await trustTerms(flags);
  const proven = readProofFile(file);
  const { key, height, proof, trail, chainId } = proven;
  requireChain(chainId, flags, height);
  const block = proven.block ?? (await terms.sources[0]?.lightBlock(height + 1)) ?? null;
  if (block === null) throw failureOf({ ok: false, code: 'STATE_BLOCK_MISSING', facts: { height } });
  const { header } = block;
  if (header.chainId !== chainId) {
    throw failureOf({
      ok: false,
      code: 'LIGHT_CHAIN_ID',
      facts: { height: header.height, chainId: header.chainId, expected: chainId },
    });
  }
  const state = verifyStateAt({ key, height, proof, header });
  if (!state.ok)
    throw failureOf({ ok: false, code: state.code, facts: { height: header.height, reason: state.reason } });
  const believed = await believeBlock({ block, trail }, terms);
  const lines = recordLines(key, state.value);
  if (flags.json) {
    const value = state.value === null ? null : `0x${Buffer.from(state.value).toString('hex')}`;
    const record = Object.fromEntries(lines);
    return printJson({ valid: true, chainId, key, height, ...wayJson(believed, terms), value, record });
  }
  const what = state.value === null ? 'has no value' : 'has this value';
  print(`${pc.green('✔')} ${key} ${what} after block ${height} of ${chainId}`);
  for (const line of wayLines(believed, terms)) print(line);
  print(
    `  state      root ${shortHash(header.stateRoot)} in that header, ${proof.siblings.length} hashes down to the record`,
  );
  for (const line of witnessLines(believed)) print(line);
  print();
  for (const [name, text] of lines) print(`${name.padEnd(10)} ${text}`);
}

function readProofFile(file: string): ProvenState {
  const text = readProofText(file);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw unreadable(file, `it is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  const read = readStateProof(json);
  if (!read.ok) throw unreadable(file, read.reason);
  return read.value;
}
