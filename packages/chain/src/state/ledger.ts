/**
 * Moving money (spec: state §5): every move keeps `issued = balances + escrowed + bonded + staked + unbonding + burnt`.
 * Owns the bookkeeping; whether a move is allowed is decided by the callers.
 */
import assert from 'node:assert/strict';
import { CHAIN_LIMITS } from '../limits.ts';
import type { Address, Amount, Supply } from '../types/index.ts';
import { readAccount, readSupply, writeAccount, writeSupply } from './records.ts';
import type { Overlay } from './view.ts';

/** Where money lies that is in nobody's balance. */
export type Pot = 'burnt' | 'escrowed' | 'bonded' | 'staked' | 'unbonding';

/** Adds to the account's balance. The caller has taken the amount from somewhere. */
export function credit(overlay: Overlay, to: Address, amount: Amount): void {
  assert.ok(amount >= 0n);
  if (amount === 0n) return;
  writeAccount(overlay, to, { balance: readAccount(overlay, to).balance + amount });
}

/** Takes from the account's balance, which the caller has checked to suffice. */
export function debit(overlay: Overlay, from: Address, amount: Amount): void {
  const { balance } = readAccount(overlay, from);
  assert.ok(amount >= 0n && balance >= amount, 'debit beyond the balance');
  writeAccount(overlay, from, { balance: balance - amount });
}

/** Moves from the account's balance into a pot. */
export function moveToPot(overlay: Overlay, from: Address, pot: Pot, amount: Amount): void {
  debit(overlay, from, amount);
  adjust(overlay, pot, amount);
}

/** Moves from a pot into the account's balance. */
export function moveFromPot(overlay: Overlay, pot: Pot, to: Address, amount: Amount): void {
  adjust(overlay, pot, -amount);
  credit(overlay, to, amount);
}

/** Moves from one pot into another. */
export function moveBetweenPots(overlay: Overlay, from: Pot, to: Pot, amount: Amount): void {
  const supply = readSupply(overlay);
  assert.ok(supply[from] >= amount, `supply.${from} would be negative`);
  const left = { ...supply, [from]: supply[from] - amount };
  writeSupply(overlay, { ...left, [to]: left[to] + amount });
}

/** Creates money in the account's balance. The caller keeps `issued` within `amountMax`. */
export function issueTo(overlay: Overlay, to: Address, amount: Amount): void {
  issue(overlay, amount);
  credit(overlay, to, amount);
}

/** Creates money in a pot, as {@link issueTo}. */
export function issueToPot(overlay: Overlay, pot: Exclude<Pot, 'burnt'>, amount: Amount): void {
  issue(overlay, amount);
  adjust(overlay, pot, amount);
}

function issue(overlay: Overlay, amount: Amount): void {
  const supply = readSupply(overlay);
  const issued = supply.issued + amount;
  assert.ok(amount >= 0n && issued <= CHAIN_LIMITS.amountMax, 'more money than can be written');
  writeSupply(overlay, { ...supply, issued });
}

function adjust(overlay: Overlay, pot: Pot, by: Amount): void {
  const supply: Supply = readSupply(overlay);
  const next = supply[pot] + by;
  assert.ok(next >= 0n, `supply.${pot} would be negative`);
  writeSupply(overlay, { ...supply, [pot]: next });
}
