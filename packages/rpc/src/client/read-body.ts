/** Reads the text of an answer whose sender is not trusted to end it. Owns the bound on its length. */

/** More than the longest answer of a node, a light block in hexadecimal among them. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;

/** Null when it is longer than the bound: the rest is left unread. Throws what reading the body throws. */
export async function readBody(response: Response, bytesMax: number = BODY_BYTES_MAX): Promise<string | null> {
  if (response.body === null) return '';
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let bytes = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    bytes += read.value.length;
    if (bytes > bytesMax) {
      await reader.cancel().catch(() => undefined);
      return null;
    }
    parts.push(decoder.decode(read.value, { stream: true }));
  }
  return parts.join('') + decoder.decode();
}
