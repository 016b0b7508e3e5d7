export * from './chain-head.ts';
export * from './host.ts';
export * from './identity.ts';
export * from './limits.ts';
export * from './messages.ts';
export * from './own-signatures.ts';
export * from './ports.ts';
export * from './wal-records.ts';
