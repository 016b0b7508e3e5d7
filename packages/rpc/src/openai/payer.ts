/**
 * Who pays for a request of /v1 (spec: openai §7): the account behind a spend key, or a devnet's first account. Owns reading the bearer's
 * key and that nothing is opened or said which its books do not allow.
 */
import { createHash } from 'node:crypto';
import { type Amount, formatSyn, type Hash, SynodError } from '@synod/chain';
import type { FastifyRequest } from 'fastify';
import type { CancelTerms, FeedbackTerms, NodeApi, OpenedQuery, QueryRequest, SignedQuery } from '../node-api.ts';
import type { QueryOpener } from '../server/query-opener.ts';
import { SPEND_KEY_PREFIX, type SpendKeys, type Wallet } from './spending.ts';

export type Payer = {
  /** Tells payers apart, and is no secret. */
  readonly id: string;
  /** `onSigned` is called after the cost is set aside and before the query is out. */
  open(query: QueryRequest, onSigned: (signed: SignedQuery) => void): Promise<OpenedQuery>;
  /** How the query's cancelling is signed. */
  cancelTerms(queryId: Hash): CancelTerms;
  /** How feedback about the query is paid; undefined: as the devnet signs it. Throws `FEEDBACK_FOREIGN` where this key did not pay for the query. */
  feedbackTerms(queryId: Hash): FeedbackTerms | undefined;
};

export type Paying = {
  readonly api: NodeApi;
  readonly queries: QueryOpener;
  /** Null: this node keeps no books. */
  readonly spending: SpendKeys | null;
};

/** Reads `Authorization`. Throws `API_KEY_INVALID` where nobody would pay for its bearer. */
export function payerOf(request: FastifyRequest, paying: Paying): Payer {
  const key = bearerOf(request.headers.authorization);
  if (key?.startsWith(SPEND_KEY_PREFIX)) return walletPayer(requireSpending(paying).walletOf(key), paying);
  if (paying.api.status().devnet) return devnetPayer(key ?? '', paying);
  throw invalidKey(
    key === null
      ? 'This chain is no devnet: send a spend key, "Authorization: Bearer sk-synod-…". The node\'s operator makes one with:  synod spend-key new'
      : "This is no spend key. They begin with sk-synod-; the node's operator makes one with:  synod spend-key new",
  );
}

function bearerOf(header: string | undefined): string | null {
  return /^Bearer +(\S{1,512})$/i.exec(header ?? '')?.[1] ?? null;
}

function requireSpending({ spending }: Paying): SpendKeys {
  if (spending !== null) return spending;
  throw invalidKey('This node keeps no spend keys. Ask the node whose operator made this one.');
}

function invalidKey(message: string): SynodError {
  return new SynodError('API_KEY_INVALID', message);
}

/** Any key will do on a devnet, and different ones do not share retries. */
function devnetPayer(key: string, { queries }: Paying): Payer {
  return {
    id: `dev-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`,
    open: (query, onSigned) => queries.open(query, { onSigned }),
    cancelTerms: () => ({}),
    feedbackTerms: () => undefined,
  };
}

function walletPayer(wallet: Wallet, { api, queries }: Paying): Payer {
  return {
    id: wallet.id,
    async open(query, onSigned) {
      const available = wallet.available();
      const isKeysLimit = query.maxCost === undefined || query.maxCost > available;
      try {
        return await queries.open(
          { ...query, maxCost: isKeysLimit ? available : query.maxCost },
          {
            payer: wallet.account,
            onSigned(signed) {
              wallet.reserve(signed);
              onSigned(signed);
            },
          },
        );
      } catch (error) {
        const isTooLow =
          error instanceof SynodError && (error.code === 'MAX_COST_TOO_LOW' || error.code === 'MAX_FEE_TOO_LOW');
        throw isKeysLimit && isTooLow ? quotaExceeded() : error;
      }
    },
    cancelTerms(queryId) {
      const feeMax = wallet.cancelFeeMax(queryId) ?? 0n;
      return { isPayers: true, feeMax, onSigned: (transaction) => wallet.cancelling(queryId, transaction) };
    },
    feedbackTerms(queryId) {
      if (!wallet.paidFor(queryId)) throw api.query(queryId, null) === null ? unknownQuery(queryId) : notPaid(queryId);
      return {
        payer: wallet.account,
        sent: () => wallet.feedbackSent(queryId),
        onSigned: (signed) => wallet.reserveFeedback({ queryId, ...signed }),
      };
    },
  };
}

/** The key's budget is not enough for feedback, or it has given so much that no more deposits are kept for it. */
export function feedbackQuotaExceeded(needed: Amount): SynodError {
  return new SynodError(
    'QUOTA_EXCEEDED',
    `What is left of this spend key's budget does not pay for feedback, which takes up to ${formatSyn(needed)} (a deposit until its round is over, and a fee), or 256 deposits are held already. Nothing was charged. Make a new one:  synod spend-key new --budget 50`,
  );
}

/** The key's budget is not enough for the question. */
export function quotaExceeded(): SynodError {
  return new SynodError(
    'QUOTA_EXCEEDED',
    "What is left of this spend key's budget does not pay for this question. Nothing was charged. Make a new one:  synod spend-key new --budget 50",
  );
}

function unknownQuery(queryId: Hash): SynodError {
  return new SynodError(
    'FEEDBACK_UNKNOWN_QUERY',
    `This node knows no query ${queryId}. Check the id, or ask the node that coordinated it.`,
    { facts: { queryId } },
  );
}

function notPaid(queryId: Hash): SynodError {
  return new SynodError(
    'FEEDBACK_FOREIGN',
    'This spend key did not pay for that query, or many questions ago. Give feedback with the key that paid for it. Nothing was charged.',
    { facts: { queryId } },
  );
}
