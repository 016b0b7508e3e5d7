/** The tiny model twice: as this project's own folder, and the same weights as an ordinary ONNX model beside it. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildTinyModel, tinyLlama } from '../../../src/models/tiny/build-tiny-model.ts';
import { createPrng } from '../../../src/models/tiny/prng.ts';
import { type CacheType, writeStandardDecoder } from '../../models/standard/standard-decoder.ts';

const CHAT_TEMPLATE =
  "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

export async function writeBoth(parent: string, cacheType: CacheType): Promise<{ own: string; foreign: string }> {
  const own = join(parent, 'own');
  const foreign = join(parent, 'foreign');
  await buildTinyModel(own, { seed: 1 });
  await mkdir(foreign);
  const { shape, source } = tinyLlama(createPrng(1));
  await writeStandardDecoder(foreign, shape, source, cacheType);
  await copyFile(join(own, 'tokenizer.json'), join(foreign, 'tokenizer.json'));
  const config = JSON.parse(await readFile(join(own, 'tokenizer_config.json'), 'utf8')) as object;
  await writeFile(join(foreign, 'tokenizer_config.json'), JSON.stringify({ ...config, chat_template: CHAT_TEMPLATE }));
  const { layers, heads, keyValueHeads, headSize, hidden, vocabulary, contextTokens } = shape;
  const numbers = {
    model_type: 'llama',
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: keyValueHeads,
    head_dim: headSize,
    hidden_size: hidden,
    vocab_size: vocabulary,
    max_position_embeddings: contextTokens,
  };
  await writeFile(join(foreign, 'config.json'), JSON.stringify(numbers));
  return { own, foreign };
}
