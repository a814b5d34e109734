/**
 * The values that the server publishes for fields of requests. The compiler checks that the type of each field knows
 * them all, and the test that they are what the server publishes.
 */
import type { Alchemy, ImageGeneration, Worker } from "effect-horde"

/** The known names of an open union. */
type Known<Values extends string | undefined> = Values extends string ? (string extends Values ? never : Values) : never

type ItemOf<List> = List extends ReadonlyArray<infer Item> ? Item : never

type TextualInversion = ItemOf<ImageGeneration.ModelGenerationInputStable["tis"]>
type Metadata = ItemOf<Worker.SubmitInputStable["gen_metadata"]>

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

const samplers = known<ImageGeneration.Sampler>()(
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
)

const processors = known<ImageGeneration.PostProcessor>()(...postProcessors)

const workflows = known<ImageGeneration.ModelGenerationInputStable["workflow"]>()("qr_code")

const forms = known<Alchemy.AlchemyForm>()(
  "caption",
  "interrogation",
  "nsfw",
  "vectorize",
  "palette",
  "describe",
  "aesthetic",
  ...postProcessors
)

const states = known<Worker.SubmitState>()("ok", "censored", "faulted", "csam")

/** The values by field; `[]` stands for the items of a list. */
export const enums: Readonly<Record<string, ReadonlyArray<string>>> = {
  "GenerationInputStable.source_processing": known<ImageGeneration.SourceProcessing>()(
    "img2img",
    "inpainting",
    "outpainting",
    "remix"
  ),
  "ModelGenerationInputStable.sampler_name": samplers,
  "ModelGenerationInputStable.post_processing[]": processors,
  "ModelGenerationInputStable.workflow": workflows,
  "ModelGenerationInputStable.control_type": known<ImageGeneration.ControlType>()(
    "canny",
    "hed",
    "depth",
    "normal",
    "openpose",
    "seg",
    "scribble",
    "fakescribbles",
    "hough"
  ),
  "ModelPayloadTextualInversionsStable.inject_ti": known<TextualInversion["inject_ti"]>()("prompt", "negprompt"),
  "ModelStyleInputParamsStable.sampler_name": samplers,
  "ModelStyleInputParamsStable.post_processing[]": processors,
  "ModelStyleInputParamsStable.workflow": workflows,
  "ModelInterrogationFormStable.name": forms,
  "InterrogationPopInput.forms[]": forms,
  "SubmitInputStable.state": states,
  "SubmitInputKobold.state": states,
  "GenerationMetadataStable.type": known<Metadata["type"]>()(
    "lora",
    "ti",
    "censorship",
    "source_image",
    "source_mask",
    "extra_source_images",
    "batch_index",
    "information",
    "aesthetic_score"
  ),
  "GenerationMetadataStable.value": known<Metadata["value"]>()(
    "download_failed",
    "parse_failed",
    "baseline_mismatch",
    "csam",
    "nsfw",
    "see_ref"
  ),
  "GenerationMetadataKobold.type": known<Metadata["type"]>()("censorship"),
  "GenerationMetadataKobold.value": known<Metadata["value"]>()("csam")
}
