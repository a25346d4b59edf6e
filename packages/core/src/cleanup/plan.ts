/** In which order things are removed: pure, printable, made without asking any store. */
import type { CleanupSettings } from '../config/settings.ts'
import type { Resource, ResourceId } from '../resource/resource.ts'

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
  /** By resource: which others of its store go with it in one statement. */
  readonly group: ReadonlyMap<ResourceId, string>
  /** Between groups: the child goes first. */
  readonly edges: readonly (readonly [child: string, parent: string])[]
}

interface Node {
  readonly resources: Resource[]
  readonly group: string | undefined
  /** Nodes that must go before. */
  readonly before: Set<Node>
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
    for (const parent of resource.set.dependsOn ?? []) link(nodeOf.get(resource.id), nodeOf.get(parent))
  }
  return { units: unitsOf(childrenFirst(nodes)) }
}

function preference(order: CleanupSettings['order']): (a: Resource, b: Resource) => number {
  if (order === 'forward') return (a, b) => a.order - b.order
  const rank = (resource: Resource) => {
    const at = typeof order === 'string' ? -1 : order.indexOf(resource.set.type)
    return at < 0 ? Number.POSITIVE_INFINITY : at
  }
  const last = (a: Resource, b: Resource) => b.order - a.order
  return typeof order === 'string' ? last : (a, b) => (rank(a) === rank(b) ? last(a, b) : rank(a) - rank(b))
}

/** Nodes in the preferred order; a group stands where its most preferred member stands. */
function nodesOf(resources: readonly Resource[], { group }: KnownRelations) {
  const nodes: Node[] = []
  const nodeOf = new Map<ResourceId, Node>()
  const isAsked = resources.some(({ set }) => set.dependsOn !== undefined)
  const groups = new Map<string, Node>()
  for (const resource of resources) {
    const name = group.get(resource.id)
    let node = name === undefined ? undefined : groups.get(name)
    if (!node) {
      node = { resources: [], group: name, before: new Set() }
      nodes.push(node)
      if (name !== undefined) groups.set(name, node)
    }
    node.resources.push(resource)
    if (isAsked) nodeOf.set(resource.id, node)
  }
  return { nodes, nodeOf, groups }
}

function link(child: Node | undefined, parent: Node | undefined): void {
  if (child && parent && child !== parent) parent.before.add(child)
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

/** Neighbours of one kind that do not wait for each other are one unit. */
function unitsOf(nodes: readonly Node[]): readonly PlannedUnit[] {
  const units: { unit: PlannedUnit & { resources: Resource[] }; nodes: Set<Node>; group: string | undefined }[] = []
  for (const node of nodes) {
    const [first] = node.resources as [Resource]
    const last = units.at(-1)
    const joins =
      last &&
      node.group === undefined &&
      last.group === undefined &&
      sameKind(last.unit, first) &&
      !waitsFor(node, last.nodes)
    if (joins) {
      last.unit.resources.push(...node.resources)
      last.nodes.add(node)
      continue
    }
    const { set } = first
    const unit = { driver: set.store.driver, store: set.store.id, type: set.type, resources: [...node.resources] }
    units.push({ unit, nodes: new Set([node]), group: node.group })
  }
  return units.map(({ unit }) => unit)
}

const sameKind = (unit: PlannedUnit, { set }: Resource): boolean =>
  unit.driver === set.store.driver && unit.store === set.store.id && unit.type === set.type

const waitsFor = (node: Node, others: ReadonlySet<Node>): boolean => !node.before.isDisjointFrom(others)
