/** Files that strangers register and every node reads, adapters and deltas: read or refused, soon, whatever the bytes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { campaign, runs } from '../../../node/test/fuzz/campaign.ts';
import { parseAdapter } from '../../src/adapters/adapter-file.ts';
import { AdapterError } from '../../src/adapters/errors.ts';
import { decodeDelta, deltaBytes, encodeDelta } from '../../src/learning/delta-file.ts';
import { adapterFromFixed, decodeFixedFactors, encodeFixedFactors } from '../../src/learning/fixed-factors.ts';
import { limits } from '../../src/learning/limits.ts';
import { about, count, deltaAbout } from './samples.ts';

const ramp = Int32Array.from({ length: count }, (_, at) => (at - 9) * 70_001);
const fixed = { about, values: ramp };
const model = { shape: about.shape, baseModel: about.baseModel };
const withoutNumbers = (problem: string): string => problem.replace(/[0-9a-f]{16,}|\d+|".*"/gs, '#').slice(0, 100);

const targets = [
  {
    name: 'adapter-file',
    good: ['geography', 'law'].map((domain) => adapterFromFixed(fixed, domain)),
    answer: (bytes: Uint8Array): string => {
      try {
        const adapter = parseAdapter(bytes, model, 'a.adapter');
        for (const values of Object.values(adapter.factors)) assert.ok(values.every(Number.isFinite));
        return 'ok';
      } catch (error) {
        if (!(error instanceof AdapterError)) throw error;
        return withoutNumbers(`${error.code} ${error.message}`);
      }
    },
  },
  {
    name: 'delta-file',
    good: [encodeDelta(deltaAbout, ramp), encodeDelta(deltaAbout, ramp.map(Math.sign))],
    answer: (bytes: Uint8Array): string => {
      const delta = decodeDelta(bytes, deltaAbout);
      if ('problem' in delta) return withoutNumbers(delta.problem);
      assert.equal(bytes.length, deltaBytes(deltaAbout));
      assert.ok(delta.values.every((value) => Math.abs(value) <= 127 * limits.deltaScaleMax));
      return 'ok';
    },
  },
  {
    name: 'factors-file',
    good: [encodeFixedFactors(fixed)],
    answer: (bytes: Uint8Array): string => {
      const read = decodeFixedFactors(bytes, about);
      if ('problem' in read) return withoutNumbers(read.problem);
      assert.deepEqual(Buffer.from(encodeFixedFactors(read)), Buffer.from(bytes), 'read, yet not canonical');
      return 'ok';
    },
  },
];

for (const target of targets) {
  test(`${target.name}: ${runs} inputs`, (context) => {
    const { ways, slowestMs } = campaign(target);
    context.diagnostic(`${ways} ways of answering, slowest ${slowestMs.toFixed(1)} ms`);
    assert.ok(ways >= 2, 'nothing was refused, or nothing was accepted');
  });
}
