/** Short, so that nobody has to wait, and long enough for programs on a busy machine. */
export const lease = "2 seconds"
