/**
 * The systemd unit of a node. Owns its text and where it lies; enabling and starting are the operator's own commands, which are
 * told to them.
 */
import { dirname, join } from 'node:path';
import { configDirectory, type Environment } from '../settings/paths.ts';

export type UnitOptions = {
  /** What starts synod: absolute paths. */
  readonly command: readonly string[];
  /** Absolute. */
  readonly home: string;
  /** The home can sign: a start that could only observe fails, so that systemd shows it. */
  readonly isValidator: boolean;
  /** Who runs it; null for a unit of a user's own systemd. */
  readonly user: string | null;
};

/** The first line of every unit that is ours: nothing else is replaced or removed. */
export const UNIT_MARK = '# Written by "synod service install".';

/** Seconds a node may take to finish a signature, flush and say goodbye. */
const STOP_SECONDS = 120;

/** Hardening that only the systemd of the machine can give. */
const SYSTEM_HARDENING = [
  'ProtectSystem=strict',
  'ProtectHome=read-only',
  'PrivateTmp=true',
  'PrivateDevices=true',
  'ProtectKernelTunables=true',
  'ProtectKernelModules=true',
  'ProtectKernelLogs=true',
  'ProtectControlGroups=true',
  'ProtectClock=true',
  'ProtectHostname=true',
  // Netlink: the addresses of this machine are read from it.
  'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK',
  'CapabilityBoundingSet=',
];

/** The unit's text. */
export function unitOf({ command, home, isValidator, user }: UnitOptions): string {
  const insisting = isValidator ? ['--validator'] : [];
  const start = [...command, 'start', ...insisting, '--home', home].map(quoted).join(' ');
  return `${[
    UNIT_MARK,
    '[Unit]',
    `Description=Synod node in ${home}`,
    ...(user === null ? [] : ['Wants=network-online.target', 'After=network-online.target']),
    'StartLimitIntervalSec=600',
    'StartLimitBurst=10',
    '',
    '[Service]',
    '# Started means that it serves requests: the node says so by itself.',
    'Type=notify',
    'NotifyAccess=all',
    `ExecStart=${start}`,
    ...(user === null ? [] : [`User=${user}`]),
    '# Restoring a snapshot or replaying a database takes as long as it takes.',
    'TimeoutStartSec=infinity',
    '# Exit code 0 is a stop that was asked for, or a halt height: it stays stopped.',
    'Restart=on-failure',
    'RestartSec=5',
    '# Wrong flags or files, and refusals to sign twice, do not get better by repeating.',
    'RestartPreventExitStatus=2 10',
    'KillSignal=SIGINT',
    'KillMode=mixed',
    `TimeoutStopSec=${STOP_SECONDS}`,
    'LimitNOFILE=65536',
    'UMask=0077',
    'NoNewPrivileges=true',
    'RestrictSUIDSGID=true',
    'LockPersonality=true',
    'RestrictRealtime=true',
    ...(user === null ? [] : [...SYSTEM_HARDENING, `ReadWritePaths=${quoted(home)}`]),
    '',
    '[Install]',
    `WantedBy=${user === null ? 'default.target' : 'multi-user.target'}`,
  ].join('\n')}\n`;
}

/** Where systemd looks for it. */
export function unitFile(
  name: string,
  { user, environment }: { readonly user: boolean; readonly environment: Environment },
): string {
  const folder = user ? join(dirname(configDirectory(environment)), 'systemd/user') : '/etc/systemd/system';
  return join(folder, `${name}.service`);
}

/** One word of ExecStart: systemd splits at spaces and expands % and $. */
function quoted(word: string): string {
  const escaped = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@%+=:,./$-]+$/.test(word) ? escaped : `"${escaped.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
