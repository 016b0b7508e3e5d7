/** Builds shipped knowledge folders: `node bench/domains/build.ts geography chemistry`. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { buildKnowledge, DOMAINS } from '@synod/experts';

const packages = join(import.meta.dirname, '../../packages/experts/knowledge');
const cacheDir = process.env['SYNOD_CACHE'] ?? join(homedir(), '.synod', 'knowledge');

for (const name of process.argv.slice(2)) {
  const recipe = DOMAINS.find(({ domain }) => domain === name);
  if (recipe === undefined)
    throw new Error(`no domain ${name}; there are ${DOMAINS.map(({ domain }) => domain).join(', ')}`);
  const { root, size } = await buildKnowledge({ recipe, out: join(packages, name), cacheDir });
  console.log(`${name}: ${size} passages, root ${root}`);
}
