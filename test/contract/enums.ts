/**
 * The values that the server publishes for fields of requests and replies; of a query parameter, its default. The
 * compiler checks that the type of each field knows them all, and the test that they are what the server publishes.
 */
import type {
  Alchemy,
  Collections,
  Documents,
  ImageGeneration,
  Job,
  Stats,
  Status,
  Styles,
  TextGeneration,
  Users,
  Worker,
  Workers
} from "effect-horde"

/** The known names of an open union; none for a plain text. */
type Known<Values extends string | undefined> = Values extends string ? (string extends Values ? never : Values) : never

type ItemOf<List> = List extends ReadonlyArray<infer Item> ? Item : never

type TextualInversion = ItemOf<ImageGeneration.ModelGenerationInputStable["tis"]>
type Metadata = ItemOf<Worker.SubmitInputStable["gen_metadata"]>
type StyleParams = NonNullable<Styles.StyleStable["params"]>
type ImagePayload = NonNullable<Worker.GenerationPayloadStable["payload"]>

const known =
  <Values extends string | undefined>() =>
  (...values: ReadonlyArray<Known<Values>>): ReadonlyArray<string> =>
    values

const postProcessors = [
  "GFPGAN",
  "RealESRGAN_x4plus",
  "RealESRGAN_x2plus",
  "RealESRGAN_x4plus_anime_6B",
  "NMKD_Siax",
  "4x_AnimeSharp",
  "CodeFormers",
  "strip_background",
  "4xNomos8kSC",
  "4xLSDIRplus",
  "4xNomosWebPhoto_RealPLKSR",
  "4xNomos2_realplksr_dysample",
  "4xNomos2_hq_dat2",
  "2xModernSpanimationV1",
  "GFPGANv1.3",
  "RestoreFormer"
] as const

const samplers = [
  "k_euler_a",
  "k_heun",
  "k_lms",
  "k_euler",
  "lcm",
  "DDIM",
  "k_dpm_2_a",
  "k_dpmpp_sde",
  "k_dpm_2",
  "k_dpm_adaptive",
  "k_dpmpp_2m",
  "k_dpm_fast",
  "dpmsolver",
  "k_dpmpp_2s_a"
] as const

const sourceProcessing = ["img2img", "inpainting", "outpainting", "remix"] as const

const controlTypes = [
  "canny",
  "hed",
  "depth",
  "normal",
  "openpose",
  "seg",
  "scribble",
  "fakescribbles",
  "hough"
] as const

const processors = known<ImageGeneration.PostProcessor>()(...postProcessors)

const workflows = known<ImageGeneration.ModelGenerationInputStable["workflow"]>()("qr_code")

const forms = [
  "caption",
  "interrogation",
  "nsfw",
  "vectorize",
  "palette",
  "describe",
  "aesthetic",
  ...postProcessors
] as const

const metadataTypes = [
  "lora",
  "ti",
  "censorship",
  "source_image",
  "source_mask",
  "extra_source_images",
  "batch_index",
  "information",
  "aesthetic_score"
] as const

const metadataValues = ["download_failed", "parse_failed", "baseline_mismatch", "csam", "nsfw", "see_ref"] as const

const states = known<Worker.SubmitState>()("ok", "censored", "faulted", "csam")

const formats = known<Documents.Format>()("html")

const styleSorts = known<Styles.StyleQuery["sort"]>()("popular")

/** The values by field; `[]` stands for the items of a list. */
export const enums: Readonly<Record<string, ReadonlyArray<string>>> = {
  "GenerationInputStable.source_processing": known<ImageGeneration.SourceProcessing>()(...sourceProcessing),
  "ModelGenerationInputStable.sampler_name": known<ImageGeneration.Sampler>()(...samplers),
  "ModelGenerationInputStable.post_processing[]": processors,
  "ModelGenerationInputStable.workflow": workflows,
  "ModelGenerationInputStable.control_type": known<ImageGeneration.ControlType>()(...controlTypes),
  "ModelPayloadTextualInversionsStable.inject_ti": known<TextualInversion["inject_ti"]>()("prompt", "negprompt"),
  "ModelStyleInputParamsStable.sampler_name": known<ImageGeneration.Sampler>()(...samplers),
  "ModelStyleInputParamsStable.post_processing[]": processors,
  "ModelStyleInputParamsStable.workflow": workflows,
  "ModelInterrogationFormStable.name": known<Alchemy.AlchemyForm>()(...forms),
  "InterrogationPopInput.forms[]": known<Alchemy.AlchemyForm>()(...forms),
  "SubmitInputStable.state": states,
  "SubmitInputKobold.state": states,
  "GenerationMetadataStable.type": known<Metadata["type"]>()(...metadataTypes),
  "GenerationMetadataStable.value": known<Metadata["value"]>()(...metadataValues),
  "GenerationMetadataKobold.type": known<Metadata["type"]>()("censorship"),
  "GenerationMetadataKobold.value": known<Metadata["value"]>()("csam"),

  "GET /v2/collections ?sort": known<Collections.CollectionQuery["sort"]>()("popular"),
  "GET /v2/collections ?type": known<Collections.CollectionQuery["type"]>()("all"),
  "GET /v2/documents/privacy ?format": formats,
  "GET /v2/documents/sponsors ?format": formats,
  "GET /v2/documents/terms ?format": formats,
  "GET /v2/stats/img/models ?model_state": known<Stats.ImageModelsQuery["model_state"]>()("known"),
  "GET /v2/status/models ?model_state": known<Status.ModelsQuery["model_state"]>()("all"),
  "GET /v2/status/models ?type": known<Status.ModelsQuery["type"]>()("image"),
  "GET /v2/styles/image ?sort": styleSorts,
  "GET /v2/styles/text ?sort": styleSorts,
  "GET /v2/users ?sort": known<Users.ListQuery["sort"]>()("kudos"),
  "GET /v2/workers/messages ?validity": known<Workers.MessagesQuery["validity"]>()("active"),

  "reply ActiveModel.type": known<Status.ActiveModel["type"]>()("image", "text"),
  "reply GenerationKobold.state": known<TextGeneration.GenerationState>()("ok", "censored", "csam"),
  "reply GenerationMetadataKobold.type": known<TextGeneration.GenerationMetadataKobold["type"]>()("censorship"),
  "reply GenerationMetadataKobold.value": known<TextGeneration.GenerationMetadataKobold["value"]>()("csam"),
  "reply GenerationMetadataStable.type": known<ImageGeneration.GenerationMetadataStable["type"]>()(...metadataTypes),
  "reply GenerationMetadataStable.value": known<ImageGeneration.GenerationMetadataStable["value"]>()(...metadataValues),
  "reply GenerationPayloadStable.source_processing": known<Worker.GenerationPayloadStable["source_processing"]>()(
    ...sourceProcessing
  ),
  // a plain text here, because it is always `ok`
  "reply GenerationStable.state": ["ok", "censored", "csam"],
  "reply InterrogationPopFormPayload.form": known<Worker.InterrogationPopFormPayload["form"]>()(...forms),
  "reply ModelPayloadStable.control_type": known<ImagePayload["control_type"]>()(...controlTypes),
  "reply ModelPayloadStable.post_processing[]": known<ItemOf<ImagePayload["post_processing"]>>()(...postProcessors),
  "reply ModelPayloadStable.sampler_name": known<ImagePayload["sampler_name"]>()(...samplers),
  "reply ModelPayloadStable.workflow": known<ImagePayload["workflow"]>()("qr_code"),
  "reply ModelPayloadTextualInversionsStable.inject_ti": known<ItemOf<ImagePayload["tis"]>["inject_ti"]>()(
    "prompt",
    "negprompt"
  ),
  "reply ModelStyleInputParamsStable.post_processing[]": known<ItemOf<StyleParams["post_processing"]>>()(
    ...postProcessors
  ),
  "reply ModelStyleInputParamsStable.sampler_name": known<StyleParams["sampler_name"]>()(...samplers),
  "reply ModelStyleInputParamsStable.workflow": known<StyleParams["workflow"]>()("qr_code"),
  "reply RequestSingleWarning.code": known<Job.WarningCode>()(
    "NoAvailableWorker",
    "ClipSkipMismatch",
    "StepsTooFew",
    "StepsTooMany",
    "CfgScaleMismatch",
    "CfgScaleTooSmall",
    "CfgScaleTooLarge",
    "SamplerMismatch",
    "SchedulerMismatch"
  ),
  "reply ResponseModelCollection.type": known<Collections.ResponseModelCollection["type"]>()("image", "text"),
  "reply ResponseModelStylesUser.type": known<ItemOf<Users.UserDetails["styles"]>["type"]>()("image", "text"),
  "reply WorkerDetails.type": known<Workers.WorkerDetails["type"]>()("image", "text", "interrogation"),
  "reply WorkerDetailsLite.type": known<Workers.WorkerDetailsLite["type"]>()("image", "text", "interrogation")
}
