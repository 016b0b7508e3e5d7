/** `tx_*`: submitting signed transactions and looking them up. */
import { SynodError } from '@synod/chain';
import { z } from 'zod';
import { BytesParam, countParam, Decimal, decimal, HashParam, HexHash, hexOf } from '../json/scalars.ts';
import { TransactionJson, transactionJson } from '../json/transaction.ts';
import { defaultLimits } from '../limits.ts';
import type { SubmitResult } from '../node-api.ts';
import { defineMethod } from './method.ts';

/** Wait when the caller names none: long enough for a few blocks. */
const SUBMIT_TIMEOUT_MS_DEFAULT = 10_000;

export const txSubmit = defineMethod({
  name: 'tx_submit',
  summary:
    'Submits a signed transaction. "pending" is a result, never an error: the id is known and it may still be included.',
  access: 'write',
  params: z.strictObject({
    raw: BytesParam,
    waitFor: z.enum(['mempool', 'block', 'final']).optional().describe('What to wait for; default "mempool".'),
    timeoutMs: countParam(
      { min: 0, max: defaultLimits.submitTimeoutMsMax },
      'Longest wait, at most 60000; default 10000.',
    ).optional(),
  }),
  result: z.strictObject({
    id: HexHash,
    status: z.enum(['pending', 'included', 'final', 'failed']),
    code: z.string(),
    hint: z.string().nullable(),
    height: Decimal.nullable(),
  }),
  handle: async ({ api }, params) => {
    const result = await api.submitTransaction(params.raw, {
      waitFor: params.waitFor ?? 'mempool',
      timeoutMs: params.timeoutMs ?? SUBMIT_TIMEOUT_MS_DEFAULT,
    });
    if (result.status === 'rejected') throw rejection(result);
    return {
      id: hexOf(result.id),
      status: result.status,
      code: result.code,
      hint: result.hint,
      height: result.height === null ? null : decimal(result.height),
    };
  },
});

function rejection(result: SubmitResult): SynodError {
  const hint = result.hint ?? 'Correct the transaction, sign it again and submit it.';
  return new SynodError('TRANSACTION_REJECTED', `The transaction was rejected: ${result.code}. ${hint}`, {
    facts: { name: result.code, txHash: hexOf(result.id), hint },
  });
}

export const txGet = defineMethod({
  name: 'tx_get',
  summary: 'A transaction by id with its place and result.',
  access: 'read',
  params: z.strictObject({ id: HashParam }),
  result: z.strictObject({
    id: HexHash,
    status: z.enum(['pending', 'included', 'final']),
    height: Decimal.nullable(),
    blockHash: HexHash.nullable(),
    result: z.strictObject({ code: z.string(), fee: Decimal }).nullable(),
    transaction: TransactionJson.nullable(),
  }),
  handle: ({ api }, { id }) => {
    const view = api.transaction(id);
    if (view === null) {
      throw new SynodError(
        'UNKNOWN',
        'This node knows no transaction of this id. It may have expired, or never have arrived here.',
        {
          facts: { txHash: hexOf(id) },
        },
      );
    }
    return {
      id: hexOf(view.id),
      status: view.status,
      height: view.height === null ? null : decimal(view.height),
      blockHash: view.blockHash === null ? null : hexOf(view.blockHash),
      result: view.result === null ? null : { code: view.result.code, fee: decimal(view.result.fee) },
      transaction: view.transaction === null ? null : transactionJson(view.transaction),
    };
  },
});
