/**
 * Refuses links to private addresses: a requester could otherwise make a worker send requests into the network of its
 * owner.
 */
import * as Effect from "effect/Effect"

/**
 * Resolves a host name to its addresses.
 *
 * @since 0.1.0
 * @category options
 */
export type Lookup = (hostname: string) => Effect.Effect<ReadonlyArray<string>, Error>

/** The four bytes of an IPv4 address as a number. */
const ipv4 = (text: string): number | undefined => {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number)
  return parts?.every((part) => part <= 255) ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined
}

/** The ranges of IPv4 that are not public: network and length of its prefix. */
const privateRanges: ReadonlyArray<readonly [network: string, bits: number]> = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3]
]

const isPublicIpv4 = (address: number): boolean =>
  privateRanges.every(([network, bits]) => {
    const size = 2 ** (32 - bits)
    return Math.floor(address / size) !== Math.floor((ipv4(network) ?? 0) / size)
  })

/** The eight groups of an IPv6 address. */
const ipv6 = (text: string): ReadonlyArray<number> | undefined => {
  const [address = ""] = text.toLowerCase().split("%")
  const tail = ipv4(address.slice(address.lastIndexOf(":") + 1))
  const hex =
    tail === undefined
      ? address
      : `${address.slice(0, address.lastIndexOf(":") + 1)}${(tail >>> 16).toString(16)}:${(tail & 0xffff).toString(16)}`
  const halves = hex.split("::").map((half) => (half === "" ? [] : half.split(":")))
  const [before = [], after] = halves
  const missing = 8 - before.length - (after?.length ?? 0)
  if (halves.length > 2 || (after === undefined ? missing !== 0 : missing < 1)) return undefined
  const groups = [...before, ...Array.from({ length: after === undefined ? 0 : missing }, () => "0"), ...(after ?? [])]
  return groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : undefined
}

const embedded = (high = 0, low = 0): boolean => isPublicIpv4(high * 65_536 + low)

const isPublicIpv6 = (groups: ReadonlyArray<number>): boolean => {
  const [first = 0, second = 0] = groups
  const isZero = (from: number, to: number) => groups.slice(from, to).every((group) => group === 0)
  // an IPv4 address in IPv6: mapped, of NAT64, or of 6to4
  if (isZero(0, 5) && groups[5] === 0xffff) return embedded(groups[6], groups[7])
  if (first === 0x64 && second === 0xff9b && isZero(2, 6)) return embedded(groups[6], groups[7])
  if (first === 0x2002) return embedded(second, groups[2])
  // the global unicast addresses, without Teredo and the other special ones, and without those of documentation
  const isSpecial = first === 0x2001 && (second < 0x200 || second === 0xdb8)
  return first >= 0x2000 && first < 0x4000 && !isSpecial
}

/** Whether an IP address is public; `undefined` if the text is not an IP address. */
export const isPublicAddress = (text: string): boolean | undefined => {
  const v4 = ipv4(text)
  if (v4 !== undefined) return isPublicIpv4(v4)
  const v6 = ipv6(text.replace(/^\[|\]$/g, ""))
  return v6 && isPublicIpv6(v6)
}

interface Dns {
  readonly promises: {
    readonly lookup: (
      hostname: string,
      options: { readonly all: true }
    ) => Promise<ReadonlyArray<{ readonly address: string }>>
  }
}

interface Platform {
  readonly process?: { readonly getBuiltinModule?: (name: string) => Dns | undefined }
}

/** The resolver of Node, Bun or Deno; `undefined` in browsers, which have none. */
export const platformLookup = (): Lookup | undefined => {
  const dns = (globalThis as Platform).process?.getBuiltinModule?.("node:dns")
  if (dns === undefined) return undefined
  return (hostname) =>
    Effect.map(
      Effect.tryPromise(() => dns.promises.lookup(hostname, { all: true })),
      (found) => found.map(({ address }) => address)
    )
}

const isLocalName = (name: string): boolean => /(^|\.)(localhost|local|internal|home\.arpa)$/.test(name)

/** Whether a link leads to public addresses only. A name without an address is not permitted. */
export const leadsToPublic =
  (lookup: Lookup | undefined) =>
  (link: URL): Effect.Effect<boolean> => {
    const name = link.hostname.toLowerCase().replace(/\.$/, "")
    const isPublic = isPublicAddress(name)
    if (isPublic !== undefined) return Effect.succeed(isPublic)
    if (isLocalName(name)) return Effect.succeed(false)
    if (lookup === undefined) return Effect.succeed(true)
    return lookup(name).pipe(
      Effect.map(
        (addresses) => addresses.length > 0 && addresses.every((address) => isPublicAddress(address) === true)
      ),
      Effect.orElseSucceed(() => false)
    )
  }
