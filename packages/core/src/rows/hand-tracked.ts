import { invalidArgument } from '../errors/dustpan-error.ts'

/** A driver's words for its stores. */
export interface StoreWords {
  readonly driver: string
  /** The configuration function that creates the driver: `postgres`. */
  readonly maker: string
  /** `database` */
  readonly place: string
  /** What a store contains: `row`. */
  readonly thing: string
  /** The environment variable that may hold its URL. */
  readonly variable: string
}

/**
 * The store of a resource tracked by hand: as captured, if that says more than the URL.
 * @param captured ids of the captured stores that may be meant
 * @throws TypeError without a URL, unless exactly one store was captured
 */
export function handTracked(
  captured: readonly string[],
  url: string | undefined,
  { driver, maker, place, thing, variable }: StoreWords,
): string {
  const [only, another] = captured
  if (only !== undefined && another === undefined) return only
  if (url !== undefined) return url
  const found = only === undefined ? 'no client was captured' : `several ${place}s were captured`
  throw invalidArgument(
    `'${driver}' has no url, and ${found}, so the ${place} of the ${thing} is not known`,
    `Name it: ${maker}({ name: '${driver}', url: env('${variable}') })`,
  )
}
