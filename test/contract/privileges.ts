/** The accounts that may call an endpoint, if not every account may; by endpoint, or for all endpoints of a resource. */
import { resourceOf } from "./endpoints.js"

const owner = "owner"
const ownerOrModerator = "owner, moderator"
const moderator = "moderator"
const submitter = "account of the submit"
const workerOwner = "owner of the worker"

export const privileges: ReadonlyMap<string, string> = new Map([
  ["Collections.Modify", owner],
  ["Collections.Delete", ownerOrModerator],
  ["Filters", moderator],
  ["ImageGeneration.Submitted", submitter],
  ["Kudos.Award", "account 1"],
  ["Operations", moderator],
  ["SharedKeys.Modify", owner],
  ["SharedKeys.Delete", owner],
  ["Status.SetModes", "moderator; administrator for `maintenance_mode`"],
  ["Styles.CreateImage", "trusted, customizer"],
  ["Styles.ModifyImage", owner],
  ["Styles.DeleteImage", ownerOrModerator],
  ["Styles.AddExample", ownerOrModerator],
  ["Styles.ModifyExample", ownerOrModerator],
  ["Styles.DeleteExample", ownerOrModerator],
  ["Styles.CreateText", "trusted, customizer"],
  ["Styles.ModifyText", owner],
  ["Styles.DeleteText", ownerOrModerator],
  ["Teams.Create", "trusted"],
  ["Teams.Modify", "creator, moderator"],
  ["Teams.Delete", "creator, moderator"],
  ["TextGeneration.Submitted", submitter],
  ["Users.Modify", "owner, moderator, administrator; by field"],
  ["Users.Delete", ownerOrModerator],
  ["Worker.SubmitImage", workerOwner],
  ["Worker.SubmitText", workerOwner],
  ["Worker.SubmitAlchemy", workerOwner],
  ["Workers.Modify", "owner, moderator; moderator for `paused`"],
  ["Workers.Delete", ownerOrModerator],
  ["Workers.SendMessage", "owner of the worker, moderator"],
  ["Workers.DeleteMessage", "author, moderator"]
])

export const privilegeOf = (name: string): string | undefined =>
  privileges.get(name) ?? privileges.get(resourceOf(name))
