/** `query_*`: prices, questions and what became of them. */
import { encodeAnswer, type PrivatePrompt, type PublicKey, receiptProofToJson, SynodError, toHex } from '@synod/chain';
import { z } from 'zod';
import { invalidParams } from '../errors.ts';
import { ConfigurationJson, EffortParam } from '../json/configuration.ts';
import { ReceiptProofFile, TrustedHeightParam } from '../json/proofs.ts';
import { QueryJson, queryJson } from '../json/query.ts';
import { RoutingJson, routingJson } from '../json/routing.ts';
import {
  AddressParam,
  AddressText,
  AmountParam,
  BytesParam,
  Count,
  countParam,
  Decimal,
  decimal,
  HashParam,
  HexBytes,
  HexHash,
  hexOf,
  hexOfBytes,
} from '../json/scalars.ts';
import { checkPrompt, expertLookup } from '../server/query-opener.ts';
import { DomainParam } from './market.ts';
import { defineMethod } from './method.ts';

const ReadKey = HashParam.describe(
  'The key that query_submit gave for a private query; without it texts are not shown.',
);

const Prompt = z.string().describe('The question, UTF-8 text.');

const NamedExpert = AddressParam.describe(
  'Asks this expert alone; what it answers moves neither its reputation nor its rewards.',
);

export const queryQuote = defineMethod({
  name: 'query_quote',
  summary: 'Price, maximum and likely experts of a question, before anything is charged.',
  access: 'read',
  params: z.strictObject({
    prompt: Prompt,
    domain: DomainParam.optional(),
    maxTokens: countParam({ min: 1, max: 1_000_000 }, 'Longest answer to price, in tokens.').optional(),
    respondents: countParam({ min: 1, max: 100 }, 'How many experts answer.').optional(),
    rounds: countParam({ min: 1, max: 16 }, "Rounds in which they see one another's answers.").optional(),
    expert: NamedExpert.optional(),
    effort: EffortParam.optional(),
  }),
  result: z.strictObject({
    domain: z.string(),
    routing: RoutingJson,
    estimate: Decimal,
    max: Decimal,
    /** What the domain's load multiplies the experts' rates by. */
    loadFactor: z.string(),
    experts: z.array(z.strictObject({ expert: AddressText, name: z.string(), model: z.string() })),
    validUntil: Decimal,
    /** How much of the market the contract takes, and why (market §17). */
    configuration: ConfigurationJson,
  }),
  handle: async ({ api }, params) => {
    checkPrompt(params.prompt, api.params());
    const quote = await api.quote(params);
    return {
      domain: quote.domain,
      routing: routingJson(quote.routing),
      estimate: decimal(quote.estimate),
      max: decimal(quote.max),
      loadFactor: (quote.loadFactor / 1_000_000).toFixed(6),
      experts: quote.experts.map(({ expert, name, model }) => ({ expert, name, model })),
      validUntil: decimal(quote.validUntil),
      configuration: { ...quote.configuration },
    };
  },
});

export const querySubmit = defineMethod({
  name: 'query_submit',
  summary:
    'Asks a question: on a devnet by its prompt (the node signs for a devnet account), elsewhere as a signed query.open in raw.',
  access: 'write',
  params: z.strictObject({
    prompt: Prompt.optional(),
    domain: DomainParam.optional(),
    maxCost: AmountParam.optional(),
    from: z.string().min(1).max(64).optional().describe('Name or address of a devnet account; default the first.'),
    respondents: countParam({ min: 1, max: 100 }, 'How many experts answer.').optional(),
    rounds: countParam({ min: 1, max: 16 }, "Rounds in which they see one another's answers.").optional(),
    threshold: countParam(
      { min: 0, max: 1_000_000 },
      'Score in millionths below which only the base part is paid.',
    ).optional(),
    privacy: z
      .enum(['open', 'private'])
      .optional()
      .describe('private: only its committee and holders of the returned readKey see its texts.'),
    raw: BytesParam.optional().describe('A signed query.open transaction as 0x hex, instead of everything else.'),
    salt: BytesParam.optional().describe('With raw, for a private query: the 32 bytes its prompt was hashed with.'),
    expert: NamedExpert.optional(),
    effort: EffortParam.optional(),
  }),
  result: z.strictObject({
    queryId: HexHash,
    status: z.enum(['pending', 'open', 'settled', 'final']),
    /** Last height at which a block can open it: unknown above, it never was, and nothing is escrowed. */
    validUntil: Decimal,
    /** Opens the texts of a private query; null for a public one. Given once. */
    readKey: HexHash.nullable(),
  }),
  handle: async ({ api, queries }, { raw, prompt, salt, ...request }) => {
    const { queryId, validUntil, readKey } = await openQuery();
    const status = api.query(queryId, null)?.status ?? 'pending';
    return {
      queryId: hexOf(queryId),
      status,
      validUntil: decimal(validUntil),
      readKey: readKey === null ? null : hexOf(readKey),
    };

    function openQuery() {
      if (raw !== undefined) {
        if (Object.values(request).some((value) => value !== undefined)) {
          throw invalidParams(
            'query_submit takes either raw or a prompt with its options.',
            'The terms of a signed contract are in raw.',
          );
        }
        return queries.openSigned(raw, secretOf(prompt, salt));
      }
      if (salt !== undefined) throw invalidParams('query_submit takes a salt only with raw.', 'The node makes it.');
      if (prompt === undefined) throw invalidParams('query_submit needs a prompt, or raw.', 'Pass {"prompt": "…"}.');
      return queries.open({ prompt, ...request });
    }
  },
});

/** Both or neither: a private contract in raw stands for both. */
function secretOf(prompt: string | undefined, salt: Uint8Array | undefined): PrivatePrompt | null {
  if (prompt !== undefined && salt !== undefined) return { prompt, salt };
  if (prompt === undefined && salt === undefined) return null;
  throw invalidParams(
    'query_submit takes either raw or a prompt with its options.',
    'Beside raw it takes prompt and salt together, for a private query.',
  );
}

export const queryPrepare = defineMethod({
  name: 'query_prepare',
  summary: 'The query.open that the node would sign for such a question, unsigned: for keys that are elsewhere.',
  access: 'read',
  params: z.strictObject({
    prompt: Prompt,
    sender: HashParam.describe('Public key that will sign, 32 bytes as 0x hex.'),
    seal: HashParam.describe('32 bytes: random, or a commitment to the answer (calibration).'),
    domain: DomainParam.optional(),
    maxCost: AmountParam.optional(),
    expert: NamedExpert.optional(),
  }),
  result: z.strictObject({ raw: HexBytes }),
  handle: async ({ api }, { sender, seal, ...request }) => {
    checkPrompt(request.prompt, api.params());
    const raw = await api.prepareQuery(request, { sender: sender as string as PublicKey, seal });
    return { raw: hexOf(toHex(raw)) };
  },
});

export const queryCancel = defineMethod({
  name: 'query_cancel',
  summary:
    'Ends a query of a devnet account early: what is delivered within the grace is scored and paid, the rest is refunded. Elsewhere sign query.cancel and use tx_submit.',
  access: 'write',
  params: z.strictObject({ queryId: HashParam }),
  result: z.strictObject({ queryId: HexHash, txHash: HexHash, status: z.string(), code: z.string() }),
  handle: async ({ api }, { queryId }) => {
    const { id, status, code, hint } = await api.cancelQuery(queryId);
    if (status === 'rejected' || status === 'failed') {
      throw new SynodError(code, `The query was not cancelled: ${hint ?? code}`, {
        facts: { queryId: hexOf(queryId) },
      });
    }
    return { queryId: hexOf(queryId), txHash: hexOf(id), status, code };
  },
});

export const queryGet = defineMethod({
  name: 'query_get',
  summary: 'Everything about a query: phase, answers, scores, payments and receipt.',
  access: 'read',
  params: z.strictObject({ queryId: HashParam, readKey: ReadKey.optional() }),
  result: QueryJson,
  handle: ({ api }, { queryId, readKey }) => {
    const view = api.query(queryId, readKey ?? null);
    if (view === null) {
      throw new SynodError(
        'UNKNOWN',
        'This node knows no query of this id. Check the id, or ask again once it is included.',
        {
          facts: { queryId: hexOf(queryId) },
        },
      );
    }
    return queryJson(view, expertLookup(api));
  },
});

export const queryGetDisclosure = defineMethod({
  name: 'query_getDisclosure',
  summary:
    'Prompt, salt and answers of a private query as this node keeps them: what query.disclose would make public.',
  access: 'read',
  params: z.strictObject({ queryId: HashParam, readKey: ReadKey }),
  result: z.strictObject({
    prompt: z.string(),
    salt: HexBytes,
    /** By index of the respondent; each answer as its canonical bytes. */
    answers: z.array(z.strictObject({ respondent: Count, answer: HexBytes })),
  }),
  handle: ({ api }, { queryId, readKey }) => {
    const { prompt, salt, answers } = api.disclosure(queryId, readKey);
    return {
      prompt,
      salt: hexOfBytes(salt),
      answers: answers.map(({ respondent, answer }) => ({ respondent, answer: hexOfBytes(encodeAnswer(answer)) })),
    };
  },
});

export const queryGetReceipt = defineMethod({
  name: 'query_getReceipt',
  summary:
    'The receipt of a settled query as a file that proves it without any node: path, header, certificate, and the way from a trusted height (spec: light-client §7).',
  access: 'read',
  params: z.strictObject({ queryId: HashParam, trustedHeight: TrustedHeightParam }),
  result: ReceiptProofFile,
  handle: ({ api }, { queryId, trustedHeight }) => {
    const { path, trail, ...rest } = receiptProofToJson(api.receiptProof(queryId, trustedHeight ?? null));
    return { ...rest, path: [...path], trail: { below: [...trail.below], above: [...trail.above] } };
  },
});
