/**
 * The header of an adapter file. Owns its fields, their bounds, and the one way to write them (this order, no spaces),
 * so that equal adapters have equal hashes.
 */
import { limits } from './limits.ts';
import type { FactorShape } from './lora-factors.ts';

/** What an adapter file says about itself. */
export type AdapterAbout = {
  readonly formatVersion: 1;
  /** What it was trained for: a domain's name, or `format` for a control without facts. */
  readonly domain: string;
  readonly licence: string;
  /** `baseModelHash` of the model it was trained on. */
  readonly baseModel: string;
  readonly shape: FactorShape;
  /** Which factors the file holds. `B`: A follows from `factorSeed`. */
  readonly trained: 'B' | 'AB';
  readonly factorSeed: number;
  /** Seed of the order and make-up of the training examples. */
  readonly seed: number;
  readonly steps: number;
  /** SHA-256 of the training examples, 64 hex digits. */
  readonly dataHash: string;
};

const SHAPE_FIELDS = ['layers', 'hidden', 'keyValueHeads', 'headSize', 'loraRank'] as const;
const FIELDS = [
  'formatVersion',
  'domain',
  'licence',
  'baseModel',
  'shape',
  'trained',
  'factorSeed',
  'seed',
  'steps',
  'dataHash',
] as const;

/** The header's text; unknown fields of `about` are left out. */
export function headerText(about: AdapterAbout): string {
  const shape = Object.fromEntries(SHAPE_FIELDS.map((field) => [field, about.shape[field]]));
  return JSON.stringify(Object.fromEntries(FIELDS.map((field) => [field, field === 'shape' ? shape : about[field]])));
}

/** What is wrong with a parsed header, if anything. */
export function headerProblem(value: unknown): string | undefined {
  if (!isRecord(value)) return 'its header is not an object';
  if (value['formatVersion'] !== 1) return 'its formatVersion is not 1';
  for (const field of ['domain', 'licence'] as const) {
    const text = value[field];
    if (typeof text !== 'string' || text === '' || text.length > limits.textCharactersMax)
      return `its ${field} is no short text`;
  }
  for (const field of ['baseModel', 'dataHash'] as const) {
    if (!/^[0-9a-f]{64}$/.test(String(value[field]))) return `its ${field} is no SHA-256`;
  }
  if (value['trained'] !== 'B' && value['trained'] !== 'AB') return 'its trained is neither B nor AB';
  for (const field of ['factorSeed', 'seed'] as const) {
    if (!isWhole(value[field], 0, 2 ** 32 - 1)) return `its ${field} is no unsigned 32-bit integer`;
  }
  if (!isWhole(value['steps'], 0, limits.stepsMax)) return 'its steps are out of bounds';
  return shapeProblem(value['shape']);
}

function shapeProblem(shape: unknown): string | undefined {
  if (!isRecord(shape)) return 'its shape is missing';
  const maxima = {
    layers: limits.layersMax,
    hidden: limits.widthMax,
    keyValueHeads: limits.widthMax,
    headSize: limits.widthMax,
    loraRank: limits.rankMax,
  };
  const wrong = SHAPE_FIELDS.find((field) => !isWhole(shape[field], 1, maxima[field]));
  return wrong === undefined ? undefined : `its ${wrong} is out of bounds`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most;
}
