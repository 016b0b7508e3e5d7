/**
 * Own questions, kept in this browser for the chain they were asked on. Owns what is kept where: private ones and their keys stay in
 * the tab's session, all others in the browser's storage until they are cleared.
 */
import { restartTurn, type Turn } from './course.ts';

const limits = { turnsMax: 40, charactersMax: 1_500_000 } as const;

type Stores = { readonly lasting: Storage; readonly session: Storage };

/** Own questions of a chain, oldest first. What was running when the page was left is followed anew by its caller. */
export function readHistory(genesisHash: string, stores: Stores): readonly Turn[] {
  const turns = [...readFrom(stores.lasting, genesisHash), ...readFrom(stores.session, genesisHash)];
  return turns
    .filter(({ queryId, phase }) => queryId !== null || phase === 'failed')
    .map((turn) => (turn.phase === 'final' || turn.phase === 'failed' ? turn : restartTurn(turn)))
    .sort((one, other) => one.askedAtMs - other.askedAtMs);
}

/** Keeps the newest of them. A full or forbidden storage keeps nothing and breaks nothing. */
export function writeHistory(genesisHash: string, turns: readonly Turn[], stores: Stores): void {
  writeTo(
    stores.session,
    genesisHash,
    turns.filter(({ isPrivate }) => isPrivate),
  );
  writeTo(
    stores.lasting,
    genesisHash,
    turns.filter(({ isPrivate }) => !isPrivate),
  );
}

const keyOf = (genesisHash: string): string => `synod.asked.${genesisHash}`;

function readFrom(store: Storage, genesisHash: string): readonly Turn[] {
  try {
    const value: unknown = JSON.parse(store.getItem(keyOf(genesisHash)) ?? '[]');
    return Array.isArray(value) ? value.filter(isTurn) : [];
  } catch {
    return []; // Written by something else, or not readable here.
  }
}

function writeTo(store: Storage, genesisHash: string, turns: readonly Turn[]): void {
  let kept = turns.slice(-limits.turnsMax);
  let text = JSON.stringify(kept);
  while (text.length > limits.charactersMax && kept.length > 0) {
    kept = kept.slice(1);
    text = JSON.stringify(kept);
  }
  try {
    if (kept.length === 0) store.removeItem(keyOf(genesisHash));
    else store.setItem(keyOf(genesisHash), text);
  } catch {
    // Storage is full or forbidden: the page works without a memory.
  }
}

function isTurn(value: unknown): value is Turn {
  const turn = value as Partial<Turn> | null;
  return typeof turn?.key === 'string' && typeof turn.prompt === 'string' && typeof turn.phase === 'string';
}
