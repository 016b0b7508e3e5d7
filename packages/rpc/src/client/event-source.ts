/** Reads server-sent events from a fetch response body. Owns the line format; what the data means is the caller's. */

/** Longest event accepted; a final receipt with several answers is far below it. */
const EVENT_CHARACTERS_MAX = 16_777_216;

/** Yields the data of each event; comments and other fields are skipped, but count as chunks. Throws what reading the body throws. */
export async function* readEventData(
  body: ReadableStream<Uint8Array>,
  onChunk: () => void = () => {},
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let buffered = '';
  for await (const chunk of chunksOf(body)) {
    onChunk();
    buffered += decoder.decode(chunk, { stream: true });
    if (buffered.length > EVENT_CHARACTERS_MAX) throw new RangeError('an event of the stream is too long');
    const blocks = buffered.split(/\r?\n\r?\n/);
    buffered = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = dataOf(block);
      if (data !== null) yield data;
    }
  }
}

/** By its reader, because not every browser iterates a stream. Leaving early cancels the stream. */
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function dataOf(block: string): string | null {
  const lines = block.split(/\r?\n/).filter((line) => line.startsWith('data:'));
  return lines.length === 0 ? null : lines.map((line) => line.slice(line.startsWith('data: ') ? 6 : 5)).join('\n');
}
