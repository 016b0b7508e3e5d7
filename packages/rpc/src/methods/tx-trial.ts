/** `tx_simulate` and `tx_estimateFee`: what a transaction would do and cost, before it is sent. */
import { CHAIN_LIMITS, transactionFee } from '@synod/chain';
import { z } from 'zod';
import { invalidParams } from '../errors.ts';
import { AmountParam, BytesParam, Count, countParam, Decimal, decimal, HexHash, hexOf } from '../json/scalars.ts';
import { defineMethod } from './method.ts';

export const txSimulate = defineMethod({
  name: 'tx_simulate',
  summary:
    'What a transaction would come to if it were next. Nothing changes and nothing is sent; a signature of 64 zeros is not checked.',
  access: 'read',
  params: z.strictObject({ raw: BytesParam }),
  result: z.strictObject({
    id: HexHash,
    /** `refused`: no block would take it, and it would cost nothing. `failed`: a block would, and charge the fee. */
    outcome: z.enum(['ok', 'failed', 'refused']),
    code: z.string(),
    hint: z.string().nullable(),
    fee: Decimal.nullable(),
    signatureChecked: z.boolean(),
  }),
  handle: ({ api }, { raw }) => {
    const { id, outcome, code, hint, fee, isSignatureChecked } = api.history.simulate(raw);
    return {
      id: hexOf(id),
      outcome,
      code,
      hint,
      fee: fee === null ? null : decimal(fee),
      signatureChecked: isSignatureChecked,
    };
  },
});

/** The base fee rises by at most 1/8 a block: twice of it holds for five full blocks. */
const HEADROOM = 2n;

const TRANSFER_BYTES = 256;

export const txEstimateFee = defineMethod({
  name: 'tx_estimateFee',
  summary: 'What a transaction of these bytes, or of this length, costs in the next block, and what limit to sign.',
  access: 'read',
  params: z.strictObject({
    raw: BytesParam.optional(),
    bytes: countParam(
      { min: 1, max: 4_294_967_295 },
      'Length of the encoded transaction, instead of raw; default 256, about a transfer.',
    ).optional(),
    tip: AmountParam.optional(),
  }),
  result: z.strictObject({
    bytes: Count,
    baseFeePerByte: Decimal,
    /** Base fee for all bytes, which is burnt; with the tip, which the proposer gets. */
    burnt: Decimal,
    fee: Decimal,
    /** Worth signing as `maxBaseFeePerByte`: holds though the next blocks are full. */
    maxBaseFeePerByte: Decimal,
    /** Highest `validUntil` that is taken now. */
    validUntilMax: Decimal,
  }),
  handle: ({ api }, { raw, bytes, tip }) => {
    if (raw !== undefined && bytes !== undefined) {
      throw invalidParams('tx_estimateFee takes either raw or bytes.', 'Pass {"bytes": 250}.');
    }
    const length = raw?.length ?? bytes ?? TRANSFER_BYTES;
    const baseFee = api.history.baseFeePerByte();
    const { burnt, total } = transactionFee(length, baseFee, tip ?? 0n);
    return {
      bytes: length,
      baseFeePerByte: decimal(baseFee),
      burnt: decimal(burnt),
      fee: decimal(total),
      maxBaseFeePerByte: decimal(baseFee * HEADROOM),
      validUntilMax: decimal(api.status().head.height + 1 + CHAIN_LIMITS.validUntilAheadMax),
    };
  },
});
