/** What people write after --model. Owns which of it is a path: paths are made absolute, because other processes read them. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** The choice of a devnet without experts and inference workers. */
export const NO_MODEL = 'none';

const NAMES: readonly string[] = ['default', 'tiny', NO_MODEL];
const SERVER = /^https?:\/\//;
const HUB_ID = /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/;

/** A name, a server's address and a hub id stay as they are, unless a folder of that name is here; anything else is a path. */
export function modelName(model: string): string {
  if (NAMES.includes(model) || SERVER.test(model)) return model;
  return HUB_ID.test(model) && !existsSync(model) ? model : resolve(model);
}
