/**
 * `synod doctor [--home FOLDER] [--rpc URL]`: what is wrong with a node and its machine, one line a check. Owns which checks are made; exit
 * code 1 says that something is wrong.
 */
import { resolve } from 'node:path';
import { SynodError } from '@synod/chain';
import { type Finding, findingLines } from '../operating/findings.ts';
import { checkHome, type HomeFacts, openHome } from '../operating/home-checks.ts';
import { checkPorts, checkRunning, reachNode } from '../operating/node-checks.ts';
import { rpcUrl } from '../settings/settings.ts';
import { type CommonOptions, print, printJson } from '../terminal/output.ts';

export type DoctorFlags = CommonOptions & { readonly home?: string; readonly rpc?: string };

/** Throws `NODE_UNWELL` after everything was told, where something is wrong. */
export async function runDoctor(flags: DoctorFlags): Promise<void> {
  const findings = await examine(flags);
  const wrongs = findings.filter(({ verdict }) => verdict === 'wrong').map(({ check }) => check);
  if (flags.json) printJson({ ok: wrongs.length === 0, findings });
  else for (const line of findingLines(findings)) print(line);
  if (wrongs.length === 0) return;
  const what = `${wrongs.length} of ${findings.length} checks found something wrong: ${wrongs.join(', ')}.`;
  throw new SynodError('NODE_UNWELL', `${what} Each line says what to do next; then look again:  synod doctor`, {
    facts: { wrong: wrongs },
  });
}

async function examine(flags: DoctorFlags): Promise<readonly Finding[]> {
  const opened = flags.home === undefined ? null : openHome(resolve(flags.home));
  const facts = opened?.facts ?? null;
  const { running, findings } = await reachNode(urlOf(flags, facts), facts);
  return [
    ...(opened?.findings ?? []),
    ...(facts === null ? [] : await checkHome(facts)),
    ...(facts === null ? [] : await checkPorts(facts, running)),
    ...findings,
    ...(running === null ? [] : await checkRunning(running, facts)),
  ];
}

/** A home says itself where its node serves. */
function urlOf(flags: DoctorFlags, facts: HomeFacts | null): string {
  const rpc = facts?.files?.node.rpc;
  if (flags.rpc === undefined && rpc !== undefined && rpc.port !== 0) return `http://${rpc.host}:${rpc.port}`;
  return rpcUrl(flags, process.env);
}
