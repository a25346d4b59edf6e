import { invalidArgument } from '../errors/dustpan-error.ts'

/** What a driver calls its stores. */
export interface StoreWords {
  readonly driver: string
  /** What the configuration calls to make the driver: `postgres`. */
  readonly maker: string
  /** `database` */
  readonly place: string
  /** What it holds: `row`. */
  readonly thing: string
  /** The variable that may hold its URL. */
  readonly variable: string
}

/**
 * The store of what is tracked by hand: as it was captured, where that says more than the URL.
 * @param captured those of the stores that can be meant
 * @throws TypeError without a URL, unless one can be meant alone
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
