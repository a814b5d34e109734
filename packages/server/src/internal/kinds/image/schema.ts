/**
 * The JSON schema of image requests, as the real server applies it. It is independent of the SDK's schemas, so that an
 * error in those is not repeated here.
 */
import { bool, check, integer, list, number, oneOf, type Schema, string, text } from "../../python/jsonSchema.js"
import type { ImageBody } from "../../state/imageRequest.js"

/** The samplers that a request may name. */
export const samplers: ReadonlyArray<string> = [
  "k_lms",
  "k_heun",
  "k_euler",
  "k_euler_a",
  "k_dpm_2",
  "k_dpm_2_a",
  "k_dpm_fast",
  "k_dpm_adaptive",
  "k_dpmpp_2s_a",
  "k_dpmpp_2m",
  "dpmsolver",
  "k_dpmpp_sde",
  "DDIM",
  "lcm",
  "uni_pc",
  "uni_pc_bh2",
  "dpmpp_2m_sde",
  "dpmpp_3m_sde",
  "ddpm",
  "deis",
  "ipndm",
  "res_multistep",
  "gradient_estimation",
  "heunpp2",
  "er_sde",
  "sa_solver",
  "euler_cfg_pp",
  "euler_ancestral_cfg_pp",
  "exp_heun_2_x0",
  "exp_heun_2_x0_sde",
  "dpmpp_2s_ancestral_cfg_pp",
  "dpmpp_2m_cfg_pp",
  "dpmpp_2m_sde_heun",
  "ipndm_v",
  "res_multistep_cfg_pp",
  "res_multistep_ancestral",
  "res_multistep_ancestral_cfg_pp",
  "gradient_estimation_cfg_pp",
  "seeds_2",
  "seeds_3",
  "sa_solver_pece"
]

/** The schedulers that a request may name. */
export const schedulers: ReadonlyArray<string> = [
  "normal",
  "karras",
  "exponential",
  "sgm_uniform",
  "simple",
  "ddim_uniform",
  "beta",
  "linear_quadratic",
  "kl_optimal",
  "align_your_steps",
  "gits"
]

export const postProcessors: ReadonlyArray<string> = [
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
]

/** Post-processors that do not enlarge the picture. */
const plainProcessors: ReadonlySet<string> = new Set([
  "GFPGAN",
  "CodeFormers",
  "strip_background",
  "GFPGANv1.3",
  "RestoreFormer"
])

export const isUpscaler = (postProcessor: string): boolean => !plainProcessors.has(postProcessor)

const controlTypes = [
  "canny",
  "hed",
  "depth",
  "normal",
  "openpose",
  "seg",
  "scribble",
  "fakescribbles",
  "hough",
  "mlsd",
  "binary",
  "standard_lineart",
  "lineart",
  "lineart_anime",
  "lineart_anime_denoise",
  "pidinet",
  "scribble_xdog",
  "scribble_pidinet",
  "teed",
  "pyracanny",
  "midas_depth",
  "zoe_depth",
  "depth_anything",
  "depth_anything_v2",
  "normal_bae",
  "oneformer_ade20k",
  "oneformer_coco",
  "color",
  "shuffle",
  "recolor_luminance",
  "recolor_intensity",
  "tile",
  "tile_ttplanet_guided",
  "tile_ttplanet_simple"
]

const side = { ...integer(64, 3072), multipleOf: 64 }

const params = {
  type: "object",
  properties: {
    width: side,
    height: side,
    steps: integer(1, 500),
    n: integer(1, 20),
    cfg_scale: number(0, 100),
    sampler_name: oneOf(samplers),
    karras: bool,
    scheduler: oneOf(schedulers),
    sampler_eta: number(0),
    sampler_s_noise: number(0),
    sampler_s_churn: number(0),
    sampler_s_tmin: number(0),
    sampler_s_tmax: number(0),
    sampler_solver_type: oneOf(["midpoint", "heun", "phi_1", "phi_2"]),
    sampler_order: integer(1),
    flow_shift: number(0),
    control_strength: number(0.01, 3),
    seed: string,
    seed_variation: integer(1, 1000),
    denoising_strength: number(0.01, 1),
    hires_fix_denoising_strength: number(0.01, 1),
    facefixer_strength: number(0, 1),
    clip_skip: integer(1, 12),
    tiling: bool,
    hires_fix: bool,
    transparent: bool,
    post_processing: { ...list(oneOf(postProcessors)), uniqueItems: true },
    post_processing_order: string,
    control_type: oneOf(controlTypes),
    image_is_control: bool,
    return_control_map: bool,
    loras: list({
      type: "object",
      required: ["name"],
      properties: {
        name: text(1, 255),
        model: number(-5, 5),
        clip: number(-5, 5),
        inject_trigger: text(1, 30),
        is_version: bool
      }
    }),
    tis: list({
      type: "object",
      required: ["name"],
      properties: { name: text(1, 255), inject_ti: oneOf(["prompt", "negprompt"]), strength: number(-5, 5) }
    }),
    use_nsfw_censor: bool,
    special: { type: "object" },
    workflow: oneOf(["qr_code"]),
    extra_texts: list({ type: "object", properties: { text: text(1), reference: text(3) } })
  }
}

const schema = {
  type: "object",
  required: ["prompt"],
  properties: {
    prompt: text(1),
    params,
    nsfw: bool,
    trusted_workers: bool,
    validated_backends: bool,
    slow_workers: bool,
    extra_slow_workers: bool,
    censor_nsfw: bool,
    workers: list(string),
    worker_blacklist: bool,
    models: list(string),
    source_image: string,
    source_processing: oneOf(["img2img", "inpainting", "outpainting", "remix"]),
    source_mask: string,
    extra_source_images: list({
      type: "object",
      properties: { image: text(1), strength: { type: "number" }, original_url: string }
    }),
    r2: bool,
    shared: bool,
    replacement_filter: bool,
    dry_run: bool,
    proxied_account: string,
    disable_batching: bool,
    allow_downgrade: bool,
    webhook: text(10, 1024),
    style: text(3, 1024),
    template_fields: { type: "object", additionalProperties: string }
  }
}

export const checkImageRequest = check<ImageBody>(schema)

/** The schemas of the parameters. */
export const paramSchemas: Readonly<Record<string, Schema>> = params.properties

/** The parameters that the server knows. Others are ignored. */
export const paramNames: ReadonlySet<string> = new Set(Object.keys(paramSchemas))
