/** Names a package of a public registry by its exact bytes. Owns the shape; fetching is fetch-package.ts. */
export type PinnedPackage = {
  readonly registry: 'npm' | 'pypi';
  readonly name: string;
  readonly version: string;
  /** Name under which the registry's client saves it. */
  readonly fileName: string;
  readonly bytes: number;
  /** 64 hex digits. */
  readonly sha256: string;
  /** Which files are read; paths are those inside the archive. */
  readonly members: RegExp;
};

export type SourceProgress = {
  readonly phase: 'download' | 'read' | 'write' | 'documents';
  /** The package or file being worked on. */
  readonly item: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** One line for a person. */
  readonly message: string;
};

export type OnProgress = (progress: SourceProgress) => void;
