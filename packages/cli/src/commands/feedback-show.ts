/** `synod feedback list` and `synod feedback show`: what users said, and what became of it. Owns the words. */
import type { RpcMethodMap } from '@synod/rpc/client';
import pc from 'picocolors';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import { formatSyn } from '../settings/amounts.ts';
import { rpcUrl } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, type Told, table, tell } from '../terminal/output.ts';
import { plainText } from '../terminal/plain-text.ts';

export type FeedbackShowFlags = CommonOptions & { readonly rpc?: string };

type FeedbackInfo = RpcMethodMap['feedback_get']['result'];

const SHOWN_MAX = 30;
const TEXT_CHARACTERS = 60;

/** What each state means to whoever gave the feedback. */
const STATES: Readonly<Record<FeedbackInfo['state'], string>> = {
  pending: 'its words are spread; waits until 2/3 of the stake hold them',
  available: 'waits for a round',
  training: 'in a training round',
  used: 'learnt from',
  refused: 'refused by the gate: its deposit is burnt',
  lost: 'its words did not come in time: its deposit is burnt',
};

export async function runFeedbackList(domain: string, flags: FeedbackShowFlags): Promise<void> {
  tell(flags, await listFeedback(createNodeClient(rpcUrl(flags, process.env)), domain));
}

export async function runFeedbackShow(queryId: string, flags: FeedbackShowFlags): Promise<void> {
  const info = await createNodeClient(rpcUrl(flags, process.env)).call('feedback_get', { queryId });
  tell(flags, { json: info, lines: showLines(info) });
}

/** The last ones, newest first. */
export async function listFeedback(node: NodeClient, domain: string): Promise<Told> {
  const { count } = await node.call('feedback_list', { domain, limit: 1 });
  const from = Math.max(0, count - SHOWN_MAX);
  const { items } = await node.call('feedback_list', { domain, from, limit: SHOWN_MAX });
  const rows = items
    .toReversed()
    .map((info) => [
      `#${info.number}`,
      `block ${info.givenAt}`,
      info.rating,
      info.text === null ? pc.dim('words not at this node') : cut(plainText(info.text.correction ?? info.text.prompt)),
      info.version === null ? info.state : `${info.state} in v${info.version}`,
    ]);
  const hidden = from === 0 ? [] : [`${from} older:  ${SYNOD} data export --domain ${domain}`];
  const lines =
    count === 0
      ? [`Nobody has said anything about answers of ${domain}.`, `  Say it:  ${SYNOD} feedback QUERY good`]
      : [...table(rows, ''), ...hidden];
  return { json: { domain, count, feedback: items }, lines };
}

function showLines(info: FeedbackInfo): string[] {
  const { text } = info;
  const said =
    text === null
      ? ['words     not at this node']
      : [
          `question  ${plainText(text.prompt)}`,
          `answer    ${plainText(text.answer)}`,
          ...(text.correction === null ? [] : [`correct   ${plainText(text.correction)}`]),
          ...(text.source === null ? [] : [`source    ${plainText(text.source)}`]),
          `licence   ${text.licence}, consent to ${text.consent}`,
        ];
  return [
    `feedback  #${info.number} of ${info.domain}, ${info.rating}   block ${info.givenAt}`,
    `author    ${info.author}`,
    ...said,
    `state     ${info.state}: ${STATES[info.state]}${info.version === null ? '' : `, version ${info.version}`}`,
    `deposit   ${info.deposit === '0' ? 'none held' : `${formatSyn(BigInt(info.deposit))} held`}`,
    `blob      ${info.content}   ${info.bytes} bytes`,
  ];
}

function cut(text: string): string {
  const characters = [...text];
  return characters.length <= TEXT_CHARACTERS ? text : `${characters.slice(0, TEXT_CHARACTERS).join('')}…`;
}
