/**
 * Requests for images as the server reports them; newer servers only.
 *
 * The model adds no defaults, renames no fields and keeps undeclared fields, so that a reported request can be compared
 * with a sent one. The server itself adds its defaults to `params`, reports source images as links, and omits the
 * fields that only affect the submit: `style`, `replacement_filter`, `allow_downgrade`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { type ExtraSourceImage, type Reported, reportedSourceImages } from "../../jobs/requestModels.js"
import { nullable } from "../../schema/nullable.js"
import { openEnum } from "../../schema/openEnum.js"
import type { FreeForm } from "../../schema/optional.js"
import { sensitive } from "../../schema/sensitive.js"
import { SubmittedParams } from "./reportedParams.js"
import type { GenerationInputStable } from "./request.js"
import type { SourceProcessing } from "./values.js"

export type { SubmittedParams } from "./reportedParams.js"

const flag = nullable(Schema.Boolean)
const text = nullable(Schema.String)
const texts = nullable(Schema.Array(Schema.String))
const secret = nullable(sensitive(Schema.String))

/** Undeclared fields. */
const others = Schema.Record({ key: Schema.String, value: Schema.Unknown })

/**
 * A request as the server reports it. The prompt is the one that was sent; it is absent from old requests.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationSubmittedStable
  extends FreeForm,
    Omit<Reported<GenerationInputStable>, "params" | "extra_source_images"> {
  readonly params?: SubmittedParams
  readonly extra_source_images?: ReadonlyArray<Reported<ExtraSourceImage> & FreeForm>
}

const SubmittedStruct = Schema.Struct(
  {
    prompt: secret,
    params: nullable(SubmittedParams),
    nsfw: flag,
    censor_nsfw: flag,
    trusted_workers: flag,
    validated_backends: flag,
    slow_workers: flag,
    extra_slow_workers: flag,
    workers: texts,
    worker_blacklist: flag,
    models: texts,
    source_image: secret,
    source_processing: nullable(openEnum<SourceProcessing>()),
    source_mask: secret,
    extra_source_images: reportedSourceImages,
    r2: flag,
    shared: flag,
    replacement_filter: flag,
    proxied_account: text,
    disable_batching: flag,
    allow_downgrade: flag,
    webhook: secret,
    style: text,
    template_fields: nullable(sensitive(Schema.Record({ key: Schema.String, value: Schema.String })))
  },
  others
).annotations({ identifier: "GenerationSubmittedStable" })

/**
 * {@link GenerationSubmittedStable} as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationSubmittedStableEncoded extends Schema.Schema.Encoded<typeof SubmittedStruct> {}

/**
 * The schema of {@link GenerationSubmittedStable}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const GenerationSubmittedStable: Schema.Schema<GenerationSubmittedStable, GenerationSubmittedStableEncoded> =
  SubmittedStruct
