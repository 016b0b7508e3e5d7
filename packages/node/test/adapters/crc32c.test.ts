/** The checksum against the published values of CRC-32C (RFC 3720, appendix B.4). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32c } from '../../src/adapters/crc32c.ts';

test('RFC 3720 B.4: published checksums', () => {
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e);
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
});

test('a checksum in parts is the checksum of the whole', () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, index) => (index * 37) & 0xff);
  for (let cut = 0; cut <= bytes.length; cut++) {
    assert.equal(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut))), crc32c(bytes));
  }
});
