/**
 * Blobs of a chain from nodes, kept in a folder (spec: learning §3). Owns asking one node after the other, believing none, and keeping what
 * came whole: a file that is there is not fetched again.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blobId, fromHex, type Hash, SynodError } from '@synod/chain';
import { makeDirectory } from '@synod/node/make-directory';
import { writeFileWhole } from '../files/write-file.ts';
import type { NodeClient } from '../rpc/node-client.ts';

export type BlobSource = {
  /** The file with exactly these bytes. Throws `BLOB_UNKNOWN` where no node serves them. */
  file(content: Hash): Promise<string>;
  /** Blobs that nodes were asked for, and got. */
  readonly fetched: () => number;
};

export function createBlobSource(nodes: readonly NodeClient[], folder: string): BlobSource {
  let fetched = 0;
  return {
    async file(content) {
      const path = join(folder, content);
      if (existsSync(path) && blobId(readFileSync(path)) === content) return path;
      const bytes = await fetchBlob(nodes, content);
      makeDirectory(folder);
      writeFileWhole(path, bytes);
      fetched += 1;
      return path;
    },
    fetched: () => fetched,
  };
}

/** The first node that has the bytes gives them; what are others counts as none. */
async function fetchBlob(nodes: readonly NodeClient[], content: Hash): Promise<Uint8Array> {
  const answers: string[] = [];
  for (const node of nodes) {
    try {
      const { data } = await node.call('blob_get', { content });
      const bytes = fromHex(data.slice(2));
      if (blobId(bytes) === content) return bytes;
      answers.push(`${node.url} gives other bytes`);
    } catch (error) {
      if (!(error instanceof SynodError)) throw error;
      answers.push(`${node.url}: ${error.code}`);
    }
  }
  throw new SynodError(
    'BLOB_UNKNOWN',
    `No node asked serves the blob 0x${content} (${answers.join('; ')}). Name others with --rpc URL,URL.`,
    { facts: { content: `0x${content}` } },
  );
}
