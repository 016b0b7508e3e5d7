/**
 * Running a command again inside namespaces of its own. Owns whether the system allows that and the second process; what is built
 * inside is namespaces.ts's.
 */
import { spawn, spawnSync } from 'node:child_process';
import { MAIN_FILE } from '../devnet/node-process.ts';
import { EXIT } from '../terminal/exit-codes.ts';

/** A user namespace in which this user is root, with networks and mounts that nobody else sees. */
export const UNSHARE = ['--map-root-user', '--net', '--mount'] as const;
/** Everything that createNodeNetwork needs, tried once in namespaces that end with it. */
const TRIAL =
  'mount -t tmpfs none /run && mkdir /run/netns && ip link add br0 type bridge && ip netns add val-0 && ip link add to-val-0 type veth peer name eth0 netns val-0 && nsenter --net=/run/netns/val-0 true';
const TRIAL_MS_MAX = 10_000;

/** Null where namespaces of one's own are allowed; else why not, in words. */
export function namespacesRefusal(): string | null {
  if (process.platform !== 'linux') return `${process.platform} has no network namespaces`;
  const trial = spawnSync('unshare', [...UNSHARE, '--', 'sh', '-c', TRIAL], {
    encoding: 'utf8',
    timeout: TRIAL_MS_MAX,
  });
  if (trial.error !== undefined) return `unshare cannot be run (${trial.error.message})`;
  if (trial.status === 0) return null;
  return trial.stderr.trim().split('\n').at(-1) || `the trial ended with ${trial.status ?? trial.signal}`;
}

/**
 * This command line with `flag` behind it, in namespaces of its own. Its output is this process's, signals are passed on, and it
 * is asked to end when this process is gone. Resolves with its exit code.
 */
export async function runInNamespaces(flag: string): Promise<number> {
  const command = [process.execPath, ...process.execArgv, MAIN_FILE, ...process.argv.slice(2), flag];
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  // A group of its own: a terminal's Ctrl-C comes once, from here.
  const child = spawn('unshare', [...UNSHARE, '--', ...command], {
    stdio: ['pipe', 'inherit', 'inherit'],
    detached: true,
  });
  child.once('error', reject);
  child.once('exit', (code) => resolve(code ?? EXIT.failure));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return await promise;
}
