/** The built-in driver for files and folders. */
import { rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { DustpanError, invalidArgument, messageOf } from '../errors/dustpan-error.ts'
import type { StoreConnection } from '../resource/connection.ts'
import type { CreateDriver, Driver } from '../resource/driver.ts'
import type { Json, ResourceId, StoreRef } from '../resource/resource.ts'
import type { RemovalOutcome, RestoreOutcome, Target } from '../resource/target.ts'
import { copied, copiedBack } from './backup.ts'
import { bornAt, type Incarnation, incarnationOf } from './incarnation.ts'
import { protectedBy } from './protected-paths.ts'

/** A path means something else on another machine. */
export const fileStore = (driver: string): StoreRef => ({ driver, id: `file://${hostname()}` })

export const createFilesDriver: CreateDriver = (name, _options, { root, since }): Driver => ({
  name,
  capabilities: {
    intent: 'before',
    proof: 'incarnation',
    maxBatch: 1000,
    concurrency: 1,
    atomicBatch: false,
    verify: 'free',
    transactions: false,
    database: false,
  },
  removal(spec, keys) {
    const op = spec.folder === undefined ? 'file' : 'folder'
    const args: PathArgs = { path: pathTemplate(spec[op]), from: process.cwd() }
    const paths = keys.map((key) => absolutePath(args, key))
    for (const path of paths) checkPath(path, root)
    const born = Object.fromEntries(paths.map((path) => [path, incarnationOf(path) ?? null]))
    for (const [path, incarnation] of Object.entries(born)) checkBirth(path, incarnation, since)
    return { removal: { driver: name, op, v: 1, args: { ...args, born } }, store: fileStore(name) }
  },
  async connect(store) {
    if (store.id === fileStore(name).id) return connection(root)
    throw new DustpanError(
      'DUSTPAN_WRONG_STORE',
      `The file was created on ${store.id}, and this is ${fileStore(name).id}.`,
      {
        hint: 'Clean up on the machine where it was created.',
      },
    )
  },
  describe: ({ op, args }, key) =>
    `rm ${op === 'folder' ? '-r ' : ''}${absolutePath(args as unknown as PathArgs, key)}`,
})

interface PathArgs {
  /** With `{id}` for the key. */
  readonly path: string
  /** Where a relative path starts: another process may be elsewhere. */
  readonly from: string
  /** What stood at each path when it was put on record; null: nothing yet. */
  readonly born?: { readonly [path: string]: Incarnation | null }
}

function pathTemplate(template: Json | undefined): string {
  if (typeof template === 'string' && template !== '') return template
  throw invalidArgument(`remove expected file or folder to be a path, got ${JSON.stringify(template)}.`)
}

function absolutePath({ path, from }: PathArgs, key: Json): string {
  return resolve(
    from,
    path.replaceAll('{id}', () => String(key)),
  )
}

function checkPath(path: string, root: string): void {
  const reason = protectedBy(path, root)
  if (reason !== undefined)
    throw invalidArgument(`track() was given ${JSON.stringify(path)}, which is ${reason}: that is never removed.`)
}

/** What was there before the run began, no test created; where the file system knows no birth, that cannot be told. */
function checkBirth(path: string, incarnation: Incarnation | null, since = 0): void {
  const born = incarnation === null ? 0 : bornAt(incarnation)
  if (born === 0 || born >= since - tickMs) return
  throw invalidArgument(
    `track() was given ${JSON.stringify(path)}, which was there before this run began: it would be removed with all it held then.`,
    'Track what the test put there, or use temporaryFolder().',
  )
}

/** File systems take the time of the kernel's last tick, which is that much behind at most. */
const tickMs = 10

function connection(root: string): StoreConnection {
  return {
    async remove(targets) {
      const outcomes = await Promise.all(
        targets.map(async (target) => [target.id, await removeOne(target, root)] as const),
      )
      return new Map(outcomes)
    },
    async probe(targets) {
      return new Map(
        targets.map((target) => [target.id, incarnationOf(pathOf(target)) ? 'present' : 'absent'] as const),
      )
    },
    async backup(targets, { backups = '' }) {
      const found = new Map<ResourceId, Json | DustpanError>()
      for (const target of targets) {
        const copy = await copied(pathOf(target), backups)
        if (copy !== undefined) found.set(target.id, copy)
      }
      return found
    },
    async putBack(given, { backups = '', note }) {
      const restored = new Map<ResourceId, RestoreOutcome>()
      for (const { target, backup } of given) {
        const path = pathOf(target)
        const outcome = await copiedBack(path, backup, backups)
        // It is another file now, and ours all the same.
        if (outcome.state === 'restored') note?.([target.id], { born: incarnationOf(path) ?? null })
        restored.set(target.id, outcome)
      }
      return restored
    },
    async [Symbol.asyncDispose]() {},
  }
}

const argsOf = ({ removal }: Target): PathArgs => removal.args as unknown as PathArgs
const pathOf = (target: Target): string => absolutePath(argsOf(target), target.key)

async function removeOne(target: Target, root: string): Promise<RemovalOutcome> {
  const path = pathOf(target)
  const reason = protectedBy(path, root)
  if (reason !== undefined) return notOurs(path, `it is ${reason}`)
  const now = incarnationOf(path)
  if (!now) return { state: 'already-gone', result: 'not found' }
  const born = bornAgain(target) ?? argsOf(target).born?.[path] ?? now
  if (born !== now) return notOurs(path, 'another one has taken its place since')
  try {
    await rm(path, { recursive: target.removal.op === 'folder', force: false })
    return { state: 'removed', result: target.removal.op === 'folder' ? '1 folder' : '1 file' }
  } catch (cause) {
    return {
      state: 'failed',
      error: failure(path, cause),
      retry: (cause as NodeJS.ErrnoException).code === 'EBUSY' ? {} : false,
    }
  }
}

/** What was brought back has been made anew. */
const bornAgain = ({ note }: Target): Incarnation | null | undefined =>
  (note as { readonly born?: Incarnation | null } | undefined)?.born

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
