/** Reads server-sent events from a response body. Owns the framing and its bounds; the meaning of the data is the caller's. */
import { EngineError } from '../errors.ts';
import { limits } from './limits.ts';

/** The data of each event, in order, until the body ends. `onPiece` is called whenever bytes arrive. Throws MODEL_ERROR for an endless event. */
export async function* eventsOf(body: ReadableStream<Uint8Array>, onPiece: () => void): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
    onPiece();
    const lines = (rest + piece).split(/\r?\n/);
    rest = lines.pop() ?? '';
    if (rest.length > limits.eventCharactersMax) {
      throw new EngineError('MODEL_ERROR', 'The model server sent an event that does not end.');
    }
    for (const line of lines) if (line.startsWith('data:')) yield line.slice(5).trim();
  }
}

/** The whole body as one piece of data: what a server sends that does not stream. Throws MODEL_ERROR for an endless one. */
export async function* wholeOf(body: ReadableStream<Uint8Array>, onPiece: () => void): AsyncGenerator<string> {
  let text = '';
  for await (const piece of body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
    onPiece();
    text += piece;
    if (text.length > limits.bodyCharactersMax) {
      throw new EngineError('MODEL_ERROR', 'The model server sent an answer that does not end.');
    }
  }
  yield text;
}
