/**
 * Keys of a home that are out of force: set aside when the chain has gone over to later ones, so that keys.json begins with the
 * key in use. Owns that move; nothing is ever deleted, and sign states stay where they are.
 */
import { join } from 'node:path';
import { publicKeyOf, toHex } from '@synod/chain';
import { readJson, writeJsonAtomic } from '../files/write-file.ts';
import { readNodeHome, writeNodeHome } from '../node-home.ts';

/**
 * Moves every key before the one in force (`0x…` or bare) into `retired-keys.json`, written first. Returns how many; 0 where the
 * key in force is the first one, or none of this home's.
 */
export function retireKeys(home: string, inForce: string): number {
  const { node, keys } = readNodeHome(home);
  const { consensusSeed, vrfSeed, rotated } = keys;
  if (consensusSeed === null || vrfSeed === null) return 0;
  const all = [{ consensusSeed, vrfSeed }, ...rotated];
  const at = all.findIndex((seeds) => publicKeyOf(seeds.consensusSeed) === inForce.replace(/^0x/, ''));
  const first = all[at];
  if (at < 1 || first === undefined) return 0;
  const file = join(home, 'retired-keys.json');
  const before = readJson(file, 'Restore it from a backup.') ?? [];
  const retired = all.slice(0, at).map((seeds) => ({
    publicKey: publicKeyOf(seeds.consensusSeed),
    consensusSeed: toHex(seeds.consensusSeed),
    vrfSeed: toHex(seeds.vrfSeed),
  }));
  writeJsonAtomic(file, [...(Array.isArray(before) ? before : []), ...retired], 'secret');
  writeNodeHome(home, node, { ...keys, ...first, rotated: all.slice(at + 1) });
  return at;
}
