/** `synod key move`: from a node's home to a signer's. Owns the words; the order that survives a crash is keys/signer-home.ts. */
import { resolve } from 'node:path';
import { SIGNER_PORT_DEFAULT } from '../keys/remote-signer.ts';
import { takeKeys } from '../keys/signer-home.ts';
import { displayPath } from '../settings/paths.ts';
import { parseUrl } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, print, printJson } from '../terminal/output.ts';

export type KeyMoveFlags = CommonOptions & { readonly from: string; readonly to: string; readonly url?: string };

/** Moves a validator's keys and records out of its node's home. */
export async function runKeyMove(flags: KeyMoveFlags): Promise<void> {
  const [home, from] = [resolve(flags.to), resolve(flags.from)];
  const url = parseUrl(flags.url ?? `http://127.0.0.1:${SIGNER_PORT_DEFAULT}`, '--url');
  const { publicKey, tokenFile } = takeKeys(home, from, url);
  if (flags.json) return printJson({ home, from, url, publicKey: `0x${publicKey}`, tokenFile });
  print(
    `✔ the keys and signing records of ${displayPath(from)} are in ${displayPath(home)} now, and in the node's home no more`,
  );
  print(
    `  The node finds the signer at ${url} ("signer" in its node.json), with the token in ${displayPath(tokenFile)}`,
  );
  print('  Start the signer, then the node:');
  print(`    ${SYNOD} signer --home ${displayPath(home)}`);
  print(`    ${SYNOD} start --home ${displayPath(from)}`);
}
