import { invalidArgument } from '../errors/dustpan-error.ts'

/** A driver's words for its stores. */
export interface StoreWords {
  readonly driver: string
  /** The configuration function that creates the driver: `postgres`. */
  readonly factory: string
  /** `database` */
  readonly store: string
  /** What a store contains: `row`. */
  readonly resource: string
  /** The environment variable that may hold its URL. */
  readonly variable: string
}

/**
 * The store of a resource tracked by hand: as captured, if that says more than the URL.
 * @param captured ids of the captured stores that may be meant
 * @throws TypeError without a URL, unless exactly one store was captured
 */
export function storeOfHandTracked(
  captured: readonly string[],
  url: string | undefined,
  { driver, factory, store, resource, variable }: StoreWords,
): string {
  const [only, another] = captured
  if (only !== undefined && another === undefined) return only
  if (url !== undefined) return url
  const found = only === undefined ? 'no client was captured' : `several ${store}s were captured`
  throw invalidArgument(
    `'${driver}' has no url, and ${found}, so the ${store} of the ${resource} is not known`,
    `Name it: ${factory}({ name: '${driver}', url: env('${variable}') })`,
  )
}
