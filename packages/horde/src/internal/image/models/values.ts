/**
 * The known values of fields in image requests. The server adds values within months, so these lists only serve
 * completion in the editor: any other string is accepted and sent too.
 *
 * @since 0.1.0
 */
import type { postProcessors } from "../../jobs/postProcessors.js"
import type { OpenEnum } from "../../schema/openEnum.js"

/**
 * The sampler.
 *
 * @since 0.1.0
 * @category models
 */
export type Sampler = OpenEnum<
  | "k_lms"
  | "k_heun"
  | "k_euler"
  | "k_euler_a"
  | "k_dpm_2"
  | "k_dpm_2_a"
  | "k_dpm_fast"
  | "k_dpm_adaptive"
  | "k_dpmpp_2s_a"
  | "k_dpmpp_2m"
  | "dpmsolver"
  | "k_dpmpp_sde"
  | "DDIM"
  | "lcm"
  | "uni_pc"
  | "uni_pc_bh2"
  | "dpmpp_2m_sde"
  | "dpmpp_3m_sde"
  | "ddpm"
  | "deis"
  | "ipndm"
  | "res_multistep"
  | "gradient_estimation"
  | "heunpp2"
  | "er_sde"
  | "sa_solver"
  | "euler_cfg_pp"
  | "euler_ancestral_cfg_pp"
  | "exp_heun_2_x0"
  | "exp_heun_2_x0_sde"
  | "dpmpp_2s_ancestral_cfg_pp"
  | "dpmpp_2m_cfg_pp"
  | "dpmpp_2m_sde_heun"
  | "ipndm_v"
  | "res_multistep_cfg_pp"
  | "res_multistep_ancestral"
  | "res_multistep_ancestral_cfg_pp"
  | "gradient_estimation_cfg_pp"
  | "seeds_2"
  | "seeds_3"
  | "sa_solver_pece"
>

/**
 * The noise schedule.
 *
 * @since 0.1.0
 * @category models
 */
export type Scheduler = OpenEnum<
  | "normal"
  | "karras"
  | "exponential"
  | "sgm_uniform"
  | "simple"
  | "ddim_uniform"
  | "beta"
  | "linear_quadratic"
  | "kl_optimal"
  | "align_your_steps"
  | "gits"
>

/**
 * The solver of a sampler that has several.
 *
 * @since 0.1.0
 * @category models
 */
export type SolverType = OpenEnum<"midpoint" | "heun" | "phi_1" | "phi_2">

/**
 * The ControlNet to apply to a source image.
 *
 * @since 0.1.0
 * @category models
 */
export type ControlType = OpenEnum<
  | "canny"
  | "hed"
  | "depth"
  | "normal"
  | "openpose"
  | "seg"
  | "scribble"
  | "fakescribbles"
  | "hough"
  | "mlsd"
  | "binary"
  | "standard_lineart"
  | "lineart"
  | "lineart_anime"
  | "lineart_anime_denoise"
  | "pidinet"
  | "scribble_xdog"
  | "scribble_pidinet"
  | "teed"
  | "pyracanny"
  | "midas_depth"
  | "zoe_depth"
  | "depth_anything"
  | "depth_anything_v2"
  | "normal_bae"
  | "oneformer_ade20k"
  | "oneformer_coco"
  | "color"
  | "shuffle"
  | "recolor_luminance"
  | "recolor_intensity"
  | "tile"
  | "tile_ttplanet_guided"
  | "tile_ttplanet_simple"
>

/**
 * The post-processor of a generated image: an upscaler, a face fixer or background removal.
 *
 * @since 0.1.0
 * @category models
 */
export type PostProcessor = OpenEnum<(typeof postProcessors)[number]>

/**
 * The order in which post-processors are applied.
 *
 * @since 0.1.0
 * @category models
 */
export type PostProcessingOrder = OpenEnum<"facefixers_first" | "upscalers_first" | "custom">

/**
 * The use of the source image.
 *
 * @since 0.1.0
 * @category models
 */
export type SourceProcessing = OpenEnum<"img2img" | "inpainting" | "outpainting" | "remix">

/**
 * The subject of a result's metadata.
 *
 * @since 0.1.0
 * @category models
 */
export type MetadataType = OpenEnum<
  | "lora"
  | "ti"
  | "censorship"
  | "source_image"
  | "source_mask"
  | "extra_source_images"
  | "batch_index"
  | "information"
  | "aesthetic_score"
>

/**
 * The content of a result's metadata; `see_ref` refers to its field `ref`.
 *
 * @since 0.1.0
 * @category models
 */
export type MetadataValue = OpenEnum<
  "download_failed" | "parse_failed" | "baseline_mismatch" | "csam" | "nsfw" | "see_ref"
>
