import type { Driver } from '../resource/driver.ts'
import { keyText, placeText } from '../resource/key-text.ts'
import { isGone, type Resource } from '../resource/resource.ts'
import { isRemovable } from './removable.ts'

/** Undefined: in doubt, keys with the same text are the same key. */
type Drivers = ReadonlyMap<string, Pick<Driver, 'capabilities'>> | undefined

/**
 * Due resources that no longer exist: a resource recorded later has the same key, and stays. A store allows that only if the first one is
 * gone, or both records name one resource, which now belongs to the later record. Removing the first would remove the one that stays.
 */
export function takenOver(
  recorded: Iterable<Resource>,
  resources: readonly Resource[],
  drivers: Drivers,
): ReadonlySet<Resource> {
  const due = resources.filter(isRemovable)
  const staying = recordedSince(due, recorded)
  if (staying.length === 0) return new Set()
  const byPlace = Map.groupBy(staying, (one) => placeOf(one, drivers))
  const isTaken = (one: Resource) =>
    byPlace
      .get(placeOf(one, drivers))
      ?.some((later) => later.createdAt >= one.createdAt && isRemovedAlike(later, one)) === true
  return new Set(due.filter((one) => isCreated(one) && isTaken(one)))
}

/** Usually none: most resources that stay are older. */
function recordedSince(due: readonly Resource[], recorded: Iterable<Resource>): readonly Resource[] {
  const ids = new Set(due.map(({ id }) => id))
  const from = due.reduce((first, { createdAt }) => Math.min(first, createdAt), Number.POSITIVE_INFINITY)
  return [...recorded].filter(
    (one) => one.createdAt >= from && isCreated(one) && !isGone(one.state) && !ids.has(one.id),
  )
}

/** False for rows that were only changed: they existed before. */
const isCreated = ({ set }: Resource): boolean => set.changed === undefined

const placeOf = ({ set, key }: Resource, drivers: Drivers): string =>
  [set.store.id, set.type, keyText(key, drivers?.get(set.store.driver)?.capabilities.typedKeys)].join('\n')

/** One key may exist in several places: `/orders/7/items/1`, `/orders/8/items/1`. What a function removes is unknown. */
function isRemovedAlike(a: Resource, b: Resource): boolean {
  const [one, other] = [removalOf(a), removalOf(b)]
  return one !== undefined && one === other
}

function removalOf({ set: { steps } }: Resource): string | undefined {
  const [step] = steps
  return step === undefined || 'closure' in step ? undefined : `${step.driver} ${placeText(step)}`
}
