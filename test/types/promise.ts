/** The Promise API: its types are computed from the functions of the resources. */
import type * as Effect from "effect/Effect"
import type { ImageGeneration, Job, Recovery, SharedKeys, Users, Worker } from "effect-horde"
import type { AIHorde, CallOptions, Methods, Options, Plain, Resources } from "effect-horde/promise"
import type { callbacks } from "../../packages/horde/src/internal/promise/plain.js"
import type { EndpointsOf } from "./endpointsOf.js"
import { holds, type Same } from "./same.js"

type Modules = typeof import("effect-horde")

// the call options are in the last options object, or one more argument
holds<
  Same<
    Parameters<AIHorde["images"]["generate"]>[1],
    ({ readonly [K in keyof Job.WaitOptions]: Job.WaitOptions[K] } & CallOptions) | undefined
  >
>()
holds<Same<Awaited<ReturnType<AIHorde["images"]["generate"]>>, ReadonlyArray<ImageGeneration.Picture>>>()
holds<Same<Parameters<AIHorde["users"]["me"]>, [options?: CallOptions]>>()
holds<Same<Parameters<AIHorde["sharedKeys"]["get"]>, [id: string, options?: CallOptions]>>()
holds<Same<Parameters<AIHorde["sharedKeys"]["create"]>["length"], 0 | 1 | 2>>()
type Progress = ReturnType<AIHorde["images"]["progress"]> extends AsyncGenerator<infer A> ? A : never
holds<[Progress, ImageGeneration.Progress] extends [ImageGeneration.Progress, Progress] ? true : false>()

// secrets are text and dates are dates
holds<Same<Plain<SharedKeys.SharedKeyDetails>["expiry"], Date | undefined>>()
holds<Plain<SharedKeys.SharedKeyDetails>["id"] extends string ? true : false>()
holds<Same<Awaited<ReturnType<AIHorde["users"]["me"]>>, Plain<Effect.Effect.Success<typeof Users.me>>>>()

// effects and streams of a job are methods, and a job is an argument
type Submitted = Awaited<ReturnType<AIHorde["images"]["submit"]>>
holds<Same<Submitted["cancel"], (options?: CallOptions) => Promise<ReadonlyArray<ImageGeneration.Picture>>>>()
holds<Submitted extends Parameters<AIHorde["images"]["save"]>[0] ? true : false>()

// functions that return effects may return promises
type Generate = Parameters<AIHorde["worker"]["runText"]>[0]["generate"]
holds<Worker.TextResult | PromiseLike<Worker.TextResult> extends ReturnType<Generate> ? true : false>()
holds<Same<ReturnType<NonNullable<NonNullable<Options["recovery"]>["onRecovered"]>>, void | PromiseLike<void>>>()
holds<
  Same<Parameters<NonNullable<NonNullable<Options["recovery"]>["onRecovered"]>>, [recovered: Plain<Recovery.Recovered>]>
>()

/** The modules that have endpoints. */
type ResourceName = { [M in keyof Modules]: [EndpointsOf<Modules[M]>] extends [never] ? never : M }[keyof Modules]

// every module with endpoints is a resource
holds<Same<Methods<Modules[ResourceName]>, Resources[keyof Resources]>>()

/** The names of options whose functions return effects. */
type Effectful<T> = T extends object
  ? { [K in keyof T]-?: ReturnsEffect<NonNullable<T[K]>> extends true ? K : never }[keyof T]
  : never

type ReturnsEffect<F> = [F] extends [never]
  ? false
  : F extends (...args: never) => infer A
    ? unknown extends A // as of `pipe`
      ? false
      : A extends Effect.Effect<infer _A, infer _E, infer _R>
        ? true
        : false
    : false

type ArgumentsOf<M> = { [K in keyof M]: M[K] extends (...args: infer Args) => unknown ? Args[number] : never }[keyof M]

type Callbacks = { [M in ResourceName]: Effectful<ArgumentsOf<Modules[M]>> }[ResourceName]

holds<Same<Callbacks, (typeof callbacks)[number]>>()
