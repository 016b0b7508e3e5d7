/** The vocabulary inside a GGUF file. Owns its metadata keys; the tokenizer files are written by tokenizer/. */
import type { ByteLevelVocabulary } from '../tokenizer/byte-level.ts';
import type { GgufFile } from './gguf-file.ts';

/** GGUF's mark of control tokens such as <|im_start|>. */
const CONTROL_TOKEN = 3;

/** Errors: MODEL_FORMAT. */
export function vocabularyOf(file: GgufFile): ByteLevelVocabulary {
  const types = file.numbers('tokenizer.ggml.token_type');
  return {
    tokens: file.strings('tokenizer.ggml.tokens'),
    specialIds: types.flatMap((type, id) => (type === CONTROL_TOKEN ? [id] : [])),
    merges: file.strings('tokenizer.ggml.merges'),
    contextTokens: file.number('llama.context_length'),
  };
}
