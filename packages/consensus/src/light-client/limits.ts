/** Every bound of the light client in one table (spec: light-client). Owns numbers only. */

/** Named maxima of the light client. All are counts. */
export const lightClientLimits = {
  /** Trusted blocks a store keeps; the lowest goes first. */
  trustedBlocksMax: 128,
  /** Light blocks one bisection asks for: far more than any gap needs unless the sets change at every height. */
  bisectionFetchesMax: 4096,
} as const;
