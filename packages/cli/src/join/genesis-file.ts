/** The genesis document of a chain as a file. Owns reading it and its errors. */
import { existsSync } from 'node:fs';
import { type Genesis, parseGenesis, SynodError } from '@synod/chain';
import { readJson } from '../files/write-file.ts';

const NEXT = "Copy the chain's genesis.json there.";

/** Throws `HOME_INCOMPLETE` where there is no such file, `GENESIS_INVALID` where it is none. */
export function readGenesisFile(file: string): Genesis {
  if (!existsSync(file)) throw new SynodError('HOME_INCOMPLETE', `${file} is missing. ${NEXT}`, { facts: { file } });
  const parsed = parseGenesis(readJson(file, NEXT));
  if (parsed.ok) return parsed.value;
  throw new SynodError('GENESIS_INVALID', `${file} is no genesis document: ${parsed.reason}. ${NEXT}`, {
    facts: { file },
  });
}
