import { assert, describe, it } from "@effect/vitest"
import { Accounts } from "@effect-horde/server"
import * as HordeError from "effect-horde/HordeError"
import * as ImageGeneration from "effect-horde/ImageGeneration"
import { decodeTicket, encodeTicket } from "effect-horde/promise"
import { rejection, withHorde } from "./support.js"

const small = { prompt: "a lighthouse at dusk", params: { width: 64, height: 64 } }
const slow = { server: { worker: { takes: "10 minutes" as const } } }

describe("jobs", () => {
  it.scoped("pictures, texts and captions are plain values", () =>
    withHorde(async (horde) => {
      const [picture] = await horde.images.generate(small)
      assert.instanceOf(picture, ImageGeneration.Picture)
      assert.strictEqual(picture?.mediaType, "image/webp")
      const [text] = await horde.texts.generate({ prompt: "Once upon a time", params: { max_length: 20 } })
      assert.isAbove(text?.text.length ?? 0, 5)
      const results = await horde.alchemy.run({ source_image: picture?.bytes ?? "", forms: [{ name: "caption" }] })
      assert.strictEqual(results[0]?.form, "caption")
    })
  )

  it.scoped("progress is an async iterable that ends with the results", () =>
    withHorde(async (horde) => {
      const seen: Array<string> = []
      for await (const event of horde.images.progress(small)) {
        seen.push(event._tag)
        if (event._tag === "Finished") assert.lengthOf(event.results, 1)
      }
      assert.strictEqual(seen[0], "Submitted")
      assert.strictEqual(seen.at(-1), "Finished")
    })
  )

  it.scoped("leaving the loop cancels the job before the next statement", () =>
    withHorde(async (horde, record) => {
      for await (const event of horde.images.progress(small)) {
        if (event._tag === "Checked") break
      }
      const [job] = await record.jobs()
      assert.include(job, { state: "cancelled", cancels: 1 })
    }, slow)
  )

  it.scoped("an error in the loop cancels the job", () =>
    withHorde(async (horde, record) => {
      const loop = async () => {
        for await (const _ of horde.images.progress(small)) throw new Error("mine")
      }
      assert.strictEqual(String(await rejection(loop())), "Error: mine")
      const [job] = await record.jobs()
      assert.include(job, { state: "cancelled", cancels: 1 })
    }, slow)
  )

  it.scoped("an aborted call rejects with the signal's reason when its job is cancelled", () =>
    withHorde(async (horde, record) => {
      const controller = new AbortController()
      const drawing = rejection(horde.images.generate(small, { signal: controller.signal }))
      await record.seconds(20)
      controller.abort("changed my mind")
      assert.strictEqual(await drawing, "changed my mind")
      const [job] = await record.jobs()
      assert.include(job, { state: "cancelled", cancels: 1 })
    }, slow)
  )

  it.scoped("a call whose signal was aborted before sends nothing", () =>
    withHorde(async (horde, record) => {
      const reason = await rejection(horde.images.generate(small, { signal: AbortSignal.abort("too late") }))
      assert.strictEqual(reason, "too late")
      assert.isEmpty(await record.exchanges())
    })
  )

  it.scoped("an abort ends a stream whose consumer is busy", () =>
    withHorde(async (horde, record) => {
      const controller = new AbortController()
      const loop = async () => {
        for await (const event of horde.images.progress(small, { signal: controller.signal })) {
          if (event._tag !== "Checked") continue
          controller.abort("stop")
          await record.seconds(10)
          const [job] = await record.jobs()
          assert.include(job, { state: "cancelled", cancels: 1 })
        }
      }
      assert.strictEqual(await rejection(loop()), "stop")
    }, slow)
  )

  it.scoped("a submitted job has methods, and its ticket resumes it", () =>
    withHorde(async (horde) => {
      const job = await horde.images.submit(small)
      assert.isString(job.reply.id)
      const text = encodeTicket(await job.detach())
      const resumed = await horde.images.resume(decodeTicket(text))
      const [picture] = await resumed.result()
      assert.strictEqual(picture?.mediaType, "image/webp")
      for await (const event of resumed.progress()) assert.include(["Checked", "Finished"], event._tag)
    })
  )

  it.scoped("a job that is not awaited is cancelled by close", () => {
    let jobs: ReadonlyArray<unknown> = []
    return withHorde(
      async (horde, record) => {
        await horde.images.submit(small)
        const drawing = rejection(horde.images.generate(small))
        const loop = rejection(
          (async () => {
            for await (const _ of horde.texts.progress({ prompt: "Once" }));
          })()
        )
        await record.seconds(20)
        await horde.close()
        assert.strictEqual(String(await drawing), "AbortError: the AIHorde is closed")
        assert.strictEqual(String(await loop), "AbortError: the AIHorde is closed")
        assert.strictEqual(String(await rejection(horde.users.me())), "AbortError: the AIHorde is closed")
        jobs = (await record.jobs()).map(({ cancels, state }) => ({ cancels, state }))
        assert.deepStrictEqual(
          jobs,
          Array.from({ length: 3 }, () => ({ cancels: 1, state: "cancelled" }))
        )
      },
      { server: { worker: { takes: "10 minutes" }, textWorker: { takes: "10 minutes" } } }
    )
  })

  it.scoped("errors are those of the Effect API, with the results that had arrived", () =>
    withHorde(async (horde) => {
      const error = await rejection(horde.images.generate({ ...small, models: ["no such model"] }))
      assert.instanceOf(error, HordeError.JobImpossible)
      const late = await rejection(horde.images.generate(small, { deadline: "30 seconds" }))
      assert.instanceOf(late, HordeError.JobTimedOut)
      assert.isTrue(HordeError.isHordeError(late))
    }, slow)
  )

  it.scoped("each call may have a key of its own", () =>
    withHorde(async (horde, record) => {
      const { username } = await horde.users.me({ apiKey: Accounts.plainKey })
      assert.notStrictEqual((await horde.users.me()).username, username)
      await horde.images.generate(small, { apiKey: Accounts.plainKey })
      const [job] = await record.jobs()
      assert.strictEqual(`${job?.account}#2`, username)
      for (const apiKey of [undefined, "short"]) {
        const error = await rejection(horde.images.generate(small, { apiKey }))
        assert.instanceOf(error, HordeError.InvalidRequest)
        assert.property((error as HordeError.InvalidRequest).errors, "apiKey")
      }
      assert.lengthOf(await record.jobs(), 1)
    })
  )
})
