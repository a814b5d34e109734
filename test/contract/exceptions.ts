/** Where the declarations differ from what the server (5.1.5) publishes, and why. */

export interface Exception {
  readonly reason: string
  readonly differences: ReadonlyArray<string>
}

const notPublished = (model: string, ...fields: ReadonlyArray<string>) =>
  fields.map((field) => `${model}.${field}: not published`)

const requiredHere = (model: string, ...fields: ReadonlyArray<string>) =>
  fields.map((field) => `${model}.${field}: required here only`)

/** The operations that newer servers have. */
export const newerOperations: ReadonlyArray<string> = [
  "GET /v2/generate/request/{}",
  "GET /v2/generate/text/request/{}",
  "GET /v2/status/sampler_constraints",
  "GET /v2/status/style_contract",
  "GET /v2/operations/moderation",
  "GET /v2/operations/moderation/prompts",
  "POST /v2/operations/moderation/prompts/{}/notes",
  "GET /v2/operations/moderation/worker_suspicion_events"
]

const newerParams = [
  "flow_shift",
  "post_processing_order",
  "sampler_eta",
  "sampler_order",
  "sampler_s_churn",
  "sampler_s_noise",
  "sampler_s_tmax",
  "sampler_s_tmin",
  "sampler_solver_type",
  "scheduler"
]

const newerStyleFields = ["parameter_policy", "template_fields"]
const newerTextStyleFields = [...newerStyleFields, "max_context_length", "max_length", "sharedkey"]

export const exceptions: ReadonlyArray<Exception> = [
  {
    reason: "newer servers have these operations",
    differences: newerOperations.map((name) => `${name}: not published`)
  },
  {
    reason: "newer servers have these fields of requests for images",
    differences: [
      ...notPublished("GenerationInputStable", "template_fields"),
      ...notPublished("ModelGenerationInputStable", ...newerParams, "control_strength", "use_nsfw_censor"),
      ...notPublished("ExtraSourceImage", "original_url")
    ]
  },
  {
    reason: "newer servers have these fields of requests for texts",
    differences: notPublished("GenerationInputKobold", "context_fit", "template_fields")
  },
  {
    reason: "newer servers have these fields of styles",
    differences: [
      ...notPublished("ModelStyleInputStable", ...newerStyleFields),
      ...notPublished("ModelStylePatchStable", ...newerStyleFields),
      ...notPublished("ModelStyleInputKobold", ...newerTextStyleFields),
      ...notPublished("ModelStylePatchKobold", ...newerTextStyleFields),
      ...notPublished("ModelStyleInputParamsStable", ...newerParams)
    ]
  },
  {
    reason: "newer servers have these fields of workers",
    differences: [
      ...notPublished("PopInputStable", "allow_extended_controlnet", "sampler_execution_contract_version"),
      ...notPublished("InterrogationPopInput", "annotation_types"),
      ...notPublished("ModelInterrogationFormPayloadStable", "control_type")
    ]
  },
  {
    reason: "newer servers allow longer texts",
    differences: ["ModelGenerationInputKobold.max_length: maximum 4096, here 16384"]
  },
  {
    reason: "newer servers show the shared key of a style to its owner, by the API key",
    differences: ["image", "image_by_name", "text", "text_by_name"].map(
      (kind) => `GET /v2/styles/${kind}/{}: apikey none, here optional`
    )
  },
  {
    reason: "newer servers show active_usage of a shared key to its owner, by the API key",
    differences: ["GET /v2/sharedkeys/{}: apikey none, here optional"]
  },
  {
    reason: "the server replies 401 without a key (sharedkeys)",
    differences: ["GET /v2/find_user: apikey optional, here required"]
  },
  {
    reason: "without a key the server fails with status 500 (rest-1: worker delete no key)",
    differences: [
      "DELETE /v2/workers/{}: apikey optional, here required",
      "PATCH /v2/teams/{}: apikey optional, here required",
      "DELETE /v2/teams/{}: apikey optional, here required"
    ]
  },
  {
    reason: "the server refuses every key that is not a moderator's, so none is sent",
    differences: ["GET /v2/status/modes", "GET /v2/teams/{}"].map((name) => `${name}: apikey optional, here none`)
  },
  {
    reason: "an empty id makes the path of another route",
    differences: [
      "GET /v2/generate/check/{}",
      "GET /v2/generate/status/{}",
      "DELETE /v2/generate/status/{}",
      "POST /v2/generate/rate/{}",
      "GET /v2/generate/text/status/{}",
      "DELETE /v2/generate/text/status/{}",
      "GET /v2/interrogate/status/{}",
      "DELETE /v2/interrogate/status/{}",
      "GET /v2/sharedkeys/{}",
      "PATCH /v2/sharedkeys/{}",
      "DELETE /v2/sharedkeys/{}"
    ].map((name) => `${name} {0}: minLength none, here 1`)
  },
  {
    reason: "the server requires these arguments of the body; it publishes such arguments without saying so",
    differences: [
      ...requiredHere("POST /v2/filters", "prompt"),
      ...requiredHere("POST /v2/kudos/transfer", "username"),
      ...requiredHere("POST /v2/kudos/award", "username")
    ]
  },
  {
    reason: "an empty name is no account's: InvalidTargetUsername (rest-1: kudos unknown), InvalidAwardUsername",
    differences: ["transfer", "award"].map((name) => `POST /v2/kudos/${name}.username: minLength none, here 1`)
  },
  {
    reason:
      "without expiry the server replies with status 500; the reply to msg no expiry in rest-3 is the cached one of msg 1",
    differences: requiredHere("ResponseModelMessage", "expiry")
  },
  {
    reason: "the reply is a list of accounts (rest-1: users)",
    differences: ["reply GET /v2/users: object, here array"]
  },
  {
    reason: "the reply is one filter (rest-2: filter get)",
    differences: ["reply GET /v2/filters/{}: array, here object"]
  },
  {
    reason: "the server refuses a text request without a prompt, or with an empty one: MissingPrompt (text)",
    differences: [
      "GenerationInputKobold.prompt: minLength none, here 1",
      ...requiredHere("GenerationInputKobold", "prompt")
    ]
  },
  {
    reason: "a longer URL makes the server reply with status 500",
    differences: ["GenerationInputKobold.webhook: maxLength none, here 1024"]
  },
  {
    reason:
      "the server refuses more LoRAs, textual inversions and source images: TooManyLoras, TooManyTIs, InvalidExtraSourceImages.",
    differences: [
      "GenerationInputStable.extra_source_images: maxItems none, here 5",
      "ModelGenerationInputStable.loras: maxItems none, here 5",
      "ModelGenerationInputStable.tis: maxItems none, here 20",
      "ModelStyleInputParamsStable.loras: maxItems none, here 5",
      "ModelStyleInputParamsStable.tis: maxItems none, here 20"
    ]
  },
  {
    reason: "an additional image or text without content has no use, and the server fails without these keys",
    differences: [...requiredHere("ExtraSourceImage", "image"), ...requiredHere("ExtraText", "reference", "text")]
  },
  {
    reason: "a later expiry makes the server reply with status 500 (sharedkeys)",
    differences: ["SharedKeyInput.expiry: maximum none, here 2900000"]
  },
  {
    reason: "the server checks these fields after its published schema: a worker needs a name, and models or forms",
    differences: [
      ...requiredHere("PopInputStable", "name", "models"),
      ...requiredHere("PopInputKobold", "name", "models"),
      ...requiredHere("InterrogationPopInput", "name", "forms")
    ]
  },
  {
    reason: "the server checks after its published schema that a result is there",
    differences: [
      ...requiredHere("SubmitInputStable", "generation"),
      ...requiredHere("SubmitInputKobold", "generation")
    ]
  },
  {
    reason: "the server takes the seed of a text (text)",
    differences: notPublished("SubmitInputKobold", "seed")
  },
  {
    reason: "the server pays a result with more entries, and refuses the call afterwards",
    differences: ["Stable", "Kobold"].map((kind) => `SubmitInput${kind}.gen_metadata: maxItems none, here 50`)
  },
  {
    reason: "the result of a form is an object under the form's name (alchemy); the server requires it and the id",
    differences: [
      "POST /v2/interrogate/submit.result: string, here object",
      ...requiredHere("POST /v2/interrogate/submit", "id", "result")
    ]
  },
  {
    reason: "the server checks after its published schema that an alchemy request has an image and forms",
    differences: requiredHere("ModelInterrogationInputStable", "forms", "source_image")
  },
  {
    reason: "the server reads the field, without publishing it",
    differences: notPublished("ModelInterrogationInputStable", "trusted_workers")
  },
  {
    reason: "the server checks after its published schema that a style has models",
    differences: [
      ...requiredHere("ModelStyleInputStable", "models"),
      ...requiredHere("ModelStyleInputKobold", "models")
    ]
  },
  {
    reason: "the id of a shared key is a credential of unknown form",
    differences: ["ModelStyleInputStable", "ModelStylePatchStable"].flatMap((model) => [
      `${model}.sharedkey: maxLength 36, here none`,
      `${model}.sharedkey: minLength 36, here 1`
    ])
  },
  {
    reason: "the reply has the details of the shared key in shared_key, and no sharedkey (rest-2)",
    differences: ["reply StyleStable.sharedkey: not declared"]
  },
  {
    reason: "the published model is that of changes: the model of a new example has the same name",
    differences: requiredHere("InputStyleExamplePost", "primary", "url")
  },
  {
    reason: "one published model for new collections, which need both, and for changes, which do not (rest-2)",
    differences: requiredHere("InputModelCollection", "name", "styles")
  }
]
