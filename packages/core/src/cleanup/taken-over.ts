import type { Driver } from '../resource/driver.ts'
import { keyText, placeText } from '../resource/key-text.ts'
import { isGone, type Resource } from '../resource/resource.ts'
import { isRemovable } from './removable.ts'

/** Undefined: in doubt keys that read the same are one. */
type Drivers = ReadonlyMap<string, Pick<Driver, 'capabilities'>> | undefined

/**
 * Those that are to go and are no more: another thing, recorded since, has their key and stays. A store allows that only when the first is
 * gone, or both records name one thing, which is the other's by now. Their removal would take what stays.
 */
export function takenOver(
  recorded: Iterable<Resource>,
  asked: readonly Resource[],
  drivers: Drivers,
): ReadonlySet<Resource> {
  const going = asked.filter(isRemovable)
  const staying = laterThanSome(going, recorded)
  if (staying.length === 0) return new Set()
  const there = Map.groupBy(staying, (one) => placeOf(one, drivers))
  const isTaken = (one: Resource) =>
    there.get(placeOf(one, drivers))?.some((since) => since.createdAt >= one.createdAt && goesAlike(since, one)) ===
    true
  return new Set(going.filter((one) => isMade(one) && isTaken(one)))
}

/** Mostly none: what stays was there before. */
function laterThanSome(going: readonly Resource[], recorded: Iterable<Resource>): readonly Resource[] {
  const ids = new Set(going.map(({ id }) => id))
  const from = going.reduce((first, { createdAt }) => Math.min(first, createdAt), Number.POSITIVE_INFINITY)
  return [...recorded].filter((one) => one.createdAt >= from && isMade(one) && !isGone(one.state) && !ids.has(one.id))
}

/** What was only changed was there before. */
const isMade = ({ set }: Resource): boolean => set.changed === undefined

const placeOf = ({ set, key }: Resource, drivers: Drivers): string =>
  [set.store.id, set.type, keyText(key, drivers?.get(set.store.driver)?.capabilities.typedKeys)].join('\n')

/** One key may be in several places: `/orders/7/items/1`, `/orders/8/items/1`. Of functions nobody knows what they remove. */
function goesAlike(a: Resource, b: Resource): boolean {
  const [one, other] = [removalOf(a), removalOf(b)]
  return one !== undefined && one === other
}

function removalOf({ set: { steps } }: Resource): string | undefined {
  const [step] = steps
  return step === undefined || 'closure' in step ? undefined : `${step.driver} ${placeText(step)}`
}
