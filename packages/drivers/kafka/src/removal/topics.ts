/** Deletes topics by the id that they were created with: a newer topic of the same name is somebody else's. */
import { clock, DustpanError, type RemovalContext, type RemovalOutcome } from '@dustpan/core/driver'
import { topicsDeleted } from '../capture/known-topics.ts'
import { dropTargetTopics } from '../capture/target-topics.ts'
import type { Cluster } from '../wire/cluster.ts'
import { type Metadata, noId } from '../wire/metadata.ts'
import { deleteTopics, type TopicToDelete } from '../wire/topic-deletion.ts'
import { brokerError } from './outcomes.ts'
import type { Outcomes, RemovalTarget } from './remove.ts'
import { isInternal } from './spec.ts'

const unknownTopic = 3
const unknownTopicId = 100

/** Whether the topic is gone according to the controller. */
const isGone = (error: number | undefined): boolean => error === 0 || error === unknownTopicId || error === unknownTopic

interface Due extends RemovalTarget {
  readonly topic: TopicToDelete
}

export async function removeTopics(
  cluster: Cluster,
  wanted: readonly RemovalTarget[],
  outcomes: Outcomes,
  ctx: RemovalContext,
): Promise<void> {
  if (wanted.length === 0) return
  const before = await cluster.metadata(namesOf(wanted), ctx.signal)
  const due: Due[] = []
  for (const one of wanted) {
    const topic = topicToDelete(one, before)
    if (topic) due.push({ ...one, topic })
    else outcomes.set(one.target.id, internal(one.meant.name))
  }
  if (due.length > 0) await deleteAll(cluster, before, due, outcomes, ctx)
}

/**
 * With the recorded id, or the present id of a topic that is recorded by name alone. A broker may not list a new topic
 * yet, but the controller knows it. Undefined: one of Kafka's own topics.
 */
function topicToDelete({ target, meant: { name } }: RemovalTarget, { topics }: Metadata): TopicToDelete | undefined {
  const { incarnation } = target.proof
  const listed = topics.find((topic) => topic.name === name)
  if (listed?.isInternal || (isInternal(name) && incarnation === undefined)) return undefined
  return { name, id: typeof incarnation === 'string' ? incarnation : (listed?.id ?? noId) }
}

async function deleteAll(
  cluster: Cluster,
  before: Metadata,
  due: readonly Due[],
  outcomes: Outcomes,
  ctx: RemovalContext,
): Promise<void> {
  const topics = [...new Map(due.map(({ topic }) => [keyOf(topic), topic])).values()]
  const request = deleteTopics(topics, Math.max(1, Math.min(ctx.deadline - clock.now(), 30_000)))
  dropTargetTopics(topics.map(({ name }) => name))
  const answers = await cluster.sendToBroker(before, before.controller, request, ctx.signal)
  topicsDeleted()
  const errors = new Map(answers.flatMap(({ name, id, error }) => [[name, error] as const, [id, error] as const]))
  const gone = topics.filter((topic) => isGone(errors.get(keyOf(topic))))
  const after = await waitUntilGone(cluster, gone, due, ctx)
  for (const { target, topic } of due) {
    outcomes.set(target.id, outcomeOf(topic, errors.get(keyOf(topic)) ?? -1, after.get(topic.name)))
  }
}

/** Waits until brokers no longer list the topics, since deletion is asynchronous; returns the ids that the names have then. */
async function waitUntilGone(
  cluster: Cluster,
  gone: readonly TopicToDelete[],
  due: readonly Due[],
  { signal, deadline }: RemovalContext,
): Promise<ReadonlyMap<string, string>> {
  const until = Math.min(deadline - 500, clock.now() + maxWaitMs)
  const names = namesOf(due)
  for (let delay = 5; ; delay *= 2) {
    const { topics } = await cluster.metadata(names, signal)
    const ids = new Map(topics.flatMap(({ error, name, id }) => (error === unknownTopic ? [] : [[name, id] as const])))
    const left = gone.some(({ name, id }) => ids.has(name) && (id === noId || ids.get(name) === id))
    if (!left || clock.now() + delay > until) return ids
    await clock.sleep(delay, signal)
  }
}

const maxWaitMs = 10_000

/** @param now the id of the topic that has the name now, if any */
function outcomeOf({ name, id }: TopicToDelete, error: number, now: string | undefined): RemovalOutcome {
  if (!isGone(error)) return brokerError(`Topic ${name}`, error)
  if (now !== undefined && (id === noId || id === now)) return { state: 'pending', why: 'accepted', afterMs: 200 }
  if (error === 0) return { state: 'removed', result: 'deleted' }
  return now === undefined ? { state: 'already-gone' } : recreated(name, id, now)
}

function recreated(name: string, id: string, now: string): RemovalOutcome {
  const message = `The topic ${name} is not the one that the test made: its id is ${now}, and was ${id}.`
  const hint = 'It was deleted and made anew since. If it is test data, delete it by hand, or forget the record.'
  return {
    state: 'refused',
    why: 'not-ours',
    detail: message,
    error: new DustpanError('DUSTPAN_NOT_OURS', message, { hint }),
  }
}

function internal(name: string): RemovalOutcome {
  const message = `${name} is one of Kafka's own topics, which are never deleted.`
  return { state: 'refused', why: 'protected', detail: message, error: new DustpanError('DUSTPAN_PROTECTED', message) }
}

const keyOf = ({ name, id }: { readonly name: string; readonly id: string }): string => (id === noId ? name : id)

const namesOf = (wanted: readonly RemovalTarget[]): readonly string[] => [
  ...new Set(wanted.map(({ meant }) => meant.name)),
]
