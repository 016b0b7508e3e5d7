/**
 * What the admin listener needs of the process that runs a node. Owns the port; whoever composes a node implements it.
 */

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type LogLevel = (typeof logLevels)[number];

export type AdminApi = {
  /** Of this software. */
  readonly version: string;
  readonly logLevel: {
    get(): LogLevel;
    set(level: LogLevel): void;
  };
  /** Dials a peer by its multiaddress with `/p2p/…`. Throws `PEER_UNREACHABLE` or `ADDRESS_INVALID`. */
  addPeer(address: string): Promise<void>;
  /** Ends the node as SIGTERM does; returns before it has ended. */
  stop(): void;
};
