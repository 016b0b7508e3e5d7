/** Authorities and certificates for tests, by the openssl of this machine: Node makes none. Owns the files; what they are good for is the tests'. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether this machine can make them. */
export const hasOpenssl: boolean = spawnSync('openssl', ['version']).status === 0;

export type Certificate = { readonly cert: string; readonly key: string };

const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'] as const;

/** An authority of its own. Files are of the owner alone. */
export function makeAuthority(folder: string, name: string): Certificate {
  mkdirSync(folder, { recursive: true });
  const files = filesOf(folder, name);
  openssl(['req', '-x509', ...EC_KEY, '-keyout', files.key, '-out', files.cert, '-days', '2', '-subj', `/CN=${name}`]);
  chmodSync(files.key, 0o600);
  return files;
}

/** A certificate by the authority for these names, as `IP:127.0.0.1`. */
export function makeCertificate(folder: string, name: string, by: Certificate, names: string): Certificate {
  const files = filesOf(folder, name);
  const [request, extensions] = [join(folder, `${name}.csr`), join(folder, `${name}.ext`)];
  openssl(['req', ...EC_KEY, '-keyout', files.key, '-out', request, '-subj', `/CN=${name}`]);
  writeFileSync(extensions, `subjectAltName=${names}\n`);
  const authority = ['-CA', by.cert, '-CAkey', by.key, '-CAcreateserial', '-extfile', extensions];
  openssl(['x509', '-req', '-in', request, '-out', files.cert, '-days', '1', ...authority]);
  chmodSync(files.key, 0o600);
  return files;
}

function filesOf(folder: string, name: string): Certificate {
  return { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
}

function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
