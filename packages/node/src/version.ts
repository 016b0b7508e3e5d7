/** Version of this software, shown by `status` and sent to nobody. Owns the number. */
export const version = '0.1.0';
