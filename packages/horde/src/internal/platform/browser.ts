/**
 * Whether requests are sent by a browser, which sends only the headers that the server's CORS preflight allows. The
 * agents of all browsers begin so, in pages and in workers; those of other runtimes do not.
 */
export const isBrowser = (): boolean =>
  typeof navigator === "object" && String(navigator.userAgent).startsWith("Mozilla/")
