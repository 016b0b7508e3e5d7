/**
 * `synod devnet chaos`: a devnet of its own under faults, and a verdict. Owns the flags' ranges, the folder and the exit code.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SynodError } from '@synod/chain';
import { namespacesRefusal, runInNamespaces } from '../chaos/entering.ts';
import { createNodeNetwork } from '../chaos/namespaces.ts';
import { runChaos } from '../chaos/run-chaos.ts';
import { verdictLines } from '../chaos/verdict.ts';
import { layoutOf } from '../devnet/layout.ts';
import { NO_MODEL } from '../devnet/model-name.ts';
import { CHAIN_DEFAULTS, type DevnetFlags, type DevnetOptions, parseDevnetOptions } from '../devnet/options.ts';
import { onParentGone } from '../processes/parent.ts';
import { stopSignal } from '../processes/stop-signals.ts';
import { parseDurationMs } from '../settings/durations.ts';
import { displayPath } from '../settings/paths.ts';
import { parseCount } from '../settings/settings.ts';
import { type CommonOptions, note, print, printJson } from '../terminal/output.ts';

export type ChaosFlags = CommonOptions &
  DevnetFlags & { readonly minutes: string; readonly network?: string; readonly insideNamespaces?: boolean };

const INSIDE = '--inside-namespaces';
/** Away from that of a devnet which may be running. */
const PORT_BASE = 12_545;
/** With fewer, one dead validator stops the chain, and no fault could be recovered from while it lasts. */
const VALIDATORS_MIN = 4;

/** Throws `CHAOS_FAILED` after the verdict when a promise was broken; the folder is then kept. */
export async function runDevnetChaos(flags: ChaosFlags): Promise<void> {
  const seed = flags.seed ?? CHAIN_DEFAULTS.seed;
  const durationMs = parseDurationMs(`${flags.minutes}m`, { minMs: 6_000, maxMs: 24 * 3_600_000 });
  if (flags.validators !== undefined) parseCount(flags.validators, '--validators', { min: VALIDATORS_MIN, max: 16 });
  if (await isRunInNamespaces(flags)) return;
  const isTemporary = flags.dataDir === undefined;
  const dataDir = flags.dataDir ?? mkdtempSync(join(tmpdir(), 'synod-chaos-'));
  const portBase = flags.portBase ?? process.env['SYNOD_PORT_BASE'] ?? String(PORT_BASE);
  const devnet = parseDevnetOptions({ ...flags, seed, dataDir, portBase, model: NO_MODEL }, process.env);
  requireNoChain(devnet.directory);
  let isPassed = false;
  try {
    note(`chaos   seed ${seed}   ${flags.minutes} min   data ${displayPath(devnet.directory)}`);
    const tell = (line: string) => note(line);
    const network = flags.insideNamespaces === true ? await createNodeNetwork(validatorsOf(devnet)) : null;
    const signal = flags.insideNamespaces === true ? AbortSignal.any([stopSignal(), parentGone()]) : stopSignal();
    const verdict = await runChaos({ devnet, seed, durationMs, environment: process.env, network, signal, tell });
    isPassed = verdict.verdict === 'PASS';
    const kept = isPassed && isTemporary ? null : devnet.directory;
    if (flags.json) printJson({ ...verdict, dataDir: kept });
    else for (const line of verdictLines(verdict)) print(line);
    if (isPassed) return;
    throw new SynodError(
      'CHAOS_FAILED',
      `The run broke a promise. Logs and databases are kept in ${displayPath(join(devnet.directory, 'logs'))}`,
      { facts: { dataDir: devnet.directory } },
    );
  } finally {
    if (isPassed && isTemporary) rmSync(devnet.directory, { recursive: true, force: true });
  }
}

/** True when another process has done it all: this command once more, in namespaces of its own. Throws `NAMESPACES_REFUSED`. */
async function isRunInNamespaces({ network = 'auto', insideNamespaces = false }: ChaosFlags): Promise<boolean> {
  if (insideNamespaces || network === 'loopback') return false;
  const refusal = namespacesRefusal();
  if (refusal === null) {
    process.exitCode = await runInNamespaces(INSIDE);
    return true;
  }
  if (network === 'auto') {
    note(`network loopback: nodes cut one another off, since namespaces are not to be had (${refusal})`);
    return false;
  }
  throw new SynodError(
    'NAMESPACES_REFUSED',
    `This system gives no network namespaces: ${refusal}. Run as root, allow user namespaces, or use --network loopback.`,
  );
}

function parentGone(): AbortSignal {
  const controller = new AbortController();
  onParentGone(() => controller.abort());
  return controller.signal;
}

function validatorsOf({ named }: DevnetOptions): number {
  return named.validators ?? CHAIN_DEFAULTS.validators;
}

/** What an older run left would look like transfers that nobody submitted. */
function requireNoChain(directory: string): void {
  if (!existsSync(layoutOf(directory).chain)) return;
  throw new SynodError(
    'DATA_DIR_OTHER_CHAIN',
    `${displayPath(directory)} holds a chain already, and a chaos run begins a new one. Choose an empty or new folder with --data-dir.`,
    { facts: { directory } },
  );
}
