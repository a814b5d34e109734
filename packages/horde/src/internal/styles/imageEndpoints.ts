/**
 * The endpoints of image styles and their examples. Programs import them from `Styles`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Endpoint from "../../Endpoint.js"
import * as HordeError from "../../HordeError.js"
import { SimpleResponse } from "../schema/simpleResponse.js"
import { StyleModify } from "./modified.js"
import { StyleStable } from "./replies.js"
import {
  InputStyleExamplePatch,
  InputStyleExamplePost,
  ModelStyleInputStable,
  ModelStylePatchStable
} from "./requests.js"
import { hourlyLimits, ownerErrors, styleLimits, styleQuery } from "./routes.js"

/**
 * `GET /v2/styles/image`: lists the public image styles. The server caches its reply for 30 seconds.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/styles/image}
 * @since 0.1.0
 * @category endpoints
 */
export class ListImage extends /* @__PURE__ */ Endpoint.Service<ListImage>()("Styles/ListImage", {
  method: "GET",
  path: "/v2/styles/image",
  query: styleQuery,
  success: { 200: Schema.Array(StyleStable) },
  error: [],
  apiKey: "none",
  idempotent: true,
  limits: styleLimits
}) {}

/**
 * `POST /v2/styles/image`: creates an image style. Only for trusted accounts and those with the role `customizer`
 * (`Forbidden` for others). The prompt must contain `{p}` and `{np}`.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: POST /v2/styles/image}
 * @since 0.1.0
 * @category endpoints
 */
export class CreateImage extends /* @__PURE__ */ Endpoint.Service<CreateImage>()("Styles/CreateImage", {
  method: "POST",
  path: "/v2/styles/image",
  payload: ModelStyleInputStable,
  success: { 200: StyleModify },
  error: [HordeError.Unauthorized, HordeError.Forbidden],
  apiKey: "required",
  idempotent: false,
  limits: styleLimits
}) {}

/**
 * `GET /v2/styles/image/{id}`: an image style by its id. The server caches its reply for 30 seconds. The API key is
 * for newer servers, which show the shared key of a style to its owner only.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/styles/image/{id}}
 * @since 0.1.0
 * @category endpoints
 */
export class GetImage extends /* @__PURE__ */ Endpoint.Service<GetImage>()("Styles/GetImage", {
  method: "GET",
  path: "/v2/styles/image/:id",
  params: { id: Schema.String },
  success: { 200: StyleStable },
  error: [HordeError.NotFound],
  apiKey: "optional",
  idempotent: true,
  limits: hourlyLimits
}) {}

/**
 * `GET /v2/styles/image_by_name/{name}`: an image style by its name. Otherwise like {@link GetImage}.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/styles/image_by_name/{name}}
 * @since 0.1.0
 * @category endpoints
 */
export class GetImageByName extends /* @__PURE__ */ Endpoint.Service<GetImageByName>()("Styles/GetImageByName", {
  method: "GET",
  path: "/v2/styles/image_by_name/:name",
  params: { name: Schema.String },
  success: { 200: StyleStable },
  error: [HordeError.NotFound],
  apiKey: "optional",
  idempotent: true
}) {}

/**
 * `PATCH /v2/styles/image/{id}`: changes the given fields of an image style; owner only. At most 20 calls per hour and
 * style.
 *
 * Servers up to version 5.1.5 need `name`, reset `prompt`, `public` and `nsfw` to their defaults if they are not
 * given, and refuse `sharedkey`.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: PATCH /v2/styles/image/{id}}
 * @since 0.1.0
 * @category endpoints
 */
export class ModifyImage extends /* @__PURE__ */ Endpoint.Service<ModifyImage>()("Styles/ModifyImage", {
  method: "PATCH",
  path: "/v2/styles/image/:id",
  params: { id: Schema.String },
  payload: ModelStylePatchStable,
  success: { 200: StyleModify },
  error: ownerErrors,
  apiKey: "required",
  idempotent: true,
  limits: hourlyLimits
}) {}

/**
 * `DELETE /v2/styles/image/{id}`: deletes an image style; owner and moderators only. A delete that is retried after a
 * lost reply may fail with `NotFound`.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: DELETE /v2/styles/image/{id}}
 * @since 0.1.0
 * @category endpoints
 */
export class DeleteImage extends /* @__PURE__ */ Endpoint.Service<DeleteImage>()("Styles/DeleteImage", {
  method: "DELETE",
  path: "/v2/styles/image/:id",
  params: { id: Schema.String },
  success: { 200: SimpleResponse },
  error: ownerErrors,
  apiKey: "required",
  idempotent: true,
  limits: hourlyLimits
}) {}

/**
 * `POST /v2/styles/image/{id}/example`: adds an example picture to an image style, at most 4; owner and moderators
 * only.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: POST /v2/styles/image/{id}/example}
 * @since 0.1.0
 * @category endpoints
 */
export class AddExample extends /* @__PURE__ */ Endpoint.Service<AddExample>()("Styles/AddExample", {
  method: "POST",
  path: "/v2/styles/image/:id/example",
  params: { id: Schema.String },
  payload: InputStyleExamplePost,
  success: { 200: StyleModify },
  error: ownerErrors,
  apiKey: "required",
  idempotent: false,
  limits: styleLimits
}) {}

/**
 * `PATCH /v2/styles/image/{id}/example/{example}`: changes the given fields of an example picture; owner and
 * moderators only.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: PATCH /v2/styles/image/{id}/example/{example}}
 * @since 0.1.0
 * @category endpoints
 */
export class ModifyExample extends /* @__PURE__ */ Endpoint.Service<ModifyExample>()("Styles/ModifyExample", {
  method: "PATCH",
  path: "/v2/styles/image/:id/example/:example",
  params: { id: Schema.String, example: Schema.String },
  payload: InputStyleExamplePatch,
  success: { 200: StyleModify },
  error: ownerErrors,
  apiKey: "required",
  idempotent: true
}) {}

/**
 * `DELETE /v2/styles/image/{id}/example/{example}`: deletes an example picture; owner and moderators only. A delete
 * that is retried after a lost reply may fail with `NotFound`.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: DELETE /v2/styles/image/{id}/example/{example}}
 * @since 0.1.0
 * @category endpoints
 */
export class DeleteExample extends /* @__PURE__ */ Endpoint.Service<DeleteExample>()("Styles/DeleteExample", {
  method: "DELETE",
  path: "/v2/styles/image/:id/example/:example",
  params: { id: Schema.String, example: Schema.String },
  success: { 200: SimpleResponse },
  error: ownerErrors,
  apiKey: "required",
  idempotent: true
}) {}
