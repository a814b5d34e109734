/** That the only job of a server is cancelled once, for each kind of jobs. */
import { assert } from "@effect/vitest"
import { Effect, Layer, TestClock } from "effect"
import * as Horde from "effect-horde/Horde"
import * as Recovery from "effect-horde/Recovery"
import * as Disk from "./disk.js"
import * as Programs from "./programs.js"
import { jobOutcomes, requests } from "./virtualTime.js"

/** Cancels of any kind of job. */
export const deletes = requests("DELETE")

/** The job was submitted once and cancelled once, with the cancel of its kind. */
export const cancelledOnce = (submits: typeof deletes, cancels: typeof deletes) =>
  Effect.gen(function* () {
    assert.deepStrictEqual(yield* jobOutcomes, ["cancelled 1"])
    assert.lengthOf(yield* cancels, 1)
    assert.lengthOf(yield* deletes, 1)
    assert.lengthOf(yield* submits, 1)
  })

/** Kills a program with a job while another one recovers with the layer: the job is not touched before. */
export const killedBesideRecovery = <A, E, R>(live: (program: Programs.Program) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const disk = Disk.make()
    const [dead, program] = [yield* Programs.start(disk), yield* Programs.start(disk)]
    yield* live(dead)
    const recovering = Recovery.layer({ kinds: Horde.kinds, policy: "cancel" })
    yield* Effect.forkScoped(program.run(Effect.scoped(Effect.zipRight(Layer.build(recovering), Effect.never))))
    yield* TestClock.adjust("1 minute")
    assert.deepStrictEqual(yield* jobOutcomes, ["waiting 0"])
    yield* dead.kill
    yield* TestClock.adjust("1 minute")
  })
