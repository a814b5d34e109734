/**
 * The endpoints of text styles. Programs import them from `Styles`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Endpoint from "../../Endpoint.js"
import * as HordeError from "../../HordeError.js"
import { SimpleResponse } from "../schema/simpleResponse.js"
import { StyleModify } from "./modified.js"
import { StyleKobold } from "./replies.js"
import { ModelStyleInputKobold, ModelStylePatchKobold } from "./requests.js"
import { hourlyLimits, ownerErrors, styleLimits, styleQuery } from "./routes.js"

/**
 * `GET /v2/styles/text`: lists the public text styles. The server caches its reply for one second.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/styles/text}
 * @since 0.1.0
 * @category endpoints
 */
export class ListText extends /* @__PURE__ */ Endpoint.Service<ListText>()("Styles/ListText", {
  method: "GET",
  path: "/v2/styles/text",
  query: styleQuery,
  success: { 200: Schema.Array(StyleKobold) },
  error: [],
  apiKey: "none",
  idempotent: true,
  limits: hourlyLimits
}) {}

/**
 * `POST /v2/styles/text`: creates a text style. Only for trusted accounts and those with the role `customizer`
 * (`Forbidden` for others). The prompt must contain `{p}`.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: POST /v2/styles/text}
 * @since 0.1.0
 * @category endpoints
 */
export class CreateText extends /* @__PURE__ */ Endpoint.Service<CreateText>()("Styles/CreateText", {
  method: "POST",
  path: "/v2/styles/text",
  payload: ModelStyleInputKobold,
  success: { 200: StyleModify },
  error: [HordeError.Unauthorized, HordeError.Forbidden],
  apiKey: "required",
  idempotent: false,
  limits: hourlyLimits
}) {}

/**
 * `GET /v2/styles/text/{id}`: a text style by its id. The server caches its reply for 30 seconds. The API key is for
 * newer servers, which show the shared key of a style to its owner only.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/styles/text/{id}}
 * @since 0.1.0
 * @category endpoints
 */
export class GetText extends /* @__PURE__ */ Endpoint.Service<GetText>()("Styles/GetText", {
  method: "GET",
  path: "/v2/styles/text/:id",
  params: { id: Schema.String },
  success: { 200: StyleKobold },
  error: [HordeError.NotFound],
  apiKey: "optional",
  idempotent: true,
  limits: styleLimits
}) {}

/**
 * `GET /v2/styles/text_by_name/{name}`: a text style by its name. Otherwise like {@link GetText}.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: GET /v2/styles/text_by_name/{name}}
 * @since 0.1.0
 * @category endpoints
 */
export class GetTextByName extends /* @__PURE__ */ Endpoint.Service<GetTextByName>()("Styles/GetTextByName", {
  method: "GET",
  path: "/v2/styles/text_by_name/:name",
  params: { name: Schema.String },
  success: { 200: StyleKobold },
  error: [HordeError.NotFound],
  apiKey: "optional",
  idempotent: true
}) {}

/**
 * `PATCH /v2/styles/text/{id}`: changes the given fields of a text style; owner only. Servers up to version 5.1.5
 * always fail with `ServerError`.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: PATCH /v2/styles/text/{id}}
 * @since 0.1.0
 * @category endpoints
 */
export class ModifyText extends /* @__PURE__ */ Endpoint.Service<ModifyText>()("Styles/ModifyText", {
  method: "PATCH",
  path: "/v2/styles/text/:id",
  params: { id: Schema.String },
  payload: ModelStylePatchKobold,
  success: { 200: StyleModify },
  error: ownerErrors,
  apiKey: "required",
  idempotent: true,
  limits: styleLimits
}) {}

/**
 * `DELETE /v2/styles/text/{id}`: deletes a text style; owner and moderators only. A delete that is retried after a
 * lost reply may fail with `NotFound`.
 *
 * @see {@link https://aihorde.net/api/ AI Horde: DELETE /v2/styles/text/{id}}
 * @since 0.1.0
 * @category endpoints
 */
export class DeleteText extends /* @__PURE__ */ Endpoint.Service<DeleteText>()("Styles/DeleteText", {
  method: "DELETE",
  path: "/v2/styles/text/:id",
  params: { id: Schema.String },
  success: { 200: SimpleResponse },
  error: ownerErrors,
  apiKey: "required",
  idempotent: true,
  limits: styleLimits
}) {}
