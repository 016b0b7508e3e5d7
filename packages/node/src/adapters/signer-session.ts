/**
 * Reaching a signer and making sure that it is this node's (keys §5): same chain, genesis and operator, over a connection that shows nothing to others.
 * Owns these checks and what is said where one fails; what is asked then is remote-signer.ts' and remote-keys.ts'.
 */
import { type Address, type Hash, type PublicKey, SynodError } from '@synod/chain';
import { SIGNER_LIMITS, signerPaths } from './signer-auth.ts';
import { type Asked, openSignerChannel, type RemoteSignerConfig, type SignerChannel } from './signer-channel.ts';
import { isRecord, publicKeyIn } from './signer-protocol.ts';

/** Whose signer it must be. */
export type SignerOwner = { readonly chainId: string; readonly genesisHash: Hash; readonly operator: Address };

export type SignerSession = {
  readonly channel: SignerChannel;
  readonly url: string;
  /** Oldest first, at least one. */
  readonly keys: readonly [PublicKey, ...PublicKey[]];
};

/**
 * Throws `SIGNER_URL_UNSAFE`, `SIGNER_UNREACHABLE`, `SIGNER_TIMEOUT`, `SIGNER_UNTRUSTED`, or `SIGNER_FOREIGN` for a signer of another chain or operator,
 * or without keys.
 */
export function openSignerSession(config: RemoteSignerConfig, owner: SignerOwner): SignerSession {
  const { url } = config;
  requireSafeUrl(url);
  const channel = openSignerChannel(config);
  try {
    requireSame(channel, url, owner);
    const [first, ...rest] = keysHeld(channel) ?? [];
    if (first === undefined) throw foreign(url, 'it holds no key');
    return { channel, url, keys: [first, ...rest] };
  } catch (error) {
    void channel.close();
    throw error;
  }
}

/** Plain HTTP would show secrets to a network. Throws `SIGNER_URL_UNSAFE`. */
function requireSafeUrl(url: string): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || /^(127\.|localhost$|\[::1\]$)/.test(hostname)) return;
  throw new SynodError(
    'SIGNER_URL_UNSAFE',
    `The signer at ${url} is on another machine and speaks plain HTTP. Run it with --tls-cert and --tls-key, and name it by https://`,
    { facts: { url } },
  );
}

function requireSame(channel: SignerChannel, url: string, { chainId, genesisHash, operator }: SignerOwner): void {
  const body = answerOf(channel.ask({ method: 'GET', path: signerPaths.info, timeoutMs: SIGNER_LIMITS.openingMs }));
  if (body['chainId'] !== chainId || body['genesisHash'] !== `0x${genesisHash}`)
    throw foreign(url, `it signs for chain "${String(body['chainId'])}", this node runs "${chainId}"`);
  if (body['operator'] !== operator)
    throw foreign(url, `it signs for operator ${String(body['operator'])}, this node's is ${operator}`);
}

/** The keys that the signer holds now; null where it does not answer. */
export function keysHeld(channel: SignerChannel, timeoutMs: number = SIGNER_LIMITS.openingMs): PublicKey[] | null {
  const asked = channel.ask({ method: 'GET', path: signerPaths.publicKeys, timeoutMs });
  if (!asked.ok || !Array.isArray(asked.body)) return null;
  return asked.body.map(publicKeyIn).filter((key) => key !== null);
}

/** What the signer said, or the error that says why it said nothing. */
export function answerOf(asked: Asked): Readonly<Record<string, unknown>> {
  if (asked.ok && isRecord(asked.body)) return asked.body;
  const [code, reason] = asked.ok
    ? ['SIGNER_UNTRUSTED', 'the signer answers something else']
    : [asked.code, asked.reason];
  throw new SynodError(
    code,
    `This node cannot sign: ${reason}. Start the signer:  synod signer --home FOLDER   and check url, tokenFile and caFile of "signer" in node.json`,
    { facts: { reason } },
  );
}

export function foreign(url: string, what: string): SynodError {
  return new SynodError(
    'SIGNER_FOREIGN',
    `The signer at ${url} is not this node's: ${what}. Correct "signer" in node.json, or start the right one.`,
    { facts: { url } },
  );
}
