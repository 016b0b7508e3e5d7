/**
 * Which key comes from which path of a mnemonic (keys §2). Owns the paths; derivation is the chain's `deriveKey`. A validator's keys lie
 * below its operator's account, and the last step counts the keys that it rotated through.
 */
import { ACCOUNT_PATH, deriveKey, mnemonicToSeed, SynodError } from '@synod/chain';

/** What a key is for. */
export const KEY_USES = ['account', 'consensus', 'vrf', 'network', 'expert'] as const;
export type KeyUse = (typeof KEY_USES)[number];

const STEP: Readonly<Record<Exclude<KeyUse, 'account'>, number>> = { consensus: 1, vrf: 2, network: 3, expert: 4 };
const INDEX_MAX = 2 ** 31 - 1;

/** `m/44'/7966'/ACCOUNT'` for an account, `m/44'/7966'/ACCOUNT'/USE'/INDEX'` for the rest. */
export function keyPath(use: KeyUse, { account = 0, index = 0 }: { account?: number; index?: number } = {}): string {
  const base = ACCOUNT_PATH.replace(/\d+'$/, `${account}'`);
  return use === 'account' ? base : `${base}/${STEP[use]}'/${index}'`;
}

/** 32 secret bytes of a mnemonic at a path. Throws `MNEMONIC_INVALID`. */
export function keyOfMnemonic(mnemonic: string, path: string): Uint8Array {
  return deriveKey(mnemonicToSeed(mnemonic), path);
}

/** Throws `USAGE` for a use that there is not. */
export function parseKeyUse(text: string | undefined): KeyUse {
  const found = KEY_USES.find((use) => use === (text ?? 'account'));
  if (found !== undefined) return found;
  throw new SynodError('USAGE', `--use "${text}" is no use of a key. Choose one of ${KEY_USES.join(', ')}.`);
}

/** A step of a path. Throws `NUMBER_INVALID`, naming the flag. */
export function parseKeyIndex(text: string | undefined, flag: string): number {
  const index = /^\d{1,10}$/.test(text ?? '0') ? Number(text ?? '0') : Number.NaN;
  if (index <= INDEX_MAX) return index;
  throw new SynodError('NUMBER_INVALID', `${flag} "${text}" must be a whole number from 0 to ${INDEX_MAX}.`, {
    facts: { value: text ?? '' },
  });
}
