/** Small factors and deltas for the tests of learning. */
import type { DeltaAbout } from '../../src/learning/delta-file.ts';
import { type FactorsAbout, valueCount } from '../../src/learning/fixed-factors.ts';

const shape = { layers: 2, hidden: 6, keyValueHeads: 1, headSize: 4, loraRank: 2 };

export const about: FactorsAbout = { formatVersion: 1, baseModel: 'ab'.repeat(32), shape, factorSeed: 1 };
export const deltaAbout: DeltaAbout = { ...about, round: 'cd'.repeat(32) };
export const count: number = valueCount(shape);
