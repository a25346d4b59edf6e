/** In which order things are removed: pure, printable, made without asking any store. */
import type { CleanupSettings } from '../config/settings.ts'
import type { Resource, ResourceId, ResourceSet } from '../resource/resource.ts'

/** Things that are removed by one call to a driver. */
export interface PlannedUnit {
  readonly driver: string
  readonly store: string
  readonly type: string
  readonly resources: readonly Resource[]
}

export interface CleanupPlan {
  /** One after the other. */
  readonly units: readonly PlannedUnit[]
}

/** What a store said of its own things: see `Relations`. */
export interface KnownRelations {
  /** By what removes it: which others of its store go with it in one statement. */
  readonly group: ReadonlyMap<ResourceSet['steps'], string>
  /** Between groups: the child goes first. */
  readonly edges: readonly (readonly [child: string, parent: string])[]
}

interface Node {
  readonly resources: Resource[]
  readonly group: string | undefined
  /** Nodes that must go before. */
  readonly before: Set<Node>
  /** Of these, the ones that the user named (`dependsOn`, `children`), of which the store knows nothing. */
  readonly named: Set<Node>
}

export function planCleanup(
  resources: readonly Resource[],
  relations: KnownRelations,
  order: CleanupSettings['order'],
): CleanupPlan {
  const preferred = [...resources].sort(preference(order))
  const { nodes, nodeOf, groups } = nodesOf(preferred, relations)
  for (const [child, parent] of relations.edges) link(groups.get(child), groups.get(parent))
  for (const resource of preferred) {
    for (const parent of resource.set.dependsOn ?? []) link(nodeOf.get(resource.id), nodeOf.get(parent), 'named')
  }
  return { units: unitsOf(childrenFirst(nodes)) }
}

function preference(order: CleanupSettings['order']): (a: Resource, b: Resource) => number {
  if (order === 'forward') return (a, b) => a.order - b.order
  const rank = (resource: Resource) => {
    const at = typeof order === 'string' ? -1 : order.indexOf(resource.set.type)
    return at < 0 ? Number.POSITIVE_INFINITY : at
  }
  const last = (a: Resource, b: Resource) => afterTheFact(a) - afterTheFact(b) || b.order - a.order
  return typeof order === 'string' ? last : (a, b) => (rank(a) === rank(b) ? last(a, b) : rank(a) - rank(b))
}

/** A row found in a log may be what a request has created: that is undone by the application first, and the row goes if it is still there. */
const afterTheFact = ({ set }: Resource): number => Number(set.origin === 'collected')

/** Nodes in the preferred order; a group stands where its most preferred member stands. */
function nodesOf(resources: readonly Resource[], { group }: KnownRelations) {
  const nodes: Node[] = []
  const nodeOf = new Map<ResourceId, Node>()
  const isAsked = resources.some(({ set }) => set.dependsOn !== undefined)
  const groups = new Map<string, Node>()
  let set: ResourceSet | undefined
  let name: string | undefined
  for (const resource of resources) {
    if (resource.set !== set) {
      set = resource.set
      name = group.get(set.steps)
    }
    let node = name === undefined ? alike(nodes.at(-1), resource, isAsked) : groups.get(name)
    if (!node) {
      node = { resources: [], group: name, before: new Set(), named: new Set() }
      nodes.push(node)
      if (name !== undefined) groups.set(name, node)
    }
    node.resources.push(resource)
    if (isAsked) nodeOf.set(resource.id, node)
  }
  return { nodes, nodeOf, groups }
}

/** Neighbours of one kind go in one call, where nobody named an order: one node for all of them costs less than one for each. */
function alike(last: Node | undefined, { set }: Resource, isAsked: boolean): Node | undefined {
  if (isAsked || !last || last.group !== undefined) return undefined
  const other = (last.resources[0] as Resource).set
  const { driver, id } = set.store
  return other.type === set.type && other.store.driver === driver && other.store.id === id ? last : undefined
}

function link(child: Node | undefined, parent: Node | undefined, how?: 'named'): void {
  if (!child || !parent || child === parent) return
  parent.before.add(child)
  if (how === 'named') parent.named.add(child)
}

/** Depth first, without recursion: chains may be long. A cycle is cut where it is met. */
function childrenFirst(nodes: readonly Node[]): readonly Node[] {
  const sorted: Node[] = []
  const seen = new Set<Node>()
  for (const start of nodes) {
    if (seen.has(start)) continue
    seen.add(start)
    const stack = [{ node: start, rest: start.before.values() }]
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.rest.next()
      if (next.done) {
        sorted.push(top.node)
        stack.pop()
      } else if (!seen.has(next.value)) {
        seen.add(next.value)
        stack.push({ node: next.value, rest: next.value.before.values() })
      }
    }
  }
  return sorted
}

/**
 * Neighbours that go in one call: groups of one store, whose driver knows their order and can remove them in one transaction, unless the
 * user named an order; else things of one kind that do not wait for each other.
 */
function unitsOf(nodes: readonly Node[]): readonly PlannedUnit[] {
  const units: OpenUnit[] = []
  for (const node of nodes) {
    const last = units.at(-1)
    if (last && joins(node, last)) {
      last.resources.push(...node.resources)
      last.nodes.add(node)
      continue
    }
    const { store, type } = (node.resources[0] as Resource).set
    units.push({
      driver: store.driver,
      store: store.id,
      type,
      resources: [...node.resources],
      nodes: new Set([node]),
      isGrouped: node.group !== undefined,
    })
  }
  return units.map(({ nodes: _nodes, isGrouped: _isGrouped, ...unit }) => unit)
}

interface OpenUnit extends PlannedUnit {
  readonly resources: Resource[]
  readonly nodes: Set<Node>
  readonly isGrouped: boolean
}

function joins(
  { resources, group, before, named }: Node,
  { driver, store, type, nodes, isGrouped }: OpenUnit,
): boolean {
  const { set } = resources[0] as Resource
  if (driver !== set.store.driver || store !== set.store.id || isGrouped !== (group !== undefined)) return false
  return isGrouped ? named.isDisjointFrom(nodes) : type === set.type && before.isDisjointFrom(nodes)
}
