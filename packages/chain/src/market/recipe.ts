/**
 * A recipe: base model, adapter, knowledge and how it is made to write, each by hash. Owns its one form of bytes, whose tagged hash is
 * an expert's model id (spec: verification, "Recipes"). That the parts exist is for whoever fetches them.
 */
import { taggedHash } from '../codec/index.ts';
import { fromHex, toHex } from '../crypto/index.ts';
import type { Hash } from '../types/index.ts';

/** How an expert writes; the inference package says what each means. */
export type RecipeProfile = {
  readonly instruction: string;
  readonly temperature: number;
  readonly topP: number;
  readonly maxTokens: number;
};

export type Recipe = {
  /** Hash of the base model's folder. */
  readonly baseModel: Hash;
  /** SHA-256 of the adapter file; `ZERO_HASH` for the bare model. */
  readonly adapter: Hash;
  /** `ZERO_HASH` for an expert without knowledge. */
  readonly knowledgeRoot: Hash;
  readonly profile: RecipeProfile;
};

/** Named maxima of a recipe. */
export const RECIPE_LIMITS = { bytesMax: 8_192, temperatureMax: 2, maxTokensMax: 65_536 } as const;

const HASH_BYTES = 32;
const PROFILE_AT = 3 * HASH_BYTES;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Base model ‖ adapter ‖ knowledge root ‖ the profile as JSON array [instruction, temperature, topP, maxTokens] without spaces. */
export function encodeRecipe({ baseModel, adapter, knowledgeRoot, profile }: Recipe): Uint8Array {
  const text = new TextEncoder().encode(profileText(profile));
  const bytes = new Uint8Array(PROFILE_AT + text.length);
  [baseModel, adapter, knowledgeRoot].forEach((hash, index) => {
    bytes.set(fromHex(hash), HASH_BYTES * index);
  });
  bytes.set(text, PROFILE_AT);
  return bytes;
}

/** The model id that stands for these bytes. */
export function recipeHash(bytes: Uint8Array): Hash {
  return taggedHash('synod/model/2', bytes);
}

/** The model id of a recipe. */
export function modelIdOf(recipe: Recipe): Hash {
  return recipeHash(encodeRecipe(recipe));
}

/** The recipe, or null when the bytes are not one in its one form, or it is out of bounds. */
export function decodeRecipe(bytes: Uint8Array): Recipe | null {
  if (bytes.length < PROFILE_AT || bytes.length > RECIPE_LIMITS.bytesMax) return null;
  const profile = readProfile(bytes.subarray(PROFILE_AT));
  if (profile === null) return null;
  const hashAt = (index: number) => toHex(bytes.subarray(HASH_BYTES * index, HASH_BYTES * (index + 1))) as Hash;
  return { baseModel: hashAt(0), adapter: hashAt(1), knowledgeRoot: hashAt(2), profile };
}

function profileText({ instruction, temperature, topP, maxTokens }: RecipeProfile): string {
  return JSON.stringify([instruction, temperature, topP, maxTokens]);
}

function readProfile(bytes: Uint8Array): RecipeProfile | null {
  let text: string;
  let value: unknown;
  try {
    text = strictUtf8.decode(bytes);
    value = JSON.parse(text);
  } catch {
    // Neither UTF-8 nor JSON: to the caller that is one verdict, no recipe.
    return null;
  }
  if (!Array.isArray(value) || value.length !== 4) return null;
  const [instruction, temperature, topP, maxTokens] = value as unknown[];
  if (typeof instruction !== 'string') return null;
  if (!isWithin(temperature, RECIPE_LIMITS.temperatureMax) || !isWithin(topP, 1) || topP === 0) return null;
  if (!isWithin(maxTokens, RECIPE_LIMITS.maxTokensMax) || !Number.isInteger(maxTokens)) return null;
  const profile = { instruction, temperature, topP, maxTokens };
  return profileText(profile) === text ? profile : null;
}

function isWithin(value: unknown, most: number): value is number {
  return typeof value === 'number' && value >= 0 && value <= most;
}
