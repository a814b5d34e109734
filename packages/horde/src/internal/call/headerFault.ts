/** Why a text cannot be a header that the server compares, or `undefined`: others are trimmed or encoded on the way. */
export const headerFault = (text: string): string | undefined =>
  /^[!-~]{1,255}$/.test(text) ? undefined : "must be 1 to 255 visible ASCII characters"
