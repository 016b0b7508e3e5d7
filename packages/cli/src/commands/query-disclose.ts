/**
 * `synod query disclose`: opens a private query's prompt and answers to everybody, as its requester, with what its node keeps.
 * Owns the choice of answers and the words; whether they open the hashes, and what a bad answer costs, is the chain's (privacy §4).
 */
import { decodeAnswer, fromHex, type Hash, SynodError } from '@synod/chain';
import { devnetRecordOf } from '../rpc/dev-accounts.ts';
import { createNodeClient } from '../rpc/node-client.ts';
import { SUBMIT_TIMEOUT_MS, signAndSubmit } from '../rpc/signed-transaction.ts';
import { signerKey } from '../rpc/signer-key.ts';
import { rpcUrl } from '../settings/settings.ts';
import { type CommonOptions, print, printJson } from '../terminal/output.ts';

export type QueryDiscloseFlags = CommonOptions & {
  readonly rpc?: string;
  readonly dataDir?: string;
  readonly readKey: string;
  readonly respondent?: number;
  readonly from: string;
  readonly keyFile?: string;
  readonly passwordFile?: string;
};

export async function runQueryDisclose(queryId: string, flags: QueryDiscloseFlags): Promise<void> {
  const key = signerKey(flags, devnetRecordOf(flags.dataDir));
  const node = createNodeClient(rpcUrl(flags, process.env), SUBMIT_TIMEOUT_MS);
  const kept = await node.call('query_getDisclosure', { queryId, readKey: flags.readKey });
  const wanted = kept.answers.filter(
    ({ respondent }) => flags.respondent === undefined || respondent === flags.respondent,
  );
  if (wanted.length === 0) {
    const there = kept.answers.map(({ respondent }) => respondent).join(', ') || 'none';
    throw new SynodError(
      'ANSWER_UNKNOWN',
      `The node keeps no such answer. Respondents whose answers it has: ${there}.`,
      {
        facts: { queryId },
      },
    );
  }
  const answers = wanted.map(({ respondent, answer }) => ({ respondent, answer: answerOf(answer) }));
  const payload = {
    type: 'query.disclose',
    queryId: bare(queryId) as Hash,
    prompt: kept.prompt,
    salt: fromHex(bare(kept.salt)),
    answers,
  } as const;
  const { id, status, height } = await signAndSubmit(node, { key, payload, what: 'disclosure' });
  const respondents = answers.map(({ respondent }) => respondent);
  if (flags.json) return printJson({ id, status, height, queryId, respondents });
  print(
    `✔ the prompt and ${answers.length === 1 ? 'one answer are' : `${answers.length} answers are`} public   block ${height}`,
  );
  print(`  transaction ${id}`);
}

function answerOf(hex: string) {
  const decoded = decodeAnswer(fromHex(bare(hex)));
  if (decoded.ok) return decoded.value;
  throw new SynodError('RPC_RESPONSE_INVALID', `The node sent an answer that is none: ${decoded.reason}. Ask another.`);
}

function bare(hex: string): string {
  return hex.replace(/^0x/, '');
}
