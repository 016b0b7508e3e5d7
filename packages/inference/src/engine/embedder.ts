/**
 * Sentence embeddings. Owns the embedder's session and tokenizer; what the vectors are compared for is the caller's business.
 */
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { type JobControl, passCheckpoint } from './control.ts';
import { limits } from './limits.ts';
import { type InferenceSession, int64Tensor, notDescribed, openSession } from './session.ts';
import { readJson, usableTokenizer } from './tokenizer.ts';

export type Embedder = {
  /** One unit vector a text, in order. Text beyond the embedder's window is not read. */
  embed(texts: readonly string[], control: JobControl): Promise<Float32Array[]>;
  close(): Promise<void>;
};

const INPUTS = ['input_ids', 'attention_mask'];
const OUTPUT = 'embedding';

/** Opens `embed.onnx` of a model folder. Throws MODEL_ERROR. */
export async function openEmbedder(
  directory: string,
  shape: { dimensions: number; tokensMax: number },
): Promise<Embedder> {
  const file = await readJson<Record<string, unknown>>(join(directory, 'embed-tokenizer.json'));
  const config = await readJson<Record<string, unknown>>(join(directory, 'embed-tokenizer_config.json'));
  // Some tokenizer files ask for padding to a fixed length, which would cost time and change nothing.
  const tokenizer = usableTokenizer(
    directory,
    () => new Tokenizer({ ...file, padding: null, truncation: null }, config),
  );
  const path = join(directory, 'embed.onnx');
  const session = await openSession(path);
  if (!INPUTS.every((name) => session.inputNames.includes(name)) || !session.outputNames.includes(OUTPUT)) {
    await session.release();
    throw notDescribed(path);
  }
  const encode = (text: string) =>
    clip(tokenizer.encode(text.slice(0, limits.embedCharactersMax)).ids, shape.tokensMax);
  return {
    async embed(texts, control) {
      const vectors: Float32Array[] = [];
      for (let at = 0; at < texts.length; at += limits.embedBatchTexts) {
        await passCheckpoint(control);
        const rows = texts.slice(at, at + limits.embedBatchTexts).map(encode);
        vectors.push(...(await embedRows(session, rows, shape.dimensions)));
      }
      return vectors;
    },
    close: () => session.release(),
  };
}

/** Cosine of two unit vectors, −1 … 1. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Keeps the closing separator when a text is cut. */
function clip(ids: number[], tokensMax: number): number[] {
  return ids.length <= tokensMax ? ids : [...ids.slice(0, tokensMax - 1), ids.at(-1)!];
}

async function embedRows(session: InferenceSession, rows: number[][], dimensions: number): Promise<Float32Array[]> {
  const width = Math.max(...rows.map((row) => row.length));
  const padded = rows.flatMap((row) => Array.from({ length: width }, (_, i) => row[i] ?? 0));
  const mask = rows.flatMap((row) => Array.from({ length: width }, (_, i) => (i < row.length ? 1 : 0)));
  const output = await session.run({
    input_ids: int64Tensor(padded, [rows.length, width]),
    attention_mask: int64Tensor(mask, [rows.length, width]),
  });
  const flat = output[OUTPUT]!.data as Float32Array;
  if (flat.length !== rows.length * dimensions) throw notDescribed('embed.onnx');
  return rows.map((_, i) => flat.slice(i * dimensions, (i + 1) * dimensions));
}
