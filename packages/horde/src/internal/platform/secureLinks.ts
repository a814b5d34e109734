/** Which links to pictures are secure: https, or http on this machine if the horde is on this machine too. */

const loopback: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"])

/** Whether a link of the horde at this address may be requested. */
export const secureLinks = (baseUrl: string): ((link: URL) => boolean) => {
  const isLocal = URL.canParse(baseUrl) && loopback.has(new URL(baseUrl).hostname)
  return ({ hostname, protocol }) =>
    protocol === "https:" || (protocol === "http:" && isLocal && loopback.has(hostname))
}
