/** Options of the built-in HTTP driver: plain data, but for `auth`. */
import type { Condition } from './resource.ts'

export interface HttpOptions {
  /**
   * Where requests are looked at: exact origins, or with `*` for a part of the host or for the port (`http://*.shop.test:*`).
   * @default every port of this machine's own addresses
   */
  origins?: readonly string[]
  /** What requests create, where the default rules do not say it; the first that matches counts. */
  rules?: readonly HttpRule[]
  /**
   * The application's own endpoints that remove by predicate, by kind.
   * @example { items: { run: 'DELETE /items?test_run_id={run}', owner: 'DELETE /internal/users/{owner}/data', reset: 'POST /internal/reset' } }
   */
  byPredicate?: Readonly<Record<string, HttpEndpoints>>
  /** Headers that authenticate Dustpan's own requests. Asked again after a 401, or when `expiresAt` has passed. */
  auth?: HttpAuth
  /** Sent with Dustpan's own requests. Secrets by `env('INTERNAL_KEY')`; what is empty in this environment is not sent. */
  headers?: Readonly<Record<string, string | { readonly env: string; readonly default?: string }>>
  /** Connections for removing, at most. @default 32 */
  concurrency?: number
  /** For one of Dustpan's own requests. @default '10s' */
  timeout?: string | number
  /** Off: requests are not looked at; what is tracked by hand is still removed. @default true */
  track?: boolean
}

/** The request for each thing that can be asked; each has its name in it: `{run}`, `{tag}`, `{owner}`, `{before}` or `{after}`. */
export interface HttpEndpoints {
  run?: string | HttpEndpoint
  tag?: string | HttpEndpoint
  owner?: string | HttpEndpoint
  /** By time alone: `{before}`, `{after}` as ISO dates. */
  age?: string | HttpEndpoint
  /** By fields: `{where.email}` for each. */
  where?: string | HttpEndpoint
  reset?: string | HttpEndpoint
}

/** `{hard}` and `{soft}` become true or false, as it is asked for. */
export interface HttpEndpoint extends HttpRequestTemplate {
  /** A GET request that tells how many would go; without it nobody knows before. */
  list?: string
  /** Where its answer has all of them, or their number. @default 'body' */
  found?: string
  /** Where the answer has how many went: a number, or an object of kinds and numbers. */
  deleted?: string
  /** Where it has who stays: an object of kinds. */
  preserved?: string
  /** Things are only marked as deleted. */
  soft?: boolean
  /** What is added to the URL when a kind is to be left out: `{ otps: 'include_otp=false' }`. */
  except?: Readonly<Record<string, string>>
}

export type HttpAuth = () => HttpCredentials | Promise<HttpCredentials>

/** Headers; or headers and when they expire (a date, or milliseconds since the epoch). */
export type HttpCredentials =
  | Readonly<Record<string, string>>
  | { readonly headers: Readonly<Record<string, string>>; readonly expiresAt?: number | string | Date }

export interface HttpRule {
  /** Method and path of a request that creates: `POST /users`, `PUT /teams/{team}/users/{id}`; a final `*` stands for any rest. */
  create: string | readonly string[]
  /** Answers that tell of a creation. @default [201] */
  status?: readonly number[]
  /** What is created. @default the last noun of the path, singular */
  type?: string
  /**
   * Where the answer has the id, or the ids: `body.id`, `body.ids`, `body.items[].id`, `location`, `header.x-id`, `path.name`.
   * @default `body.id` (or `_id`, `uuid`), else the end of `Location`
   */
  id?: string
  /**
   * How it is removed; `{id}`, the path's parameters and `{body.field}` of the answer are filled in.
   * @default `DELETE` of `Location`, or of the create's path and the id
   */
  remove?: string | HttpRequestTemplate
  /** Request that must answer 404 or 410 once it is removed (or show what `gone` says); sent after each removal. `false`: never look. */
  verify?: string | false
  /** For soft deletes: what the answer to `verify` shows then: `body.deletedAt` (is set), `body.status = archived`. */
  gone?: string
  /** Requests sent before the removal, in this order: what hangs on the thing, and must go first. */
  first?: string | HttpRequest | readonly (string | HttpRequest)[]
  /** Where `remove` only marks as deleted: what deletes for good. Sent in its place where the profile has `deletion` hard or configured. */
  permanent?: string | HttpRequest | true
  /** Brings back what `remove` has marked as deleted: `PATCH /items/{id}/activate`. */
  restore?: string | HttpRequest
  /** Tried in turn when the removal has failed for good, or is not for here. */
  fallback?: string | HttpRequestTemplate | readonly (string | HttpRequestTemplate)[]
  /** When the removal is for here. */
  when?: Condition
  /** Several types in one answer, each with the place of its ids: `{ user: 'body.users[].id', order: 'body.orders[].id' }`. */
  many?: Readonly<Record<string, string>>
  /** The place of an object that maps types to lists: `body.entities` for `{ user: [{ id }], order: [{ id }] }`. */
  entities?: string
  /** How each type of `many` and `entities` is removed. @default `DELETE /<type>s/{id}`, beside the create's path */
  removals?: Readonly<Record<string, string | HttpRequestTemplate>>
  /** Requests like this create nothing that should be removed. */
  ignore?: boolean
}

/** A request in full. Templates in `url` are URL-encoded when they are filled in, those in `headers` and `body` are not. */
export interface HttpRequest {
  /** Method and URL in one: `POST /bulk-operations`. */
  request?: string
  /** @default 'DELETE' */
  method?: string
  /** A path in the store; in `track()` also a full URL. Without credentials, like `headers`. */
  url?: string
  /** Never for credentials, as removals are written to disk: these belong in `auth`. */
  headers?: Readonly<Record<string, string>>
  /** JSON, or a string that is sent as it is. */
  body?: unknown
}

/** How something is removed. With `{ids}` in URL or body one request takes many. */
export interface HttpRequestTemplate
  extends HttpRequest,
    Pick<HttpRule, 'verify' | 'gone' | 'first' | 'permanent' | 'restore' | 'when'> {
  /** How many ids one request takes. @default 50 */
  batch?: number
  /** Where the answer has the id of a job that goes on: `body.job_id`, `location`, `header.x-job`. */
  job?: string
  /** The request that tells how far the job is: `GET /bulk-operations/{job}`. @default the `Location`, when `job` says so */
  poll?: string
  /** What its answer shows when the job is over: `body.status = completed`. In a list, those after the first tell that it did not work. */
  done?: string | readonly string[]
  /** Where the answer has what was not removed: a number, or a list of ids, or of `{ id, reason }`. */
  failed?: string
  /** Where it has what was left out, as it was not there. */
  skipped?: string
}
