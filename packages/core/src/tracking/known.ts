/** An index of the resources that this process recorded, by store, type and key. */
import { isDifferentPlace, keyText } from '../resource/key-text.ts'
import { isGone, type Json, type RemovalStep, type Resource } from '../resource/resource.ts'
import { byAddress, type Identify } from '../resource/store-identity.ts'

export interface KnownResources {
  /** Whether anything was captured; if not, tracking by hand needs no lookup. */
  readonly hasCaptured: boolean
  add(resources: readonly Resource[]): void
  /** `by`: the removal, if the key alone is ambiguous. */
  find(store: string, type: string, key: Json, by?: RemovalStep): Resource | undefined
  /** The last resource whose key has the same text, even with another JSON type: a key given by hand may mean that one. */
  alike(store: string, type: string, key: Json): Resource | undefined
  /** All resources with this key, in any store and of any type. */
  everywhere(key: Json): readonly Resource[]
  /** All resources of a type in a store. */
  all(store: string, type: string): Resource[]
  /** All existing resources in a store of a listed driver, including several records of one resource. */
  inStore(store: string): readonly Resource[]
  /** Drops resources that are gone. */
  dropFinished(): void
}

/** Resources by the text of their key; several if they differ by JSON type or place. */
type ByText = Map<string, readonly Resource[]>

/**
 * Indexes resources only on the first query: most are never looked up. `isTyped`: whether 7 and '7' are different keys in a store. `identify`:
 * maps all addresses of a store to one identity. `isListed`: drivers whose resources are also looked up by store alone.
 */
export function newKnownResources(
  isTyped: (store: string) => boolean,
  identify: Identify = byAddress,
  isListed: (driver: string) => boolean = () => false,
): KnownResources {
  const byType = new Map<string, ByText>()
  let listed: Resource[] = []
  let fresh: (readonly Resource[])[] = []
  let hasCaptured = false
  const placeOf = (store: string, type: string) => `${identify(store)}\n${type}`
  const sorted = () => {
    for (const resources of fresh)
      for (const resource of resources) {
        const { set } = resource
        if (!set.changed) addTo(byType, placeOf(set.store.id, set.type), resource, isTyped)
      }
    fresh = []
    return byType
  }
  const ofType = (store: string, type: string) => sorted().get(placeOf(store, type))
  const withText = (store: string, type: string, key: Json) => ofType(store, type)?.get(keyText(key))
  return {
    get hasCaptured() {
      return hasCaptured
    },
    add(resources) {
      fresh.push(resources)
      for (const one of resources) if (isListed(one.set.store.driver)) listed.push(one)
      hasCaptured ||= resources[0]?.set.origin !== 'tracked'
    },
    find: (store, type, key, by) =>
      withText(store, type, key)?.findLast((one) => !isTyped(store) || isSame(one, key, by)),
    everywhere: (key) => [...sorted().values()].flatMap((texts) => texts.get(keyText(key)) ?? []),
    alike: (store, type, key) => withText(store, type, key)?.at(-1),
    inStore(store) {
      listed = listed.filter(isThere)
      return listed.filter(({ set }) => set.store.id === store)
    },
    dropFinished() {
      listed = listed.filter(isThere)
      fresh = fresh.map((resources) => resources.filter(isThere)).filter(({ length }) => length > 0)
      for (const texts of byType.values())
        for (const [text, all] of texts) setOrDelete(texts, text, all.filter(isThere))
    },
    all: (store, type) => [...(ofType(store, type)?.values() ?? [])].flat(),
  }
}

const isThere = ({ state }: Resource): boolean => !isGone(state)

function setOrDelete(texts: ByText, text: string, left: readonly Resource[]): void {
  if (left.length === 0) texts.delete(text)
  else texts.set(text, left)
}

function addTo(
  byType: Map<string, ByText>,
  place: string,
  resource: Resource,
  isTyped: (store: string) => boolean,
): void {
  const { set, key } = resource
  const texts = byType.get(place) ?? new Map()
  byType.set(place, texts)
  const text = keyText(key)
  const before = isTyped(set.store.id) ? (texts.get(text) ?? []) : []
  const others = before.filter((one: Resource) => !isSame(one, key, set.steps[0]))
  texts.set(text, [...others, resource])
}

function isSame({ key: recordedKey, set }: Resource, key: Json, by: RemovalStep | undefined): boolean {
  return keyText(recordedKey, true) === keyText(key, true) && !isDifferentPlace(set.steps[0], by)
}
