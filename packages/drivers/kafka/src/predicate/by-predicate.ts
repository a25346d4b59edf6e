/** Counts and removes topics that no record names: by their names, which is all that a topic tells of itself. */
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
  sparedIds,
  unfitKind,
} from '@dustpan/core/driver'
import type { Wanted } from '../removal/remove.ts'
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
  const most = agreed.get(kind.type)
  if (most === undefined) return matchesOf(undefined)
  const { topics, answer } = await find(cluster, selection, ctx)
  if (!topics) return matchesOf(answer)
  if (topics.length > most) return matchesOf(moreThanAgreed(kind, most))
  const outcomes = new Map<ResourceId, RemovalOutcome>()
  await removeTopics(cluster, topics.map(wantedTopic), outcomes, ctx)
  return matchesOf(matchedOf(kind, [...outcomes.values()]))
}

const matchesOf = (found: Matched | undefined): Matches => ({ kinds: found ? [found] : [], excepted: [] })

/** Topics, or what is said instead; neither: topics are not meant. */
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
  const [lacking] = [...Object.keys(others), ...Object.keys(where).filter((field) => field !== 'topic')]
  if (lacking !== undefined) return isNamed ? { answer: unfit(lacking) } : {}
  if (namesKind(spared.types, [kind.type])) return { answer: { ...kind, count: 0, error: stays() } }
  const holds = [where.topic === undefined ? all : like(where.topic), run === undefined ? all : ofRun(run)]
  const kept = new Set(sparedIds([kind.type], spared).map(String))
  const isMeant = ({ name, isInternal: isOwn, error }: TopicMetadata) =>
    error === 0 && !isOwn && !isInternal(name) && !kept.has(name) && holds.every((one) => one(name))
  return { topics: (await cluster.metadata(null, signal)).topics.filter(isMeant) }
}

const all = () => true

/** `%` stands for any text. */
function like(pattern: Json): (name: string) => boolean {
  const parts = String(pattern)
    .split('%')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const expression = new RegExp(`^${parts.join('.*')}$`, 's')
  return (name) => expression.test(name)
}

/** As topicName() and scope().unique() make them: `test-orders-<the run's random part>-…`. */
function ofRun(run: string): (name: string) => boolean {
  const part = `-${run.split('-').at(-1)}-`
  return (name) => name.startsWith('test-') && name.includes(part)
}

function unfit(lacking: string): Matched {
  return { ...kind, count: 0, error: unfitKind(kind.type, `a topic tells its name, and nothing of ${lacking}`) }
}

function stays(): DustpanError {
  return new DustpanError('DUSTPAN_PROTECTED', 'Topics stay: the setting protect.types names them.', {
    hint: 'If tests may delete them, take it out of protect.types.',
  })
}

function wantedTopic({ name, id }: TopicMetadata): Wanted {
  const proof = { strength: 'incarnation', incarnation: id } as const
  const target = { id: name, type: kind.type, key: name, removal: deleteTopicRemoval, proof, createdAt: 0 }
  return { target, meant: { op: 'delete-topic', name, key: '' } }
}
