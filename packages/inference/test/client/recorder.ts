/** A real client of a real worker whose events can be awaited. */
import { after } from 'node:test';
import { createWorkerClient } from '../../src/client/index.ts';
import type { JobEvent, ModelInfo } from '../../src/client/protocol.ts';

export type Recorder = ReturnType<typeof startRecorder>;

export function startRecorder(modelDirectory: string) {
  const events: JobEvent[] = [];
  const downs: string[] = [];
  const waiting = new Set<() => void>();
  const tell = () => {
    for (const check of waiting) check();
  };
  let readies = 0;
  let info: ModelInfo | undefined;
  const client = createWorkerClient({
    modelDirectory,
    onEvent: (event) => {
      events.push(event);
      tell();
    },
    onReady: (model) => {
      readies++;
      info = model;
      tell();
    },
    onDown: (reason) => {
      downs.push(reason);
      tell();
    },
  });
  after(() => client.close());
  /** Resolves when `condition` holds; checked after everything the client says. */
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!condition()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  const finals = (id: string) => events.filter((event) => event.kind !== 'token' && event.id === id);
  return {
    client,
    events,
    downs,
    info: () => info,
    until,
    finals,
    ready: (times = 1) => until(() => readies >= times),
    final: async (id: string) => {
      await until(() => finals(id).length > 0);
      return finals(id)[0]!;
    },
    token: (id: string) => until(() => events.some((event) => event.kind === 'token' && event.id === id)),
  };
}
