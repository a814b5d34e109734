/**
 * All routes of the server. A new route is an entry in its resource's file; only a new resource is added here.
 */
import { json, xml } from "../http/reply.js"
import type { RouteGroup } from "../http/route.js"
import { alchemy } from "./alchemy.js"
import { collections } from "./collections.js"
import { contracts } from "./contracts.js"
import { documents } from "./documents.js"
import { filters } from "./filters.js"
import { images } from "./images.js"
import { kudos } from "./kudos.js"
import { models } from "./models.js"
import { moderation } from "./moderation.js"
import { operations } from "./operations.js"
import { pictureStore } from "./pictureStore.js"
import { ratings } from "./ratings.js"
import { record } from "./record.js"
import { sharedKeys } from "./sharedKeys.js"
import { stats } from "./stats.js"
import { status } from "./status.js"
import { styleExamples } from "./styleExamples.js"
import { styles } from "./styles.js"
import { teams } from "./teams.js"
import { texts } from "./texts.js"
import { userControl } from "./userControl.js"
import { users } from "./users.js"
import { workerControl } from "./workerControl.js"
import { workerDetails } from "./workerDetails.js"
import { workerMessages } from "./workerMessages.js"
import { workers } from "./workers.js"

const jsonError: RouteGroup["methodNotAllowed"] = (allow) =>
  json(405, { message: "This method is not allowed for this address" }, { allow })

export const routeGroups: ReadonlyArray<RouteGroup> = [
  {
    prefix: "/api",
    routes: [
      ...sharedKeys,
      ...images,
      ...ratings,
      ...texts,
      ...alchemy,
      ...styles,
      ...styleExamples,
      ...collections,
      ...workers,
      ...workerMessages,
      ...workerDetails,
      ...workerControl,
      ...teams,
      ...users,
      ...userControl,
      ...kudos,
      ...status,
      ...models,
      ...contracts,
      ...stats,
      ...documents,
      ...filters,
      ...operations,
      ...moderation
    ],
    methodNotAllowed: jsonError
  },
  { prefix: "", routes: pictureStore, methodNotAllowed: () => xml(405, "MethodNotAllowed") },
  { prefix: "", routes: record, methodNotAllowed: jsonError }
]
