/** Removes files and folders: deepest first, and nothing that tests did not create. */
import type { BigIntStats } from 'node:fs'
import { lstat, rm } from 'node:fs/promises'
import { dirname, sep } from 'node:path'
import { clock } from '../clock/clock.ts'
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import type { RemovalContext } from '../resource/connection.ts'
import type { ResourceId } from '../resource/resource.ts'
import type { RemovalOutcome, Target } from '../resource/target.ts'
import { runStart } from '../tracking/run-id.ts'
import { bornBy, isOlder, olderIn, tickMs } from './age.ts'
import { isFromLowerLayer, isOverlay } from './file-system.ts'
import { incarnationIn, statAt } from './incarnation.ts'
import { missing } from './missing.ts'
import { argsOf, bornOf, type FileClock, namedPath, placeOf } from './path-args.ts'
import { protectedBy } from './protected-paths.ts'

export async function removePaths(
  targets: readonly Target[],
  { root, removed }: Removing,
  ctx: Pick<RemovalContext, 'run' | 'warn'>,
): Promise<ReadonlyMap<ResourceId, RemovalOutcome>> {
  const outcomes = new Map<ResourceId, RemovalOutcome>()
  const places = targets.map((target): Placed => ({ target, path: placeOf(target, root) }))
  const notThere: Placed[] = []
  // A link is removed after paths that lead through it, a folder after tracked paths inside it.
  for (const level of byDepth(places)) {
    const answers = await Promise.all(level.map(({ target, path }) => removeOne(target, path, root, ctx)))
    for (const [i, placed] of level.entries()) {
      const outcome = answers[i]
      if (outcome) outcomes.set(placed.target.id, outcome)
      else notThere.push(placed)
      if (outcome?.state === 'removed' && placed.target.removal.op === 'folder') removed.add(placed.path)
    }
  }
  // Paths that were missing can only be judged now.
  for (const [id, outcome] of missing(notThere, removed, ctx)) outcomes.set(id, outcome)
  return outcomes
}

export interface Removing {
  /** Folder of the configuration. */
  readonly root: string
  /** Folders removed so far. */
  readonly removed: Set<string>
}

export interface Placed {
  readonly target: Target
  readonly path: string
}

function byDepth(places: readonly Placed[]): readonly (readonly Placed[])[] {
  const levels = Map.groupBy(places, ({ path }) => path.split(sep).length)
  return [...levels].sort(([a], [b]) => b - a).map(([, level]) => level)
}

/** Undefined: the path does not exist. */
async function removeOne(
  target: Target,
  path: string,
  root: string,
  { run }: Pick<RemovalContext, 'run'>,
): Promise<RemovalOutcome | undefined> {
  const reason = protectedBy(path, root)
  if (reason !== undefined) return notOurs(path, `it is ${reason}`)
  const isFolder = target.removal.op === 'folder'
  try {
    const found = statAt(path) ?? (await seenAgain(target, path))
    if (!found) return undefined
    const fileClock = argsOf(target).fileClock ?? { since: runStart(run)?.from ?? 0, aheadMs: 0 }
    const why = foreignReason(target, path, found, fileClock)
    if (why !== undefined) return notOurs(path, why)
    const older = isFolder && found.isDirectory() ? await olderIn(path, fileClock.since) : undefined
    if (older !== undefined) return notOurs(path, `${older} was there before this run began`)
    await rm(path, { recursive: isFolder, force: false })
    return { state: 'removed', result: isFolder ? '1 folder' : '1 file' }
  } catch (cause) {
    return {
      state: 'failed',
      error: failure(path, cause),
      retry: (cause as NodeJS.ErrnoException).code === 'EBUSY' ? {} : false,
    }
  }
}

/** A stream opens its file a little after it is created: a file never seen is checked once more if its test has just ended. */
async function seenAgain(target: Target, path: string): Promise<BigIntStats | undefined> {
  if (bornOf(target) !== null || target.endedAt !== undefined) return undefined
  await clock.turn()
  // Queued behind earlier file system calls.
  await lstat(path).catch(() => undefined)
  return statAt(path)
}

/** Why it may not be the test's. */
function foreignReason(target: Target, path: string, found: BigIntStats, clock: FileClock): string | undefined {
  const born = bornOf(target)
  if (born === null) return foreignArrivalReason(target, path, found, clock)
  if (born !== incarnationIn(found)) return 'another one has taken its place since'
  return argsOf(target).doubtfulFiles?.includes(namedPath(target))
    ? 'its file system does not tell whether it was there before this run began (track it before it is written)'
    : undefined
}

/** It was tracked first and appeared later: created by its test, or moved there by anyone. */
function foreignArrivalReason(
  { endedAt }: Target,
  path: string,
  found: BigIntStats,
  { since, aheadMs }: FileClock,
): string | undefined {
  if (isOlder(found, since)) return 'it was there before this run began, and was moved to this place'
  if (isOverlay(dirname(path)) && isFromLowerLayer(found, since))
    return 'it seems to have been there before this run began, and to have been moved to this place'
  return endedAt !== undefined && bornBy(found) > endedAt + aheadMs + tickMs
    ? 'it was not there while its test ran, and has come since'
    : undefined
}

function notOurs(path: string, why: string): RemovalOutcome {
  const error = new DustpanError('DUSTPAN_NOT_OURS', `${path} was not removed: ${why}.`, {
    hint: 'Look at it, and remove it by hand if it is yours.',
  })
  return { state: 'refused', why: 'not-ours', detail: { path }, error }
}

function failure(path: string, cause: unknown): DustpanError {
  return new DustpanError('DUSTPAN_REMOVAL_FAILED', `${path} could not be removed: ${messageOf(cause)}`, {
    hint: "A folder is removed with remove: { folder: path } or type: 'folder'; otherwise check the permissions.",
    cause,
  })
}
