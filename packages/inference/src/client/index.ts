/** What a node imports of inference: the client and the messages. Nothing here loads a model or a runtime. */
export * from './protocol.ts';
export { createWorkerClient, type WorkerClient, type WorkerClientOptions, type WorkerHealth } from './worker-client.ts';
