/**
 * Values that expire.
 */

interface Cached<A> {
  readonly expiresAt: number
  readonly value: A
}

export class Cache<A> {
  private readonly entries = new Map<string, Cached<A>>()

  get(key: string, now: number): A | undefined {
    const cached = this.entries.get(key)
    if (cached === undefined) return undefined
    if (cached.expiresAt > now) return cached.value
    this.entries.delete(key)
    return undefined
  }

  set(key: string, value: A, expiresAt: number): void {
    this.entries.set(key, { value, expiresAt })
  }

  /** The value of a key, or a new one if there is none that has not expired. */
  getOrMake(key: string, now: number, lifetime: number, make: () => A): A {
    const known = this.get(key, now)
    if (known !== undefined) return known
    const value = make()
    this.set(key, value, now + lifetime)
    return value
  }

  delete(key: string): void {
    this.entries.delete(key)
  }
}
