/** What a node remembers of keys that strangers send is small, whatever else it allocates meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { verifySignature } from '../../src/crypto/index.ts';
import type { PublicKey } from '../../src/types/index.ts';

const KEYS = 8_000;
const BYTES_MAX = 8 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of buffers that are still in use. */
function bufferBytes(): number {
  // Buffers are given back after the objects that held them.
  for (let turn = 0; turn < 3; turn++) collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

test('a remembered key keeps no more alive than its own bytes', () => {
  const [message, signature] = [new Uint8Array(8), new Uint8Array(64)];
  const before = bufferBytes();
  for (let index = 1; index <= KEYS; index++) {
    verifySignature(index.toString(16).padStart(64, '0') as PublicKey, message, signature);
    // Others take from Node's pool of small buffers between two keys.
    Buffer.allocUnsafe(4_000).fill(0);
  }
  const held = bufferBytes() - before;
  assert.ok(held < BYTES_MAX, `${held} bytes for ${KEYS} keys`);
});
