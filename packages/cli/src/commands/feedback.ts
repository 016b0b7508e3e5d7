/**
 * `synod feedback QUERY good|bad|--correct TEXT`: what the requester says of an answer. Owns the flags' meaning and the words; the node
 * finds prompt and answer, and signs for a devnet account. A key file signs here, and only what was said here.
 */
import {
  addressOf,
  blobId,
  decodeFeedbackBlob,
  decodeTransaction,
  encodeTransaction,
  fromHex,
  type Hash,
  type Payload,
  publicKeyOf,
  SynodError,
  sign,
  toHex,
  transactionSignBytes,
} from '@synod/chain';
import type { RpcMethodMap } from '@synod/rpc/client';
import pc from 'picocolors';
import { readKeyFile } from '../keys/key-file.ts';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import { SUBMIT_TIMEOUT_MS } from '../rpc/signed-transaction.ts';
import { rpcUrl } from '../settings/settings.ts';
import { whenText } from '../staking/validator-text.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, type Told, tell } from '../terminal/output.ts';

export type FeedbackFlags = CommonOptions & {
  readonly correct?: string;
  readonly source?: string;
  readonly licence?: string;
  readonly consent?: string;
  readonly private?: boolean;
  readonly readKey?: string;
  readonly from?: string;
  readonly keyFile?: string;
  readonly passwordFile?: string;
  readonly rpc?: string;
};

type Submit = RpcMethodMap['feedback_submit'];
type Given = Extract<Submit['result'], { kind: 'given' }>;

/** What is said, as the node's methods take it. */
type Words = {
  readonly queryId: string;
  readonly rating?: 'good' | 'bad';
  readonly correction?: string;
  readonly source?: string;
  readonly licence?: string;
  readonly consent?: 'train' | 'release';
};

const WAIT_MS = 20_000;

export async function runFeedback(query: string, rating: string | undefined, flags: FeedbackFlags): Promise<void> {
  tell(flags, await giveFeedback(query, rating, flags));
}

export async function giveFeedback(query: string, rating: string | undefined, flags: FeedbackFlags): Promise<Told> {
  const words = wordsOf(query, rating, flags);
  const node = createNodeClient(rpcUrl(flags, process.env), SUBMIT_TIMEOUT_MS);
  const result =
    flags.keyFile === undefined
      ? await node.call('feedback_submit', {
          ...words,
          ...(flags.from === undefined ? {} : { from: flags.from }),
          ...(flags.private === true ? { private: true } : {}),
          ...(flags.readKey === undefined ? {} : { readKey: flags.readKey }),
          waitFor: 'block',
          timeoutMs: WAIT_MS,
        })
      : await signHere(node, words, flags.keyFile, flags);
  if (result.kind === 'given') return { json: result, lines: await givenLines(node, result) };
  const lines = [
    `${pc.green('✔')} kept in ${result.file}: it was sent to nobody`,
    `  Train an adapter of your own with it:  ${SYNOD} model personal status`,
  ];
  return { json: result, lines };
}

/** Throws `USAGE` where rating and correction are both there, neither is, or a value is none of those there are. */
function wordsOf(queryId: string, rating: string | undefined, flags: FeedbackFlags): Words {
  const { correct, source, licence, consent } = flags;
  if (correct === undefined && rating !== 'good' && rating !== 'bad') {
    const said = rating === undefined ? 'Nothing was said of the answer.' : `"${rating}" is no rating.`;
    throw new SynodError('USAGE', `${said} Say good or bad, or what is right with --correct TEXT.`);
  }
  if (correct !== undefined && rating !== undefined)
    throw new SynodError('USAGE', `Say either "${rating}" or --correct: a correction says that it was wrong.`);
  if (source !== undefined && correct === undefined)
    throw new SynodError('USAGE', 'Only a correction has a source. Leave --source out, or add --correct TEXT.');
  if (consent !== undefined && consent !== 'train' && consent !== 'release')
    throw new SynodError('USAGE', `"${consent}" is no consent. Say train, or release to let it be published as well.`);
  return {
    queryId,
    ...(correct === undefined ? { rating: rating as 'good' | 'bad' } : { correction: correct }),
    ...(source === undefined ? {} : { source }),
    ...(licence === undefined ? {} : { licence }),
    ...(consent === undefined ? {} : { consent }),
  };
}

/** The node prepares, the key stays here. Throws `FEEDBACK_PREPARED_WRONG` where the node put other words into its mouth. */
async function signHere(
  node: NodeClient,
  words: Words,
  keyFile: string,
  flags: FeedbackFlags,
): Promise<Submit['result']> {
  if (flags.private === true || flags.readKey !== undefined || flags.from !== undefined) {
    throw new SynodError(
      'USAGE',
      'A key file signs what goes to the chain: leave --private, --read-key and --from out. What stays at home needs no key.',
    );
  }
  const { seed } = readKeyFile(keyFile, flags.passwordFile);
  const sender = publicKeyOf(seed);
  const { raw, blob } = await node.call('feedback_prepare', { ...words, sender: `0x${sender}` });
  const decoded = decodeTransaction(bytesOf(raw));
  if (!decoded.ok) throw preparedWrong('transaction');
  const { body } = decoded.value;
  const { chainId } = await node.status();
  if (body.chainId !== chainId || body.sender !== sender || body.tip !== 0n) throw preparedWrong('terms');
  requireSaid(body.payload, bytesOf(blob), { ...words, author: addressOf(sender) });
  const signature = sign(seed, transactionSignBytes(body));
  const signed = toHex(encodeTransaction({ body, signature }));
  return await node.call('feedback_submit', { raw: `0x${signed}`, blob, waitFor: 'block', timeoutMs: WAIT_MS });
}

/** What is signed says what was said, and nothing else. */
function requireSaid(payload: Payload, bytes: Uint8Array, said: Words & { readonly author: string }): void {
  const blob = decodeFeedbackBlob(bytes);
  if (payload.type !== 'feedback.give' || blob === null) throw preparedWrong('payload');
  const rating = said.correction === undefined ? said.rating : 'correct';
  const agrees = [
    ['query', [payload.queryId, blob.queryId], hashOf(said.queryId)],
    ['rating', [payload.rating, blob.rating], rating],
    ['author', [blob.author], said.author],
    ['words', [blob.correction], said.correction ?? null],
    ['source', [blob.source], said.source ?? null],
    ['licence', [blob.licence], said.licence ?? blob.licence],
    ['consent', [blob.consent], said.consent ?? 'train'],
    ['blob', [payload.content], blobId(bytes)],
  ] as const;
  const wrong = agrees.find(([, found, wanted]) => found.some((each) => each !== wanted));
  if (wrong !== undefined) throw preparedWrong(wrong[0]);
}

function preparedWrong(part: string): SynodError {
  return new SynodError(
    'FEEDBACK_PREPARED_WRONG',
    `The node prepared something else than was said (${part}). Nothing was signed; use another node with --rpc.`,
    { facts: { part } },
  );
}

async function givenLines(node: NodeClient, given: Given): Promise<string[]> {
  const { status, queryId, height } = given;
  if (status === 'pending') {
    return [
      `${pc.yellow('…')} sent, and in no block yet: do not send it again`,
      `  Look later:  ${SYNOD} feedback show ${queryId}`,
    ];
  }
  const { domain } = await node.call('feedback_get', { queryId });
  const [{ line }, { learning }, clock] = await Promise.all([
    node.call('model_lineage', { domain, limit: 1 }),
    node.call('chain_getParams'),
    node.call('staking_params'),
  ]);
  // What is not attested yet waits for nothing: it is counted with those that do.
  const missing = Math.max(0, learning.roundItems - line.waiting.length - 1);
  const sooner = missing === 0 ? '' : ` ${missing} more open it at once.`;
  return [
    `${pc.green('✔')} feedback recorded   block ${height}`,
    `  ${domain} learns from it in the round that opens ${whenText(clock.epochEnd, clock)} at the latest.${sooner}`,
    `  Watch:  ${SYNOD} model lineage ${domain}`,
  ];
}

function hashOf(text: string): Hash {
  return text.replace(/^0x/, '').toLowerCase() as Hash;
}

function bytesOf(hex: string): Uint8Array {
  return fromHex(hex.replace(/^0x/, ''));
}
