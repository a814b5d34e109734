/** Entries open for this long are abandoned: the server has deleted their jobs. In milliseconds. */
export const abandonedAfter = 24 * 60 * 60_000
