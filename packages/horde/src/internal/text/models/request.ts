/**
 * Requests for texts.
 *
 * The defaults are those that the server applies; some differ from the ones in its documentation.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { ExtraSourceImage } from "../../jobs/requestModels.js"
import { identity } from "../../schema/identity.js"
import { type OpenEnum, openEnum } from "../../schema/openEnum.js"
import { extra, optional } from "../../schema/optional.js"
import { sensitive } from "../../schema/sensitive.js"
import { ModelGenerationInputKobold } from "./params.js"

/**
 * What the server does with a prompt that is longer than `max_context_length` allows.
 *
 * @since 0.1.0
 * @category models
 */
export type ContextFit = OpenEnum<"ignore" | "reject" | "grow">

const flag = optional(Schema.Boolean)

const requestFields = {
  /** The text to continue, at least 1 character. */
  prompt: sensitive(Schema.String.pipe(Schema.minLength(1))),
  /** The generation parameters. */
  params: optional(ModelGenerationInputKobold),
  /** The soft prompt that workers must have, at least 1 character. Servers up to version 5.1.5 ignore it. */
  softprompt: optional(identity(Schema.String.pipe(Schema.minLength(1)), "none")),
  /** Whether only trusted workers may take the request; off by default. */
  trusted_workers: flag,
  /** Whether only workers with a known program may take the request; **off** by default. */
  validated_backends: flag,
  /** Whether slow workers may take the request; on by default. If off, it costs more and requires the kudos upfront. */
  slow_workers: flag,
  /** Whether extra slow workers may take the request; off by default. If on, a job can take an hour. */
  extra_slow_workers: flag,
  /**
   * The ids of the workers that may take the request; any worker by default. The server ignores all but the first five.
   */
  workers: optional(Schema.Array(Schema.String)),
  /** Whether `workers` lists workers that may not take the request; off by default. If on, it costs more. */
  worker_blacklist: flag,
  /** The names of the models that may be used; any model by default. */
  models: optional(Schema.Array(Schema.String)),
  /** The account on whose behalf the request is made. Only for service accounts. */
  proxied_account: optional(identity(Schema.String, "none")),
  /** Images for the model. Servers up to version 5.1.5 refuse them. */
  extra_source_images: optional(identity(Schema.Array(ExtraSourceImage), "presence")),
  /**
   * Whether each text is a separate job for the workers; off by default. With several texts, only for trusted accounts.
   */
  disable_batching: flag,
  /**
   * Whether the server may reduce the length or the priority if the account has too few kudos; off by default. If off,
   * the server refuses the request.
   */
  allow_downgrade: optional(identity(Schema.Boolean, "none")),
  /** An https URL, at most 1024 characters. The server sends a request to it for each text. */
  webhook: optional(identity(sensitive(Schema.String.pipe(Schema.maxLength(1024))), "none")),
  /** The id or name of a style to apply, 3 to 1024 characters. */
  style: optional(identity(Schema.String.pipe(Schema.minLength(3), Schema.maxLength(1024)), "none")),
  /** The texts for the placeholders in the prompt of the style; newer servers only. */
  template_fields: optional(identity(sensitive(Schema.Record({ key: Schema.String, value: Schema.String })), "none")),
  /** What to do if the prompt is longer than the context allows; newer servers only. */
  context_fit: optional(openEnum<ContextFit>()),
  /** Fields that this version does not declare. */
  extra
}

/**
 * A request for texts (`POST /v2/generate/text/async`).
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationInputKobold extends Schema.Struct.Type<typeof requestFields> {}

/**
 * {@link GenerationInputKobold} as JSON, before the fields in `extra` are moved one level up.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationInputKoboldEncoded extends Schema.Struct.Encoded<typeof requestFields> {}

/**
 * The schema of {@link GenerationInputKobold}.
 *
 * @since 0.1.0
 * @category schemas
 */
export const GenerationInputKobold: Schema.Schema<GenerationInputKobold, GenerationInputKoboldEncoded> = Schema.Struct(
  requestFields
).annotations({ identifier: "GenerationInputKobold" })
