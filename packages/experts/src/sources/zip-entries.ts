/** Walks the entries of a zip file one at a time. Owns the turning of callbacks into promises. */

import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import yauzl from 'yauzl';

const open = promisify<string, yauzl.Options, yauzl.ZipFile>(yauzl.open);

/** Calls `visit` for each entry in order; `read` opens its unpacked bytes, which must be consumed before returning. */
export async function forEachZipEntry(
  path: string,
  visit: (entry: yauzl.Entry, read: () => Promise<Readable>) => Promise<void>,
): Promise<void> {
  const zip = await open(path, { lazyEntries: true, autoClose: false });
  const openEntry = promisify<yauzl.Entry, Readable>(zip.openReadStream.bind(zip));
  try {
    for (let entry = await nextEntry(zip); entry !== undefined; entry = await nextEntry(zip)) {
      const current = entry;
      await visit(current, () => openEntry(current));
    }
  } finally {
    zip.close();
  }
}

function nextEntry(zip: yauzl.ZipFile): Promise<yauzl.Entry | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      zip.removeListener('entry', onEntry).removeListener('end', onEnd).removeListener('error', onError);
      act();
    };
    const onEntry = (entry: yauzl.Entry) => settle(() => resolve(entry));
    const onEnd = () => settle(() => resolve(undefined));
    const onError = (error: Error) => settle(() => reject(error));
    zip.on('entry', onEntry).on('end', onEnd).on('error', onError);
    zip.readEntry();
  });
}
