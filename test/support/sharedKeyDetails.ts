/** A shared key as the server returns it, with its required fields alone. */
export const sharedKeyDetails = {
  id: "00000000-0000-4000-8000-000000000001",
  username: "owner#1",
  kudos: 5,
  utilized: 0,
  max_image_pixels: -1,
  max_image_steps: -1,
  max_text_tokens: -1
}
