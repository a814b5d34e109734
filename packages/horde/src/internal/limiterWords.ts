/** The limiter names the window that was breached in words (`2 per 1 second`): all that a browser gets to see of it. */

const millisIn = new Map([
  ["second", 1000],
  ["minute", 60_000],
  ["hour", 3_600_000],
  ["day", 86_400_000]
])

export const limiterWindow = (
  message: string | undefined
): { readonly max: number; readonly per: number } | undefined => {
  const [, max, count, unit] = message?.match(/^(\d+) per (\d+) (second|minute|hour|day)/) ?? []
  const millis = millisIn.get(unit ?? "")
  return millis === undefined ? undefined : { max: Number(max), per: Number(count) * millis }
}
