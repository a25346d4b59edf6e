/** Finds what this process recorded by where it lives, what it is, and its key. */
import { goApart, keyText } from '../resource/key-text.ts'
import { isGone, type Json, type RemovalStep, type Resource } from '../resource/resource.ts'
import { byAddress, type Identify } from '../resource/store-identity.ts'

export interface KnownResources {
  /** Whether anything was captured; what is tracked by hand need not look otherwise. */
  readonly hasCaptured: boolean
  add(resources: readonly Resource[]): void
  /** `by`: how it is removed, where the key alone does not tell it from others. */
  find(store: string, type: string, key: Json, by?: RemovalStep): Resource | undefined
  /** The last one whose key reads the same, also where it is of another type: who writes it by hand may mean that. */
  alike(store: string, type: string, key: Json): Resource | undefined
  /** All that have the key, whatever they are. */
  everywhere(key: Json): readonly Resource[]
  /** All of a type in a store. */
  all(store: string, type: string): Resource[]
  /** All that is there in a store of a driver that is listed, also where several records name one thing. */
  inStore(store: string): readonly Resource[]
  /** What is gone need not be found again. */
  dropFinished(): void
}

/** Those whose keys read the same, each for a thing of its own. */
type ByText = Map<string, readonly Resource[]>

/**
 * Sorted in only when somebody asks: most things are never looked for. `isTyped`: a store in which 7 and '7' are two keys. `identify`: what a
 * store is, by whatever address. `isListed`: drivers whose things are also looked for by their store alone.
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
        if (!set.changed) sortIn(byType, placeOf(set.store.id, set.type), resource, isTyped)
      }
    fresh = []
    return byType
  }
  const ofType = (store: string, type: string) => sorted().get(placeOf(store, type))
  const reading = (store: string, type: string, key: Json) => ofType(store, type)?.get(keyText(key))
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
      reading(store, type, key)?.findLast((one) => !isTyped(store) || isSame(one, key, by)),
    everywhere: (key) => [...sorted().values()].flatMap((texts) => texts.get(keyText(key)) ?? []),
    alike: (store, type, key) => reading(store, type, key)?.at(-1),
    inStore(store) {
      listed = listed.filter(isThere)
      return listed.filter(({ set }) => set.store.id === store)
    },
    dropFinished() {
      listed = listed.filter(isThere)
      fresh = fresh.map((resources) => resources.filter(isThere)).filter(({ length }) => length > 0)
      for (const texts of byType.values()) for (const [text, all] of texts) keepIn(texts, text, all.filter(isThere))
    },
    all: (store, type) => [...(ofType(store, type)?.values() ?? [])].flat(),
  }
}

const isThere = ({ state }: Resource): boolean => !isGone(state)

function keepIn(texts: ByText, text: string, left: readonly Resource[]): void {
  if (left.length === 0) texts.delete(text)
  else texts.set(text, left)
}

function sortIn(
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

function isSame({ key: its, set }: Resource, key: Json, by: RemovalStep | undefined): boolean {
  return keyText(its, true) === keyText(key, true) && !goApart(set.steps[0], by)
}
