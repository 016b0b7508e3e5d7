/** `synod backup create|restore`: a node's identity in one file. Owns the words; what is in it is home-backup.ts. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SynodError } from '@synod/chain';
import { lockHolder, requireUnlocked } from '@synod/node/lock';
import pc from 'picocolors';
import { createWhole } from '../files/write-file.ts';
import { passwordBytes, readNewPassword, readPassword } from '../keys/password.ts';
import { decodeBackup, encodeBackup } from '../operating/backup-file.ts';
import { type Restored, readHomeForBackup, restoreHome } from '../operating/home-backup.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { bytesText, type CommonOptions, tell } from '../terminal/output.ts';

type BackupFlags = CommonOptions & { readonly home: string; readonly passwordFile?: string };

export function runBackupCreate(flags: BackupFlags & { readonly out: string }): void {
  const [home, out] = [resolve(flags.home), resolve(flags.out)];
  if (existsSync(out)) {
    throw new SynodError(
      'FILE_EXISTS',
      `${out} exists already and may be your only backup. Choose another name with --out.`,
      {
        facts: { file: out },
      },
    );
  }
  const password = flags.passwordFile === undefined ? null : passwordBytes(readNewPassword(flags.passwordFile));
  const backup = readHomeForBackup(home, new Date().toISOString());
  const bytes = encodeBackup(backup, password);
  createWhole(out, bytes);
  const { name, chainId, entries } = backup;
  const isRunning = lockHolder(join(home, 'node.lock')) !== null;
  const json = {
    file: out,
    name,
    chainId,
    sealed: password !== null,
    bytes: bytes.length,
    files: entries.map(({ path }) => path),
  };
  tell(flags, {
    json,
    lines: [
      `✔ ${out}   ${name} of ${chainId}, ${entries.length} files, ${bytesText(bytes.length)}`,
      ...(password === null
        ? [
            pc.yellow(
              '  ! It holds the keys in the clear. Keep it where nobody else gets to, or seal it with --password-file.',
            ),
          ]
        : []),
      ...(isRunning
        ? [
            '  The node runs and goes on signing: its record in the backup is that of now. Make a new one before you move.',
          ]
        : []),
      `  Check it where it will lie:  ${SYNOD} backup restore ${flags.out} --home NEW-FOLDER`,
    ],
  });
}

type RestoreFlags = BackupFlags & { readonly yes?: boolean; readonly keepSpendKeys?: boolean };

export function runBackupRestore(file: string, flags: RestoreFlags): void {
  const home = resolve(flags.home);
  if (!existsSync(file)) {
    throw new SynodError(
      'NOT_FOUND',
      `There is no backup ${resolve(file)}. Name the file that "synod backup create" wrote.`,
    );
  }
  if (existsSync(home)) requireUnlocked(home);
  const backup = decodeBackup(readFileSync(file), {
    name: file,
    password: () => passwordBytes(readPassword(flags.passwordFile)),
  });
  const restored = restoreHome(backup, home, {
    replace: flags.yes === true,
    keepSpendKeys: flags.keepSpendKeys === true,
    nowMs: Date.now(),
  });
  const { name, chainId, madeAt } = backup;
  const signing = restored.signing.map(({ file: state, height, raised }) =>
    raised
      ? `  ${state}: nothing up to height ${height} is signed again`
      : `  ${state}: the record here is as new or newer (height ${height}) and stays`,
  );
  tell(flags, {
    json: { home, name, chainId, madeAt, ...restored },
    lines: [
      `✔ ${home} is ${name} of ${chainId} again, as of ${madeAt}   ${restored.written.length} files written, ${restored.unchanged.length} were there`,
      ...signing,
      ...(restored.signing.length === 0 ? [] : warning(madeAt)),
      ...spendKeyLines(restored.spendKeys, madeAt),
      `  Look first:  ${SYNOD} doctor --home ${flags.home}      then:  ${SYNOD} start --home ${flags.home}`,
    ],
  });
}

/** What no file can know. */
function warning(madeAt: string): string[] {
  return [
    pc.yellow(
      `  ! What this key signed after ${madeAt} is not in the backup. Two nodes that sign with one key are slashed.`,
    ),
    pc.yellow(
      '    Start it only when the other node is off for good. It watches the chain for its own key before it signs.',
    ),
  ];
}

/** The chain does not say which key an account paid for. */
function spendKeyLines({ revoked, trusted }: Restored['spendKeys'], madeAt: string): string[] {
  if (trusted.length > 0) {
    return [pc.yellow(`  ! Spend keys that go on with what they had spent by ${madeAt}: ${trusted.join(', ')}`)];
  }
  if (revoked.length === 0) return [];
  return [
    pc.yellow(`  ! Spend keys revoked, for nobody knows what they spent after ${madeAt}: ${revoked.join(', ')}`),
    `    Make new ones for what is left:  ${SYNOD} spend-key new --budget SYN`,
    '    If they spent nothing since: restore into an empty folder with --keep-spend-keys.',
  ];
}
