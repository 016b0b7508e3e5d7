/** Reads server-sent events from a response body. Owns the framing and its bounds; the meaning of the data is the caller's. */
import { EngineError } from '../errors.ts';
import { limits } from './limits.ts';

/** The data of each event, in order, until the body ends. `onPiece` is called whenever bytes arrive. Throws MODEL_ERROR for an endless one. */
export async function* eventsOf(body: ReadableStream<Uint8Array>, onPiece: () => void): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of boundedText(body, onPiece)) {
    const lines = (rest + piece).split(/\r?\n/);
    rest = lines.pop() ?? '';
    if (rest.length > limits.eventCharactersMax) {
      throw new EngineError('MODEL_ERROR', `The model server sent an event that does not end. ${NEXT}`);
    }
    for (const line of lines) if (line.startsWith('data:')) yield line.slice(5).trim();
  }
  if (rest.startsWith('data:')) yield rest.slice(5).trim();
}

/** The whole body as one piece of data: what a server sends that does not stream. Throws MODEL_ERROR for an endless one. */
export async function* wholeOf(body: ReadableStream<Uint8Array>, onPiece: () => void): AsyncGenerator<string> {
  let text = '';
  for await (const piece of boundedText(body, onPiece)) text += piece;
  yield text;
}

/** As much of the body as an error shows; the rest is not read. */
export async function beginningOf(body: ReadableStream<Uint8Array>): Promise<string> {
  let text = '';
  for await (const piece of decoded(body)) {
    text += piece;
    if (text.length >= limits.errorCharactersMax) break;
  }
  return text.slice(0, limits.errorCharactersMax);
}

async function* boundedText(body: ReadableStream<Uint8Array>, onPiece: () => void): AsyncGenerator<string> {
  let characters = 0;
  for await (const piece of decoded(body)) {
    onPiece();
    characters += piece.length;
    if (characters > limits.bodyCharactersMax) {
      throw new EngineError('MODEL_ERROR', `The model server sent an answer that does not end. ${NEXT}`);
    }
    yield piece;
  }
}

const decoded = (body: ReadableStream<Uint8Array>) =>
  body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>);

const NEXT = 'See its log, and that it heeds max_tokens.';
