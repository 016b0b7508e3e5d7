/**
 * `synod evidence submit`: hands the file that `synod verify … --evidence` writes to a node of the chain. Owns the words; the
 * file is evidence-file.ts's, the judgement the chain's.
 */
import { SynodError } from '@synod/chain';
import pc from 'picocolors';
import { createNodeClient } from '../rpc/node-client.ts';
import { rpcUrl } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, type Told, tell } from '../terminal/output.ts';
import { readEvidenceFile } from '../verify/evidence-file.ts';

export type EvidenceFlags = CommonOptions & { readonly rpc?: string; readonly dataDir?: string };

export async function runEvidenceSubmit(file: string, flags: EvidenceFlags): Promise<void> {
  tell(flags, await submitEvidenceFile(file, flags));
}

/**
 * Submits what the file proves, from either side's view until one is taken: which of two blocks is the chain's, only the chain
 * knows. Throws the chain's code where both are refused, `WRONG_CHAIN` where the node is of another chain.
 */
export async function submitEvidenceFile(file: string, flags: EvidenceFlags): Promise<Told> {
  const { chainId, evidence } = readEvidenceFile(file);
  const node = createNodeClient(rpcUrl(flags, process.env));
  const status = await node.status();
  if (status.chainId !== chainId) {
    throw new SynodError(
      'WRONG_CHAIN',
      `The evidence is of the chain "${chainId}", the node at ${node.url} is of "${status.chainId}". Name a node of that chain with --rpc.`,
      { facts: { chainId, node: status.chainId } },
    );
  }
  const refusals: { readonly code: string; readonly hint: string | null }[] = [];
  for (const item of evidence) {
    const answer = await node.call('chain_submitEvidence', { evidence: item });
    if (answer.status === 'refused') refusals.push(answer);
    else return { json: { ...answer, file }, lines: takenLines(answer) };
  }
  // The other side's view always fails so; the reason of the right one is the news.
  const telling = refusals.find(({ code }) => code !== 'EVIDENCE_NOT_OF_THIS_CHAIN') ?? refusals[0]!;
  throw new SynodError(telling.code, `The node refused the evidence (${telling.code}). ${telling.hint ?? ''}`.trim(), {
    facts: { file, refused: refusals.map(({ code }) => code).join(' ') },
  });
}

type Taken = { readonly status: string; readonly validators: readonly string[]; readonly height: string | null };

function takenLines({ status, validators, height }: Taken): string[] {
  if (status === 'known') {
    const who =
      validators.length === 0 ? 'The chain has recorded it' : `It waits for a block, against ${validators.join(', ')}`;
    return [`${pc.green('✔')} the evidence is known already`, `  ${who}. Nothing is left to do.`];
  }
  return [
    `${pc.green('✔')} the evidence about block ${height} was accepted and is passed on to every peer`,
    ...validators.map((validator) => `  against ${validator}   see:  ${SYNOD} validator status ${validator}`),
    '  It stands in one of the next blocks; who is guilty loses stake and is out for good.',
  ];
}
