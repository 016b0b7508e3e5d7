/** `synod halt --home FOLDER --height HEIGHT|never`: tells a running node after which block to stop. */
import { resolve } from 'node:path';
import { adminClientOf } from '../rpc/admin-file.ts';
import { parseCount } from '../settings/settings.ts';
import { type CommonOptions, tell } from '../terminal/output.ts';

export type HaltFlags = CommonOptions & { readonly home: string; readonly height: string };

const NEVER = 'never';

export async function runHalt(flags: HaltFlags): Promise<void> {
  const wanted =
    flags.height === NEVER ? null : parseCount(flags.height, '--height', { min: 1, max: Number.MAX_SAFE_INTEGER });
  const admin = adminClientOf(resolve(flags.home));
  const { height } = await admin.call('admin_setHaltHeight', { height: wanted === null ? null : String(wanted) });
  const lines =
    height === null
      ? ['✔ the node goes on for ever']
      : [
          `✔ the node stops after block ${height}, with exit code 0, and says so in its log`,
          '  Tell every operator the same height. Then install the new version and start the node again, without a halt height.',
          '  It is forgotten when the node ends before.',
        ];
  tell(flags, { json: { height }, lines });
}
