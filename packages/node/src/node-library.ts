/** The library of recipes, adapters and knowledge as a node holds it, and its experts with what of them is published. Owns the joining only. */
import { join } from 'node:path';
import type { Hash } from '@synod/chain';
import type { ExpertSetup, ModelInfo } from '@synod/inference';
import { createExpertSigner, LibraryFolder, type LibraryLog } from './adapters/index.ts';
import type { HostedExpert, HostInput } from './host/index.ts';

/** Opens the folder `library` of the home. Throws `STORE_WRITE_FAILED`. */
export function openLibrary(
  { home, log }: { readonly home: string; readonly log: LibraryLog },
  {
    model,
    deliver,
    opened,
  }: {
    readonly model: () => ModelInfo | undefined;
    readonly deliver: (input: HostInput) => void;
    readonly opened: (() => Promise<void> | void)[];
  },
): LibraryFolder {
  const baseModel = () => (model()?.hash as Hash | undefined) ?? null;
  const library = new LibraryFolder({ folder: join(home, 'library'), baseModel, deliver, log });
  opened.push(() => library.settled());
  return library;
}

/** The experts for the host; their adapters and what they know are taken into the library. */
export function hostedExperts(
  experts: readonly ({ readonly seed: Uint8Array } & ExpertSetup)[],
  library: LibraryFolder,
): readonly HostedExpert[] {
  return experts.map(({ seed, ...setup }) => {
    const signer = createExpertSigner(seed);
    if (setup.knowledge !== null) library.publishKnowledge(setup.knowledge, signer);
    return { signer, setup, adapterHash: library.publish(setup.adapter) };
  });
}
