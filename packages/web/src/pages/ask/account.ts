/**
 * Who pays for a question: an account of the devnet, whose key the node holds, or elsewhere a spend key. Owns the choice and where the
 * key is kept: in this tab's session only.
 */
import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { callRpc } from '../../api/client.ts';
import { height, isDevnet } from '../../live/chain-live.ts';

export type Payer =
  | { readonly kind: 'devnet'; readonly name: string; readonly address: string }
  | { readonly kind: 'spendKey'; readonly key: string };

export type DevAccount = { readonly name: string; readonly address: string; readonly balance: string };

const CHOSEN = 'synod.account';
const SPEND_KEY = 'synod.spendKey';
/** As `synod spend-key new` prints it. */
const SPEND_KEY_FORM = /^sk-synod-[0-9A-Za-z]{16,128}$/;

const accountsNow = signal<readonly DevAccount[]>([]);
const chosen = signal<string>(localStorage.getItem(CHOSEN) ?? '');
const spendKey = signal<string>(sessionStorage.getItem(SPEND_KEY) ?? '');

export const accounts: ReadonlySignal<readonly DevAccount[]> = computed(() => accountsNow.value);

/** Null while nobody can pay. */
export const payer: ReadonlySignal<Payer | null> = computed(() => {
  if (!isDevnet.value) return spendKey.value === '' ? null : { kind: 'spendKey', key: spendKey.value };
  const account = accountsNow.value.find(({ name }) => name === chosen.value) ?? accountsNow.value[0];
  return account === undefined ? null : { kind: 'devnet', name: account.name, address: account.address };
});

/** The chosen account's balance in nano; null where it is not known. */
export const balance: ReadonlySignal<string | null> = computed(() => {
  const who = payer.value;
  if (who?.kind !== 'devnet') return null;
  return accountsNow.value.find(({ name }) => name === who.name)?.balance ?? null;
});

export function chooseAccount(name: string): void {
  localStorage.setItem(CHOSEN, name);
  chosen.value = name;
}

/** Takes a spend key, or forgets it with ''. False where it cannot be one. */
export function takeSpendKey(text: string): boolean {
  const key = text.trim();
  if (key !== '' && !SPEND_KEY_FORM.test(key)) return false;
  if (key === '') sessionStorage.removeItem(SPEND_KEY);
  else sessionStorage.setItem(SPEND_KEY, key);
  spendKey.value = key;
  return true;
}

/** Keeps the devnet's accounts and balances fresh, once a block; returns what ends it. */
export function followAccounts(): () => void {
  let isAsking = false;
  return effect(() => {
    if (!isDevnet.value || height.value < 0 || isAsking) return;
    isAsking = true;
    loadAccounts()
      .catch(() => undefined) // The next block asks again; the strip tells when the node is gone.
      .finally(() => {
        isAsking = false;
      });
  });
}

async function loadAccounts(): Promise<void> {
  const named = (await callRpc('dev_accounts', {})).items;
  accountsNow.value = await Promise.all(
    named.map(async ({ name, address }) => ({
      name,
      address,
      balance: (await callRpc('state_getAccount', { address })).balance,
    })),
  );
}
