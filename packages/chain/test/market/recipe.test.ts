/** Recipes: one form, whose tagged hash is a model id (verification, "Recipes"). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decodeRecipe,
  encodeRecipe,
  fromHex,
  type Hash,
  modelIdOf,
  RECIPE_LIMITS,
  type Recipe,
  recipeHash,
  taggedHash,
  toHex,
  ZERO_HASH,
} from '../../src/index.ts';

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => toHex(bytes) as Hash);
const recipe: fc.Arbitrary<Recipe> = fc.record(
  {
    baseModel: hash,
    adapter: hash,
    knowledgeRoot: hash,
    profile: fc.record(
      {
        instruction: fc.string({ unit: 'grapheme', maxLength: 200 }),
        temperature: fc.integer({ min: 0, max: 200 }).map((hundredths) => hundredths / 100),
        topP: fc.integer({ min: 1, max: 100 }).map((hundredths) => hundredths / 100),
        maxTokens: fc.nat(RECIPE_LIMITS.maxTokensMax),
      },
      { noNullPrototype: true },
    ),
  },
  { noNullPrototype: true },
);

const plain: Recipe = {
  baseModel: 'ab'.repeat(32) as Hash,
  adapter: ZERO_HASH,
  knowledgeRoot: ZERO_HASH,
  profile: { instruction: 'Answer in one short sentence.', temperature: 0, topP: 1, maxTokens: 64 },
};

function withText(text: string): Uint8Array {
  return Uint8Array.of(...encodeRecipe(plain).subarray(0, 96), ...new TextEncoder().encode(text));
}

test('a recipe comes back as it was, and its bytes hash to its model id', () => {
  fc.assert(
    fc.property(recipe, (each) => {
      const bytes = encodeRecipe(each);
      assert.deepEqual(decodeRecipe(bytes), each);
      assert.equal(recipeHash(bytes), modelIdOf(each));
    }),
  );
});

test('the model id is the tagged hash over hashes and profile', () => {
  const text = '["Answer in one short sentence.",0,1,64]';
  const parts = [plain.baseModel, plain.adapter, plain.knowledgeRoot].map(fromHex);
  assert.equal(modelIdOf(plain), taggedHash('synod/model/2', ...parts, new TextEncoder().encode(text)));
});

test('only the one form is a recipe: what decodes encodes to the same bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (tail) => {
      const bytes = Uint8Array.of(...encodeRecipe(plain).subarray(0, 96), ...tail);
      const decoded = decodeRecipe(bytes);
      if (decoded !== null) assert.deepEqual(encodeRecipe(decoded), bytes);
    }),
  );
  assert.notEqual(decodeRecipe(withText('["",0,1,64]')), null);
  const refused = [
    '["", 0,1,64]',
    '["",0.0,1,64]',
    '["",-0,1,64]',
    '["",0,1,64] ',
    '["\\u0041",0,1,64]',
    '["",0,1]',
    '["",0,1,64,1]',
    '["",2.1,1,64]',
    '["",-1,1,64]',
    '["",0,0,64]',
    '["",0,1.5,64]',
    '["",0,1,6.5]',
    '["",0,1,65537]',
    '[1,0,1,64]',
    '["","0",1,64]',
    '["",0,1,null]',
    '{}',
    'null',
    '[',
    '',
    `["${'a'.repeat(RECIPE_LIMITS.bytesMax)}",0,1,64]`,
  ];
  for (const text of refused) assert.equal(decodeRecipe(withText(text)), null, text.slice(0, 40));
  assert.equal(decodeRecipe(Uint8Array.of(...withText('["'), 0xff, ...new TextEncoder().encode('",0,1,64]'))), null);
  assert.equal(decodeRecipe(new Uint8Array(95)), null);
});
