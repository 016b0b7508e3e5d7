/** `synod service install|uninstall`: the systemd unit of a node. Owns the file; systemd itself is left to the operator. */
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { SynodError } from '@synod/chain';
import { MAIN_FILE } from '../devnet/node-process.ts';
import { writeFileWhole } from '../files/write-file.ts';
import { readNodeHome } from '../node-home.ts';
import { canSign } from '../operating/must-validate.ts';
import { UNIT_MARK, unitFile, unitOf } from '../operating/systemd-unit.ts';
import { type CommonOptions, print, printJson, tell } from '../terminal/output.ts';

export type ServiceFlags = CommonOptions & {
  readonly name: string;
  readonly user?: boolean;
  readonly dryRun?: boolean;
};

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

export function runServiceInstall(flags: ServiceFlags & { readonly home: string }): void {
  const home = resolve(flags.home);
  const { node, keys } = readNodeHome(home);
  const file = fileOf(flags);
  const unit = unitOf({
    command: [process.execPath, MAIN_FILE],
    home,
    isValidator: canSign(keys, node.signer !== undefined),
    user: flags.user === true ? null : ownerOf(home),
  });
  if (flags.dryRun === true) return flags.json ? printJson({ file, unit, written: false }) : print(unit.trimEnd());
  requireOurs(file);
  write(file, unit, flags);
  const system = flags.user === true ? 'systemctl --user' : 'systemctl';
  const lines = [
    `✔ ${file}`,
    `  Start it now and with the machine:  ${system} daemon-reload && ${system} enable --now ${flags.name}`,
    `  Its log:  journalctl ${flags.user === true ? '--user ' : ''}-u ${flags.name} -f`,
    ...(flags.user === true ? ['  Let it run while you are logged out:  loginctl enable-linger'] : []),
  ];
  tell(flags, { json: { file, unit, written: true }, lines });
}

export function runServiceUninstall(flags: ServiceFlags): void {
  const file = fileOf(flags);
  const system = flags.user === true ? 'systemctl --user' : 'systemctl';
  if (!existsSync(file)) {
    throw new SynodError(
      'NOT_FOUND',
      `There is no ${file}. Name the unit with --name, and --user for one of your own systemd.`,
      {
        facts: { file },
      },
    );
  }
  requireOurs(file);
  const isDry = flags.dryRun === true;
  if (!isDry) rmSync(file);
  const lines = [
    `${isDry ? 'would remove' : '✔ removed'} ${file}; the node and its home stay`,
    `  A node that still runs is stopped by:  ${system} disable --now ${flags.name} ; ${system} daemon-reload`,
  ];
  tell(flags, { json: { file, removed: !isDry }, lines });
}

function fileOf({ name, user }: ServiceFlags): string {
  if (!NAME.test(name)) {
    throw new SynodError('USAGE', `--name "${name}" is no name of a unit. Use letters, digits, - and _, e.g. synod.`);
  }
  return unitFile(name, { user: user === true, environment: process.env });
}

/** Whoever owns the home runs the node. */
function ownerOf(home: string): string {
  const { uid } = statSync(join(home, 'keys.json'));
  const self = userInfo();
  return self.uid === uid ? self.username : String(uid);
}

function requireOurs(file: string): void {
  if (!existsSync(file) || readFileSync(file, 'utf8').startsWith(UNIT_MARK)) return;
  throw new SynodError(
    'FILE_EXISTS',
    `${file} was not written by this command. Choose another --name, or remove it yourself.`,
    {
      facts: { file },
    },
  );
}

function write(file: string, unit: string, { user }: ServiceFlags): void {
  try {
    writeFileWhole(file, Buffer.from(unit));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') throw cause;
    const next =
      user === true ? 'Change who may write there.' : 'Run it as root (sudo), or add --user for your own systemd.';
    throw new SynodError(
      'FILE_UNWRITABLE',
      `${file} cannot be written: ${dirname(file)} belongs to another user. ${next}`,
      {
        facts: { file },
        cause,
      },
    );
  }
}
