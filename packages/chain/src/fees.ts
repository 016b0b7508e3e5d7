/**
 * The price of block space (spec: state §4). Owns the base fee's step and a transaction's fee; who pays is apply-transaction.ts.
 */
import type { Amount, ChainParams } from './types/index.ts';

/** The base fee moves by at most this fraction a block. */
const STEP_DIVISOR = 8n;

/** What a transaction of `bytes` encoded bytes costs its sender, in nano: burnt base part and tip. */
export function transactionFee(bytes: number, baseFeePerByte: Amount, tip: Amount): { burnt: Amount; total: Amount } {
  const burnt = BigInt(bytes) * baseFeePerByte;
  return { burnt, total: burnt + tip };
}

/**
 * Base fee of the next block, in nano per byte, from this block's and the bytes its transactions took.
 * Rises by up to 1/8 (at least 1 nano) above the target, falls by up to 1/8 below it, never under the floor.
 */
export function nextBaseFee(baseFee: Amount, transactionBytes: number, params: ChainParams): Amount {
  const target = BigInt(params.blockBytesTarget);
  const used = BigInt(transactionBytes);
  const above = used > target;
  const distance = above ? used - target : target - used;
  const bounded = distance > target ? target : distance;
  const step = (baseFee * bounded) / target / STEP_DIVISOR;
  const next = above ? baseFee + (step > 0n ? step : 1n) : baseFee - step;
  return next < params.baseFeePerByteMin ? params.baseFeePerByteMin : next;
}
