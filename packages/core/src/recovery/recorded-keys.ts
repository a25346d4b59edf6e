/** Which resources in a store are on record, so that a search by run mark does not record them again. */
import type { Driver } from '../resource/driver.ts'
import { isDifferentPlace, keyText } from '../resource/key-text.ts'
import { isGone, type Json, type Removal, type Resource, type StoreRef } from '../resource/resource.ts'
import { namesKind } from '../resource/same-kind.ts'

/** `by`: the removal. */
export type IsRecorded = (store: StoreRef, type: string, key: Json, by?: Removal) => boolean

/** True in doubt: for records of another kind of store, records by hand, and forgotten ones. */
export function recordedKeys(resources: Iterable<Resource>, drivers: ReadonlyMap<string, Driver>): IsRecorded {
  const byKey = Map.groupBy(resources, ({ key }) => keyText(key))
  return (store, type, key, by) => {
    const isTyped = drivers.get(store.driver)?.capabilities.typedKeys === true
    const isOther = ({ key: recordedKey, set }: Resource) =>
      isTyped &&
      set.store.id === store.id &&
      (keyText(recordedKey, true) !== keyText(key, true) || isDifferentPlace(set.steps[0], by))
    const alike = byKey.get(keyText(key)) ?? []
    return alike.some((one) => !isOther(one) && !isFree(one, store) && mayBe(one, store, type, drivers))
  }
}

/** A hard delete frees the key for a new resource. */
function isFree({ state, set }: Resource, store: StoreRef): boolean {
  const [step] = set.steps
  const deletes = step !== undefined && 'op' in step && (step.op === 'delete-row' || step.op === 'delete-document')
  return isGone(state) && set.store.id === store.id && deletes
}

function mayBe({ set }: Resource, store: StoreRef, type: string, drivers: ReadonlyMap<string, Driver>): boolean {
  const kinds = set.steps.map((step) => ('op' in step ? drivers.get(step.driver)?.typeOf?.(step) : undefined))
  const isUnclear = set.store.id === store.id && kinds.includes(undefined)
  return isUnclear || namesKind([set.type, ...kinds.filter((kind) => kind !== undefined)], [type])
}
