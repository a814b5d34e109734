/**
 * What the server answers about image jobs.
 *
 * @since 0.1.0
 */
import * as Equivalence from "effect/Equivalence"
import * as Hash from "effect/Hash"
import * as Schema from "effect/Schema"
import {
  checkFields,
  GenerationId,
  GenerationRequestId,
  type RequestSingleWarning,
  RequestSingleWarning as RequestSingleWarningSchema,
  type RequestStatusCheck,
  WorkerId
} from "../../jobs/models.js"
import { nullable, withDefault } from "../../schema/nullable.js"
import { openEnum } from "../../schema/openEnum.js"
import { sensitive } from "../../schema/sensitive.js"
import { fallbackWhenAbsent } from "../../schema/tolerantDecoder.js"
import type { MetadataType, MetadataValue } from "./values.js"

/**
 * A request as it will run, after styles and defaults; newer servers only.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResolvedRequest {
  readonly prompt?: string
  readonly negative_prompt?: string
  readonly models?: ReadonlyArray<string>
  readonly style?: { readonly id?: string; readonly name?: string }
  readonly params?: { readonly [field: string]: unknown }
}

const Resolved = Schema.Struct({
  prompt: nullable(Schema.String),
  negative_prompt: nullable(Schema.String),
  models: nullable(Schema.Array(Schema.String)),
  style: nullable(Schema.Struct({ id: nullable(Schema.String), name: nullable(Schema.String) })),
  params: nullable(Schema.Record({ key: Schema.String, value: Schema.Unknown }))
})

/**
 * The server took the request.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestAsyncStable {
  readonly id: GenerationRequestId
  /** An estimate for one picture, before model factors: ask for the price to know the whole. */
  readonly kudos?: number
  /** There when no worker that is online can serve the request. */
  readonly message?: string
  readonly warnings?: ReadonlyArray<RequestSingleWarning>
  readonly resolved?: ResolvedRequest
}

const RequestAsyncStruct = Schema.Struct({
  id: GenerationRequestId,
  kudos: nullable(Schema.Number),
  message: nullable(Schema.String),
  warnings: nullable(Schema.Array(RequestSingleWarningSchema)),
  resolved: nullable(Resolved)
}).annotations({ identifier: "RequestAsyncStable" })

/**
 * {@link RequestAsyncStable} on the wire.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestAsyncStableEncoded extends Schema.Schema.Encoded<typeof RequestAsyncStruct> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const RequestAsyncStable: Schema.Schema<RequestAsyncStable, RequestAsyncStableEncoded> = RequestAsyncStruct

/**
 * What a request would cost.
 *
 * @since 0.1.0
 * @category models
 */
export interface PriceReply {
  /** Kudos for all pictures together. */
  readonly kudos: number
  readonly resolved?: ResolvedRequest
}

const PriceStruct = Schema.Struct({ kudos: Schema.Number, resolved: nullable(Resolved) }).annotations({
  identifier: "PriceReply"
})

/**
 * {@link PriceReply} on the wire.
 *
 * @since 0.1.0
 * @category models
 */
export interface PriceReplyEncoded extends Schema.Schema.Encoded<typeof PriceStruct> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const PriceReply: Schema.Schema<PriceReply, PriceReplyEncoded> = PriceStruct

/**
 * Something to know about a result: a LoRA that could not be had, a censorship, a free word of the worker's.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationMetadataStable {
  readonly type: MetadataType
  readonly value?: MetadataValue
  /** What it refers to, or, where `value` is `see_ref`, what it says. */
  readonly ref?: string
}

const Metadata = Schema.Struct({
  type: openEnum<MetadataType>(),
  value: nullable(openEnum<MetadataValue>()),
  ref: nullable(Schema.String)
}).annotations({ identifier: "GenerationMetadataStable" })

/**
 * One picture that a worker delivered.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationStable {
  /** The id of this picture; empty where the server's entry has none that can be read. */
  readonly id: GenerationId
  /**
   * A link that is good for 30 minutes and opens to anyone, or base64; `N/A` where the server lost the picture, or its
   * entry has none that can be read.
   */
  readonly img: string
  /** The seed that it was drawn from, as text. */
  readonly seed?: string
  /** Whether the worker's safety filter replaced it. */
  readonly censored: boolean
  /** Obsolete: always `ok`. See `censored` and `gen_metadata`. */
  readonly state: string
  readonly gen_metadata: ReadonlyArray<GenerationMetadataStable>
  /** The model that drew it. */
  readonly model?: string
  readonly worker_id?: WorkerId
  readonly worker_name?: string
}

const GenerationStruct = Schema.Struct({
  id: fallbackWhenAbsent(GenerationId, ""),
  img: fallbackWhenAbsent(sensitive(Schema.String), "N/A"),
  seed: nullable(Schema.String),
  censored: withDefault(Schema.Boolean, false),
  state: withDefault(Schema.String, "ok"),
  gen_metadata: withDefault(Schema.Array(Metadata), []),
  model: nullable(Schema.String),
  worker_id: nullable(WorkerId),
  worker_name: nullable(Schema.String)
}).annotations({ identifier: "GenerationStable" })

/**
 * {@link GenerationStable} on the wire.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationStableEncoded extends Schema.Schema.Encoded<typeof GenerationStruct> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const GenerationStable: Schema.Schema<GenerationStable, GenerationStableEncoded> = GenerationStruct

/**
 * How a job stands, with the pictures that were delivered, in no certain order.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestStatusStable extends RequestStatusCheck {
  readonly generations: ReadonlyArray<GenerationStable>
  /** The server does not share any more: practically always off. */
  readonly shared: boolean
}

const StatusStruct = Schema.Struct({
  ...checkFields,
  generations: fallbackWhenAbsent(Schema.Array(GenerationStable), []),
  shared: withDefault(Schema.Boolean, false)
}).annotations({ identifier: "RequestStatusStable" })

/**
 * {@link RequestStatusStable} on the wire.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestStatusStableEncoded extends Schema.Schema.Encoded<typeof StatusStruct> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const RequestStatusStable: Schema.Schema<RequestStatusStable, RequestStatusStableEncoded> = StatusStruct

const idsOf = (status: RequestStatusStable): ReadonlyArray<string> =>
  [...new Set(status.generations.map(({ id }) => id))].sort()

/**
 * Whether two replies hold the same pictures, in whatever order and however often. `Equal` compares all of a reply; this
 * compares ids alone.
 *
 * @since 0.1.0
 * @category equivalence
 */
export const sameGenerations: Equivalence.Equivalence<RequestStatusStable> = Equivalence.mapInput(
  Equivalence.array(Equivalence.string),
  (status: RequestStatusStable) => [...idsOf(status)]
)

/**
 * A hash that agrees with {@link sameGenerations}.
 *
 * @since 0.1.0
 * @category equivalence
 */
export const hashGenerations = (status: RequestStatusStable): number => Hash.array(idsOf(status))
