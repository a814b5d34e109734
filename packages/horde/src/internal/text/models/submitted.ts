/**
 * Requests for texts as the server reports them; newer servers only.
 *
 * The model adds no defaults, renames no fields and keeps undeclared fields, so that a reported request can be compared
 * with a sent one. The server itself adds its defaults to `params`.
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
import type { ContextFit, GenerationInputKobold } from "./request.js"

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
export interface GenerationSubmittedKobold
  extends FreeForm,
    Omit<Reported<GenerationInputKobold>, "params" | "extra_source_images"> {
  readonly params?: SubmittedParams
  readonly extra_source_images?: ReadonlyArray<Reported<ExtraSourceImage> & FreeForm>
}

const SubmittedStruct = Schema.Struct(
  {
    prompt: secret,
    params: nullable(SubmittedParams),
    softprompt: text,
    trusted_workers: flag,
    validated_backends: flag,
    slow_workers: flag,
    extra_slow_workers: flag,
    workers: texts,
    worker_blacklist: flag,
    models: texts,
    proxied_account: text,
    extra_source_images: reportedSourceImages,
    disable_batching: flag,
    allow_downgrade: flag,
    webhook: secret,
    style: text,
    template_fields: nullable(sensitive(Schema.Record({ key: Schema.String, value: Schema.String }))),
    context_fit: nullable(openEnum<ContextFit>())
  },
  others
).annotations({ identifier: "GenerationSubmittedKobold" })

/**
 * {@link GenerationSubmittedKobold} as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationSubmittedKoboldEncoded extends Schema.Schema.Encoded<typeof SubmittedStruct> {}

/**
 * The schema of {@link GenerationSubmittedKobold}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const GenerationSubmittedKobold: Schema.Schema<GenerationSubmittedKobold, GenerationSubmittedKoboldEncoded> =
  SubmittedStruct
