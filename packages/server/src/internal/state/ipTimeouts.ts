/**
 * IP addresses, and blocks of them, that moderators have banned for a time.
 */
import { BlockList, isIP } from "node:net"

export interface IpTimeout {
  readonly ipaddr: string
  /** The remaining time. */
  readonly seconds: number
}

const familyOf = (ip: string): "ipv4" | "ipv6" => (isIP(ip) === 6 ? "ipv6" : "ipv4")

const parseBlock = (text: string): readonly [ip: string, prefix: number] | undefined => {
  const [ip = "", prefix = "", ...rest] = text.split("/")
  const bits = isIP(ip) === 6 ? 128 : 32
  return rest.length === 0 && isIP(ip) !== 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits
    ? [ip, Number(prefix)]
    : undefined
}

const isBlock = (text: string): boolean => text.includes("/")

/** Whether a text is an IP address or a block in CIDR notation. */
export const isAddress = (text: string): boolean => isIP(text) !== 0 || parseBlock(text) !== undefined

const contains = (block: string, ip: string): boolean => {
  const parsed = parseBlock(block)
  if (parsed === undefined || isIP(ip) === 0 || familyOf(parsed[0]) !== familyOf(ip)) return false
  const list = new BlockList()
  list.addSubnet(...parsed, familyOf(ip))
  return list.check(ip, familyOf(ip))
}

export class IpTimeouts {
  /** The end of each time-out, by address or block. */
  private readonly ends = new Map<string, number>()

  set(ipaddr: string, until: number): void {
    this.ends.set(ipaddr, until)
  }

  delete(ipaddr: string): void {
    this.ends.delete(ipaddr)
  }

  /** The blocks; the real server does not list single addresses. */
  blocks(now: number): ReadonlyArray<IpTimeout> {
    return this.select(now, isBlock)
  }

  /** The time-outs that affect an address: those of its blocks, then its own. */
  matching(ip: string, now: number): ReadonlyArray<IpTimeout> {
    return [
      ...this.select(now, (ipaddr) => isBlock(ipaddr) && contains(ipaddr, ip)),
      ...this.select(now, (ipaddr) => ipaddr === ip)
    ]
  }

  private select(now: number, selects: (ipaddr: string) => boolean): ReadonlyArray<IpTimeout> {
    return [...this.ends]
      .filter(([ipaddr, until]) => until > now && selects(ipaddr))
      .map(([ipaddr, until]) => ({ ipaddr, seconds: Math.ceil((until - now) / 1000) }))
  }
}
