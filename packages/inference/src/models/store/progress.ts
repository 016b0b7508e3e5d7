/** What getting a model ready reports while it runs. Owns the shape only. */

export type ModelProgress = {
  readonly phase: 'download' | 'convert' | 'verify';
  /** The file or package being worked on. */
  readonly item: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** One line for a person. */
  readonly message: string;
};

export type OnProgress = (progress: ModelProgress) => void;
