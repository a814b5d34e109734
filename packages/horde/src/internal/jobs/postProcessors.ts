/** The post-processors, which image jobs apply to their pictures, and alchemy jobs to an existing one. */
export const postProcessors = [
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
