/** Short, so that tests do not wait long, and long enough for programs on a busy machine. */
export const lease = "2 seconds"
