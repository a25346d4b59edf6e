/** Counts and removes topics by predicate, without records; a predicate can only use a topic's name. */
import {
  type Agreed,
  DustpanError,
  type Json,
  type Matched,
  type Matches,
  matchedOf,
  moreThanAgreed,
  namesKind,
  type RemovalContext,
  type RemovalOutcome,
  type ResourceId,
  type Selection,
} from '@dustpan/core/driver'
import { sparedIds, unfitKind } from '@dustpan/core/rows'
import type { RemovalTarget } from '../removal/remove.ts'
import { deleteTopicRemoval, isInternal } from '../removal/spec.ts'
import { removeTopics } from '../removal/topics.ts'
import type { Cluster } from '../wire/cluster.ts'
import type { TopicMetadata } from '../wire/metadata.ts'

const kind = { type: 'topic', method: 'hard' } as const
const samples = 3

export async function countTopics(cluster: Cluster, selection: Selection, ctx: RemovalContext): Promise<Matches> {
  const { topics, answer } = await find(cluster, selection, ctx)
  if (!topics) return matchesOf(answer)
  const sample = topics.slice(0, samples).map(({ name }) => name)
  return matchesOf({ ...kind, count: topics.length, sample })
}

export async function removeTopicsWhere(
  cluster: Cluster,
  selection: Selection,
  agreed: Agreed,
  ctx: RemovalContext,
): Promise<Matches> {
  const limit = agreed.get(kind.type)
  if (limit === undefined) return matchesOf(undefined)
  const { topics, answer } = await find(cluster, selection, ctx)
  if (!topics) return matchesOf(answer)
  if (topics.length > limit) return matchesOf(moreThanAgreed(kind, limit))
  const outcomes = new Map<ResourceId, RemovalOutcome>()
  await removeTopics(cluster, topics.map(topicTarget), outcomes, ctx)
  return matchesOf(matchedOf(kind, [...outcomes.values()]))
}

const matchesOf = (found: Matched | undefined): Matches => ({ kinds: found ? [found] : [], excepted: [] })

/** The topics, or a result to return instead; neither: the predicate does not select topics. */
interface Found {
  readonly topics?: readonly TopicMetadata[]
  readonly answer?: Matched
}

async function find(cluster: Cluster, selection: Selection, { signal }: RemovalContext): Promise<Found> {
  const { predicate, spared } = selection
  const { types, except = [], run, where = {}, reset, ...others } = predicate
  const isNamed = types?.some((type) => namesKind([type], [kind.type])) ?? false
  if (types ? !isNamed : reset) return {}
  if (namesKind(except, [kind.type])) return {}
  const [unsupported] = [...Object.keys(others), ...Object.keys(where).filter((field) => field !== 'topic')]
  if (unsupported !== undefined) return isNamed ? { answer: unfit(unsupported) } : {}
  if (namesKind(spared.types, [kind.type])) return { answer: { ...kind, count: 0, error: protectedTopics() } }
  const conditions = [where.topic === undefined ? all : like(where.topic), run === undefined ? all : ofRun(run)]
  const kept = new Set(sparedIds([kind.type], spared).map(String))
  const matches = ({ name, isInternal: isOwn, error }: TopicMetadata) =>
    error === 0 && !isOwn && !isInternal(name) && !kept.has(name) && conditions.every((holds) => holds(name))
  return { topics: (await cluster.metadata(null, signal)).topics.filter(matches) }
}

const all = () => true

/** `%` matches any text. */
function like(pattern: Json): (name: string) => boolean {
  const parts = String(pattern)
    .split('%')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const expression = new RegExp(`^${parts.join('.*')}$`, 's')
  return (name) => expression.test(name)
}

/** For names from topicName() and scope().unique(): `test-orders-<the run's random part>-…`. */
function ofRun(run: string): (name: string) => boolean {
  const part = `-${run.split('-').at(-1)}-`
  return (name) => name.startsWith('test-') && name.includes(part)
}

function unfit(field: string): Matched {
  return { ...kind, count: 0, error: unfitKind(kind.type, `a topic tells its name, and nothing of ${field}`) }
}

function protectedTopics(): DustpanError {
  return new DustpanError('DUSTPAN_PROTECTED', 'Topics stay: the setting protect.types names them.', {
    hint: 'If tests may delete them, take it out of protect.types.',
  })
}

function topicTarget({ name, id }: TopicMetadata): RemovalTarget {
  const proof = { strength: 'incarnation', incarnation: id } as const
  const target = { id: name, type: kind.type, key: name, removal: deleteTopicRemoval, proof, createdAt: 0 }
  return { target, meant: { op: 'delete-topic', name, key: '' } }
}
