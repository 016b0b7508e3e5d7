/** Every bound of snapshots in one table (spec: snapshot). Owns numbers only. */
export const snapshotLimits = {
  /** What a maker aims at: the smallest depth is taken at which no chunk is larger. */
  chunkBytesTarget: 1024 * 1024,
  /** What a reader takes. Only one enormous record can make a chunk larger than the target. */
  chunkBytesMax: 4 * 1024 * 1024,
  /** 2^14 chunks of a megabyte are 16 GiB. */
  depthMax: 14,
  manifestBytesMax: 1024 * 1024,
} as const;
