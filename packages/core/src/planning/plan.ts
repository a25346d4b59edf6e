/** Plans the order of removal: pure and printable, without asking any store. */
import type { CleanupSettings } from '../config/settings.ts'
import type { Resource, ResourceId, ResourceSet } from '../resource/resource.ts'

/** Resources removed by one call to a driver. */
export interface PlannedUnit {
  readonly driver: string
  readonly store: string
  readonly type: string
  readonly resources: readonly Resource[]
}

export interface CleanupPlan {
  /** In order of removal. */
  readonly units: readonly PlannedUnit[]
}

/** Relations that stores reported for their own resources: see `Relations`. */
export interface KnownRelations {
  /** By removal steps: the resources of a store that are removed in one statement. */
  readonly group: ReadonlyMap<ResourceSet['steps'], string>
  /** Between groups: the child is removed first. */
  readonly edges: readonly (readonly [child: string, parent: string])[]
}

interface Node {
  readonly resources: Resource[]
  readonly group: string | undefined
  /** Nodes to remove first. */
  readonly before: Set<Node>
  /** The nodes in `before` that the user named (`dependsOn`, `children`): the store does not know these dependencies. */
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

/** A row from a log may belong to a resource created by a request: the application removes that first, and with it perhaps the row. */
const afterTheFact = ({ set }: Resource): number => Number(set.origin === 'collected')

/** Nodes in the preferred order; a group takes the place of its most preferred member. */
function nodesOf(resources: readonly Resource[], { group }: KnownRelations) {
  const nodes: Node[] = []
  const nodeOf = new Map<ResourceId, Node>()
  const hasDependsOn = resources.some(({ set }) => set.dependsOn !== undefined)
  const groups = new Map<string, Node>()
  let set: ResourceSet | undefined
  let name: string | undefined
  for (const resource of resources) {
    if (resource.set !== set) {
      set = resource.set
      name = group.get(set.steps)
    }
    let node = name === undefined ? sameKind(nodes.at(-1), resource, hasDependsOn) : groups.get(name)
    if (!node) {
      node = { resources: [], group: name, before: new Set(), named: new Set() }
      nodes.push(node)
      if (name !== undefined) groups.set(name, node)
    }
    node.resources.push(resource)
    if (hasDependsOn) nodeOf.set(resource.id, node)
  }
  return { nodes, nodeOf, groups }
}

/** Adjacent resources of one kind share a node if the user named no order: cheaper than a node for each, and one call removes them all. */
function sameKind(last: Node | undefined, { set }: Resource, hasDependsOn: boolean): Node | undefined {
  if (hasDependsOn || !last || last.group !== undefined) return undefined
  const other = (last.resources[0] as Resource).set
  const { driver, id } = set.store
  return other.type === set.type && other.store.driver === driver && other.store.id === id ? last : undefined
}

function link(child: Node | undefined, parent: Node | undefined, how?: 'named'): void {
  if (!child || !parent || child === parent) return
  parent.before.add(child)
  if (how === 'named') parent.named.add(child)
}

/** Depth first, without recursion: chains may be long. A cycle is broken where it is found. */
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
 * Merges adjacent nodes that one call can remove: groups of one store, whose driver knows their order and removes them in one transaction,
 * unless the user named an order; otherwise resources of one kind that do not depend on each other.
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
