/** Options of the built-in HTTP driver: plain data, but for `auth`. */

export interface HttpOptions {
  /**
   * Where requests are looked at: exact origins, or with `*` for a part of the host or for the port (`http://*.shop.test:*`).
   * @default every port of this machine's own addresses
   */
  origins?: readonly string[]
  /** What requests create, where the default rules do not say it; the first that matches counts. */
  rules?: readonly HttpRule[]
  /** Headers that authenticate Dustpan's own requests. Asked again after a 401, or when `expiresAt` has passed. */
  auth?: HttpAuth
  /** Sent with Dustpan's own requests. */
  headers?: Readonly<Record<string, string>>
  /** Connections for removing, at most. @default 32 */
  concurrency?: number
  /** For one of Dustpan's own requests. @default '10s' */
  timeout?: string | number
  /** Off: requests are not looked at; what is tracked by hand is still removed. @default true */
  track?: boolean
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
export interface HttpRequestTemplate {
  /** @default 'DELETE' */
  method?: string
  /** A path in the store; in `track()` also a full URL. Without credentials, like `headers`. */
  url: string
  /** Never for credentials, as removals are written to disk: these belong in `auth`. */
  headers?: Readonly<Record<string, string>>
  /** JSON, or a string that is sent as it is. */
  body?: unknown
}
