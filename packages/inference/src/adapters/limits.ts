/** Named maxima of adapter files. Owns the numbers; the parser refers to them before it allocates anything. */
export const limits = {
  /** Both factors of the default model take 470 kB, B alone 190 kB. */
  fileBytesMax: 1 << 20,
  headerBytesMax: 4096,
  /** Bounds of each dimension a header may name. */
  layersMax: 256,
  widthMax: 16_384,
  rankMax: 64,
  stepsMax: 1_000_000,
  /** Characters of a name, licence or other text of the header. */
  textCharactersMax: 200,
} as const;
