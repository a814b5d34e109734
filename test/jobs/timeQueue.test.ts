/** The priority queue of the watcher, compared with a sorted list. */
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { type Queued, TimeQueue } from "../../packages/horde/src/internal/jobs/timeQueue.js"

const steps = FastCheck.array(
  FastCheck.oneof(
    FastCheck.record({ _tag: FastCheck.constant("add" as const), time: FastCheck.nat(20) }),
    FastCheck.record({ _tag: FastCheck.constant("remove" as const), at: FastCheck.nat() })
  ),
  { maxLength: 200 }
)

describe("TimeQueue", () => {
  it("the first item has the earliest time and, among equal times, was added first", () => {
    FastCheck.assert(
      FastCheck.property(steps, (steps) => {
        const queue = new TimeQueue<number>()
        let model: Array<Queued<number>> = []
        const isFirstRight = () => {
          const [first] = [...model].sort((one, other) => one.time - other.time || one.item - other.item)
          assert.strictEqual(queue.first(), first)
        }
        for (const [number, step] of steps.entries()) {
          const removed = step._tag === "remove" ? model[step.at % model.length] : undefined
          if (step._tag === "add") model.push(queue.add(number, step.time))
          else if (removed !== undefined) {
            queue.remove(removed)
            model = model.filter((queued) => queued !== removed)
          }
          isFirstRight()
        }
        while (model.length > 0) {
          const first = queue.first()
          if (first !== undefined) queue.remove(first)
          model = model.filter((queued) => queued !== first)
          isFirstRight()
        }
      })
    )
  })
})
