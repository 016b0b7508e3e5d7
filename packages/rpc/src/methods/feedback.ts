/** `feedback_*` and `blob_get`: what users say of answers, as records with proofs and as words (spec: learning §2, §3). */
import {
  decodeFeedback,
  decodeLearningLine,
  encodeLightBlock,
  type Height,
  type PublicKey,
  SynodError,
  stateKeys,
} from '@synod/chain';
import { z } from 'zod';
import { invalidParams } from '../errors.ts';
import {
  type Accepted,
  FeedbackResultJson,
  FeedbackViewJson,
  feedbackParams,
  feedbackRequest,
  feedbackResultJson,
  feedbackViewJson,
  feedbackWords,
  PrivateParam,
} from '../json/feedback.ts';
import { StateProofJson, statePathJson, TrailJson, trailJson } from '../json/proofs.ts';
import {
  BytesParam,
  Count,
  countParam,
  Decimal,
  decimal,
  HashParam,
  HeightParam,
  HexBytes,
  HexHash,
  hexOf,
  hexOfBytes,
} from '../json/scalars.ts';
import { defaultLimits } from '../limits.ts';
import type { FeedbackResult, FeedbackTerms, FeedbackWait, NodeApi } from '../node-api.ts';
import { DomainParam } from './market.ts';
import { defineMethod } from './method.ts';
import { neverLearnt } from './model.ts';

/** Until it is final: a few blocks. */
const WAIT_MS_DEFAULT = 20_000;
const NUMBER_MAX = 2 ** 32 - 1;
/** Feedback of one page of an export: its words and proofs must fit an answer. */
const EXPORT_ITEMS_MAX = 50;

const wait = {
  waitFor: z.enum(['mempool', 'block', 'final']).optional().describe('What to wait for; default "block".'),
  timeoutMs: countParam(
    { min: 0, max: defaultLimits.submitTimeoutMsMax },
    'Longest wait, at most 60000; default 20000.',
  ).optional(),
};

export const feedbackSubmit = defineMethod({
  name: 'feedback_submit',
  summary:
    'Says whether the answer to a settled query was good or bad, or what is right: on a devnet signed by the node for the account that asked, elsewhere as a signed feedback.give in raw with its blob.',
  access: 'write',
  params: z.strictObject({
    queryId: HashParam.optional(),
    ...feedbackWords,
    from: z.string().min(1).max(64).optional().describe('Name or address of a devnet account; default who asked.'),
    private: PrivateParam,
    readKey: HashParam.optional().describe('Of a private query: shows that who speaks has asked.'),
    raw: BytesParam.optional().describe('A signed feedback.give as 0x hex, instead of everything else but blob.'),
    blob: BytesParam.optional().describe('With raw: the words that it names, as feedback_prepare gave them.'),
    ...wait,
  }),
  result: FeedbackResultJson,
  handle: async ({ api }, { raw, blob, waitFor, timeoutMs, ...own }) => {
    const terms = { waitFor: waitFor ?? ('block' as const), timeoutMs: timeoutMs ?? WAIT_MS_DEFAULT };
    if (raw === undefined) {
      if (blob !== undefined) throw invalidParams('feedback_submit takes a blob only with raw.', 'The node makes it.');
      return feedbackResultJson(await giveFeedback(api, own, terms));
    }
    if (Object.values(own).some((value) => value !== undefined)) {
      throw invalidParams(
        'feedback_submit takes either raw or a query with its rating.',
        'What is said is in the blob.',
      );
    }
    return feedbackResultJson(accepted(await api.submitSignedFeedback(raw, blob ?? null, terms)));
  },
});

type Own = Partial<Omit<Parameters<typeof feedbackRequest>[0], 'queryId'>> & {
  readonly queryId?: Parameters<typeof feedbackRequest>[0]['queryId'] | undefined;
  readonly from?: string | undefined;
  readonly private?: boolean | undefined;
  readonly readKey?: Parameters<NodeApi['query']>[1] | undefined;
};

/** Gives feedback for an account of the node's, by terms also for one that pays for spend keys alone. Throws what `submitFeedback` throws, or the chain's code where it refuses. */
export async function giveFeedback(
  api: NodeApi,
  { queryId, from, private: isPrivate, readKey, ...words }: Own,
  wait: FeedbackWait,
  terms?: FeedbackTerms,
): Promise<Accepted> {
  if (queryId === undefined) throw invalidParams('feedback_submit needs a queryId, or raw.', 'Pass the id of a query.');
  const request = feedbackRequest({ queryId, ...words });
  const more = { from, isPrivate: isPrivate ?? false, readKey: readKey ?? null };
  return accepted(await api.submitFeedback({ ...request, ...more }, wait, terms));
}

/** A refusal by the chain is an error under its own code: its fee is lost, and nothing was learnt. */
function accepted(result: FeedbackResult): Accepted {
  if (result.kind === 'kept') return result;
  const { status, code, hint, id, queryId } = result;
  if (status !== 'rejected' && status !== 'failed') return { ...result, status };
  const lost = status === 'failed' ? ' Only its fee was charged.' : ' Nothing was charged.';
  throw new SynodError(code, `The feedback was not taken (${code}).${lost} ${hint ?? ''}`.trimEnd(), {
    facts: { queryId: hexOf(queryId), txHash: hexOf(id), ...(hint === null ? {} : { hint }) },
  });
}

export const feedbackPrepare = defineMethod({
  name: 'feedback_prepare',
  summary:
    'The feedback.give that the node would sign, unsigned, with the blob of its words: for keys that are elsewhere. Nothing is kept or sent.',
  access: 'read',
  params: z.strictObject({
    ...feedbackParams,
    sender: HashParam.describe('Public key that will sign, 32 bytes as 0x hex.'),
  }),
  result: z.strictObject({ raw: HexBytes, blob: HexBytes, content: HexHash }),
  handle: ({ api }, { sender, ...request }) => {
    const { transaction, blob, content } = api.prepareFeedback(feedbackRequest(request), sender as string as PublicKey);
    return { raw: hexOfBytes(transaction), blob: hexOfBytes(blob), content: hexOf(content) };
  },
});

export const feedbackGet = defineMethod({
  name: 'feedback_get',
  summary: 'One feedback by its query, or by domain and number: its words, and what became of it.',
  access: 'read',
  params: z.strictObject({
    queryId: HashParam.optional(),
    domain: DomainParam.optional(),
    number: countParam({ min: 0, max: NUMBER_MAX }, 'Of the feedback in its domain, from 0.').optional(),
  }),
  result: FeedbackViewJson,
  handle: ({ api }, { queryId, domain, number }) => {
    const byPlace = domain !== undefined && number !== undefined;
    if ((queryId !== undefined) === byPlace || (domain === undefined) !== (number === undefined)) {
      throw invalidParams('feedback_get takes either a queryId, or a domain and a number.', 'Pass {"queryId": "0x…"}.');
    }
    const view = byPlace ? api.getFeedback(domain, number) : queryId === undefined ? null : api.feedbackOf(queryId);
    if (view !== null) return feedbackViewJson(view);
    throw new SynodError(
      'FEEDBACK_UNKNOWN',
      byPlace
        ? `${domain} has no feedback ${number}. feedback_list has what there is.`
        : 'Nothing was said about this query, or no query has this id. feedback_list has what there is.',
      { facts: { hint: 'Call feedback_list with the domain.' } },
    );
  },
});

export const feedbackList = defineMethod({
  name: 'feedback_list',
  summary: "A domain's feedback by number, with its words where their blobs are here.",
  access: 'read',
  params: z.strictObject({
    domain: DomainParam,
    from: countParam({ min: 0, max: NUMBER_MAX }, 'First number of the page; default 0.').optional(),
    limit: countParam({ min: 1, max: defaultLimits.pageItemsMax }, 'Items of the page; default 30.').optional(),
  }),
  result: z.strictObject({ items: z.array(FeedbackViewJson), count: Count, next: Count.nullable() }),
  handle: ({ api }, { domain, from = 0, limit = defaultLimits.pageItemsDefault }) => {
    const count = api.learningLine(domain)?.feedback ?? 0;
    const items = api.listFeedback(domain, from, limit).map(feedbackViewJson);
    const next = from + items.length;
    return { items, count, next: items.length > 0 && next < count ? next : null };
  },
});

export const feedbackExport = defineMethod({
  name: 'feedback_export',
  summary:
    "A page of a domain's feedback as records proven under one header, with the bytes of their blobs: what `synod data export` writes. Without height, the newest provable one.",
  access: 'read',
  params: z.strictObject({
    domain: DomainParam,
    from: countParam({ min: 0, max: NUMBER_MAX }, 'First number of the page; default 0.').optional(),
    limit: countParam({ min: 1, max: EXPORT_ITEMS_MAX }, 'Items of the page; default 20.').optional(),
    height: HeightParam.optional(),
    trustedHeight: HeightParam.optional().describe(
      'Height of a block that readers trust: the way from there is added.',
    ),
  }),
  result: z.strictObject({
    /** The proofs speak of the state after this block. */
    height: Decimal,
    stateRoot: HexHash,
    block: HexBytes.describe('Light block of the next height, whose header has the state root.'),
    /** Empty without trustedHeight. */
    trail: TrailJson,
    /** Feedback that the domain has in that state, and its line, which proves the number. */
    count: Count,
    line: StateProofJson,
    items: z.array(
      z.strictObject({
        number: Count,
        /** Of its record; the record is in it. */
        proof: StateProofJson,
        /** Its words; null where they are not at this node. */
        blob: HexBytes.nullable(),
      }),
    ),
  }),
  handle: ({ api }, { domain, from = 0, limit = 20, height, trustedHeight }) =>
    exportPage(api, { domain, from, limit, height: height ?? null, trusted: trustedHeight ?? null }),
});

type ExportRequest = {
  readonly domain: string;
  readonly from: number;
  readonly limit: number;
  readonly height: Height | null;
  readonly trusted: Height | null;
};

function exportPage(api: NodeApi, { domain, from, limit, height: wanted, trusted }: ExportRequest) {
  const proven = api.proof(stateKeys.line(domain), wanted);
  const { height, stateRoot } = proven;
  const line = proven.value === null ? null : decodeLearningLine(proven.value);
  if (line === null || !line.ok) throw neverLearnt(api, domain);
  const block = api.lightBlock(height + 1);
  if (block === null) {
    throw new SynodError(
      'FUTURE',
      `The header that proves block ${height} is not decided yet. Ask again in a moment.`,
      {
        facts: { height },
      },
    );
  }
  const count = line.value.feedback;
  const numbers = Array.from({ length: Math.max(0, Math.min(limit, count - from)) }, (_, index) => from + index);
  return {
    height: decimal(height),
    stateRoot: hexOf(stateRoot),
    block: hexOfBytes(encodeLightBlock(block)),
    trail: trailJson(trusted === null ? { below: [], above: [] } : api.trail(block, trusted)),
    count,
    line: statePathJson(proven.proof),
    items: numbers.map((number) => exportItem(api, { domain, number, height })),
  };
}

function exportItem(
  api: NodeApi,
  { domain, number, height }: { readonly domain: string; readonly number: number; readonly height: Height },
) {
  const { proof, value } = api.proof(stateKeys.feedback(domain, number), height);
  const record = value === null ? null : decodeFeedback(value);
  const blob = record?.ok ? api.getBlob(record.value.content) : null;
  return { number, proof: statePathJson(proof), blob: blob === null ? null : hexOfBytes(blob) };
}

export const blobGet = defineMethod({
  name: 'blob_get',
  summary: 'The bytes of a blob by its id: the words of a feedback, or the delta of a trainer.',
  access: 'read',
  params: z.strictObject({ content: HashParam }),
  result: z.strictObject({ content: HexHash, bytes: Count, data: HexBytes }),
  handle: ({ api }, { content }) => {
    const data = api.getBlob(content);
    if (data !== null) return { content: hexOf(content), bytes: data.length, data: hexOfBytes(data) };
    throw new SynodError('BLOB_UNKNOWN', 'This node has no such blob, or not all of it yet. Ask another node.', {
      facts: { content: hexOf(content), hint: 'Ask another node, or again in a moment.' },
    });
  },
});
