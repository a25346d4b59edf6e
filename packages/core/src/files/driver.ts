/** The built-in driver for files and folders. */
import { rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { isAbsolute, resolve } from 'node:path'
import { DustpanError, invalidArgument, messageOf } from '../errors/dustpan-error.ts'
import type { CreateDriver, Driver, RemovalOutcome, StoreConnection, Target } from '../resource/driver.ts'
import type { Json, StoreRef } from '../resource/resource.ts'
import { type Incarnation, incarnationOf } from './incarnation.ts'
import { protectedBy } from './protected-paths.ts'

/** A path means something else on another machine. */
export const fileStore = (driver: string): StoreRef => ({ driver, id: `file://${hostname()}` })

export const createFilesDriver: CreateDriver = (name, _options, { root }): Driver => ({
  name,
  capabilities: {
    intent: 'before',
    proof: 'incarnation',
    maxBatch: 1000,
    concurrency: 1,
    atomicBatch: false,
    verify: 'free',
    transactions: false,
  },
  removal(spec, keys) {
    const kind = spec.folder === undefined ? 'file' : 'folder'
    const paths = keys.map((key) => absolutePath(spec[kind], key))
    for (const path of paths) checkPath(path, root)
    const born = Object.fromEntries(paths.map((path) => [path, incarnationOf(path)]).filter(([, found]) => found)) as {
      [path: string]: Incarnation
    }
    return {
      removal: { driver: name, op: kind, v: 1, args: { path: spec[kind] as string, born } },
      store: fileStore(name),
    }
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
    `rm ${op === 'folder' ? '-r ' : ''}${absolutePath((args as { path: string }).path, key)}`,
})

function absolutePath(template: Json | undefined, key: Json): string {
  if (typeof template !== 'string' || template === '') {
    throw invalidArgument(`remove expected file or folder to be a path, got ${JSON.stringify(template)}.`)
  }
  return resolve(template.replaceAll('{id}', String(key)))
}

function checkPath(path: string, root: string): void {
  const reason = protectedBy(path, root)
  if (reason !== undefined)
    throw invalidArgument(`track() was given ${JSON.stringify(path)}, which is ${reason}: that is never removed.`)
}

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
    async [Symbol.asyncDispose]() {},
  }
}

const pathOf = ({ removal, key }: Target): string => absolutePath((removal.args as { path: string }).path, key)

async function removeOne(target: Target, root: string): Promise<RemovalOutcome> {
  const path = pathOf(target)
  const reason = isAbsolute(path) ? protectedBy(path, root) : 'not an absolute path'
  if (reason !== undefined) return notOurs(path, `it is ${reason}`)
  const now = incarnationOf(path)
  if (!now) return { state: 'already-gone', result: 'not found' }
  const born = (target.removal.args as { born?: { [path: string]: Incarnation } }).born?.[path]
  if (born !== undefined && born !== now) return notOurs(path, 'another one has taken its place since')
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
