/**
 * What a durable signature costs: saving the sign state alone, as for a prevote, and with the locked proposal beside it, as for a
 * precommit for a block. The two take turns, so that other load on the disk meets both.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemFiles } from '../../packages/node/src/adapters/durable-files.ts';
import { NOTHING_SIGNED, openSignStateFile } from '../../packages/node/src/adapters/sign-state-file.ts';

const SAVES = 200;
const BLOCK_BYTES = [0, 2_000, 200_000] as const;

const directory = mkdtempSync(join(tmpdir(), 'synod-sign-state-'));
try {
  const owner = { chainId: 'bench', publicKey: '00' };
  const file = openSignStateFile({ path: join(directory, 'sign-state'), owner, isNew: true, files: systemFiles });
  const took = new Map<number, number[]>(BLOCK_BYTES.map((bytes) => [bytes, []]));
  for (let height = 1; height <= SAVES; height++) {
    for (const [bytes, list] of took) {
      const locked = bytes === 0 ? null : Buffer.alloc(bytes);
      locked?.writeUInt32BE(height);
      const startMs = performance.now();
      file.save({ ...NOTHING_SIGNED, height }, locked);
      list.push((performance.now() - startMs) * 1_000);
    }
  }
  for (const [bytes, list] of took) {
    list.sort((a, b) => a - b);
    const at = (share: number) => Math.round(list[Math.floor(list.length * share)] ?? 0);
    console.log(`locked proposal ${bytes} bytes: median ${at(0.5)} µs, 95 % ${at(0.95)} µs`);
  }
} finally {
  rmSync(directory, { recursive: true });
}
