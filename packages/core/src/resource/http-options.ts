/** Options of the built-in HTTP driver: plain data, except for `auth`. */
import type { Condition } from './resource.ts'

export interface HttpOptions {
  /**
   * Origins whose requests are captured: exact, or with `*` for a part of the host or for the port (`http://*.shop.test:*`).
   * @default every port of this machine's own addresses
   */
  origins?: readonly string[]
  /** What requests create, where the default rules do not suffice; the first match is used. */
  rules?: readonly HttpRule[]
  /**
   * The application's own endpoints for removal by predicate, by kind.
   * @example { items: { run: 'DELETE /items?test_run_id={run}', owner: 'DELETE /internal/users/{owner}/data', reset: 'POST /internal/reset' } }
   */
  byPredicate?: Readonly<Record<string, HttpEndpoints>>
  /** Headers that authenticate Dustpan's own requests. Called again after a 401, or when `expiresAt` has passed. */
  auth?: HttpAuth
  /** Sent with Dustpan's own requests. Use `env('INTERNAL_KEY')` for secrets; a header that is empty in this environment is not sent. */
  headers?: Readonly<Record<string, string | { readonly env: string; readonly default?: string }>>
  /** Maximum number of connections for removal. @default 32 */
  concurrency?: number
  /** Timeout of each of Dustpan's own requests. @default '10s' */
  timeout?: string | number
  /** Off: requests are not captured; resources tracked by hand are still removed. @default true */
  track?: boolean
}

/** One request per selector; each contains its placeholder: `{run}`, `{tag}`, `{owner}`, `{before}` or `{after}`. */
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

/** `{hard}` and `{soft}` become true or false, as requested. */
export interface HttpEndpoint extends HttpRequestTemplate {
  /** A GET request that returns how many would be removed; without it the number is unknown beforehand. */
  list?: string
  /** The place in its answer of the list, or of the number. @default 'body' */
  found?: string
  /** The place in the answer of how many were removed: a number, or an object of kinds and numbers. */
  deleted?: string
  /** The place in the answer of what is kept: an object of kinds. */
  preserved?: string
  /** The request only marks resources as deleted. */
  soft?: boolean
  /** Added to the URL to leave out a kind: `{ otps: 'include_otp=false' }`. */
  except?: Readonly<Record<string, string>>
}

export type HttpAuth = () => HttpCredentials | Promise<HttpCredentials>

/** Headers; or headers with their expiry (a date, or milliseconds since the epoch). */
export type HttpCredentials =
  | Readonly<Record<string, string>>
  | { readonly headers: Readonly<Record<string, string>>; readonly expiresAt?: number | string | Date }

export interface HttpRule {
  /** Method and path of a request that creates: `POST /users`, `PUT /teams/{team}/users/{id}`; a final `*` stands for any rest. */
  create: string | readonly string[]
  /** Statuses that mean something was created. @default [201] */
  status?: readonly number[]
  /** The type of the created resource. @default the last noun of the path, singular */
  type?: string
  /**
   * The place of the id or ids in the answer: `body.id`, `body.ids`, `body.items[].id`, `location`, `header.x-id`, `path.name`.
   * @default `body.id` (or `_id`, `uuid`), else the end of `Location`
   */
  id?: string
  /**
   * How it is removed; `{id}`, the path's parameters and `{body.field}` of the answer are filled in.
   * @default `DELETE` of `Location`, or of the create's path and the id
   */
  remove?: string | HttpRequestTemplate
  /** Request that must answer 404 or 410 after the removal (or show what `gone` says); sent after each removal. `false`: never check. */
  verify?: string | false
  /** For soft deletes: what the answer to `verify` then shows: `body.deletedAt` (is set), `body.status = archived`. */
  gone?: string
  /** Requests sent before the removal, in this order: for dependents that must be removed first. */
  first?: string | HttpRequest | readonly (string | HttpRequest)[]
  /**
   * For a `remove` that only marks as deleted: the request that deletes permanently, sent instead if the
   * profile's `deletion` is hard or configured.
   */
  permanent?: string | HttpRequest | true
  /** Restores what `remove` marked as deleted: `PATCH /items/{id}/activate`. */
  restore?: string | HttpRequest
  /** Tried in turn when the removal has failed permanently, or its condition does not hold. */
  fallback?: string | HttpRequestTemplate | readonly (string | HttpRequestTemplate)[]
  /** Condition under which the removal is used. */
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
  /** A path in the store; in `track()` also a full URL. No credentials here or in `headers`. */
  url?: string
  /** Not for credentials, as removals are written to disk: use `auth` for these. */
  headers?: Readonly<Record<string, string>>
  /** JSON, or a string that is sent as it is. */
  body?: unknown
}

/** How a resource is removed. With `{ids}` in URL or body one request removes many. */
export interface HttpRequestTemplate
  extends HttpRequest,
    Pick<HttpRule, 'verify' | 'gone' | 'first' | 'permanent' | 'restore' | 'when'> {
  /** How many ids one request takes. @default 50 */
  batch?: number
  /** The place in the answer of the id of a background job: `body.job_id`, `location`, `header.x-job`. */
  job?: string
  /** The request that returns the job's progress: `GET /bulk-operations/{job}`. @default the `Location`, when `job` says so */
  poll?: string
  /** What its answer shows when the job is over: `body.status = completed`. In a list, all after the first mean failure. */
  done?: string | readonly string[]
  /** The place in the answer of what was not removed: a number, or a list of ids, or of `{ id, reason }`. */
  failed?: string
  /** The place in the answer of what was skipped because it did not exist. */
  skipped?: string
}
