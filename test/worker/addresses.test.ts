/** Source images: links to private addresses are refused, by address, by name and after a redirect. */
import { promises as dns } from "node:dns"
import { assert, describe, it, vi } from "@effect/vitest"
import { Cause, Effect, Layer } from "effect"
import * as Worker from "effect-horde/Worker"
import { isPublicAddress, leadsToPublic, platformLookup } from "../../packages/horde/src/internal/worker/addresses.js"
import { type Answer, endpoints, json, type Sent, server } from "../support/scripted.js"
import { runToEnd } from "../support/virtualTime.js"
import { picture, recorded } from "../support/workers.js"

describe("addresses", () => {
  const notPublic = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "[::1]",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "64:ff9b::10.0.0.1",
    "2002:7f00:1::",
    "2001:db8::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1"
  ]
  const isPublic = [
    "1.1.1.1",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.0.1",
    "172.32.0.1",
    "192.169.0.1",
    "223.255.0.1"
  ]
  const isPublicV6 = ["2606:4700::1111", "2a00::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "[2606:4700::1111]"]

  for (const address of notPublic) it(`${address} is not public`, () => assert.isFalse(isPublicAddress(address)))
  for (const address of [...isPublic, ...isPublicV6]) {
    it(`${address} is public`, () => assert.isTrue(isPublicAddress(address)))
  }
  for (const text of ["example.org", "1.2.3", "1.2.3.4.5", ":::", "1::2::3", "12345::", "", "1:2:3:4:5:6:7:8:9"]) {
    it(`"${text}" is no address`, () => assert.isUndefined(isPublicAddress(text)))
  }

  it.effect("a URL with another form of an address, or a local name, is refused", () =>
    Effect.gen(function* () {
      const permits = leadsToPublic(() => Effect.succeed(["1.1.1.1"]))
      for (const host of ["2130706433", "0x7f.1", "127.1", "localhost", "a.localhost", "printer.local", "localhost."]) {
        assert.isFalse(yield* permits(new URL(`https://${host}/`)), host)
      }
      assert.isTrue(yield* permits(new URL("https://example.org/")))
    })
  )

  it.effect("a name is refused if one of its addresses is private, or if it has none", () =>
    Effect.gen(function* () {
      const link = new URL("https://example.org/")
      assert.isFalse(yield* leadsToPublic(() => Effect.succeed(["1.1.1.1", "10.0.0.1"]))(link))
      assert.isFalse(yield* leadsToPublic(() => Effect.succeed([]))(link))
      assert.isFalse(yield* leadsToPublic(() => Effect.fail(new Cause.UnknownException("unknown host")))(link))
      assert.isTrue(yield* leadsToPublic(undefined)(link))
    })
  )
})

describe("the resolver of the platform", () => {
  it.effect("finds the loopback addresses of localhost, which has no other", () =>
    Effect.gen(function* () {
      const addresses = yield* platformLookup()?.("localhost") ?? Effect.succeed([])
      assert.isNotEmpty(addresses)
      for (const address of addresses) assert.isFalse(isPublicAddress(address), address)
    })
  )
})

describe("source images of a worker", () => {
  const id = "00000000-0000-4000-8000-000000000001"

  /** Every name has a public address. */
  const resolved = { lookup: () => Effect.succeed(["1.1.1.1"]) }

  /** Runs a worker that pops one job with this source image, and returns its faults and the other requests. */
  const faultsWith = (
    source: string,
    answer: (sent: Sent) => Answer = () => ({ status: 200, bytes: picture }),
    sourceImages: Worker.SourceImageOptions = resolved
  ) =>
    Effect.gen(function* () {
      const script = server((sent, index) => {
        const { url } = sent
        if (!url.hostname.startsWith("127.") || url.port !== "") return answer(sent)
        if (url.pathname.endsWith("/submit")) return json(200, { reward: 1 })
        return json(200, index === 0 ? { id, ids: [id], ttl: 60, payload: {}, source_image: source } : { ids: [] })
      })
      const { events, worker } = recorded({ stop: Effect.sleep("1 minute"), generate: () => Effect.succeed(picture) })
      yield* runToEnd(Worker.runImage({ ...worker, sourceImages })).pipe(
        Effect.provide(endpoints().pipe(Layer.provideMerge(script.layer)))
      )
      const reasons = events.flatMap((event) => (event._tag === "Faulted" ? [event.reason] : []))
      return {
        reasons,
        fetched: script.sent.map(({ url }) => url).filter(({ pathname }) => !pathname.includes("/v2/"))
      }
    })

  it.effect("a public link is downloaded", () =>
    Effect.gen(function* () {
      const { fetched, reasons } = yield* faultsWith("https://pictures.example.org/1.png")
      assert.deepStrictEqual(reasons, [])
      assert.lengthOf(fetched, 1)
    })
  )

  it.effect("a link to a private address is not requested, unless the option allows it", () =>
    Effect.gen(function* () {
      for (const link of ["https://10.0.0.1/1.png", "https://[::1]/1.png", "http://127.0.0.1:9000/1.png"]) {
        const { fetched, reasons } = yield* faultsWith(link)
        assert.deepStrictEqual([reasons, fetched], [["SourceImage"], []], link)
      }
      const { reasons } = yield* faultsWith("https://10.0.0.1/1.png", undefined, { allowPrivateAddresses: true })
      assert.deepStrictEqual(reasons, [])
    })
  )

  it.effect("a name of a private address is not requested", () =>
    Effect.gen(function* () {
      const lookup = () => Effect.succeed(["192.168.0.7"])
      const { fetched, reasons } = yield* faultsWith("https://pictures.example.org/1.png", undefined, { lookup })
      assert.deepStrictEqual([reasons, fetched], [["SourceImage"], []])
    })
  )

  it.effect("without options, names are resolved by the platform", () =>
    Effect.gen(function* () {
      const link = "https://pictures.example.org/1.png"
      const resolveTo = (address: string) =>
        Effect.acquireRelease(
          Effect.sync(() => vi.spyOn(dns, "lookup").mockImplementation(async () => [{ address, family: 4 }] as never)),
          (spy) => Effect.sync(() => spy.mockRestore())
        )
      for (const [address, reasons] of [
        ["127.0.0.1", ["SourceImage"]],
        ["1.1.1.1", []]
      ] as const) {
        const seen = yield* Effect.scoped(Effect.zipRight(resolveTo(address), faultsWith(link, undefined, {})))
        assert.deepStrictEqual(seen.reasons, [...reasons], address)
        assert.lengthOf(seen.fetched, 1 - reasons.length)
      }
    })
  )

  it.effect("a redirect to a private address is not followed", () =>
    Effect.gen(function* () {
      const redirect = () => ({ status: 302, headers: { location: "https://169.254.169.254/latest" } })
      const { fetched, reasons } = yield* faultsWith("https://pictures.example.org/1.png", redirect)
      assert.deepStrictEqual(reasons, ["SourceImage"])
      assert.deepStrictEqual(
        fetched.map(({ hostname }) => hostname),
        ["pictures.example.org"]
      )
    })
  )

  it.effect("a source image above the size limit, and one that is no picture, fail the job", () =>
    Effect.gen(function* () {
      const large = yield* faultsWith("https://pictures.example.org/1.png", undefined, { ...resolved, maxBytes: 10 })
      assert.deepStrictEqual(large.reasons, ["SourceImage"])
      const noPicture = yield* faultsWith("bm90IGEgcGljdHVyZQ==")
      assert.deepStrictEqual(noPicture.reasons, ["SourceImage"])
    })
  )
})
